"""Forms: what clients send to get a token, or to give one up."""

from collections.abc import AsyncGenerator
from urllib.parse import parse_qsl

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException, MultiPartParser

from openucwa.http.grants.grant import malformed
from openucwa.http.request import Call

LARGEST = 16 * 1024
"""Bytes. A form has a name, a password or a token in it: none of them has a tenth of that."""
_LONGEST_TYPE = 1024
"""Characters of a Content-Type that are looked at."""


async def form_of(call: Call) -> dict[str, str]:
    """Return the parameters of the request, whose charset is UTF-8 whatever it names.

    What is too large is 400 as well: clients repeat a request after any other status.
    """
    if len(call.body) > LARGEST:
        raise malformed(f"the body has more than {LARGEST // 1024} KiB", "too large")
    content_type = (call.header("content-type") or "")[:_LONGEST_TYPE]
    if content_type.lower().startswith("multipart/form-data"):
        return await _multipart(content_type, call.body)
    try:
        pairs = parse_qsl(
            call.body.decode(), keep_blank_values=True, errors="strict", max_num_fields=100
        )
    except ValueError as error:
        raise malformed("the body is not a form in UTF-8") from error
    return dict(pairs)


async def _multipart(content_type: str, body: bytes) -> dict[str, str]:
    async def stream() -> AsyncGenerator[bytes]:
        yield body

    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"").decode("latin-1")
    only = Headers({"content-type": f'multipart/form-data; boundary="{boundary}"'})
    parser = MultiPartParser(only, stream(), max_files=0)
    try:
        form = await parser.parse()
    except (MultiPartException, FormParserError, KeyError, UnicodeError) as error:
        raise malformed("the body is not multipart/form-data") from error
    return {name: value for name, value in form.items() if isinstance(value, str)}
