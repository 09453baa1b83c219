"""The XML form of representations, errors and input (PayloadFormat.md)."""

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from xml.parsers import expat

import msgspec

from openucwa.wire.channel import Event, Package, Reason
from openucwa.wire.dates import iso
from openucwa.wire.errors import DeserializationFailure, UcwaError
from openucwa.wire.json import DEEPEST
from openucwa.wire.metadata import Method
from openucwa.wire.representation import Link, Representation
from openucwa.wire.text import UNWRITABLE

MEDIA_TYPES = (
    "application/xml",
    "application/vnd.microsoft.com.ucwa+xml",
    "application/vnd.microsoft.ucwa+xml",
)
NAMESPACE = "http://schemas.microsoft.com/rtc/2012/03/ucwa"
CHARSETS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "utf-16": "utf-16-be",  # which has its mark, or is big-endian (RFC 2781, section 4.3)
    "utf-16le": "utf-16-le",
    "utf-16be": "utf-16-be",
}
"""The charsets that are read, each with its codec. No other name gets as far as a codec."""
_MARK = "\N{BYTE ORDER MARK}"
_MARKS = {_MARK.encode(codec): codec for codec in ("utf-8", "utf-16le", "utf-16be")}

MOST_TAGS = 20_000
"""Tags that input may have. A meeting with all that it may have has half of that."""
LONGEST = 512 * 1024
"""Bytes of a tag with its attributes and the text that follows it."""

_DECLARATION = '<?xml version="1.0" encoding="utf-8"?>'
_XMLNS = f' xmlns="{NAMESPACE}"'
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"} | {
    # A reader would take a line's end for another, and a document stands on one line.
    space: f"&#{ord(space)};"
    for space in "\t\n\r"
}
_UNWRITABLE = re.compile(f"[{UNWRITABLE}]")


def write(representation: Representation) -> bytes:
    """The representation as XML on one line, in UTF-8."""
    return _document(_resource(representation, representation.rel, _XMLNS))


def write_error(
    error: UcwaError,
    more: Mapping[str, object] | None = None,
    embedded: Representation | None = None,
) -> bytes:
    """The body of an error answer (ErrorsAndInformationalMessages.md).

    It may have the members `more`, and the representation of what it is about. These members and
    the parameters have the form of properties: any name is good there, and a list may be empty.
    """
    told = _element("code", error.code)
    if error.subcode:
        told += _element("subcode", error.subcode)
    told += _element("message", error.message)
    if error.parameters:
        told += f"<parameters>{_properties(error.parameters)}</parameters>"
    told += _properties(more or {})
    if embedded is not None:
        told += _resource(embedded, embedded.rel)
    return _document(f"<reason{_XMLNS}>{told}</reason>")


def write_package(package: Package) -> bytes:
    """A package of the event channel (EventChannelDetails.md)."""
    links = "".join(_link(rel, link) for rel, link in package.links.items())
    senders = "".join(
        f"<sender{_place(one.rel, one.href)}>{''.join(map(_event, one.events))}</sender>"
        for one in package.senders
    )
    return _document(f'<events href="{_escaped(package.href)}"{_XMLNS}>{links}{senders}</events>')


def write_metadata(methods: Sequence[Method]) -> bytes:
    """The body of an answer to OPTIONS (applications_ref.md)."""
    told = "".join(map(_method, methods))
    return _document(f"<optionsMetadata{_XMLNS}><metadata>{told}</metadata></optionsMetadata>")


def _method(method: Method) -> str:
    parameters = "".join(
        f"<parameter>{_element('name', one.name)}<supportedValues>"
        f"{''.join(_element('value', value) for value in one.supported_values)}"
        "</supportedValues></parameter>"
        for one in method.parameters
    )
    return (
        f"<httpMethodMetadata>{_element('httpMethod', method.http_method)}"
        f"<parameters>{parameters}</parameters></httpMethodMetadata>"
    )


def _event(event: Event) -> str:
    target, within, embedded = event.target, event.within, event.embedded
    inner = f"<in{_place(within.rel, within.href)}/>" if within is not None else ""
    inner += _properties(event.more)
    inner += _resource(embedded, embedded.rel) if embedded is not None else ""
    inner += _reason(event.reason) if event.reason is not None else ""
    status = f' status="{event.status}"' if event.status is not None else ""
    place = f"{_place(target.rel, target.href)}{_title(target.title)}"
    return f"<{event.type}{place}{status}>{inner}</{event.type}>"


