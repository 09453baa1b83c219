"""openucwa logout: end what login has begun."""

from openucwa.cli.failure import Failure
from openucwa.cli.person import account as accounts
from openucwa.cli.person import screen, session, tokens


def command() -> None:
    """Sign out: end the application at the server, and forget the token.

    Drafts are kept.
    """
    account = accounts.current()
    try:
        with session.connected() as connected, screen.waiting("Signing out"):
            connected.client.sign_out()
    except Failure as failure:
        screen.warn(f"The server was not told: {failure}")
    tokens.forget(account)
    accounts.forget()
    screen.say(f"Signed out {account.address}.")
