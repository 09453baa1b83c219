"""openucwa import: the meetings of a person, copied from another UCWA server."""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openucwa.cli import output
from openucwa.cli.failure import Failure, WrongInput
from openucwa.cli.password import read as read_password
from openucwa.cli.person import device, people, screen, session, showing, times, trouble

if TYPE_CHECKING:
    from openucwa.cli.moving.copying import Entry, Move
    from openucwa.client import Client


def command(
    source: Annotated[
        str,
        typer.Option(
            "--from",
            metavar="WHERE",
            help="Your address at the other server, or its root URL together with --from-user.",
        ),
    ],
    source_user: Annotated[
        str | None, typer.Option("--from-user", metavar="ADDRESS", help="Your address there.")
    ] = None,
    source_ca: Annotated[
        Path | None,
        typer.Option(
            "--from-ca", metavar="FILE", help="The certificate authority of that server, in PEM."
        ),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(
            "--to",
            metavar="WHERE",
            help="The server to copy to, as with --from.  [default: the server at which you are "
            "signed in]",
        ),
    ] = None,
    target_user: Annotated[
        str | None, typer.Option("--to-user", metavar="ADDRESS", help="Your address there.")
    ] = None,
    target_ca: Annotated[
        Path | None,
        typer.Option(
            "--to-ca", metavar="FILE", help="The certificate authority of that server, in PEM."
        ),
    ] = None,
    map_domain: Annotated[
        list[str] | None,
        typer.Option(metavar="OLD=NEW", help="Replace a domain by another in all addresses."),
    ] = None,
    include_expired: Annotated[
        bool, typer.Option("--include-expired", help="Also copy meetings that have expired.")
    ] = False,
    again: Annotated[
        bool,
        typer.Option(
            "--again", help="Copy meetings again that were cancelled after they were copied."
        ),
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show what would be copied, and change nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """Copy your meetings from another UCWA server. (People's accounts: openucwa user import.)

    The other server is not changed. You can run the command again at any time: it continues where
    it was interrupted, copies nothing twice, and keeps your changes of the copies.

    The command asks for passwords, or reads them from UCWA_FROM_PASSWORD and UCWA_TO_PASSWORD, or
    from standard input, one per line.
    """
    wanted_source = _end("from", source, source_user, source_ca)
    wanted_target = _end("to", target, target_user, target_ca) if target else None
    if wanted_target is None and (target_user or target_ca):
        raise WrongInput(
            "--to-user and --to-ca need --to. Give the address of the server with --to."
        )
    domains = _domains(map_domain or [])
    with ExitStack() as stack:
        here = stack.enter_context(_client(wanted_source))
        if wanted_target is None:
            there = stack.enter_context(session.connected(apart=True)).client
        else:
            there = stack.enter_context(_client(wanted_target))
        _move(
            here,
            there,
            domains,
            include_expired=include_expired,
            again=again,
            dry_run=dry_run,
            as_json=as_json,
        )


@dataclass(frozen=True)
class _End:
    """The server and the account of one end; `side` is "from" or "to"."""

    side: str
    address: str
    at: str | None
    ca: Path | None


def _end(side: str, where: str, user: str | None, ca: Path | None) -> _End:
    if ca is not None and not ca.is_file():
        raise WrongInput(f"There is no file {ca}.")
    is_url = "://" in where
    if is_url and user is None:
        raise WrongInput(f"Your address at {where} is missing. Add --{side}-user dana@contoso.com.")
    address = people.address(user or where).partition(":")[2]
    return _End(side, address, where if is_url else None, ca)


def _domains(given: Sequence[str]) -> Mapping[str, str]:
    found = {}
    for one in given:
        old, _, new = (part.strip().lower() for part in one.partition("="))
        if not (people.domain(f"sip:a@{old}") and people.domain(f"sip:a@{new}")):
            raise WrongInput(
                f"{one[:80]!r} does not name the domain to replace. Write it like "
                "--map-domain fabrikam.com=contoso.com."
            )
        found[old] = new
    return found


@contextmanager
def _client(end: _End) -> Iterator["Client"]:
    """Return the account that signs in at an end, with an application that ends with the import."""
    from openucwa.client import Client, ClientError

    password = _password(end)
    client = Client.discover(
        end.address,
        password,
        at=end.at,
        user_agent=session.USER_AGENT,
        application_name=device.application_name(),
        verify=str(end.ca) if end.ca else True,
    )
    with trouble.told(end.address):
        with screen.waiting(f"Signing in as {end.address}"):
            client.__enter__()
        try:
            yield client
        finally:
            with suppress(ClientError):  # the application expires by itself
                client.sign_out()
            client.close()


def _password(end: _End) -> str:
    """From the environment, asked for at a terminal, or a line of standard input."""
    variable = f"UCWA_{end.side.upper()}_PASSWORD"
    return os.environ.get(variable) or read_password(
        f"Password of {end.address}",
        empty=f"The password of {end.address} is missing. Give it in {variable} or on a line of "
        "standard input, or run this at a terminal.",
    )


def _move(
    source: "Client",
    target: "Client",
    domains: Mapping[str, str],
    *,
    include_expired: bool,
    again: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    from openucwa.cli.moving import report, wanted
    from openucwa.cli.moving.copying import Move, Result
    from openucwa.cli.moving.places import Place
    from openucwa.cli.moving.remembered import Remembered, alone

    stopped: BaseException | None = None
    with ExitStack() as stack:
        with screen.waiting("Reading the meetings"):
            here, there = Place(source), Place(target)
            whose = f"{here.uri} {there.name}"
            if not dry_run:
                stack.enter_context(alone(whose))
            move = Move(
                here,
                there,
                wanted.rules(here, there, domains),
                Remembered(whose),
                now=times.now(),
                include_expired=include_expired,
                again=again,
            )
            entries = move.plan()
        if not dry_run:
            stopped = _carried_out(move, entries)
    if as_json:
        showing.write_json(report.as_json(here, there, entries, dry_run=dry_run))
    else:
        report.show(here, there, entries)
    if isinstance(stopped, Failure):
        raise type(stopped)(f"{stopped} Run the same command again to continue.")
    if stopped is not None:
        raise stopped
    if failed := sum(one.result is Result.FAILED for one in entries):
        raise Failure(
            f"{failed} of {len(entries)} meetings could not be copied. See the reasons above."
        )


def _carried_out(move: "Move", entries: Sequence["Entry"]) -> BaseException | None:
    """Copy what is to be copied. Returns what put an end to it before it was done."""
    from openucwa.client import ClientError

    with output.progress() as tell:
        for number, entry in enumerate(entries):
            tell("Copying", number, len(entries))
            try:
                move.carry_out(entry)
            except ClientError as error:
                return trouble.failure(error)
            except (Failure, KeyboardInterrupt) as error:
                return error
    return None
