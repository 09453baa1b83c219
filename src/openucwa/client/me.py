"""The user whom a client has signed in (me_ref.md)."""

from openucwa.client.known import Known, Told, text, texts


class Me(Told):
    """The signed-in user. What is not known of her is empty."""

    uri: Known[str] = Known("uri", text)
    name: Known[str] = Known("name", text)
    email_addresses: Known[tuple[str, ...]] = Known("emailAddresses", texts)
    title: Known[str] = Known("title", text)
    department: Known[str] = Known("department", text)
    company: Known[str] = Known("company", text)
    office: Known[str] = Known("officeLocation", text)
    work_phone: Known[str] = Known("workPhoneNumber", text)
