"""myGroupMemberships: the contacts in each group, and the place to add one to a group.

Source: myGroupMemberships_ref.md, myGroupMemberships2_ref.md.
"""

from typing import Annotated

import msgspec

from openucwa.domain.groups import DELEGATES, GroupId, Membership
from openucwa.domain.people import contact_of
from openucwa.resources.colleague import user_named
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.delegates import Delegates
from openucwa.store.transaction import Transaction
from openucwa.wire.errors import (
    AlreadyExists,
    LimitExceeded,
    OperationNotSupported,
    ParameterValidationFailure,
)
from openucwa.wire.given import Given

_GroupId = Annotated[str, msgspec.Meta(max_length=256)]


class Asked(msgspec.Struct, kw_only=True, rename="camel"):
    """The query of GET."""

    group_id: _GroupId = GroupId.DELEGATES.value
    """The group whose memberships are wanted, instead of all."""


class Input(msgspec.Struct, kw_only=True, rename="camel"):
    """The input of POST, in its body or in its query."""

    contact_uri: Annotated[str, msgspec.Meta(max_length=250)]
    """The SIP address of the contact, with or without its scheme."""
    group_id: _GroupId
    """The id of the group."""


class Memberships(msgspec.Struct, frozen=True):
    """The memberships that were asked for."""

    members: list[Membership]


my_group_memberships = Resource[Memberships](
    rel="myGroupMemberships",
    path="applications/{application_id}/people/groupMemberships",
    asked=Asked,
    revision=2,
)


def memberships(tx: Transaction, me: Me, found: Memberships) -> list[Membership]:
    """Return the memberships in groups that the user can change."""
    return found.members


my_group_memberships.embed("myGroupMembership", memberships)


@my_group_memberships.find
def find(tx: Transaction, me: Me, group_id: str = GroupId.DELEGATES.value) -> Memberships | None:
    """Return the memberships in the groups that the user can change, or in one of them."""
    if group_id == GroupId.DELEGATORS:
        raise _not_yours()
    if group_id != GroupId.DELEGATES:
        return None
    found = tx.of(Delegates).of(me.user.id)
    return Memberships([Membership(group=DELEGATES, contact=contact_of(one)) for one in found])


@my_group_memberships.post(
    Input,
    answers="myGroupMembership",
    errors=(AlreadyExists, LimitExceeded, OperationNotSupported, ParameterValidationFailure),
    complete=True,
)
def add(tx: Transaction, me: Me, _: Memberships, given: Given[Input]) -> Membership:
    """Add a contact to the group of delegates: from then on she acts for the user.

    Raises ParameterValidationFailure, OperationNotSupported for the group of delegators,
    AlreadyExists, and LimitExceeded for more delegates than a user may have.
    """
    wanted = given.complete()
    if wanted.group_id == GroupId.DELEGATORS:
        raise _not_yours()
    if wanted.group_id != GroupId.DELEGATES:
        raise ParameterValidationFailure(
            {"groupId": "is not the id of one of your groups: fetch myGroups for these"}
        )
    delegate = user_named(tx, me, wanted.contact_uri, "contactUri")
    if delegate.id == me.user.id:
        raise ParameterValidationFailure(
            {"contactUri": "is your own address: a delegate is somebody else"}
        )
    tx.of(Delegates).add(me.user, delegate)
    return Membership(group=DELEGATES, contact=contact_of(delegate))


def _not_yours() -> OperationNotSupported:
    return OperationNotSupported(
        "You can't see or change memberships in the group of those for whom you act. Each of them "
        "chooses delegates; the link groupContacts of the group leads to who is in it."
    )
