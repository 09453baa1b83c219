"""The people of the organization."""

from hashlib import sha256

import msgspec

from openucwa.wire import sip


class Profile(msgspec.Struct, kw_only=True, frozen=True):
    """The profile of a person. Telephone numbers are `tel:` URIs; all may be empty."""

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


class MeetingKey(msgspec.Struct, kw_only=True, frozen=True):
    """Which meeting."""

    organizer_id: int
    online_meeting_id: str


class User(Profile, kw_only=True, frozen=True):
    """A person who can sign in, or a guest: somebody unknown who may take part in one meeting.

    `uri` is the SIP address as it was spelled, `join_name` the part of join URLs that stands for
    this person, unique in the organization. `guest_of` is the meeting of a guest.
    """

    id: int
    join_name: str
    password_hash: str = ""
    disabled: bool = False
    guest_of: MeetingKey | None = None


class Contact(msgspec.Struct, kw_only=True, frozen=True):
    """A person as a colleague sees her.

    `address` is the SIP address without its scheme, in the one spelling that paths have. `version`
    is another one whenever the profile is.
    """

    address: str
    version: int
    profile: Profile


_SEEN_BY_COLLEAGUES = (
    *("uri", "name", "email", "title"),
    *("department", "company", "office", "work_phone"),
)


def address_of(user: User) -> str:
    """Return the address of a person, as paths have it."""
    return sip.normalise(user.uri).removeprefix("sip:")


def contact_of(user: User) -> Contact:
    """Return what colleagues see of a person.

    The version is of that alone: it must not tell what they don't see.
    """
    profile = Profile(**{name: getattr(user, name) for name in _SEEN_BY_COLLEAGUES})
    digest = sha256(msgspec.json.encode(profile)).digest()
    return Contact(address=address_of(user), version=int.from_bytes(digest[:6]), profile=profile)
