"""The path of a resource, with the keys of its entity in it."""

from urllib.parse import quote

ROOT = "/ucwa/oauth/v1/"
ADDRESS = "{address}"
"""The key that may stand beside names: it has an `@` in it, and no name has."""


class Path:
    """A template such as `applications/{application_id}/me`, below ROOT.

    A key is an attribute of the entity, or else of the viewer. Where the documentation has it in
    the query, so has the template: `…/people/contacts?groupId={group_id}`.
    """

    def __init__(self, template: str) -> None:
        self.without_query, _, query = template.partition("?")
        self.segments = tuple(self.without_query.split("/"))
        parameters = (one.partition("=") for one in query.split("&") if one)
        self.queried = {key.strip("{}"): name for name, _, key in parameters}
        """The names of parameters by the keys that stand in the query."""
        self._parts: list[tuple[str, str]] = []  # a literal, and the key that follows it
        literal = ROOT
        for part in template.split("{"):
            key, closed, rest = part.partition("}")
            if closed:
                self._parts.append((literal, key))
                literal = rest
            else:
                literal += part
        self._end = literal
        self.keys = tuple(key for _, key in self._parts if key != "application_id")
        """The names of its keys, but for the application's."""
        self.has_keys = bool(self.keys)
        """True if the path depends on more than the application."""

    def fill(self, me: object, entity: object) -> str:
        """The path of an entity, percent-encoded."""
        text = ""
        for literal, key in self._parts:
            value = getattr(me if key == "application_id" else entity, key)
            text += literal + (str(value) if isinstance(value, int) else _escaped(value))
        return text + self._end

    def keys_of(self, entity: object) -> dict[str, str]:
        """Return the keys that find an entity again, within whichever application."""
        return {key: str(getattr(entity, key)) for key in self.keys}


def _escaped(text: str) -> str:
    # Clients cut addresses out of paths, and compare them with those that they know.
    return text if text.isascii() and text.isalnum() else quote(text, safe="@,")
