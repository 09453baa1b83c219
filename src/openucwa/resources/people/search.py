"""search: the people of the organization whom a text names.

Source: search_ref.md, search2_ref.md, SearchForUsersContact.md.
"""

from typing import Annotated

import msgspec

from openucwa.domain import directory
from openucwa.domain.people import Contact, User, contact_of
from openucwa.resources.people.contact import contact_at
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import SourceNetwork
from openucwa.wire.errors import ParameterValidationFailure

DEFAULT_LIMIT = 20
_Text = Annotated[str, msgspec.Meta(max_length=256)]


class Asked(msgspec.Struct, kw_only=True, rename="camel"):
    """The query of GET: a text or a mailbox, or both."""

    query: _Text = ""
    """The text: the beginnings of names, an address or its beginning, or a telephone number."""
    mail: _Text = ""
    """The whole address of a mailbox."""
    limit: Annotated[int, msgspec.Meta(ge=1, le=100)] = DEFAULT_LIMIT
    """The largest number of contacts."""


class Search(msgspec.Struct, kw_only=True, frozen=True):
    """The people who were found, and the text that was looked for."""

    asked: Asked
    contacts: list[Contact]
    more: bool


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    """Return what the contacts don't tell."""

    more_results_available: bool
    """True if there are more contacts than the limit."""


def properties(me: Me, found: Search) -> Properties:
    return Properties(more_results_available=found.more)


def query(found: object) -> dict[str, str]:
    """Return what was asked for: nothing, in a link for those who add that."""
    if not isinstance(found, Search):
        return {}
    given = {"query": found.asked.query, "mail": found.asked.mail}
    limit = {} if found.asked.limit == DEFAULT_LIMIT else {"limit": str(found.asked.limit)}
    return {name: text for name, text in given.items() if text} | limit


search = Resource[Search](
    rel="search",
    path="applications/{application_id}/people/search",
    properties=properties,
    query=query,
    asked=Asked,
    revision=2,
    is_long=True,
)


def contacts(tx: Transaction, me: Me, found: Search) -> list[Contact]:
    """The contacts, those whom the text names exactly first, and then by their names."""
    return found.contacts


search.embed("contact", contacts, always=True)


@search.find
def find(
    tx: Transaction, me: Me, query: str = "", mail: str = "", limit: int = DEFAULT_LIMIT
) -> Search:
    """Look for people. Raises ParameterValidationFailure when nothing is asked for."""
    asked = Asked(query=query.strip(), mail=mail.strip(), limit=limit)
    if not asked.query and not asked.mail:
        raise ParameterValidationFailure(
            {"query": "is missing: tell a name, an address or a number to look for"}
        )
    found = _found(tx, me, asked)
    known = [contact_of(user) for user in found[:limit]]
    return Search(asked=asked, contacts=known or _named(tx, me, asked), more=len(found) > limit)


def _found(tx: Transaction, me: Me, asked: Asked) -> list[User]:
    """Return the users, of those beyond the limit one."""
    wanted = directory.wanted(asked.query)
    if not asked.mail:
        return tx.of(Users).search(wanted, asked.limit + 1, me.user.id)
    found = tx.of(Users).by_mail(asked.mail)
    return [user for user in found if wanted.is_in(user)] if asked.query else found


def _named(tx: Transaction, me: Me, asked: Asked) -> list[Contact]:
    """Return who is named by a whole address of another domain, who can be invited then."""
    if asked.query and asked.mail:
        return []
    address = directory.address_of(asked.query or asked.mail)
    found = contact_at(tx, me, address) if address else None
    return [found] if found and found.network is SourceNetwork.FEDERATED else []
