"""The user herself."""

from openucwa.resources.me import me, photo

RESOURCES = (
    me.me,
    photo.photo,
)
