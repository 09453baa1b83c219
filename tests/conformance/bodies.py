"""Reading a payload: JSON as it is, XML as the JSON that it stands for.

XML does not tell numbers from text, nor one link from a list of one, so the members of an XML
resource are strings, and its links and embedded resources always lists. Nothing else differs, and
the checks run on one shape.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree

Form = Literal["json", "xml"]
Members = dict[str, object]

BYTE_ORDER_MARK = b"\xef\xbb\xbf"
FORM_OF_TYPE: dict[str, Form] = {
    "application/json": "json",
    "application/vnd.microsoft.com.ucwa+json": "json",
    "application/vnd.microsoft.ucwa+json": "json",
    "application/xml": "xml",
    "application/vnd.microsoft.com.ucwa+xml": "xml",
    "application/vnd.microsoft.ucwa+xml": "xml",
}
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
EVENT_TYPES = ("added", "updated", "deleted", "started", "completed")


class UnreadableBody(ValueError):
    """The body is not what its Content-Type says."""


@dataclass(frozen=True)
class Body:
    form: Form
    members: Members
    raw: bytes
    repeated: tuple[str, ...] = ()
    """Names that stand twice in one JSON object: readers disagree on which one counts."""


def media_type(content_type: str | None) -> str:
    return (content_type or "").split(";")[0].strip().lower()


def read_body(content_type: str | None, raw: bytes) -> Body | None:
    """The payload, or None where the type is neither JSON nor XML or the body is empty."""
    raw = raw.removeprefix(BYTE_ORDER_MARK)
    form = FORM_OF_TYPE.get(media_type(content_type))
    if form is None or not raw.strip():
        return None
    return read_json(raw) if form == "json" else read_xml(raw)


def read_json(raw: bytes) -> Body:
    repeated: list[str] = []

    def members(pairs: list[tuple[str, object]]) -> Members:
        repeated.extend(name for name, count in Counter(n for n, _ in pairs).items() if count > 1)
        return dict(pairs)

    try:
        value = json.loads(raw, object_pairs_hook=members)
    except ValueError as error:
        raise UnreadableBody(f"the body is not JSON ({error})") from error
    if not isinstance(value, dict):
        raise UnreadableBody("the body is JSON, but not an object")
    return Body("json", value, raw, tuple(repeated))


def read_xml(raw: bytes) -> Body:
    try:
        root = ElementTree.fromstring(raw)  # noqa: S314 - written by the server under test
    except ElementTree.ParseError as error:
        raise UnreadableBody(f"the body is not XML ({error})") from error
    read = {"resource": resource_of, "input": resource_of, "events": channel_of}
    return Body("xml", read.get(tag(root), plain_of)(root), raw)


def tag(element: ElementTree.Element) -> str:
    return element.tag.rpartition("}")[2]


def resource_of(element: ElementTree.Element) -> Members:
    members: Members = dict(properties_of(element))
    if "rel" in element.attrib:
        members.setdefault("rel", element.attrib["rel"])
    members["_links"] = links_of(element)
    members["_embedded"] = collected(
        (child.attrib.get("rel", ""), resource_of(child)) for child in tagged(element, "resource")
    )
    return members


def properties_of(element: ElementTree.Element) -> Iterator[tuple[str, object]]:
    for child in tagged(element, "property"):
        yield child.attrib.get("name", ""), None if is_nil(child) else child.text or ""
    for child in tagged(element, "propertyList"):
        yield child.attrib.get("name", ""), [item.text or "" for item in tagged(child, "item")]


def is_nil(element: ElementTree.Element) -> bool:
    return element.attrib.get(NIL) == "true"


def links_of(element: ElementTree.Element) -> dict[str, list[object]]:
    links = collected(
        (child.attrib.get("rel", ""), attributes(child, besides="rel"))
        for child in tagged(element, "link")
    )
    if "href" in element.attrib:
        own = ("href", "revision")
        links.setdefault("self", [{n: v for n, v in element.attrib.items() if n in own}])
    return links


def channel_of(element: ElementTree.Element) -> Members:
    senders = [
        {**sender.attrib, "events": [event_of(child) for child in sender]}
        for sender in tagged(element, "sender")
    ]
    return {"_links": links_of(element), "sender": senders}


def event_of(element: ElementTree.Element) -> Members:
    own = ("type", "status")
    event: Members = {"link": attributes(element, besides="status"), "type": tag(element)}
    event |= {name: value for name, value in element.attrib.items() if name in own}
    for child in element:
        if tag(child) == "resource":
            event["_embedded"] = {child.attrib.get("rel", ""): resource_of(child)}
        elif tag(child) == "in":
            event["in"] = dict(child.attrib)
        elif tag(child) not in ("property", "propertyList"):
            event[tag(child)] = plain_of(child)
    return event | dict(properties_of(element))


def plain_of(element: ElementTree.Element) -> Members:
    """An error and the like: each child element is a member.

    A property bag has the properties of a resource, and so has what an error is about.
    """
    members: Members = {
        tag(child): plain_value(child)
        for child in element
        if tag(child) not in ("property", "propertyList", "resource")
    }
    members |= properties_of(element)
    if resources := tagged(element, "resource"):
        members["_embedded"] = {one.attrib.get("rel", ""): resource_of(one) for one in resources}
    return members


def plain_value(element: ElementTree.Element) -> object:
    if len(element) and all(tag(child) == "item" for child in element):
        return [child.text or "" for child in element]
    return plain_of(element) if len(element) else element.text or ""


def tagged(element: ElementTree.Element, name: str) -> list[ElementTree.Element]:
    return [child for child in element if tag(child) == name]


def attributes(element: ElementTree.Element, besides: str) -> dict[str, str]:
    return {name: value for name, value in element.attrib.items() if name != besides}


def collected(pairs: Iterable[tuple[str, object]]) -> dict[str, list[object]]:
    lists: dict[str, list[object]] = {}
    for name, value in pairs:
        lists.setdefault(name, []).append(value)
    return lists
