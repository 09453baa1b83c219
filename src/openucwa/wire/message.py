"""The text of an instant message: as a body of its own, and as a data URI in a link.

Clients write data URIs in every way that is listed in `read_uri`; what is served is written in the
one way that all of them read. Sources: SendAnIM.md, ReceiveAnIM.md, sendMessage_ref.md, RFC 2397.
"""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable
from encodings.aliases import aliases
from functools import lru_cache
from urllib.parse import quote, unquote_to_bytes

import msgspec

from openucwa.wire.enums import MessageFormat
from openucwa.wire.errors import BadRequest, EntityTooLarge, UnsupportedMediaType
from openucwa.wire.text import is_writable

LONGEST = 8000
"""The number of characters that a message may have."""
MEDIA_TYPES = {"text/plain": MessageFormat.PLAIN, "text/html": MessageFormat.HTML}

_LARGEST = 4 * LONGEST + 4
"""Bytes beyond which a body has too many characters in whatever charset."""
_LARGEST_URI = 3 * _LARGEST + 200
_TYPES = {**MEDIA_TYPES, "": MessageFormat.PLAIN, "html/plain": MessageFormat.HTML}
"""Those of data URIs: one client writes html/plain when it sends HTML."""
_CHARSET = re.compile(r""";[ \t]*charset[ \t]*=[ \t]*["']?([^"';, \t]+)""", re.IGNORECASE)
_URI = re.compile(r"\s*data\s*:(\s*(?:[^,;/]*/[^,]*|;[^,]*)?),(.*)", re.IGNORECASE | re.DOTALL)
"""Without a slash before the comma it may be anybody's text."""
_UNRESERVED = "-_.!*()"
_PERCENT_ENCODED = re.compile(r"%20|\s")
_UPPER_CASE = re.compile(r"%[0-9A-F]{2}")

# Python has codecs that are no charsets, and some that take long. One that is looked up by a name
# that it does not know remembers that name for good.
_CODECS = re.compile(r"utf|ascii|iso|latin|cp\d|koi8|kz|ptcp|mac|gb|hz|big5|shift|euc|johab|tis")
_CHARSETS = {
    name.replace("_", "-"): codec
    for name, codec in {**aliases, **{codec: codec for codec in aliases.values()}}.items()
    if _CODECS.match(codec)
}


class MessageBody(msgspec.Struct, frozen=True):
    """The text of a message, and its format. What comes from a client is not sanitised."""

    format: MessageFormat
    text: str


def read(content_type: str | None, body: bytes) -> MessageBody:
    """The message in the body of a request.

    Without a type it is plain text, without a charset UTF-8. Raises UnsupportedMediaType,
    EntityTooLarge, and BadRequest for what has no text.
    """
    media_type, _, _ = (content_type or "text/plain").partition(";")
    format = MEDIA_TYPES.get(media_type.strip().lower())
    if format is None:
        raise UnsupportedMediaType(
            f"The media type {media_type.strip()[:100]!r} is not one of a message. Send text/plain "
            "or text/html."
        )
    return MessageBody(format, _text(body, content_type or ""))


def read_uri(uri: str) -> MessageBody:
    """The message in a data URI: in base64, percent-encoded or form-encoded, with a charset or not.

    What is no data URI is the message itself, as plain text. Raises as `read`.
    """
    if len(uri) > _LARGEST_URI:
        raise _too_long()
    found = _URI.fullmatch(uri)
    if found is None:
        return MessageBody(MessageFormat.PLAIN, _text(uri.encode("utf-8", "surrogatepass"), ""))
    parameters, data = found[1], found[2]
    media_type, *rest = (part.strip().lower() for part in parameters.split(";"))
    format = _TYPES.get(media_type)
    if format is None:
        raise UnsupportedMediaType(
            f"The media type {media_type[:100]!r} of the data URI is not one of a message. Write "
            "data:text/plain;charset=utf-8, or data:text/html;charset=utf-8, before the text."
        )
    content = _from_base64(data) if "base64" in rest else _from_text(data)
    return MessageBody(format, _text(content, parameters))


@lru_cache(maxsize=64)  # a message goes to many
def write_uri(body: MessageBody) -> str:
    """The message as a data URI: form-encoded UTF-8, with hexadecimals in lower case."""
    media_type = next(name for name, format in MEDIA_TYPES.items() if format is body.format)
    data = quote(body.text, safe=_UNRESERVED + " ").replace("~", "%7e").replace(" ", "+")
    lower = _UPPER_CASE.sub(lambda found: found[0].lower(), data)
    return f"data:{media_type};charset=utf-8,{lower}"


def _text(content: bytes, parameters: str) -> str:
    """Decode the text of a message, and check it."""
    if len(content) > _LARGEST:
        raise _too_long()
    text = _decoder(parameters)(content).removeprefix("\ufeff")
    if len(text) > LONGEST:
        raise _too_long()
    if not text.strip():
        raise BadRequest("The message is empty. Send some text.")
    if not is_writable(text):
        raise BadRequest(
            "The message has a control character, or half a surrogate pair. Send it without."
        )
    return text


def _decoder(parameters: str) -> Callable[[bytes], str]:
    found = _CHARSET.search(parameters)
    charset = found[1].lower().replace("_", "-") if found else "utf-8"
    codec = _CHARSETS.get(charset)

    def decode(content: bytes) -> str:
        if codec is None:
            raise BadRequest(
                f"The charset {charset[:100]!r} of the message is not known. Send it as UTF-8."
            )
        try:
            return content.decode(codec)
        except (UnicodeError, LookupError):
            raise BadRequest(
                f"The message is not text in the charset {charset[:100]!r}. Send it as UTF-8."
            ) from None

    return decode


def _from_base64(data: str) -> bytes:
    """The bytes in base64, with or without its padding, of either alphabet."""
    plain = b"".join(unquote_to_bytes(data).split()).rstrip(b"=")
    try:
        return b64decode(plain + b"=" * (-len(plain) % 4), _alphabet(plain), validate=True)
    except (NotBase64, ValueError):
        raise BadRequest("The data URI is not base64. Send its text percent-encoded.") from None


def _alphabet(data: bytes) -> bytes | None:
    return b"-_" if b"-" in data or b"_" in data else None


def _from_text(data: str) -> bytes:
    """The bytes of encoded text. A plus is a space, unless a space is written in another way."""
    text = data if _PERCENT_ENCODED.search(data) else data.replace("+", " ")
    return unquote_to_bytes(text.encode("utf-8", "surrogatepass"))


def _too_long() -> EntityTooLarge:
    return EntityTooLarge(f"The message has more than {LONGEST} characters. Send it in parts.")
