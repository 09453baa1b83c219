"""openucwa user remove: a person leaves, with all that is hers."""

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from openucwa.cli import options
from openucwa.cli.failure import WrongInput
from openucwa.cli.user_profile import Address

if TYPE_CHECKING:
    from openucwa.domain.people import User
    from openucwa.store.belongings import Owned

_NAMED = 10
"""Meetings that are named. Of the others, only the number is told."""


def remove(
    address: Address,
    yes: Annotated[
        bool, typer.Option("--yes", help="Do not ask. Needed where nobody can answer.")
    ] = False,
    config: options.Config = None,
    data: options.Data = None,
    database: options.Database = None,
    domain: options.Domain = None,
) -> None:
    """Remove a user and all her meetings, for good.

    What is removed is shown before. To keep the meetings, use openucwa user disable.
    """
    from openucwa.cli import accounts
    from openucwa.cli.configuration import load

    settings = load(config, data=data, database=database, domain=domain).settings
    user, owned = accounts.owned(settings, address)
    if not yes:
        typer.echo("\n".join(_loss(user, owned)))
        if not sys.stdin.isatty():
            raise WrongInput("Nobody can be asked here, and nothing was removed. Give --yes.")
        if not typer.confirm(f"Remove {user.uri}?", err=True):
            typer.echo("Nothing is removed.")
            return
    accounts.remove(settings, address)
    typer.echo(f"Removed {user.uri}, {_counts(owned)}.")


def _loss(user: "User", owned: "Owned") -> Iterator[str]:
    yield f"This removes {user.name} ({user.uri}) for good, {_counts(owned)}."
    for subject in owned.meetings[:_NAMED]:
        yield f"  {subject or '(no subject)'}"
    if len(owned.meetings) > _NAMED:
        yield f"  and {len(owned.meetings) - _NAMED} more"
    if owned.meetings:
        yield "The join links of these meetings stop working, and their history is gone."
    if not user.disabled:
        yield f"To keep them and only end sign-in: openucwa user disable {user.uri}"
    else:
        yield "The account is disabled already, which keeps them."


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
