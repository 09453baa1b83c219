"""The text of messages: what clients send is read, and what they expect is written."""

from base64 import b64encode, urlsafe_b64encode
from contextlib import suppress
from urllib.parse import quote, quote_plus, unquote_plus

import pytest
from hypothesis import given
from hypothesis.strategies import characters, sampled_from, text

from openucwa.wire.enums import MessageFormat
from openucwa.wire.errors import BadRequest, EntityTooLarge, UcwaError, UnsupportedMediaType
from openucwa.wire.message import LONGEST, MessageBody, read, read_uri, write_uri

PLAIN, HTML = MessageFormat.PLAIN, MessageFormat.HTML
WORDS = text(
    characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufeff\ufffe\uffff"), min_size=1
).filter(str.strip)


def test_plain_text_is_written_as_captured() -> None:
    body = MessageBody(PLAIN, "Hi Dana\r\n")
    assert write_uri(body) == "data:text/plain;charset=utf-8,Hi+Dana%0d%0a"


def test_html_is_written_as_captured() -> None:
    uri = write_uri(MessageBody(HTML, '<span style="color:red;">Hi</span>'))
    assert uri == (
        "data:text/html;charset=utf-8,%3cspan+style%3d%22color%3ared%3b%22%3eHi%3c%2fspan%3e"
    )


@given(WORDS, sampled_from(MessageFormat))
def test_what_is_written_is_read_again(words: str, format: MessageFormat) -> None:
    body = MessageBody(format, words)
    uri = write_uri(body)
    assert read_uri(uri) == body
    assert unquote_plus(uri.partition(",")[2]) == words
    assert uri.isascii()
    assert not set(uri) & set(" \"'<>~")


@pytest.mark.parametrize(
    ("uri", "expected"),
    [
        ("data:text/plain;base64,SGkgRGFuYQ==", (PLAIN, "Hi Dana")),
        ("data:text/plain;base64,SGkgRGFuYQ", (PLAIN, "Hi Dana")),
        ("data:text/plain;charset=utf-8;base64,SGkgRGFuYQ%3D%3D", (PLAIN, "Hi Dana")),
        ("data : text/plain;base64,\n  SGkgRGFuYQ==", (PLAIN, "Hi Dana")),
        ("data:text/plain;charset=utf8,Hi%20Dana", (PLAIN, "Hi Dana")),
        ("data:text/plain;charset=utf-8,Hi+Dana", (PLAIN, "Hi Dana")),
        ("data:text/plain,Hi+Dana%2c+1%2b1", (PLAIN, "Hi Dana, 1+1")),
        ("data:text/plain,1+1%20is%202", (PLAIN, "1+1 is 2")),
        ("data:text/plain,1+1 is 2", (PLAIN, "1+1 is 2")),
        ("data:,Hi", (PLAIN, "Hi")),
        ("data:;charset=iso-8859-1,%e9", (PLAIN, "é")),
        ("DATA:Text/Plain;Charset=UTF-8,gr%C3%BCn", (PLAIN, "grün")),
        ("data:text/html;charset=utf-8,%3cb%3eHi%3c/b%3e", (HTML, "<b>Hi</b>")),
        ("data:html/plain;base64,PGI+SGk8L2I+", (HTML, "<b>Hi</b>")),
        ("data:text/plain;charset=utf-8,a,b", (PLAIN, "a,b")),
        ("Hi+Dana, 100%", (PLAIN, "Hi+Dana, 100%")),
        ("data: this, that", (PLAIN, "data: this, that")),
        ("data:text/plain;charset=utf-8,%EF%BB%BFHi", (PLAIN, "Hi")),
    ],
)
def test_every_form_that_clients_send_is_read(
    uri: str, expected: tuple[MessageFormat, str]
) -> None:
    assert read_uri(uri) == MessageBody(*expected)


@given(WORDS)
def test_text_is_read_however_it_is_encoded(words: str) -> None:
    content = words.encode()
    encoded = {
        "data:text/plain;base64," + b64encode(content).decode(),
        "data:text/plain;base64," + quote(b64encode(content).decode()),
        "data:text/plain;base64," + urlsafe_b64encode(content).decode().rstrip("="),
        "data:text/plain;charset=utf-8," + quote(words, safe=""),
        "data:text/plain," + quote_plus(words),
    }
    assert {read_uri(uri).text for uri in encoded} == {words}


@given(text())
def test_whatever_is_sent_is_read_or_refused(sent: str) -> None:
    for uri in (sent, f"data:{sent}", f"data:text/html{sent}", f"data:text/plain;base64,{sent}"):
        with suppress(BadRequest, EntityTooLarge, UnsupportedMediaType):
            assert read_uri(uri).text.strip()


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        (None, b"Hi\r\n", (PLAIN, "Hi\r\n")),
        ("text/plain", "grün".encode(), (PLAIN, "grün")),
        ('Text/Plain; Charset="ISO-8859-1"', b"gr\xfcn", (PLAIN, "grün")),
        ("text/plain;charset=utf-16", "grün".encode("utf-16"), (PLAIN, "grün")),
        ("text/html; charset=windows-1252", b"<b>\x80</b>", (HTML, "<b>€</b>")),
        ("text/plain", "😀".encode() * LONGEST, (PLAIN, "😀" * LONGEST)),
    ],
)
def test_a_body_is_read_in_any_charset(
    content_type: str | None, body: bytes, expected: tuple[MessageFormat, str]
) -> None:
    assert read(content_type, body) == MessageBody(*expected)


@pytest.mark.parametrize(
    ("content_type", "body", "error"),
    [
        ("application/json", b'"Hi"', UnsupportedMediaType),
        ("text/rtf", b"Hi", UnsupportedMediaType),
        ("text/plain", b"", BadRequest),
        ("text/plain", b" \r\n", BadRequest),
        ("text/plain", b"\xff", BadRequest),
        ("text/plain", b"a\x00b", BadRequest),
        ("text/plain;charset=utf-16", b"\x00\xd8", BadRequest),
        ("text/plain;charset=rot13", b"Hi", BadRequest),
        ("text/plain;charset=idna", b"Hi", BadRequest),
        ("text/plain;charset=unicode_escape", rb"\ud800", BadRequest),
        ("text/plain;charset=klingon", b"Hi", BadRequest),
        ("text/plain", b"a" * (LONGEST + 1), EntityTooLarge),
        ("text/plain", b"\xff" * (5 * LONGEST), EntityTooLarge),
    ],
)
def test_a_body_that_is_no_message_is_refused(
    content_type: str, body: bytes, error: type[UcwaError]
) -> None:
    with pytest.raises(error):
        read(content_type, body)


@pytest.mark.parametrize(
    ("uri", "error"),
    [
        ("data:image/png;base64,AAAA", UnsupportedMediaType),
        ("data:text/plain;base64,A", BadRequest),
        ("data:text/plain;base64,%%%%", BadRequest),
        ("data:text/plain,", BadRequest),
        ("data:text/plain;charset=klingon,Hi", BadRequest),
        ("", BadRequest),
        ("data:text/plain," + "a" * (LONGEST + 1), EntityTooLarge),
        ("data:text/plain," + "%61" * 50 * LONGEST, EntityTooLarge),
    ],
)
def test_a_uri_that_is_no_message_is_refused(uri: str, error: type[UcwaError]) -> None:
    with pytest.raises(error):
        read_uri(uri)
