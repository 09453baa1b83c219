"""Attacks by what the server has to compare: a meeting of thousands of people, often changed."""

from __future__ import annotations

import json
import re
from typing import Any

from prove.hostile.target import Answers, Target
from prove.hostile.wire import at_once, batch, exchange, part, request

_PEOPLE = 2000
_VERSIONS = 101
_SUBJECT = "History"
_ANY = [("If-Match", "*")]
_REPRESENTATION = ("Prefer", "return=representation")


async def versions(target: Target, outcome: Answers) -> None:
    """List the versions of such a meeting a hundred times in one batch."""
    meeting = await _meeting(target, outcome)
    href = str(meeting["_links"]["onlineMeetingVersions"]["href"])
    for _ in range(target.rounds):
        await exchange(target, batch(target, [part("GET", href)] * 100), outcome)


async def merges(target: Target, outcome: Answers) -> None:
    """Merge with its oldest version a hundred times in one batch, and ten times at once."""
    meeting = await _meeting(target, outcome)
    href = str(meeting["_links"]["onlineMeetingMerge"]["href"])
    # A body with all people would fill the batch by itself: the merge is against those.
    wanted = {name: value for name, value in meeting.items() if not name.startswith("_")}
    wanted |= {"subject": "Mine", "etag": await _oldest(target, meeting, outcome)}
    body = json.dumps({**wanted, "attendees": [], "leaders": []}).encode()
    whole = json.dumps({**wanted, "attendees": _people(), "leaders": _people("leader")}).encode()
    for _ in range(target.rounds):
        await exchange(target, batch(target, [part("POST", href, body)] * 100), outcome)
        await at_once(target, [request(target, "POST", href, whole)] * 10, outcome)


async def tags(target: Target, outcome: Answers) -> None:
    """Name tens of thousands of tags in one If-Match, and ask what has changed."""
    meeting = await _meeting(target, outcome)
    href = str(meeting["_links"]["self"]["href"])
    body = json.dumps(meeting).encode()

    def named(size: int) -> list[tuple[str, str]]:
        count = size // 14
        names = (f'"{n}"' for n in range(1_000_000_000, 1_000_000_000 + count))
        return [("If-Match", ", ".join(names)), _REPRESENTATION]

    asked = [request(target, "PUT", href, body, named(60_000))] * 3
    asked += [request(target, "DELETE", href, headers=named(60_000))]
    asked += [batch(target, [part("PUT", href, b"{}", named(900_000))])]
    asked += [batch(target, [part("PUT", href, b"{}", named(10_000))] * 90)]
    for _ in range(target.rounds):
        await at_once(target, asked, outcome)


async def updates(target: Target, outcome: Answers) -> None:
    """Update meetings of two thousand people, each of whose letters is escaped, at once."""
    meeting = await _meeting(target, outcome)
    href = str(meeting["_links"]["self"]["href"])
    escaped = ",".join(
        '"' + _escaped(f"sip:{n:04}{'a' * 50}@contoso.com") + '"' for n in range(2000)
    )
    names = (name for name in meeting if re.fullmatch(r"[0-9a-f]{8}-[0-9a-f-]{27}", name))
    body = f'{{"{next(names)}":"x","attendees":[{escaped}]}}'.encode()
    asked = request(target, "PUT", href, body, _ANY)
    for _ in range(target.rounds):
        await at_once(target, [asked] * 90, outcome)


async def _meeting(target: Target, outcome: Answers) -> dict[str, Any]:
    """The meeting with its history; it is made by whichever attack comes first."""
    listed = _body(await exchange(target, request(target, "GET", target.meetings), Answers()))
    found = listed.get("_embedded", {}).get("myOnlineMeeting", [])
    for one in [found] if isinstance(found, dict) else found:
        if one["subject"].startswith(_SUBJECT):
            return one
    made = {"subject": _SUBJECT, "attendees": _people(), "leaders": _people("leader")}
    scheduled = request(target, "POST", target.meetings, json.dumps(made).encode())
    meeting = _body(await exchange(target, scheduled, outcome))
    if "_links" not in meeting:
        raise SystemExit(f"it can't schedule such a meeting: {meeting}")
    for n in range(1, _VERSIONS):
        meeting["subject"] = f"{_SUBJECT} {n}"
        meeting["attendees"] = _people()[n:]
        asked = request(
            target, "PUT", meeting["_links"]["self"]["href"], json.dumps(meeting).encode(), _ANY
        )
        await exchange(target, asked, outcome)
    return meeting


async def _oldest(target: Target, meeting: dict[str, Any], outcome: Answers) -> str:
    href = meeting["_links"]["onlineMeetingVersions"]["href"]
    listed = _body(await exchange(target, request(target, "GET", href), outcome))
    found = listed.get("_embedded", {}).get("onlineMeetingVersion", [])
    return str(found[-1]["etag"]) if found else str(meeting["etag"])


def _people(role: str = "attendee") -> list[str]:
    count = _PEOPLE - 1  # the organizer leads, too
    return [f"sip:{role}.{n:04}@contoso.com" for n in range(count)]


def _escaped(text: str) -> str:
    return "".join(f"\\u{ord(letter):04x}" for letter in text)


def _body(came: bytes) -> dict[str, Any]:
    found = json.loads(came.partition(b"\r\n\r\n")[2] or b"{}")
    return dict(found)
