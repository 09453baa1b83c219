"""circle, and the member of one, whose capabilities depend on the viewer's role."""

from typing import Any

import msgspec

from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import EventType, Reason, Status
from tests.circle.tables.circles import Circle, Circles, Member, Role

_PATH = "applications/{application_id}/circles/{circle_id}"
REJECTED = Reason(code="Forbidden", message="A leader has rejected you.")


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    role: Role | None
    """The viewer's role."""


def leads(me: Me, found: Circle | Member) -> bool:
    """For leaders."""
    return found.viewer_role is Role.LEADER


def is_outside(me: Me, found: Circle) -> bool:
    """For who is no member."""
    return found.viewer_role is None


def is_inside(me: Me, found: Circle) -> bool:
    return found.viewer_role is not None


def waits(me: Me, found: Member) -> bool:
    """While the member waits in the lobby."""
    return found.role is Role.WAITING


def is_admitted(me: Me, found: Member) -> bool:
    return found.role is not Role.WAITING


def attends(me: Me, found: Member) -> bool:
    """While the member attends."""
    return found.role is Role.ATTENDEE


def properties(me: Me, found: Circle) -> Properties:
    return Properties(role=found.viewer_role)


circle = Resource[Circle](
    rel="circle",
    path=_PATH,
    properties=properties,
    kinds={"circle": "circle"},
)
circle.sends(EventType.UPDATED, sender="circle", embedded=True)


@circle.find
def find(tx: Transaction, me: Me, circle_id: str) -> Circle | None:
    return tx.of(Circles).get(circle_id, me.user.id)


@circle.capability("joinCircle", when=is_outside)
def join(tx: Transaction, me: Me, found: Circle) -> None:
    """Join it. The first one leads it, and others wait in its lobby."""
    role = Role.WAITING if found.members else Role.LEADER
    tx.of(Circles).join(found, me.application, role)
    if role is Role.WAITING:
        tx.of(Circles).start(found.circle_id, str(me.user.id))


@circle.capability("leaveCircle", when=is_inside)
def leave(tx: Transaction, me: Me, found: Circle) -> None:
    """Leave it."""
    own = next(one for one in found.members if one.member_id == str(me.user.id))
    tx.of(Circles).remove(own)


def find_inside(tx: Transaction, me: Me, circle_id: str) -> Circle | None:
    """The circle, for its members."""
    found = tx.of(Circles).get(circle_id, me.user.id)
    return found if found.viewer_role else None


def inside(tx: Transaction, me: Me, found: Circle) -> Circle | None:
    """For members."""
    return found if found.viewer_role else None


def place(role: Role) -> Resource[Circle]:
    """Declare the collection of the members who have a role."""
    resource = Resource[Circle](rel=role.value, path=f"{_PATH}/{role.value}")
    resource.find(find_inside)
    resource.embed("member", lambda tx, me, found: found.within(role))
    return resource


members = Resource[Circle](rel="members", path=f"{_PATH}/members")
members.find(find_inside)
members.embed("member", lambda tx, me, found: found.members)
circle.link("members", inside)
places = [place(role) for role in Role]
for one in places:
    circle.link(one.rel, inside)


class MemberProperties(msgspec.Struct, kw_only=True, rename="camel"):
    role: Role
    """The role of the member."""


def member_properties(me: Me, found: Member) -> MemberProperties:
    return MemberProperties(role=found.role)


member = Resource[Member](
    rel="member",
    path=f"{_PATH}/members/{{member_id}}",
    properties=member_properties,
    kinds={"member": "circle member"},
)
member.sends(
    EventType.ADDED,
    EventType.UPDATED,
    EventType.DELETED,
    sender="circle",
    within="members",
    embedded=True,
)
for one in places:
    member.sends(
        EventType.ADDED,
        EventType.DELETED,
        sender="circle",
        within=one.rel,
        collection=one.rel,
        embedded=True,
    )


@member.find
def find_member(tx: Transaction, me: Me, circle_id: str, member_id: str) -> Member | None:
    found = find_inside(tx, me, circle_id)
    of_circle = found.members if found else []
    return next((one for one in of_circle if one.member_id == member_id), None)


@member.capability("admit", when=waits, role=leads, done=is_admitted)
def admit(tx: Transaction, me: Me, found: Member) -> None:
    """Admit a member who waits."""
    tx.of(Circles).complete(found.circle_id, found.member_id, Status.SUCCESS)
    tx.of(Circles).change(found, Role.ATTENDEE)


@member.capability("reject", when=waits, role=leads)
def reject(tx: Transaction, me: Me, found: Member) -> None:
    """Reject a member who waits."""
    tx.of(Circles).complete(found.circle_id, found.member_id, Status.FAILURE, REJECTED)
    tx.of(Circles).remove(found)


@member.capability("promote", when=attends, role=leads)
def promote(tx: Transaction, me: Me, found: Member) -> None:
    """Let an attendee lead, too."""
    tx.of(Circles).change(found, Role.LEADER)


wait = Resource[Member](
    rel="wait", path=f"{_PATH}/waits/{{member_id}}", kinds={"wait": "circle wait"}
)
wait.sends(EventType.STARTED, EventType.COMPLETED, sender="circle")


@wait.find
def find_wait(tx: Transaction, me: Me, circle_id: str, member_id: str) -> Member | None:
    """A member who waits: the operation that ends when a leader has decided."""
    found = find_member(tx, me, circle_id, member_id)
    return found if found and waits(me, found) else None


RESOURCES: tuple[Resource[Any], ...] = (circle, members, *places, member, wait)
