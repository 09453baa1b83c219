"""The input of a request in each form, written by other means than the server's."""

from collections.abc import Mapping
from urllib.parse import urlencode
from xml.etree import ElementTree

NAMESPACE = "http://schemas.microsoft.com/rtc/2012/03/ucwa"
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def in_xml(members: Mapping[str, object], root: str = "input") -> bytes:
    """The members as an XML document; those of JSON alone, links and the like, as XML has them."""
    element = ElementTree.Element(f"{{{NAMESPACE}}}{root}")
    for name, value in members.items():
        if name == "_links":
            _add_links(element, value)
        elif isinstance(value, list):
            child = ElementTree.SubElement(element, f"{{{NAMESPACE}}}propertyList", name=name)
            for one in value:
                ElementTree.SubElement(child, f"{{{NAMESPACE}}}item").text = text(one)
        else:
            child = ElementTree.SubElement(element, f"{{{NAMESPACE}}}property", name=name)
            if value is None:
                child.attrib[NIL] = "true"
            else:
                child.text = text(value)
    written: bytes = ElementTree.tostring(element, encoding="utf-8", xml_declaration=True)
    return written.replace(b"\r", b"&#13;")


def _add_links(element: ElementTree.Element, links: object) -> None:
    assert isinstance(links, dict)
    for rel, link in links.items():
        ElementTree.SubElement(element, f"{{{NAMESPACE}}}link", rel=rel, href=link["href"])


def in_query(members: Mapping[str, object]) -> str:
    """The members as a query: a list repeats its name, and what is null is left out."""
    pairs = [
        (name, text(one))
        for name, value in members.items()
        if value is not None
        for one in (value if isinstance(value, list) else [value])
    ]
    return urlencode(pairs)


def text(value: object) -> str:
    """A value of JSON as text."""
    return str(value).lower() if isinstance(value, bool) else str(value)
