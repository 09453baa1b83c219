"""openucwa chat: a talk with somebody."""

from openucwa.cli.person.room.entering import chat as command

__all__ = ["command"]
