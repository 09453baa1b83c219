"""openucwa logout: end what login has begun."""

from typing import Annotated

import typer

from openucwa.cli.failure import Failure
from openucwa.cli.person import account as accounts
from openucwa.cli.person import screen, session, showing, tokens


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """Sign out: end the session at the server, and delete the token.

    Drafts are kept.
    """
    account = accounts.current()
    try:
        with session.connected(asks=False) as connected, screen.waiting("Signing out"):
            connected.client.sign_out()
    except Failure as failure:
        screen.warn(f"The token could not be revoked at the server: {failure}")
    tokens.forget(account)
    accounts.forget(account)
    if as_json:
        showing.write_json({"signedOut": account.address})
    else:
        screen.say(f"Signed out {account.address}.")
        left = accounts.everybody()
        named = " and ".join(one.address for one in left.all)
        if left.current:
            screen.say(
                f"You are still signed in as {named}. The next commands use {left.current.address}."
            )
        elif named:
            screen.say(
                f"You are still signed in as {named}. Use openucwa switch ADDRESS to select one."
            )
