"""Conversations and what they are made of."""

from openucwa.resources.communication import communication

RESOURCES = (communication.communication,)
