"""The user whom a client has signed in (me_ref.md)."""

from openucwa.client.known import Known, Told, text, texts


class Me(Told):
    """The signed-in user. What is not known of her is empty."""

    uri: Known[str] = Known("uri", text)
    """The SIP address."""
    name: Known[str] = Known("name", text)
    """The name that others see."""
    email_addresses: Known[tuple[str, ...]] = Known("emailAddresses", texts)
    """Mailboxes, the main one first."""
    title: Known[str] = Known("title", text)
    """The job title."""
    department: Known[str] = Known("department", text)
    """The department."""
    company: Known[str] = Known("company", text)
    """The company."""
    office: Known[str] = Known("officeLocation", text)
    """The office."""
    work_phone: Known[str] = Known("workPhoneNumber", text)
    """The number, as `tel:` URI."""
