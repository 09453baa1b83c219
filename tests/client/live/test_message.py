"""The bodies of messages, in all forms in which servers have sent them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openucwa.client.live.message import body_of
from openucwa.client.resource import Resource


def message(**links: str) -> Resource:
    found: Any = {rel: {"href": href} for rel, href in links.items()}
    return Resource.parse({"_links": found}, rel="message")


@pytest.mark.parametrize(
    ("uri", "text"),
    [
        ("data:text/plain;charset=utf-8,Hi+Dana%0d%0a", "Hi Dana\r\n"),
        ("data:text/plain;charset=utf8,Hi", "Hi"),
        ("data:text/plain,1%2b1", "1+1"),
        ("data:text/plain;base64,R3LDvMOfZQ==", "Grüße"),
        ("DATA:text/plain;charset=iso-8859-1,Gr%fc%dfe", "Grüße"),
        ("data:text/plain;charset=nonsense,Hi", "Hi"),
        ("data:text/plain;charset=utf-8,%ff", "\N{REPLACEMENT CHARACTER}"),
        ("data:,", ""),
        ("https://elsewhere.example/", ""),
        ("data:text/plain;base64,A", ""),
    ],
)
def test_plain(uri: str, text: str) -> None:
    assert body_of(message(plainMessage=uri)) == (text, None)


def test_html_alone_has_a_text_too() -> None:
    uri = "data:text/html;charset=utf-8,%3cspan%3eFish+%26amp%3b+chips%3cbr%2f%3enow%3c%2fspan%3e"
    html = "<span>Fish &amp; chips<br/>now</span>"
    assert body_of(message(htmlMessage=uri)) == ("Fish & chips\nnow", html)


def test_invitation_carries_its_message() -> None:
    assert body_of(message(message="data:text/plain;base64,SGk=")) == ("Hi", None)
    assert body_of(message(message="data:text/html,%3cb%3eHi%3c/b%3e")) == ("Hi", "<b>Hi</b>")


@given(st.text())
def test_whatever_a_server_sends_is_read(uri: str) -> None:
    body_of(message(plainMessage=f"data:{uri}", htmlMessage=uri))
