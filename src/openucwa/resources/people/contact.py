"""contact: a person whom somebody can name: a colleague, a guest, or somebody of another domain.

Source: contact_ref.md, GetUsersContactList.md.
"""

import msgspec

from openucwa.domain.people import (
    Contact,
    User,
    address_of,
    contact_of,
    federated_contact,
    named_contact,
)
from openucwa.resources.resource import Audience, Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.participants import Participants
from openucwa.store.tables.users import GUESTS_DOMAIN, Users
from openucwa.store.transaction import Transaction
from openucwa.wire import sip
from openucwa.wire.enums import ContactType, SourceNetwork
from openucwa.wire.errors import Forbidden


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    """In the order in which the original serves them.

    Mobile, home and other telephone numbers are for people who are closer than colleagues.
    """

    uri: str
    """The SIP address."""
    source_network: SourceNetwork
    """The network of the contact."""
    email_addresses: list[str] | None
    """The e-mail address, if it is known."""
    type: ContactType
    """The kind of the contact."""
    name: str
    """The name to show."""
    title: str | None
    """The job title."""
    department: str | None
    """The department."""
    company: str | None
    """The company."""
    office: str | None
    """The office."""
    work_phone_number: str | None
    """A tel URI."""


def properties(me: Me, found: Contact) -> Properties:
    profile = found.profile
    return Properties(
        uri=profile.uri,
        source_network=found.network,
        email_addresses=[profile.email] if profile.email else None,
        type=ContactType.USER,
        name=profile.name,
        title=profile.title or None,
        department=profile.department or None,
        company=profile.company or None,
        office=profile.office or None,
        work_phone_number=profile.work_phone or None,
    )


contact = Resource[Contact](
    rel="contact",
    path="applications/{application_id}/people/{address}",
    properties=properties,
    synonyms={"organizer": {}, "to": {}, "acceptedByContact": {}},
    audience=Audience.EVERYBODY,
)


@contact.find
def find(tx: Transaction, me: Me, address: str) -> Contact | None:
    """The contact of an address in any spelling: of the organization, who is there."""
    return contact_at(tx, me, address)


def contact_at(tx: Transaction, me: Me, address: str) -> Contact | None:
    """Return the contact of an address without its scheme.

    Who has an address of this organization is a user or a guest; of another domain everybody is
    there, so that somebody who is invited has a contact, too. A guest sees the names of those with
    whom she is in a meeting. Raises Forbidden for her, of all others.
    """
    try:
        uri = sip.normalise(f"sip:{address}")
    except ValueError:
        return None
    user = tx.of(Users).by_uri(uri) or tx.of(Users).guest(uri)
    if me.is_guest:
        return _met(tx, me, user)
    if user:
        if user.guest_of is None:
            return contact_of(user)
        return named_contact(user, tx.of(Participants).name_of(user.id) or user.name)
    if sip.host(uri) in (me.deployment.domain.lower(), GUESTS_DOMAIN):
        return None
    return federated_contact(uri.removeprefix("sip:"))


def _met(tx: Transaction, me: Me, user: User | None) -> Contact:
    """Return the contact of somebody in a guest's meeting, or of its organizer."""
    meeting = me.user.guest_of
    name = user and tx.of(Participants).name_for(me.user.id, address_of(user))
    if user and meeting and user.id == meeting.organizer_id:
        name = name or user.name
    if not user or not name:
        raise Forbidden(
            "A guest of a meeting sees contacts of those who are in it. Join the meeting first."
        )
    return named_contact(user, name)
