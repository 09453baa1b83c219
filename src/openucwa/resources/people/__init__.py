"""The people whom a user knows."""

from openucwa.resources.people import people

RESOURCES = (people.people,)
