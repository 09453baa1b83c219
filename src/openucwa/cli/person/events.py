"""openucwa events: what happens, as the server tells it."""

from typing import Annotated

import typer

from openucwa.cli.person import screen, session, watching


def command(
    follow: Annotated[
        bool, typer.Option("--follow", "-f", help="Continue until Ctrl+C is pressed.")
    ] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Write each event as a line of JSON, for programs.")
    ] = False,
) -> None:
    """Show the next event of your meetings and settings; with --follow, all events."""
    with session.connected(apart=True) as connected:
        if screen.is_interactive() and not as_json:
            screen.say("Waiting for events. Press Ctrl+C to stop.")
        watching.follow(connected, goes_on=follow, as_json=as_json)