def _reason(reason: Reason) -> str:
    told = msgspec.structs.asdict(reason)
    return f"<reason>{''.join(_element(name, one) for name, one in told.items() if one)}</reason>"


def _document(element: str) -> bytes:
    return (_DECLARATION + element).encode()


def _resource(shown: Representation, rel: str, attributes: str = "") -> str:
    """The resource as an element that stands for `rel`, with further attributes if need be."""
    links = "".join(
        _link(rel, one)
        for rel, found in shown.links.items()
        for one in ([found] if isinstance(found, Link) else found)
    )
    own_rel = _property("rel", shown.rel) if shown.rel != rel else ""
    etag = _property("etag", shown.etag) if shown.etag is not None else ""
    embedded = "".join(
        _resource(one, rel)
        for rel, found in shown.embedded.items()
        for one in ([found] if isinstance(found, Representation) else found)
    )
    return (
        f"<resource{_place(rel, shown.href)}{_revision(shown.revision)}{attributes}>"
        f"{links}{own_rel}{_properties(shown.properties)}{etag}{embedded}</resource>"
    )


def _link(rel: str, link: Link) -> str:
    return f"<link{_place(rel, link.href)}{_revision(link.revision)}{_title(link.title)}/>"


def _title(title: str | None) -> str:
    return f' title="{_escaped(title)}"' if title is not None else ""


def _revision(revision: int | None) -> str:
    return f' revision="{revision}"' if revision is not None else ""


def _place(rel: str, href: str) -> str:
    """The attributes of what is, or leads to, a resource."""
    return f' rel="{_escaped(rel)}" href="{_escaped(href)}"'


def _properties(properties: Mapping[str, object]) -> str:
    return "".join(_property(name, value) for name, value in properties.items())


def _property(name: str, value: object) -> str:
    if isinstance(value, Sequence) and not isinstance(value, str):
        items = "".join(_element("item", one) for one in value)
        return f'<propertyList name="{_escaped(name)}">{items}</propertyList>'
    return f'<property name="{_escaped(name)}">{_text_of(value)}</property>'


def _element(name: str, value: object) -> str:
    return f"<{name}>{_text_of(value)}</{name}>"


def _text_of(value: object) -> str:
    if isinstance(value, str):
        return _escaped(value)
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _escaped(text: str) -> str:
    """The text as it may stand between tags and in quotes; what XML can't write is replaced."""
    for character, escape in _ESCAPES.items():  # ten times as fast as a regular expression
        if character in text:
            text = text.replace(character, escape)
    return _UNWRITABLE.sub("\N{REPLACEMENT CHARACTER}", text)


def read(body: bytes, charset: str | None = None) -> dict[str, object]:
    """Read the `input` or `resource` that a request carries: texts, lists of texts, and nulls.

    A byte order mark tells the encoding; without one `charset` does, one of CHARSETS, and only then
    what the document says of itself (RFC 7303, section 3.3). Links and embedded resources are left
    out, but for links that have a text in their address. Raises DeserializationFailure for what is
    in no such encoding, has a document type, repeats a property, nests deeper than DEEPEST, has
    more than MOST_TAGS or one longer than LONGEST, or another form than PayloadFormat.md gives.
    """
    pieces = body.split(b"<", MOST_TAGS + 1)
    if len(pieces) > MOST_TAGS + 1:
        raise DeserializationFailure(f"The body has more than {MOST_TAGS} tags.")
    if max(map(len, pieces)) > LONGEST:
        raise DeserializationFailure(f"The body has a tag or a text of more than {LONGEST} bytes.")
    codec = next((codec for mark, codec in _MARKS.items() if body.startswith(mark)), charset)
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    if codec is None:
        parser.XmlDeclHandler = _check_encoding
    # Without a document type there are no entities, so nothing to expand and nothing to fetch.
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler = reader.start
    parser.CharacterDataHandler = reader.text
    parser.EndElementHandler = reader.end
    try:
        # Of text that is decoded already, the parser does not mind the encoding that it declares.
        parser.Parse(body if codec is None else _decoded(body, codec), True)
    except expat.ExpatError as error:
        raise DeserializationFailure(
            f"The body is not XML: {expat.ErrorString(error.code)} at line {error.lineno}, "
            f"column {error.offset + 1}."
        ) from error
    return reader.members


