"""HTML of messages: sanitised and well-formed, and the plain text that it shows.

Some clients read it as XML, and others cut out what is between `;">` and the last `</span>`. So it
is one span whose style ends in a semicolon.
"""

import re
from html import escape
from html.parser import HTMLParser

import nh3

from openucwa.wire.errors import BadRequest
from openucwa.wire.text import UNWRITABLE

MOST_TAGS = 500
"""Tags that are parsed. Those that are not nested properly are repeated in each paragraph."""
DEEPEST = 32
"""Tags within each other that are kept: there are XML parsers that refuse 256."""
LONGEST = 48 * 1024
"""Characters that may be left. Escaping alone may make five of each of the message's."""

_ROOT_STYLE = "font-size:10pt;"
_BLOCKS = {"blockquote", "div", "li", "ol", "pre", "table", "tr", "ul"}
_PARAGRAPHS = {"p", "h1", "h2", "h3", "h4", "h5", "h6"}
_CELLS = {"td", "th"}
_VOID = {"br"}
_INLINE = "a b code del em font i ins s span strike strong sub sup u"
_TAGS = {*_INLINE.split(), *_VOID, *_BLOCKS, *_PARAGRAPHS, *_CELLS, "tbody", "thead", "tfoot"}
_NOT_SHOWN = "head iframe math noembed noframes noscript object script select style svg template"
_STYLES = {
    *("background-color", "color", "text-align", "text-decoration"),
    *("font-family", "font-size", "font-style", "font-weight"),
}
_VALUE = re.compile(r"(?:[\w #%.,'+-]|rgba?\([\d., %]*\))+")
_SPACE = re.compile(r"[ \t\r\n\f\xa0]+")
_UNWRITABLE = re.compile(f"[{UNWRITABLE}]")

_cleaner = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags={*_NOT_SHOWN.split(), "textarea", "title", "xmp"},
    attributes={"*": {"style"}, "a": {"href"}, "font": {"color", "face", "size"}},
    filter_style_properties=_STYLES,
    url_schemes={"http", "https", "mailto", "sip", "tel"},
    url_relative="deny",
    link_rel=None,
)


def sanitised(html: str) -> str:
    """Return what is harmless of HTML, as one well-formed span. Raises BadRequest for too much."""
    if html.count("<") > MOST_TAGS:
        raise BadRequest(
            f"The HTML has more than {MOST_TAGS} tags. Send plain text, or less of it."
        )
    cleaned = _cleaner.clean(html)
    if len(cleaned) > LONGEST:
        raise BadRequest("The HTML is too long. Send it in parts, or as plain text.")
    writer = _WellFormed()
    writer.feed(cleaned)
    writer.close()
    return writer.result()


def plain_text(html: str) -> str:
    """Return the text of sanitised HTML: paragraphs on lines of their own, links with addresses."""
    reader = _Plain()
    reader.feed(html)
    reader.close()
    return reader.result()


class _WellFormed(HTMLParser):
    """Writes as XML what the cleaner has left, whose tags are all closed."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[str] = []
        self._depth = 0
        self._tops = 0
        """Elements and texts that are in no other element."""

    def result(self) -> str:
        """Return the markup as one span with a style."""
        found = "".join(self._pieces).strip()
        if self._tops == 1 and found.startswith('<span style="'):
            return found
        return f'<span style="{_ROOT_STYLE}">{found}</span>'

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self._tops += not self._depth
        if tag in _VOID:
            self._pieces.append(f"<{tag}/>")
            return
        if self._depth < DEEPEST:
            named = ((name, _attribute(name, value or "")) for name, value in attributes)
            pairs = "".join(f' {name}="{_escaped(value)}"' for name, value in named if value)
            self._pieces.append(f"<{tag}{pairs}>")
        self._depth += 1

    def handle_endtag(self, tag: str) -> None:
        self._depth -= 1
        if self._depth < DEEPEST:
            self._pieces.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        self._tops += not self._depth and bool(data.strip())
        self._pieces.append(_escaped(_UNWRITABLE.sub("", data)))


def _escaped(text: str) -> str:
    return escape(text, quote=False).replace('"', "&quot;")


def _attribute(name: str, value: str) -> str:
    """Return what is kept of an attribute's value."""
    value = _UNWRITABLE.sub("", value)
    if name != "style":
        return value
    kept = (one.replace('"', "'").strip() for one in value.split(";"))
    return "".join(f"{one};" for one in kept if _VALUE.fullmatch(one.partition(":")[2]))


class _Plain(HTMLParser):
    """Writes the text that well-formed HTML shows."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: list[str] = [""]
        self._pre = 0
        """The number of open `pre` elements."""
        self._links: list[tuple[str, int, int]] = []
        """The open links: where each leads, and the line and column at which its text begins."""

    def result(self) -> str:
        return "\n".join(line.rstrip() for line in self._lines).strip()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._lines.append("")
        elif tag in _BLOCKS or tag in _PARAGRAPHS:
            self._break(tag)
            self._pre += tag == "pre"
            if tag == "li":
                self._lines[-1] = "- "
        elif tag in _CELLS and self._lines[-1].strip():
            self._lines[-1] = self._lines[-1].rstrip() + "\t"
        elif tag == "a":
            href = dict(attributes).get("href") or ""
            self._links.append((href, len(self._lines), len(self._lines[-1])))

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)

    def handle_endtag(self, tag: str) -> None:
        if tag in _BLOCKS or tag in _PARAGRAPHS:
            self._pre -= tag == "pre"
            self._break(tag)
        elif tag == "a" and self._links:
            href, line, column = self._links.pop()
            text = "\n".join(self._lines[line - 1 :])[column:].strip()
            if href and (not text or text not in href):
                self._lines[-1] = f"{self._lines[-1].rstrip()} <{href}>"

    def handle_data(self, data: str) -> None:
        if self._pre:
            first, *rest = data.replace("\r\n", "\n").split("\n")
            self._lines[-1] += first
            self._lines += rest
            return
        text = _SPACE.sub(" ", data)
        last = self._lines[-1]
        if not last or last.endswith((" ", "\t")):
            text = text.lstrip()
        self._lines[-1] += text

    def _break(self, tag: str) -> None:
        """Begin a line; a paragraph has an empty one before and after it."""
        if self._lines[-1].strip():
            self._lines.append("")
        if tag in _PARAGRAPHS and len(self._lines) > 1 and self._lines[-2].strip():
            self._lines.append("")
