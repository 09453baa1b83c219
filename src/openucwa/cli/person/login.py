"""openucwa login: sign in at the server of an address."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openucwa.cli.failure import Failure, WrongInput
from openucwa.cli.password import read as read_password
from openucwa.cli.person import account as accounts
from openucwa.cli.person import device, people, screen, session, showing, tokens, trouble
from openucwa.cli.person.account import Account

if TYPE_CHECKING:
    from openucwa.client import Token


def command(
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="Your address, such as dana@contoso.com.")
    ],
    at: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help="The root URL of the server.  [default: discovered from the address]",
        ),
    ] = None,
    ca: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="The CA of the server's certificate, in PEM.  [default: the system's]",
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """Sign in. Asks for the password, or reads it from the first line of standard input.

    The token that the server issues is stored in the system's keyring; the password is not stored.
    """
    name = people.address(address).partition(":")[2]
    if ca is not None and not ca.is_file():
        raise WrongInput(f"There is no file {ca}.")
    password = read_password(f"Password of {name}")
    before = accounts.everybody()
    wanted = Account(
        name, at or "", accounts.new_endpoint_id(), str(ca.resolve()) if ca is not None else None
    )
    signed_in, token, display = _sign_in(wanted, password)
    accounts.remember(signed_in)
    where = tokens.keep(signed_in, token.text, token.expires)
    if as_json:
        content = {"address": name, "name": display, "rootUrl": signed_in.root_url}
        showing.write_json(content)
        return
    screen.say(f"Signed in as {display or name} at {signed_in.root_url}.")
    if (last := before.current) and last.place != signed_in.place:
        typed = last.address if last.address != name else f'"{last.place}"'
        screen.say(
            f"You are also signed in as {last.address}. Use openucwa switch {typed} to switch back."
        )
    if Path(where).is_absolute():
        screen.say(
            f"This system has no keyring: the token is stored in {where}, which only you can read."
        )


def _sign_in(wanted: Account, password: str) -> "tuple[Account, Token, str]":
    """The account with the address where the server was found, its token, and who it is."""
    with trouble.told(wanted.address), screen.waiting("Signing in"):
        from openucwa.client import Client

        given: list[Token] = []
        client = Client.discover(
            wanted.address,
            password,
            at=wanted.root_url or None,
            on_token=lambda token: given.append(token) if token else None,
            endpoint_id=wanted.endpoint_id,
            user_agent=session.USER_AGENT,
            application_name=device.application_name(),
            verify=wanted.ca or True,
        )
        with client:
            me = client.me()
            found = session.renamed(wanted, root_url=client.root_url or wanted.root_url)
    if not given:
        raise Failure("The server issued no token.")
    return found, given[-1], me.name