def _decoded(body: bytes, codec: str) -> str:
    try:
        return body.decode(CHARSETS[codec]).removeprefix(_MARK)
    except UnicodeDecodeError as error:
        raise DeserializationFailure(
            f"The body is not in {codec.upper()}, which its byte order mark or the charset of "
            "Content-Type names. Send it as UTF-8."
        ) from error


class _Reader:
    """A parser target that collects the members of a document, without a tree."""

    def __init__(self) -> None:
        self.members: dict[str, object] = {}
        self._open: list[str] = []
        self._name = ""
        self._items: list[str | None] = []
        self._text: str | None = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        self._open.append(_local(tag))
        match self._open:
            case ["input" | "resource"]:
                pass
            case [_, "link"]:
                self._add_link(attributes)
            case [_, "property" | "propertyList"]:
                self._name = _name(attributes)
                self._items = []
                self._text = _text(attributes)
            case [_, "propertyList", "item"]:
                self._text = _text(attributes)
            case [_, "resource", *_]:
                if len(self._open) > DEEPEST:
                    raise DeserializationFailure(
                        f"The body is nested deeper than {DEEPEST} levels."
                    )
            case [root]:
                raise DeserializationFailure(
                    f"The body's root is <{root[:100]}>. Send <input> or <resource>."
                )
            case [*_, parent, child]:
                raise DeserializationFailure(
                    f"The body has a <{child[:100]}> in its <{parent}>. An <input> "
                    'contains <property name="…"> and <propertyList name="…">, and a list '
                    "contains <item>."
                )

    def text(self, data: str) -> None:
        """Text comes, all that stands between two tags or a part of it."""
        if self._open[-1] in ("property", "item"):
            if self._text is not None:
                self._text += data
        elif "resource" not in self._open[1:] and data.strip():
            raise DeserializationFailure(
                f"The body has text in its <{self._open[-1]}>, outside of any property."
            )

    def end(self, tag: str) -> None:
        """An element ends."""
        match self._open:
            case [_, "property"]:
                self._add(self._text)
            case [_, "propertyList"]:
                self._add(None if self._text is None else self._items)
            case [_, "propertyList", "item"]:
                self._items.append(self._text)
                self._text = ""
        self._open.pop()

    def _add_link(self, attributes: dict[str, str]) -> None:
        """Keep a link that has a text in its address, as a message does; others lead nowhere."""
        href = attributes.get("href", "")
        if href.lstrip()[:4].lower() == "data":
            links = self.members.setdefault("_links", {})
            if isinstance(links, dict):  # or a property has that name
                links[attributes.get("rel", "")] = {"href": href}

    def _add(self, value: object) -> None:
        if self._name in self.members:
            raise DeserializationFailure(
                f"The body has the property {self._name[:100]!r} twice. Send it once."
            )
        self.members[self._name] = value


def _local(tag: str) -> str:
    """The name of an element of UCWA, which may be in its namespace or in none."""
    namespace, _, name = tag.rpartition(" ")
    if namespace not in ("", NAMESPACE):
        raise DeserializationFailure(
            f"The body has a <{name[:100]}> of another namespace. Use {NAMESPACE}."
        )
    return name


def _name(attributes: Mapping[str, str]) -> str:
    if "name" not in attributes:
        raise DeserializationFailure("The body has a property without a name.")
    return attributes["name"]


def _text(attributes: Mapping[str, str]) -> str | None:
    """The text to begin with: None for what says that it is null."""
    nil = attributes.get("http://www.w3.org/2001/XMLSchema-instance nil", "")
    return None if nil.strip() in ("true", "1") else ""


def _check_encoding(version: str, encoding: str | None, standalone: int) -> None:
    if encoding is not None and encoding.lower() not in ("utf-8", "utf-16"):
        raise DeserializationFailure("The body is neither UTF-8 nor UTF-16. Send it as UTF-8.")


def _refuse_doctype(name: str, system: str | None, public: str | None, internal: int) -> None:
    raise DeserializationFailure(
        "The body has a document type, which is not supported. Leave it out."
    )
