"""accept, decline: the answer to an invitation, to a talk of two or to a meeting.

The first answer of a user counts, in whichever application. Source: accept_ref.md, decline_ref.md.
"""

from collections.abc import Callable

import msgspec

from openucwa.domain import messages
from openucwa.domain.conversations import MESSAGING_INVITATION, View
from openucwa.resources.communication.calling import formats_of
from openucwa.resources.communication.invited import Invited, find_any, is_pending
from openucwa.resources.communication.joining import enter_invited
from openucwa.resources.offer import Offer
from openucwa.resources.resource import Audience, Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.applications import Applications
from openucwa.store.tables.conversations import Conversations
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

_KINDS = ("messagingInvitations", "onlineMeetingInvitations")
_BELOW = "applications/{application_id}/communication"


def is_to_be_answered(me: Me, found: Invited) -> bool:
    """For who is invited, until it is answered."""
    return found.is_incoming and is_pending(me, found)


def is_accepted(me: Me, found: Invited) -> bool:
    return found.is_incoming and found.invitation.state is InvitationState.CONNECTED


def is_declined(me: Me, found: Invited) -> bool:
    return found.is_incoming and found.invitation.state is InvitationState.DECLINED


def _answer(rel: str, done: Callable[[Me, Invited], bool]) -> tuple[Resource[Invited], Offer]:
    """Declare an answer, which is below the address of each kind of invitation."""
    path, *aliases = (f"{_BELOW}/{kind}/{{invitation_id}}/{rel}" for kind in _KINDS)
    resource = Resource[Invited](
        rel,
        path,
        aliases=aliases,
        audience=Audience.EVERYBODY,
        readable=False,
        refusals=(Conflict,),
    )
    resource.is_capability = True
    offer = Offer("invitation", rel, is_to_be_answered, None, done)
    resource.finder = offer.guarded(find_any)
    return resource, offer


accept, _accepting = _answer("accept", is_accepted)
decline, _declining = _answer("decline", is_declined)


class Declining(msgspec.Struct, kw_only=True, rename="camel"):
    reason: CallDeclineReason = CallDeclineReason.LOCAL
    """`Global` declines for all applications of the user, and others for this one."""


def accepted(tx: Transaction, me: Me, found: Invited) -> None:
    """Accept the invitation, and stop it at the user's other applications."""
    view = ringing(tx, me, found)
    if found.invitation.kind == MESSAGING_INVITATION:
        _talk(tx, me, found, view)
    else:
        enter_invited(tx, me, view)


accept.post()(_accepting.once(accepted))


def declined(tx: Transaction, me: Me, found: Invited, given: Given[Declining]) -> None:
    """Decline the invitation, in this application or in all."""
    reason = given.over(Declining()).reason
    view = ringing(tx, me, found)
    tx.of(Talks).decline(view, everywhere=reason is CallDeclineReason.GLOBAL)


decline.post(Declining)(_declining.once(declined))


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
