"""openucwa whoami: who is signed in, and where."""

from typing import Annotated

import typer

from openucwa.cli.person import account as accounts
from openucwa.cli.person import screen, session, showing, times, tokens


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """Show who is signed in, at which server and until when; this asks the server."""
    with session.connected() as connected:
        with screen.waiting("Fetching your account"):
            me = connected.client.me()
        account = connected.account
    kept = tokens.find(account)
    everybody = accounts.everybody().all
    expires = kept[1] if kept else None
    if as_json:
        content = {
            "address": account.address,
            "uri": me.uri,
            "name": me.name,
            "email": next(iter(me.email_addresses), None),
            "rootUrl": account.root_url,
            "expires": times.iso(expires) if expires else None,
            "accounts": [{"address": one.address, "rootUrl": one.root_url} for one in everybody],
        }
        showing.write_json(content)
        return
    screen.say(f"{me.name or account.address} ({me.uri}) at {account.root_url}")
    if expires:
        screen.say(f"The session expires at {times.shown(expires)}.")
    for one in everybody:
        if one.place != account.place:
            screen.say(f"Also signed in: {one.address} at {one.root_url}")
