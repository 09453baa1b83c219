"""The formats of bodies, as the document names them. It describes the form of JSON alone."""

from typing import Any

from openucwa.http.formats import FORMATS
from openucwa.resources.verb import RawBody
from openucwa.wire import json

Document = dict[str, object]


def negotiated(schema: Document) -> Document:
    """A body in whichever format the client chooses."""
    return {
        media_type: {"schema": schema} if media_type in json.MEDIA_TYPES else {}
        for media_type in FORMATS
    }


def raw(body: RawBody[Any]) -> Document:
    """A body that is text as it is."""
    text = {"type": "string", "minLength": 1, "maxLength": body.longest}
    return {media_type: {"schema": text} for media_type in body.media_types}


def in_json(schema: Document) -> Document:
    """A body that is JSON, whatever the client would like."""
    return {json.MEDIA_TYPES[0]: {"schema": schema}}
