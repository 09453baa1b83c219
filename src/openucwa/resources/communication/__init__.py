"""Conversations and what they are made of."""

from openucwa.resources.communication import (
    communication,
    conversation,
    conversations,
    media,
    online_meeting,
    online_meeting_invitation,
    online_meeting_invitations,
    participant,
    participants,
)

RESOURCES = (
    communication.communication,
    conversations.conversations,
    conversation.conversation,
    *media.MEDIA,
    online_meeting_invitations.online_meeting_invitations,
    online_meeting_invitation.online_meeting_invitation,
    online_meeting.online_meeting,
    participants.participants,
    participants.leaders,
    participants.attendees,
    participants.lobby,
    participant.participant,
)
