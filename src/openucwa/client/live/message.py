"""Messages, and the data URIs in which they come (message_ref.md, RFC 2397)."""

from base64 import b64decode
from dataclasses import dataclass, field
from datetime import datetime
from html.parser import HTMLParser
from urllib.parse import quote_plus, unquote_to_bytes

from openucwa.client.attributes import moment
from openucwa.client.live.person import Person
from openucwa.client.resource import Resource

__all__ = ["Message", "body_of", "uri_of"]


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a conversation.

    `text` is always there; `html` if it was written in HTML and the reader takes that. `at` is the
    server's time, which is the same for all. `sender` is None for the user's own messages, for
    which `is_mine` is true, and for those of the server. `failed` are the names of those who did
    not get it. `href` is its address.
    """

    href: str = field(repr=False)
    text: str
    html: str | None = None
    at: datetime | None = None
    sender: Person | None = None
    is_mine: bool = False
    failed: tuple[str, ...] = ()

    def is_same_as(self, other: "Message") -> bool:
        """Return whether another one is the same message, told under another address.

        Who leaves a meeting and comes back is told the latest messages again.
        """
        if self.href == other.href or self.is_mine or other.is_mine:
            return False
        names = [one.sender.label if one.sender else "" for one in (self, other)]
        return (self.at, self.text, names[0]) == (other.at, other.text, names[1])


def body_of(resource: Resource) -> tuple[str, str | None]:
    """Return the text of a message or an invitation, and its HTML if there is some."""
    plain = _decoded(resource.link("plainMessage"))
    html = _decoded(resource.link("htmlMessage"))
    first = resource.link("message")
    if plain is None and html is None and first is not None:
        kind = first.partition(",")[0].lower()
        if "html" in kind:
            html = _decoded(first)
        else:
            plain = _decoded(first)
    if plain is None:
        plain = "" if html is None else _without_tags(html)
    return plain, html


def is_told(resource: Resource) -> bool:
    """Return whether the resource carries the text of a message."""
    return any(resource.link(rel) is not None for rel in ("plainMessage", "htmlMessage"))


def time_of(resource: Resource) -> datetime | None:
    """Return the server's time of a message."""
    return moment(resource.properties.get("timeStamp"))


def uri_of(text: str) -> str:
    """Return a text as a data URI."""
    return f"data:text/plain;charset=utf-8,{quote_plus(text)}"


def _decoded(uri: str | None) -> str | None:
    """Return the text in a data URI; None if it is none.

    Servers write it as forms are encoded: `+` is a space, unless one is written as `%20`.
    """
    if uri is None or uri[:5].lower() != "data:":
        return None
    head, _, data = uri[5:].partition(",")
    parameters = [one.strip() for one in head.lower().split(";")]
    charset = next((one[8:].strip("\"'") for one in parameters if one[:8] == "charset="), "utf-8")
    if "base64" in parameters:
        try:
            raw = b64decode(unquote_to_bytes(data))
        except ValueError:
            return None
    else:
        raw = unquote_to_bytes(data if "%20" in data else data.replace("+", " "))
    try:
        return raw.decode(charset, "replace")
    except LookupError:
        return raw.decode("utf-8", "replace")


class _Texts(HTMLParser):
    """Collects the text of HTML, in which a break is a new line."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_data(self, data: str) -> None:
        self.found.append(data)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self.found.append("\n")


def _without_tags(html: str) -> str:
    parser = _Texts()
    parser.feed(html)
    parser.close()
    return "".join(parser.found)
