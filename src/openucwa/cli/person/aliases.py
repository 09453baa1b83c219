"""Names of commands that people try first, from other programs."""

from typing import Any

from openucwa.cli.group import Group

_ALIASES = {
    "add": "schedule",
    "create": "schedule",
    "new": "schedule",
    "delete": "cancel",
    "remove": "cancel",
    "rm": "cancel",
    "get": "show",
    "view": "show",
    "ls": "list",
}


class Aliases(Group):
    """A group that knows these names, too. The help lists none of them."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the name and the command that were meant, and what follows."""
        return super().resolve_command(ctx, [_ALIASES.get(args[0], args[0]), *args[1:]])
