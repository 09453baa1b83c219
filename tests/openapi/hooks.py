"""How schemathesis writes what it has no form for."""

from typing import Any

import schemathesis

from openucwa.wire import batch

_REQUEST = "GET /ucwa/oauth/v1/applications HTTP/1.1"


@schemathesis.serializer(batch.MEDIA_TYPE)
def batch_of(context: schemathesis.SerializationContext, value: object) -> Any:
    """A batch of a request that is right, and of another that hardly is."""
    parts = (_REQUEST, str(value))
    body = "".join(f"--b\r\nContent-Type: application/http\r\n\r\n{part}\r\n" for part in parts)
    return {
        "data": f"{body}--b--".encode("utf-8", "replace"),
        "headers": {"Content-Type": f"{batch.MEDIA_TYPE};boundary=b"},
    }
