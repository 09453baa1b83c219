"""The headers that responses have."""

from openucwa.http.openapi.media import Document

COMPONENTS: Document = {
    "ETag": {
        "description": "The version of the representation.",
        "required": True,
        "schema": {"type": "string", "pattern": '^"[0-9]+"$'},
    },
    "Location": {
        "description": "The address of the resource in the body.",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference"},
    },
    "Preference-Applied": {
        "description": "The preferences of `Prefer` that were applied.",
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "Seconds after which to retry.",
        "schema": {"type": "string", "pattern": "^[0-9]+$"},
    },
    "WWW-Authenticate": {
        "description": "The address that grants tokens.",
        "required": True,
        "schema": {"type": "string"},
    },
    "X-MS-UcwaVersion": {
        "description": "The highest revision of resources that the server supports.",
        "required": True,
        "schema": {"type": "string"},
    },
    "X-Ms-diagnostics": {
        "description": "For support staff: the reason why sign-in failed.",
        "schema": {"type": "string"},
    },
    "X-Request-Id": {
        "description": "The id of the request in the server's log.",
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
