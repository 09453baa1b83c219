"""Events and batches: resources whose operations are like no other."""

from openucwa.delivery.channel import EXTENDED
from openucwa.http.openapi import headers, media
from openucwa.http.openapi.failures import (
    OF_APPLICATIONS,
    OF_BODIES,
    OF_USERS,
    Failures,
    errors_of,
)
from openucwa.http.openapi.media import Document
from openucwa.http.openapi.operations import Operations
from openucwa.http.openapi.schemas import reference
from openucwa.resources import description
from openucwa.resources.registry import Registry
from openucwa.wire import batch
from openucwa.wire.errors import NotFound, ParameterValidationFailure, PGetReplaced, TooManyRequests

EVENT_ERRORS = (ParameterValidationFailure, PGetReplaced)
"""The failures of a pending GET besides those of other requests."""

_QUERY = {
    "ack": "The number of the requested package, which acknowledges those before it.",
    "low": "Seconds for which the server may delay events of low priority.",
    "medium": "Seconds for which the server may delay events of medium priority.",
    "timeout": "Seconds after which the request is answered even without events.",
    "priority": "The priority of this request: of two pending requests, the one with the higher "
    "priority stays.",
    EXTENDED: "Ask for events that are extensions, too.",
}


def events(registry: Registry, operations: Operations, failures: Failures) -> Document:
    """The event channel (events_ref.md)."""
    resource = registry.of("events")
    item = operations.path(resource)
    item["get"] = {
        **operations.begun("GET", resource, description.summary(resource)),
        "description": "Wait for events. The answer comes with the next events, or at the timeout.",
        "parameters": [
            {
                "name": name,
                "in": "query",
                "description": text,
                "required": name == "ack",
                "schema": {"type": "boolean"}
                if name == EXTENDED
                else {"type": "integer", "format": "int64"},
            }
            for name, text in _QUERY.items()
        ],
        "responses": {
            "200": {
                "description": "The events.",
                "headers": headers.named(),
                "content": media.negotiated(reference("Package")),
            },
            **failures.challenged((*errors_of(resource, "GET"), *EVENT_ERRORS)),
        },
    }
    return item


def batches(registry: Registry, operations: Operations, failures: Failures) -> Document:
    """Many requests in one (BatchingRequests.md)."""
    resource = registry.of("batch")
    errors = (*OF_USERS, *OF_APPLICATIONS, *OF_BODIES, NotFound, TooManyRequests)
    body: Document = {batch.MEDIA_TYPE: {"schema": {"type": "string"}}}
    item = operations.path(resource)
    item["post"] = {
        **operations.begun("POST", resource, description.summary(resource)),
        "description": "Execute several requests. The parts of the answer are in the order of "
        "the requests.",
        "requestBody": {"required": True, "content": body},
        "responses": {
            "200": {
                "description": "Each part has its own status.",
                "headers": headers.named(),
                "content": body,
            },
            **failures.challenged(errors),
        },
    }
    return item
