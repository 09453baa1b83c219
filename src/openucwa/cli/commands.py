"""The commands that there are, and what is told of them before one is loaded.

Nothing is imported here: `openucwa --help` takes hardly longer than Python's own start.
"""

PACKAGES = {
    "cli": (
        "typer",
        "dateparser",
        "httpx2",
        "icalendar",
        "keyring",
        "platformdirs",
        "rich",
        "textual",
        "tzlocal",
    ),
    "server": (
        "typer",
        "argon2",
        "pydantic_settings",
        "rich",
        "starlette",
        "structlog",
        "uvicorn",
        "yoyo",
    ),
}
"""The modules that each extra installs."""


class Command:
    """A command, or a group of commands.

    Its module in this package, named as the command if nothing else is said, has a function
    `command`, or for a group a typer app `app`.
    """

    def __init__(self, name: str, summary: str, *, extra: str, module: str = "") -> None:
        self.name = name
        self.summary = summary
        """One line, which says what it does."""
        self.extra = extra
        """The extra that it needs: openucwa[extra]."""
        self.module = f"openucwa.cli.{module or name}"

    def missing(self) -> str:
        """A package that the command needs and that is not installed; empty if there is none.

        It is looked for before the command asks anybody for anything.
        """
        from importlib.util import find_spec

        return next((one for one in PACKAGES[self.extra] if find_spec(one) is None), "")


COMMANDS = {
    "For people who have meetings": (
        Command("login", "Sign in at your server.", extra="cli", module="person.login"),
        Command("logout", "Sign out and revoke the token.", extra="cli", module="person.logout"),
        Command("whoami", "Show who is signed in.", extra="cli", module="person.whoami"),
        Command(
            "switch", "Switch to another of your accounts.", extra="cli", module="person.switch"
        ),
        Command(
            "session",
            "List and end your sessions.",
            extra="cli",
            module="person.sessions",
        ),
        Command(
            "meeting", "Schedule, update and join meetings.", extra="cli", module="person.meeting"
        ),
        Command("chat", "Talk to somebody.", extra="cli", module="person.chat"),
        Command("delegate", "Choose who acts for you.", extra="cli", module="person.delegate"),
        Command("events", "Show events as they arrive.", extra="cli", module="person.events"),
        Command(
            "import",
            "Copy your meetings from another UCWA server.",
            extra="cli",
            module="moving.command",
        ),
    ),
    "For administrators": (
        Command("serve", "Run the server; --demo adds demo data.", extra="server"),
        Command("user", "Add, change and remove users.", extra="server"),
        Command("config", "Show every setting and its source.", extra="server"),
        Command("migrate", "Migrate the database to this version.", extra="server"),
        Command("database", "Back up, restore, change the engine.", extra="server", module="copy"),
    ),
}
"""By whom they are for, in the order of the help."""


def all_of_them() -> list[Command]:
    """The commands in the order of the help."""
    return [one for commands in COMMANDS.values() for one in commands]


def find(name: str) -> Command | None:
    """The command of that name."""
    return next((one for one in all_of_them() if one.name == name), None)


def overview() -> str:
    """The help of `openucwa` itself, for 80 columns."""
    width = max(len(one.name) for one in all_of_them())
    sections = [
        "\n".join([f"{whom}:", *(f"  {one.name:{width}}  {one.summary}" for one in commands)])
        for whom, commands in COMMANDS.items()
    ]
    return "\n\n".join([_HEAD, *sections, _FOOT])


_HEAD = """\
Usage: openucwa COMMAND [ARGUMENTS]
       openucwa help [COMMAND]

An open server and client for UCWA 2.0, the Unified Communications Web API."""

_FOOT = """\
Options:
  --account ADDRESS     Use this signed-in account for the command.
  --version             Show the version.
  --install-completion  Install completion for your shell.
  --show-completion     Show the completion script.
  -h, --help            Show this help, or the help of a command."""
