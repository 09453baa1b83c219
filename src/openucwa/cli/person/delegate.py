"""openucwa delegate: the people who act for you, and those for whom you act."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from openucwa.cli import tables
from openucwa.cli.failure import NotThere, WrongInput
from openucwa.cli.group import Group
from openucwa.cli.person import fields, people, screen, session, showing
from openucwa.cli.person.options import AsJson

if TYPE_CHECKING:
    from openucwa.client import Contact

app = typer.Typer(
    help="Choose who acts for you, and see for whom you act.",
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the people who act for you, and those for whom you act."""
    with session.connected() as connected, screen.waiting("Fetching your delegates"):
        mine = connected.client.delegates.list()
        others = connected.client.delegates.delegators()
    if as_json:
        showing.write_json(
            {"delegates": [*map(_members, mine)], "delegators": [*map(_members, others)]}
        )
        return
    if screen.is_interactive() and not (mine or others):
        screen.say("You have no delegates, and act for nobody.")
        return
    rows = [("acts for you", one) for one in mine] + [("you act for", one) for one in others]
    cells = ((_cells(relation, one), "") for relation, one in rows)
    tables.show(("name", "address", "relation"), cells, wrapping=("name", "relation"))


@app.command("add")
def add(
    address: Annotated[str, typer.Argument(metavar="ADDRESS", help="The address of a colleague.")],
    as_json: AsJson = False,
) -> None:
    """Add a delegate: somebody who acts for you from now on.

    Delegates may schedule, change and cancel your meetings, if your organization's policy allows.
    """
    from openucwa.client import BadInput

    with session.connected() as connected:
        uri = people.address(address, domain=people.domain(f"sip:{connected.account.address}"))
        try:
            with screen.waiting("Adding"):
                added = connected.client.delegates.add(uri)
        except BadInput as error:
            reason = error.parameters.get("contactUri")
            raise WrongInput(f"{address.strip()} {reason}." if reason else str(error)) from None
    if as_json:
        showing.write_json(_members(added))
        return
    screen.say(f"{_named(added)} acts for you from now on.")


@app.command("remove")
def remove(
    address: Annotated[
        str, typer.Argument(metavar="ADDRESS", help="The address, or the name in it.")
    ],
    as_json: AsJson = False,
) -> None:
    """Remove a delegate: somebody who acts for you no more.

    Meetings stay as they are.
    """
    with session.connected() as connected, screen.waiting("Removing"):
        try:
            found = _chosen(connected.client.delegates.list(), address)
        except NotThere:
            _check_acts_for(connected.client.delegates.delegators(), address)
            raise
        connected.client.delegates.remove(found.uri)
    if as_json:
        showing.write_json(_members(found))
        return
    screen.say(f"{_named(found)} acts for you no more.")


def _check_acts_for(delegators: "Sequence[Contact]", typed: str) -> None:
    """Raise NotThere for somebody for whom one acts, and who alone can end that."""
    for one in _meant(delegators, typed):
        whose = fields.plain(one.name)
        raise NotThere(f"You act for {_named(one)}. Only {whose} can end that: ask {whose}.")


def _meant(contacts: "Sequence[Contact]", typed: str) -> "list[Contact]":
    """Return the people who may be meant by an address, or by the name in it."""
    wanted = people.key(people.address(typed)) if "@" in typed else ""
    name = people.name(typed.strip()).lower()
    return [
        one
        for one in contacts
        if (people.key(one.uri) == wanted if wanted else people.name(one.uri).lower() == name)
    ]


def _chosen(delegates: "Sequence[Contact]", typed: str) -> "Contact":
    """Return the delegate who was meant. Raises NotThere, and WrongInput for several."""
    found = _meant(delegates, typed)
    if len(found) > 1:
        uris = " or ".join(one.uri for one in found)
        raise WrongInput(f"{typed!r} is ambiguous: it may be {uris}. Write the full address.")
    if not found:
        named = ", ".join(map(_named, delegates))
        which = "delegates are" if len(delegates) > 1 else "only delegate is"
        hint = f"Your {which} {named}." if delegates else "You have no delegates."
        raise NotThere(f"{typed.strip()} does not act for you. {hint}")
    return found[0]


def _named(one: "Contact") -> str:
    address = fields.plain(people.plain(one.uri))
    return f"{fields.plain(one.name)} ({address})" if one.name else address


def _cells(relation: str, one: "Contact") -> tuple[str, ...]:
    return (fields.plain(one.name), fields.plain(people.plain(one.uri)), relation)


def _members(one: "Contact") -> dict[str, object]:
    return {
        "uri": one.uri,
        "name": one.name,
        "email": next(iter(one.email_addresses), None),
        "title": one.title or None,
    }
