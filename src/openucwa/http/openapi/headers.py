"""The headers that responses have."""

from openucwa.http.openapi.media import Document

COMPONENTS: Document = {
    "ETag": {
        "description": "The version that is shown.",
        "required": True,
        "schema": {"type": "string", "pattern": '^"[0-9]+"$'},
    },
    "Location": {
        "description": "Where the resource is that is shown.",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Preference-Applied": {
        "description": "What was heeded of `Prefer`.",
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "Seconds after which to try again.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
    "WWW-Authenticate": {
        "description": "Where tokens are.",
        "required": True,
        "schema": {"type": "string"},
    },
    "X-MS-UcwaVersion": {
        "description": "The highest revision of resources that the server has.",
        "required": True,
        "schema": {"type": "string"},
    },
    "X-Ms-diagnostics": {
        "description": "For support staff: what went wrong at sign-in.",
        "schema": {"type": "string"},
    },
    "X-Request-Id": {
        "description": "The name of the request in the server's log.",
        "required": True,
        "schema": {"type": "string"},
    },
}


def named(*names: str) -> Document:
    """The headers of a response: those that all have, and these."""
    return {
        name: {"$ref": f"#/components/headers/{name}"}
        for name in ("X-Request-Id", "X-MS-UcwaVersion", *names)
    }
