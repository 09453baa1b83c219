"""accept, decline, cancel: the end of an invitation, to a talk of two or to a meeting.

The first answer of a user counts, in whichever application. Source: accept_ref.md, decline_ref.md,
cancel_ref.md.
"""

from collections.abc import Sequence

import msgspec

from openucwa.domain import messages
from openucwa.domain.conversations import (
    CANCELLED,
    MESSAGING_INVITATION,
    PARTICIPANT_INVITATION,
    View,
)
from openucwa.resources.communication.adding import enter, is_full, refuse_full
from openucwa.resources.communication.calling import formats_of
from openucwa.resources.communication.invited import (
    Invited,
    find_any,
    is_incoming,
    is_outgoing,
    is_pending,
)
from openucwa.resources.communication.views import current
from openucwa.resources.offer import Offer, Rule
from openucwa.resources.resource import Audience, Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.applications import Applications
from openucwa.store.tables.conversations import Conversations
from openucwa.store.tables.invitations import Invitations
from openucwa.store.tables.rosters import Rosters
from openucwa.store.tables.talks import Talks
from openucwa.store.tables.views import Views
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import (
    CallDeclineReason,
    ConversationState,
    InvitationState,
    MessageFormat,
)
from openucwa.wire.errors import Conflict
from openucwa.wire.given import Given

_INCOMING = ("messagingInvitations", "onlineMeetingInvitations")
_OUTGOING = ("onlineMeetingInvitations", "participantInvitations", "messagingInvitations")
_BELOW = "applications/{application_id}/communication"


def is_accepted(me: Me, found: Invited) -> bool:
    return found.invitation.state is InvitationState.CONNECTED


def is_declined(me: Me, found: Invited) -> bool:
    return found.invitation.state is InvitationState.DECLINED


def is_cancelled(me: Me, found: Invited) -> bool:
    return found.invitation.state is InvitationState.CANCELLED


def _ending(
    rel: str, kinds: Sequence[str], *rules: Rule[Invited]
) -> tuple[Resource[Invited], Offer]:
    """Declare what ends an invitation, below the address of each kind.

    The rules tell when, when it has been done, and for whom.
    """
    path, *aliases = (f"{_BELOW}/{kind}/{{invitation_id}}/{rel}" for kind in kinds)
    resource = Resource[Invited](
        rel,
        path,
        aliases=aliases,
        audience=Audience.EVERYBODY,
        readable=False,
        refusals=(Conflict,),
    )
    resource.is_capability = True
    when, done, role = rules
    offer = Offer("invitation", rel, when, role, done)
    resource.finder = offer.guarded(find_any)
    return resource, offer


accept, _accepting = _ending("accept", _INCOMING, is_pending, is_accepted, is_incoming)
decline, _declining = _ending("decline", _INCOMING, is_pending, is_declined, is_incoming)
cancel, _cancelling = _ending("cancel", _OUTGOING, is_pending, is_cancelled, is_outgoing)


class Declining(msgspec.Struct, kw_only=True, rename="camel"):
    reason: CallDeclineReason = CallDeclineReason.LOCAL
    """`Global` declines for all applications of the user, and others for this one."""


def accepted(tx: Transaction, me: Me, found: Invited) -> None:
    """Accept the invitation, and stop it at the user's other applications."""
    view = ringing(tx, me, found)
    if found.invitation.kind == MESSAGING_INVITATION:
        _talk(tx, me, found, view)
    elif is_full(tx, me, view):
        refuse_full(tx, view)
    else:
        enter(tx, found.invitation, view)


accept.post()(_accepting.once(accepted))


def declined(tx: Transaction, me: Me, found: Invited, given: Given[Declining]) -> None:
    """Decline the invitation, in this application or in all."""
    reason = given.over(Declining()).reason
    view = ringing(tx, me, found)
    tx.of(Talks).decline(view, everywhere=reason is CallDeclineReason.GLOBAL)


decline.post(Declining)(_declining.once(declined))


def cancelled(tx: Transaction, me: Me, found: Invited) -> None:
    """Join the meeting no more, or invite somebody no more."""
    assert found.view is not None
    view = current(tx, me, found.view)
    if found.invitation.kind == PARTICIPANT_INVITATION:
        if tx.of(Invitations).complete(found.invitation, InvitationState.CANCELLED, CANCELLED):
            tx.of(Talks).cancel_ringing(found.invitation)
    elif not view.is_live or view.is_inside:
        raise Conflict("You are in the meeting already. Leave the conversation instead.")
    else:
        tx.of(Rosters).leave(view, CANCELLED)


cancel.post()(_cancelling.once(cancelled))


def ringing(tx: Transaction, me: Me, found: Invited) -> View:
    """Return the conversation that somebody is invited to, with nobody changing it meanwhile.

    Raises Conflict if it has been answered, or cancelled.
    """
    if found.view is not None:
        tx.of(Conversations).turn(found.view.conversation)
    view = tx.of(Views).get(found.conversation_id, me.application)
    if view is None or view.state is not ConversationState.INCOMING:
        raise Conflict("The invitation has been answered or cancelled in the meantime.")
    return view


def _talk(tx: Transaction, me: Me, found: Invited, view: View) -> None:
    """Let the talk begin. Messages come in the formats that both applications take."""
    (caller,) = (
        one
        for one in tx.of(Views).live(view.conversation_id)
        if one.state is ConversationState.CONNECTING
    )
    other = tx.of(Applications).get(caller.user_id, caller.application_id)
    both = set(formats_of(tx, me.application)) & set(formats_of(tx, other) if other else ())
    formats = [one for one in MessageFormat if one in both or one is MessageFormat.PLAIN]
    uri = found.invitation.details.message
    tx.of(Talks).accept(view, caller, formats, messages.read_uri(uri) if uri else None)
