"""contact: a person whom somebody can name: a colleague, a guest, or somebody of another domain.

Source: contact_ref.md, GetUsersContactList.md.
"""

import msgspec

from openucwa.domain.people import Contact, contact_of, federated_contact
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.users import GUESTS_DOMAIN, Users
from openucwa.store.transaction import Transaction
from openucwa.wire import sip
from openucwa.wire.enums import ContactType, SourceNetwork


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
)


@contact.find
def find(tx: Transaction, me: Me, address: str) -> Contact | None:
    """The contact of an address in any spelling: of the organization, who is there."""
    return contact_at(tx, me, address)


def contact_at(tx: Transaction, me: Me, address: str) -> Contact | None:
    """Return the contact of an address without its scheme.

    Who has an address of this organization is a user or a guest; of another domain everybody is
    there, so that somebody who is invited has a contact, too.
    """
    try:
        uri = sip.normalise(f"sip:{address}")
    except ValueError:
        return None
    user = tx.of(Users).by_uri(uri) or tx.of(Users).guest(uri)
    if user:
        return contact_of(user)
    if sip.host(uri) in (me.deployment.domain.lower(), GUESTS_DOMAIN):
        return None
    return federated_contact(uri.removeprefix("sip:"))
