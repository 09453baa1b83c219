"""joinOnlineMeeting, startOnlineMeeting: joins a meeting, or starts one that nobody has scheduled.

Both have one address, as deployed clients use it. Source: joinOnlineMeeting_ref.md,
startOnlineMeeting_ref.md.
"""

from openucwa.domain.conversations import Invitation
from openucwa.resources.communication.invited import Invited, invited
from openucwa.resources.communication.joining import AD_HOC, Input, join
from openucwa.resources.dashboard import dashboard
from openucwa.resources.resource import Audience
from openucwa.resources.viewer import Me
from openucwa.store.transaction import Transaction
from openucwa.wire.errors import (
    DestinationNotFound,
    Forbidden,
    ParameterValidationFailure,
    TooManyConversations,
)
from openucwa.wire.given import Given

online_meeting_invitations = dashboard(
    "joinOnlineMeeting",
    "applications/{application_id}/communication/onlineMeetingInvitations",
    audience=Audience.EVERYBODY,
    readable=False,
)
online_meeting_invitations.synonyms = {"startOnlineMeeting": {"onlineMeetingUri": AD_HOC}}


@online_meeting_invitations.post(
    Input,
    answers="onlineMeetingInvitation",
    errors=(ParameterValidationFailure, Forbidden, DestinationNotFound, TooManyConversations),
)
def create(tx: Transaction, me: Me, _: Me, given: Given[Input]) -> Invited:
    """Join the meeting of a URI; without one, start a meeting. Events tell what becomes of it.

    Raises ParameterValidationFailure for a guest without a name, Forbidden for one of another
    meeting, DestinationNotFound for what is no meeting, or is over; and TooManyConversations.
    """
    invitation: Invitation = join(tx, me, given.over(Input()))
    return invited(tx, me, invitation)
