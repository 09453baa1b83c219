"""The people of the organization."""

import msgspec


class Profile(msgspec.Struct, kw_only=True):
    """What is known of a person. Telephone numbers are `tel:` URIs or empty; so are the others."""

    uri: str
    name: str
    email: str = ""
    title: str = ""
    department: str = ""
    company: str = ""
    office: str = ""
    work_phone: str = ""
    mobile_phone: str = ""
    home_phone: str = ""
    other_phone: str = ""
    policy: str = "default"


class User(Profile, kw_only=True):
    """A person who can sign in.

    `uri` is the SIP address as it was spelled, `join_name` the part of join URLs that stands for
    this person, unique in the organization.
    """

    id: int
    join_name: str
    password_hash: str = ""
    disabled: bool = False
