"""The people of the organization."""

import msgspec


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
