"""The user whom a client has signed in (me_ref.md)."""

from openucwa.client.attributes import Attribute, TypedResource, text, texts


class Me(TypedResource):
    """The signed-in user. What is not known of her is empty."""

    uri: Attribute[str] = Attribute("uri", text)
    """The SIP address."""
    name: Attribute[str] = Attribute("name", text)
    """The name that others see."""
    email_addresses: Attribute[tuple[str, ...]] = Attribute("emailAddresses", texts)
    """Mailboxes, the main one first."""
    title: Attribute[str] = Attribute("title", text)
    """The job title."""
    department: Attribute[str] = Attribute("department", text)
    """The department."""
    company: Attribute[str] = Attribute("company", text)
    """The company."""
    office: Attribute[str] = Attribute("officeLocation", text)
    """The office."""
    work_phone: Attribute[str] = Attribute("workPhoneNumber", text)
    """The number, as `tel:` URI."""
