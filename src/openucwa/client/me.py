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
    """What she is at work."""
    department: Known[str] = Known("department", text)
    """Where she works."""
    company: Known[str] = Known("company", text)
    """For whom she works."""
    office: Known[str] = Known("officeLocation", text)
    """Where she is found."""
    work_phone: Known[str] = Known("workPhoneNumber", text)
    """The number, as `tel:` URI."""
