"""One exchange in both formats: XML has to tell what JSON tells, as far as it can.

XML does not tell numbers and booleans from text, nor one link from a list of one, and it has
another form of dates. All the rest is the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.conformance.bodies import Members, media_type, read_json, read_xml
from tests.conformance.exchange import Exchange
from tests.conformance.finding import Finding

SAME_HEADERS = (
    "Allow",
    "Cache-Control",
    "Connection",
    "ETag",
    "Location",
    "Preference-Applied",
    "Retry-After",
    "Vary",
    "X-Ms-diagnostics",
)
DATE = re.compile(r"/Date\((-?\d+)\)/")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def difference_findings(in_json: Exchange, in_xml: Exchange) -> Iterator[Finding]:
    """Where the answers to one request differ that was sent in JSON's and in XML's name."""
    if in_xml.status != in_json.status:
        yield Finding(f"for XML the status is {in_xml.status}, for JSON {in_json.status}")
        return
    if media_type(in_xml.response_header("Content-Type")) != "application/xml":
        yield Finding(f"XML was asked for, not {in_xml.response_header('Content-Type')}")
        return
    for name in SAME_HEADERS:
        one, other = in_json.response_header(name), in_xml.response_header(name)
        if one != other:
            yield Finding(f"for XML the header {name} is {other!r}, for JSON {one!r}")
    expected = as_xml_tells(read_json(in_json.content).members)
    found = read_xml(in_xml.content).members
    if "rel" not in expected:
        found.pop("rel", None)  # the resources of autodiscovery have theirs in XML alone
    for name in expected.keys() | found.keys():
        if expected.get(name) != found.get(name):
            yield Finding(
                f"{name} is {found.get(name)!r} in XML, but {expected.get(name)!r} in JSON"
            )


def as_xml_tells(members: Mapping[str, object]) -> Members:
    """The members of a resource or an error in JSON, as they are read from XML."""
    if "_links" not in members:
        return {name: _bag(name, value) for name, value in members.items()}
    links, embedded = members["_links"], members.get("_embedded", {})
    assert isinstance(links, dict)
    assert isinstance(embedded, dict)
    plain = {name: value for name, value in members.items() if name not in ("_links", "_embedded")}
    return {
        **{name: as_text(value) for name, value in plain.items()},
        "_links": {
            rel: [{name: as_text(part) for name, part in one.items()} for one in as_list(found)]
            for rel, found in links.items()
            if found
        },
        "_embedded": {
            rel: [as_xml_tells(one) for one in as_list(found)]
            for rel, found in embedded.items()
            if found
        },
    }


def _bag(name: str, value: object) -> object:
    if not isinstance(value, dict):
        return as_text(value)
    if name == "_embedded":
        return {rel: as_xml_tells(one) for rel, one in value.items()}
    return {name: as_text(one) for name, one in value.items()}


def as_list(value: Any) -> list[Members]:
    return value if isinstance(value, list) else [value]


def as_text(value: object) -> object:
    if isinstance(value, list):
        return [as_text(one) for one in value]
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str) and (found := DATE.fullmatch(value)):
        moment = EPOCH + timedelta(milliseconds=int(found[1]))
        precision = "milliseconds" if moment.microsecond else "seconds"
        return moment.isoformat(timespec=precision).replace("+00:00", "Z")
    return str(value)
