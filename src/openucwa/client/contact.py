"""People whom the user knows (contact_ref.md)."""

from openucwa.client.attributes import Attribute, TypedResource, member, text, texts
from openucwa.wire.enums import SourceNetwork


class Contact(TypedResource):
    """A person, as the server shows her to the user. What it does not tell is empty."""

    uri: Attribute[str] = Attribute("uri", text)
    """The SIP address."""
    name: Attribute[str] = Attribute("name", text)
    """The name to show."""
    source_network: Attribute[SourceNetwork | str] = Attribute(
        "sourceNetwork", member(SourceNetwork)
    )
    """The network: of a colleague, a guest (Unknown), or somebody of another domain."""
    email_addresses: Attribute[tuple[str, ...]] = Attribute("emailAddresses", texts)
    """Mailboxes, the main one first."""
    title: Attribute[str] = Attribute("title", text)
    """The job title."""
    department: Attribute[str] = Attribute("department", text)
    """The department."""
    company: Attribute[str] = Attribute("company", text)
    """The company."""
    office: Attribute[str] = Attribute("office", text)
    """The office."""
    work_phone: Attribute[str] = Attribute("workPhoneNumber", text)
    """The number, as `tel:` URI."""
