"""Groups of contacts: those that the server keeps by itself, and who is in them."""

from enum import StrEnum

import msgspec

from openucwa.domain.people import Contact


class GroupId(StrEnum):
    """The ids of the groups that everybody may have. They are opaque to clients."""

    DELEGATES = "delegates"
    DELEGATORS = "delegators"


class Group(msgspec.Struct, kw_only=True, frozen=True):
    """A group of a user's contacts."""

    group_id: str
    name: str


class Membership(msgspec.Struct, kw_only=True, frozen=True):
    """A contact in a group."""

    group: Group
    contact: Contact

    @property
    def membership_id(self) -> str:
        """The id: an address may have a comma in it, and the id of a group has none."""
        return membership_id(self.group.group_id, self.contact.address)


def membership_id(group_id: str, address: str) -> str:
    """Return the id of the membership of an address in a group."""
    return f"{group_id},{address}"


DELEGATES = Group(group_id=GroupId.DELEGATES.value, name="Delegates")
"""Those who act for the user."""
DELEGATORS = Group(group_id=GroupId.DELEGATORS.value, name="Delegators")
"""Those for whom the user acts."""
