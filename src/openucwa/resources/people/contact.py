"""contact: a person of the organization, as the directory shows her to colleagues.

Source: contact_ref.md, GetUsersContactList.md.
"""

import msgspec

from openucwa.domain.people import Contact, contact_of
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
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
        source_network=SourceNetwork.SAME_ENTERPRISE,
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
)


@contact.find
def find(tx: Transaction, me: Me, address: str) -> Contact | None:
    """A person of the organization, by an address in any spelling."""
    try:
        user = tx.of(Users).by_uri(f"sip:{address}")
    except ValueError:
        return None
    return contact_of(user) if user else None
