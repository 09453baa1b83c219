"""openucwa user remove: a person leaves, with all that is hers."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from openucwa.cli import options, streams
from openucwa.cli.asking import ask
from openucwa.cli.failure import WrongInput
from openucwa.cli.user_profile import Address

if TYPE_CHECKING:
    from openucwa.domain.people import User
    from openucwa.store.belongings import Owned

_NAMED = 10
"""Meetings that are named. Of the others, only the number is told."""


_ANSWERS = {
    "yes": "remove the user and everything listed above permanently",
    "no": "remove nothing",
}


def remove(
    address: Address,
    yes: Annotated[
        bool,
        typer.Option("--yes", help="Do not ask for confirmation; required without a terminal."),
    ] = False,
    config: options.Config = None,
    data: options.Data = None,
    database: options.Database = None,
    domain: options.Domain = None,
) -> None:
    """Remove a user permanently, with the user's meetings, guests and sessions.

    The command lists the meetings and asks for confirmation. To keep the data and only prevent
    sign-in, use openucwa user disable.
    """
    from openucwa.cli import accounts
    from openucwa.cli.configuration import load

    settings = load(config, data=data, database=database, domain=domain).settings
    user, owned = accounts.owned(settings, address)
    if not yes:
        typer.echo("\n".join(_loss(user, owned)))
        if not streams.input_is_terminal():
            raise WrongInput(
                "Nothing was removed, because nobody can confirm it here. Give --yes to remove it."
            )
        if ask(f"Remove {user.uri}?", _ANSWERS, otherwise="no") == "no":
            typer.echo("Nothing was removed.")
            return
    accounts.remove(settings, address)
    typer.echo(f"Removed {user.uri}, {_counts(owned)}.")


def _loss(user: "User", owned: "Owned") -> Iterator[str]:
    yield f"This permanently removes {user.name} ({user.uri}), {_counts(owned)}."
    for subject in owned.meetings[:_NAMED]:
        yield f"  {subject or '(no subject)'}"
    if len(owned.meetings) > _NAMED:
        yield f"  and {len(owned.meetings) - _NAMED} more"
    if owned.meetings:
        yield "The join links of these meetings stop working, and their history is gone."
    if not user.disabled:
        yield f"To prevent sign-in and keep all data: openucwa user disable {user.uri}"
    else:
        yield "The account is already disabled, which keeps all data."


def _counts(owned: "Owned") -> str:
    counted = {
        "meeting": len(owned.meetings),
        "guest": owned.guests,
        "application": owned.applications,
        "session": owned.tokens,
    }
    return "with " + ", ".join(
        f"{count} {noun}{'' if count == 1 else 's'}" for noun, count in counted.items()
    )
