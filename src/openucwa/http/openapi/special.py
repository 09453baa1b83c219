"""Events and batches: resources whose operations are like no other."""

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
"""What a pending GET may meet beside what other requests do."""

_QUERY = {
    "ack": "The package that is asked for, which acknowledges those before it.",
    "low": "Seconds for which news of low priority may be held back.",
    "medium": "Seconds for which news of medium priority may be held back.",
    "timeout": "Seconds after which the request is answered, news or none.",
    "priority": "Of two requests that wait, the one of the higher priority goes on.",
}


def events(registry: Registry, operations: Operations, failures: Failures) -> Document:
    """The event channel (events_ref.md)."""
    resource = registry.of("events")
    item = operations.path(resource)
    item["get"] = {
        **operations.begun("GET", resource, description.summary(resource)),
        "description": "Answered when there is something to tell, or at the timeout.",
        "parameters": [
            {
                "name": name,
                "in": "query",
                "description": text,
                "required": name == "ack",
                "schema": {"type": "integer", "format": "int64"},
            }
            for name, text in _QUERY.items()
        ],
        "responses": {
            "200": {
                "description": "What has happened.",
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
        "description": "The parts of the answer stand in the order of the requests.",
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
