"""The ways in: autodiscovery, the frame for browsers, sign-in, and this document itself."""

from openucwa.http.authentication import REVOCATION_PATH, TOKEN_PATH
from openucwa.http.frame import FRAME_PATHS
from openucwa.http.health import LIVE, READY
from openucwa.http.openapi import headers, media
from openucwa.http.openapi.failures import OF_ANYBODY, OF_USERS, Failures
from openucwa.http.openapi.media import Document
from openucwa.http.openapi.schemas import reference
from openucwa.resources.root import redirect, root, user
from openucwa.wire.errors import EntityTooLarge

PATH = "/openapi.json"

_START = "The entry point to the API."
_ENTRY = "The entry point for users with credentials."
_ELSEWHERE = "A pointer to the server to use."
_FRAME = "The cross-domain frame, a page for web applications."
_ITSELF = "This document."

_ORIGINAL_DOMAIN: Document = {
    "name": "originalDomain",
    "in": "query",
    "description": "The SIP domain of the user whose server is to be found.",
    "schema": {"type": "string"},
}
_CREDENTIALS: Document = {
    "type": "object",
    "properties": {
        "grant_type": {"type": "string", "examples": ["password"]},
        "username": {"type": "string", "examples": ["dana@contoso.com"]},
        "password": {"type": "string", "format": "password"},
        "ms_rtc_conferenceuri": {
            "description": "For guests: the meeting, whose key is the password.",
            "type": "string",
        },
        "ms_rtc_renew": {
            "description": "For guests: the token to be renewed.",
            "type": "string",
        },
    },
    "required": ["grant_type"],
}
_TOKEN: Document = {
    "description": "The token and its lifetime in seconds.",
    "type": "object",
    "properties": {
        "access_token": {"type": "string"},
        "expires_in": {"type": "integer"},
        "ms_rtc_identityscope": {"type": "string"},
        "token_type": {"const": "Bearer"},
    },
    "required": ["access_token", "expires_in", "token_type"],
}
_REFUSAL: Document = {
    "description": "The reason why no token is granted (RFC 6749, section 5.2).",
    "type": "object",
    "properties": {"error": {"type": "string"}, "error_description": {"type": "string"}},
    "required": ["error", "error_description"],
}


def schemas() -> Document:
    """The resources that are served here."""
    return {
        "root": _with_links("user", "redirect", "xframe"),
        "user": _with_links("applications", "sessions", "tokenRevocation"),
        "redirect": _with_links("user"),
        "Token": _TOKEN,
        "Refusal": _REFUSAL,
    }


def paths(failures: Failures) -> Document:
    """The paths that lead to the resources of an application."""
    anybody = failures.responses(OF_ANYBODY)
    users = failures.challenged(OF_USERS)
    page: Document = {"text/html": {"schema": {"type": "string"}}}
    frames = {
        path: _public(f"getXframe{number or ''}", _FRAME, page, anybody)
        for number, path in enumerate(FRAME_PATHS)
    }
    itself = media.in_json({"type": "object"})
    word: Document = {"text/plain": {"schema": {"type": "string"}}}
    unready = {**anybody, "503": _shown("The reason why it is not ready.", word)}
    return {
        "/": _start("getRootHere", anybody),
        root.PATH: _start("getRoot", anybody),
        user.PATH: {"get": _get("getUser", _ENTRY, _resource("user"), users)},
        root.PATH + "/user": {"get": _get("getUserHere", _ENTRY, _resource("user"), users)},
        redirect.PATH: _public("getRedirect", _ELSEWHERE, _resource("redirect"), anybody),
        **frames,
        TOKEN_PATH: {"post": _sign_in(failures)},
        REVOCATION_PATH: {"post": _sign_out(failures)},
        LIVE: _public("getLive", "The server answers.", word, anybody),
        READY: _public("getReady", "The server can use its database.", word, unready),
        PATH: _public("getOpenapi", _ITSELF, itself, anybody),
    }


def _start(id: str, failing: Document) -> Document:
    item = _public(id, _START, _resource("root"), failing)
    return {**item, "parameters": [_ORIGINAL_DOMAIN]}


def _public(id: str, text: str, content: Document, failing: Document) -> Document:
    return {"get": {**_get(id, text, content, failing), "security": []}}


def _get(id: str, text: str, content: Document, failing: Document) -> Document:
    return {
        "operationId": id,
        "tags": ["root"],
        "summary": text,
        "parameters": [{"$ref": "#/components/parameters/MinResourceVersion"}],
        "responses": {"200": _shown(text, content), **failing},
    }


def _sign_in(failures: Failures) -> Document:
    refused = media.negotiated(reference("Error"))
    refused |= media.in_json({"anyOf": [reference("Refusal"), reference("Error")]})
    return {
        "operationId": "signIn",
        "tags": ["root"],
        "summary": "Credentials for a token.",
        "parameters": [{"$ref": "#/components/parameters/MinResourceVersion"}],
        "requestBody": {
            "required": True,
            "content": {
                "application/x-www-form-urlencoded": {"schema": _CREDENTIALS},
                "multipart/form-data": {"schema": _CREDENTIALS},
            },
        },
        "responses": {
            "200": _shown("The token.", media.in_json(reference("Token"))),
            **failures.responses((*OF_ANYBODY, EntityTooLarge)),
            "400": _shown("No token is granted: `error` says why.", refused),
            "401": {"$ref": "#/components/responses/Unauthenticated"},
        },
        "security": [],
    }


def _sign_out(failures: Failures) -> Document:
    refused = media.negotiated(reference("Error"))
    refused |= media.in_json({"anyOf": [reference("Refusal"), reference("Error")]})
    form: Document = {
        "type": "object",
        "properties": {
            "token": {"type": "string"},
            "token_type_hint": {"description": "Not needed.", "type": "string"},
        },
        "required": ["token"],
    }
    return {
        "operationId": "signOut",
        "tags": ["root"],
        "summary": "Revoke a token (RFC 7009).",
        "parameters": [{"$ref": "#/components/parameters/MinResourceVersion"}],
        "requestBody": {
            "required": True,
            "content": {"application/x-www-form-urlencoded": {"schema": form}},
        },
        "responses": {
            "200": {"description": "The token is no longer valid.", "headers": headers.named()},
            **failures.responses((*OF_ANYBODY, EntityTooLarge)),
            "400": _shown("The token can't be revoked: `error` says why.", refused),
        },
        "security": [],
    }


def _shown(text: str, content: Document) -> Document:
    return {"description": text, "headers": headers.named(), "content": content}


def _resource(rel: str) -> Document:
    return media.negotiated(reference(rel))


def _with_links(*rels: str) -> Document:
    """A resource of autodiscovery: it has links, and no rel of its own."""
    links: Document = {
        "type": "object",
        "properties": {rel: reference("Link") for rel in ("self", *rels)},
        "required": ["self"],
        "additionalProperties": reference("Link"),
    }
    return {"type": "object", "properties": {"_links": links}, "required": ["_links"]}
