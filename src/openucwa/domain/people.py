"""The people of the organization."""

from hashlib import sha256

import msgspec

from openucwa.wire import sip
from openucwa.wire.enums import SourceNetwork


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
    """A person as others see her: a colleague, a guest, or somebody of another organization.

    `address` is the SIP address without its scheme, in the one spelling that paths have. `version`
    is another one whenever the profile is.
    """

    address: str
    version: int
    profile: Profile
    network: SourceNetwork = SourceNetwork.SAME_ENTERPRISE


_SEEN_BY_COLLEAGUES = (
    *("uri", "name", "email", "title"),
    *("department", "company", "office", "work_phone"),
)


def address_of(user: User) -> str:
    """Return the address of a person, as paths have it."""
    return sip.normalise(user.uri).removeprefix("sip:")


def contact_of(user: User) -> Contact:
    """Return what colleagues see of a user.

    The version is of that alone: it must not tell what they don't see.
    """
    profile = Profile(**{name: getattr(user, name) for name in _SEEN_BY_COLLEAGUES})
    return _contact(address_of(user), profile, SourceNetwork.SAME_ENTERPRISE)


def named_contact(user: User, name: str) -> Contact:
    """Return the contact of somebody of whom a name is seen: of guests, and by them."""
    is_guest = user.guest_of is not None
    network = SourceNetwork.UNKNOWN if is_guest else SourceNetwork.SAME_ENTERPRISE
    return _contact(address_of(user), Profile(uri=user.uri, name=name), network)


def federated_contact(address: str) -> Contact:
    """Return the contact of an address of another domain, of whom nothing else is known."""
    profile = Profile(uri=f"sip:{address}", name=address)
    return _contact(address, profile, SourceNetwork.FEDERATED)


def _contact(address: str, profile: Profile, network: SourceNetwork) -> Contact:
    digest = sha256(msgspec.json.encode(profile)).digest()
    version = int.from_bytes(digest[:6])
    return Contact(address=address, version=version, profile=profile, network=network)
