"""openucwa switch: choose one of several accounts."""

from typing import Annotated

import typer

from openucwa.cli.person import account as accounts
from openucwa.cli.person import screen, showing


def command(
    address: Annotated[
        str,
        typer.Argument(
            metavar="ADDRESS", help="The address of a signed-in account, or its beginning."
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """Select the account for later commands. No request is sent."""
    chosen = accounts.everybody().named(address)
    accounts.remember(chosen)
    if as_json:
        showing.write_json({"address": chosen.address, "rootUrl": chosen.root_url})
    else:
        screen.say(f"Switched to {chosen.address} at {chosen.root_url}.")
