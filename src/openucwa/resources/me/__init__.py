"""The user herself."""

from openucwa.resources.me import location, me, note, photo, presence

RESOURCES = (
    me.me,
    presence.presence,
    note.note,
    location.location,
    photo.photo,
)
