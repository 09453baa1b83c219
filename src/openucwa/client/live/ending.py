"""The sentences that tell people why a conversation has ended."""

from openucwa.client.live.conversation import Reason

__all__ = ["sentence"]

_SENTENCES = {
    "AnonymousNotAllowed": "Guests can't take part in it. Sign in with an account.",
    "Canceled": "It was cancelled.",
    "CallTerminated": "The other side has ended it.",
    "ConnectedElsewhere": "It was answered on another device.",
    "Declined": "The invitation was declined.",
    "Denied": "A leader of the meeting has not let you in.",
    "DestinationNotFound": "There is nobody with that address. Check the spelling.",
    "DoNotDisturb": "The other side does not want to be disturbed now.",
    "Ejected": "A leader has removed you from the meeting.",
    "Ended": "The meeting has ended.",
    "InviteesOnly": "Only those who are invited can take part in the meeting.",
    "Missed": "The invitation was not answered in time.",
    "ModalityNotSupported": "The other side can't receive messages.",
    "NotAcceptable": "The other side can't read this kind of message.",
    "TooManyLobbyParticipants": "Too many people are waiting in the lobby. Try again later.",
    "TooManyParticipants": "The meeting is full. Try again later.",
    "Unreachable": "The other side can't be reached now: no client is available there.",
}
_TIMEOUT = "Nobody has answered in time."
_WAITED = "Nobody has let you in for too long. Try again when a leader is there."


def sentence(why: Reason | None, *, waited: bool = False) -> str:
    """Return the sentence for a reason. `waited` tells that the user has waited in the lobby."""
    if why is None:
        return "The conversation has ended."
    if why.subcode == "Timeout":
        return _WAITED if waited else _TIMEOUT
    return _SENTENCES.get(why.subcode) or why.message or "The conversation has ended."
