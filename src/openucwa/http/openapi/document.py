"""The OpenAPI document of the server (https://spec.openapis.org/oas/v3.1.1.html)."""

from openucwa import __version__
from openucwa.http.authentication import TOKEN_PATH
from openucwa.http.openapi import entrance, headers, special
from openucwa.http.openapi.failures import Failures
from openucwa.http.openapi.media import Document
from openucwa.http.openapi.operations import Operations
from openucwa.http.openapi.schemas import Schemas
from openucwa.resources.path import ROOT
from openucwa.resources.registry import Registry

_ABOUT = """\
UCWA 2.0, the Skype for Business Unified Communications Web API, as OpenUCWA serves it.

Follow links, rather than making addresses up: this document describes the resources that they lead
to. Ignore what you do not know. The names of input members are compared without case, a member
that is null counts as not given, and PUT resets omitted members to their defaults.
"""
_TEXT: Document = {"type": "string"}
_IF_MATCH: Document = {"name": "If-Match", "in": "header", "schema": _TEXT}
_PARAMETERS: Document = {
    "If-Match": {
        **_IF_MATCH,
        "description": "The ETag of the version to be replaced.",
        "required": True,
    },
    "If-Match-Optional": {
        **_IF_MATCH,
        "description": "The ETag of the version that the client knows; optional.",
    },
    "If-None-Match": {
        "name": "If-None-Match",
        "in": "header",
        "description": "ETags of versions: if one of them is current, GET is answered with 304 "
        "and any other method with 412.",
        "schema": _TEXT,
    },
    "Prefer": {
        "name": "Prefer",
        "in": "header",
        "description": "With `return=representation`, a 412 contains the current resource.",
        "schema": {**_TEXT, "examples": ["return=representation"]},
    },
    "Idempotency-Key": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "An identifier of this request, valid for a day: a repeated request "
        "creates nothing more.",
        "schema": {**_TEXT, "examples": ['"8e03978e-40d5-43dd-bc93-6894a57f9324"']},
    },
    "MinResourceVersion": {
        "name": "X-MS-RequiresMinResourceVersion",
        "in": "header",
        "description": "The lowest revision of the resource that the client accepts.",
        "schema": {**_TEXT, "pattern": r"^([0-9]{1,9}(\.[0-9]{1,9})?)?$", "examples": ["2"]},
    },
    "instanceId": {
        "name": "instanceId",
        "in": "query",
        "description": "The instance of the application, if it has several.",
        "schema": _TEXT,
    },
}
_SECURITY: Document = {
    "password": {"type": "oauth2", "flows": {"password": {"tokenUrl": TOKEN_PATH, "scopes": {}}}},
    "token": {"type": "http", "scheme": "bearer"},
}


def document(registry: Registry) -> Document:
    """The description of all that the registry's resources serve, and of the ways to them."""
    schemas = Schemas(registry)
    failures = Failures()
    operations = Operations(registry, schemas, failures)
    items = {resource.name: operations.of(resource) for resource in registry.resources}
    items["events"] = special.events(registry, operations, failures)
    items["batch"] = special.batches(registry, operations, failures)
    paths = entrance.paths(failures)
    paths |= {ROOT + one.template.without_query: items[one.name] for one in registry.resources}
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "OpenUCWA",
            "version": __version__,
            "description": _ABOUT,
            "license": {"name": "Apache License 2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{name: []} for name in _SECURITY],
        "paths": paths,
        "components": {
            "schemas": schemas.components | entrance.schemas(),
            "responses": failures.components,
            "parameters": _PARAMETERS,
            "headers": headers.COMPONENTS,
            "securitySchemes": _SECURITY,
        },
    }
