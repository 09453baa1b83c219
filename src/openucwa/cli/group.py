"""Groups of commands: `openucwa meeting`, for example."""

from typing import Any

import typer
from typer.core import TyperGroup


class Group(TyperGroup):
    """A group whose help looks like that of `openucwa`, and in which `help` is understood."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the name and the command that were given, and what follows.

        `help` shows the help of the group, and with a name that of the command.
        """
        if args[0] != "help":
            return super().resolve_command(ctx, args)
        if args[1:] in ([], ["help"]):
            typer.echo(ctx.get_help())
            ctx.exit()
        return self.resolve_command(ctx, [*args[1:], "--help"])

    def collect_usage_pieces(self, ctx: Any) -> list[str]:
        """Return what follows the name in the first line of the help."""
        return ["COMMAND [ARGUMENTS]"]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the commands, and then the options."""
        with formatter.section("Commands"):
            names = self.list_commands(ctx)
            summaries = [self.commands[one].get_short_help_str(formatter.width) for one in names]
            formatter.write_dl(list(zip(names, summaries, strict=True)))
        with formatter.section("Options"):
            formatter.write_dl([("-h, --help", "Show this help, or the help of a command.")])
