"""openucwa logout: end what login has begun."""

import os
from typing import Annotated

import typer

from openucwa.cli.failure import Failure
from openucwa.cli.person import account as accounts
from openucwa.cli.person import screen, session, showing, tokens
from openucwa.cli.person.account import Accounts


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """Sign out: end the session at the server, and delete the token.

    Drafts are kept.
    """
    account = accounts.current()
    try:
        with session.connected(account, asks=False) as connected, screen.waiting("Signing out"):
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
        if left.all:
            named = " and ".join(one.address for one in left.all)
            screen.say(f"You are still signed in as {named}. {_next(left)}")


def _next(left: Accounts) -> str:
    """Tell which account the next commands use."""
    if os.environ.get(accounts.VARIABLE):
        return (
            f"The next commands use the account that {accounts.VARIABLE} names: change or unset it."
        )
    if left.current:
        return f"The next commands use {left.current.address}."
    return "Use openucwa switch ADDRESS to select one."
