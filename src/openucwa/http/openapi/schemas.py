"""The schemas of what is sent and served, in the form that it has as JSON (PayloadFormat.md)."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin

import msgspec

from openucwa.http.openapi.media import Document
from openucwa.resources import description
from openucwa.resources.change import Change
from openucwa.resources.registry import Registry
from openucwa.resources.resource import PLAY_BACK, Resource
from openucwa.resources.verb import Verb
from openucwa.wire.channel import EventType
from openucwa.wire.errors import UcwaError

_REFERENCE = "#/components/schemas/{name}"

LINK: Document = {
    "description": "The address of another resource.",
    "type": "object",
    "properties": {
        "href": {"type": "string", "format": "uri-reference"},
        "revision": {"description": "The revision of that resource.", "type": "string"},
        "title": {"type": "string"},
    },
    "required": ["href"],
}
DATE: Document = {
    "description": "A time in UTC: the milliseconds since 1970. In JSON, its slashes are escaped.",
    "type": "string",
    "pattern": r"^/Date\(-?[0-9]+\)/$",
    "examples": ["/Date(1801407600000)/"],
}
SPAN_SENT: Document = {
    "description": "A span of time: as hours, minutes and seconds, in ISO 8601, or in minutes.",
    "type": ["string", "number"],
    "examples": ["00:05:00", "PT5M", 5],
}
DATE_SENT: Document = {
    "description": "A time: `/Date(ms)/`, or ISO 8601, in UTC if it has no zone.",
    "type": "string",
    "examples": ["2027-01-31T15:00:00Z", "/Date(1801407600000)/"],
}
ERROR: Document = {
    "description": "The reason why a request was not executed.",
    "type": "object",
    "properties": {
        "code": {"type": "string"},
        "subcode": {"type": "string"},
        "message": {"description": "For people: what to do about it.", "type": "string"},
        "parameters": {
            "description": "The reason why each invalid parameter was refused.",
            "type": "object",
            "additionalProperties": {"type": "string"},
        },
    },
    "required": ["code", "message"],
}
METADATA: Document = {
    "description": "The methods of a resource, with their parameters.",
    "type": "object",
    "properties": {
        "metadata": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "httpMethod": {"type": "string"},
                    "parameters": {
                        "type": "array",
                        "items": {
                            "type": "object",
                            "properties": {
                                "name": {"type": "string"},
                                "supportedValues": {"type": "array", "items": {"type": "string"}},
                            },
                            "required": ["name", "supportedValues"],
                        },
                    },
                },
                "required": ["httpMethod", "parameters"],
            },
        }
    },
    "required": ["metadata"],
}
TARGET: Document = {
    "description": "The resource that an event concerns, or the collection that contains it.",
    "type": "object",
    "properties": {
        "rel": {"type": "string"},
        "href": {"type": "string", "format": "uri-reference"},
        "title": {"description": "The name of a person.", "type": "string"},
    },
    "required": ["rel", "href"],
}


def reference(name: str) -> Document:
    """The schema of that name in the components."""
    return {"$ref": _REFERENCE.format(name=name)}


class Schemas:
    """The schemas of all resources, and of what else they need, by name."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self.components: dict[str, Any] = {
            "Link": LINK,
            "Date": DATE,
            "DateSent": DATE_SENT,
            "SpanSent": SPAN_SENT,
            "Error": ERROR,
            "Metadata": METADATA,
            "Target": TARGET,
        }
        for resource in registry.resources:
            if description.is_capability(resource) or resource.is_twin_by_path:
                continue
            for rel in resource.rels:
                self.components[rel] = self._resource(rel, resource)
            for rel in resource.synonyms if resource.readable else ():
                self.components[rel] = self.shown(resource.rel)
        self.components["Package"] = self._package()

    def shown(self, rel: str) -> Document:
        """A resource, by whichever of the rels that it may have."""
        rels = self._registry.of(rel).rels
        return reference(rel) if len(rels) == 1 else {"oneOf": [reference(one) for one in rels]}

    def input(self, resource: Resource[Any], verb: Verb, *, is_put: bool) -> Document:
        """Return the schema of a verb's input. A member that is null counts as not given."""
        assert verb.input is not None
        words = description.words(verb.input)
        members: Document = {}
        required: list[str] = []
        for field in msgspec.structs.fields(verb.input):
            schema = self._value(_without_none(field.type), reference("DateSent"))
            if verb.complete and field.required:
                required.append(field.encode_name)
            else:
                schema = _or_null(schema)
            if field.name in words:
                schema["description"] = words[field.name]
            if field.default not in (None, msgspec.NODEFAULT):
                schema["default"] = msgspec.to_builtins(field.default)
            members[field.encode_name] = schema
        if is_put and resource.play_back:
            members[resource.play_back] = {
                "description": "Shows that the client sends back what it received.",
                "examples": [PLAY_BACK],
            }
            required.append(resource.play_back)
        return {"type": "object", "properties": members} | _required(required)

    def parameters(self, asked: type[msgspec.Struct] | None) -> list[Document]:
        """Return what a request takes in its query beside the keys."""
        if asked is None:
            return []
        words = description.words(asked)
        return [
            {
                "name": field.encode_name,
                "in": "query",
                "description": words[field.name],
                "schema": self._value(_without_none(field.type), reference("DateSent")),
            }
            for field in msgspec.structs.fields(asked)
        ]

    def changed(self, resource: Resource[Any]) -> Document:
        """Return the schema of a 412 on `Prefer: return=representation`."""
        members: Document = {
            "_embedded": {
                "type": "object",
                "properties": {rel: reference(rel) for rel in resource.rels},
            }
        }
        if resource.change:
            members |= self._members(Change)[0]
        return {"type": "object", "properties": members}

    def _resource(self, rel: str, resource: Resource[Any]) -> Document:
        members, required = self._properties(resource)
        if resource.play_back:
            members[resource.play_back] = {
                "description": "Send this member back.",
                "const": PLAY_BACK,
            }
            required.append(resource.play_back)
        links = description.links(self._registry.of, resource)
        members["_links"] = {
            "type": "object",
            "properties": {"self": reference("Link"), **{one.rel: _link(one) for one in links}},
            "required": ["self", *_names(one for one in links if not one.is_optional)],
            "additionalProperties": reference("Link"),
        }
        members["rel"] = {"const": rel}
        required += ["_links", "rel"]
        parts = description.parts(self._registry.of, resource)
        if parts:
            always = _names(one for one in parts if not one.is_optional)
            members["_embedded"] = {
                "type": "object",
                "properties": {one.rel: _one_or_many(one) for one in parts},
            } | _required(always)
            required += ["_embedded"] if always else []
        if description.is_versioned(resource):
            members["etag"] = {
                "description": "The version, which `If-Match` takes in quotes.",
                "type": "string",
            }
            required.append("etag")
        return {
            "description": description.summary(resource),
            "type": "object",
            "properties": members,
            "required": required,
        }

    def _properties(self, resource: Resource[Any]) -> tuple[Document, list[str]]:
        """The properties, and the names of those that are always there."""
        served = description.properties_of(resource)
        if served is None and description.has_free_properties(resource):
            served = next(one.input for one in resource.verbs.values() if one.input)
        return self._members(served) if served else ({}, [])

    def _members(self, served: type[msgspec.Struct]) -> tuple[Document, list[str]]:
        """The members of a structure, and the names of those that are always there."""
        words = description.words(served)
        members: Document = {}
        required: list[str] = []
        for field in msgspec.structs.fields(served):
            schema = self._value(_without_none(field.type), reference("Date"))
            if field.name in words:
                schema["description"] = words[field.name]
            members[field.encode_name] = schema
            if field.type == _without_none(field.type):
                required.append(field.encode_name)
        return members, required

    def _package(self) -> Document:
        """A package of the event channel (EventChannelDetails.md)."""
        embedded = {
            rel: reference(rel)
            for resource in self._registry.resources
            if any(notice.embedded for notice in resource.notices.values())
            for rel in resource.rels
        }
        event: Document = {
            "type": "object",
            "properties": {
                "link": reference("Target"),
                "in": reference("Target"),
                "type": {"enum": [one.value for one in EventType]},
                "_embedded": {"type": "object", "properties": embedded},
                **self._members(Change)[0],
            },
            "required": ["link", "type"],
        }
        sender: Document = {
            "type": "object",
            "properties": {
                "rel": {"type": "string"},
                "href": {"type": "string", "format": "uri-reference"},
                "events": {"type": "array", "items": event},
            },
            "required": ["rel", "href", "events"],
        }
        links: Document = {
            "type": "object",
            "properties": {
                name: reference("Link") for name in ("self", "next", "resume", "resync")
            },
            "required": ["self"],
            "additionalProperties": reference("Link"),
        }
        return {
            "description": "The events since the last package, grouped by their sender.",
            "type": "object",
            "properties": {"_links": links, "sender": {"type": "array", "items": sender}},
            "required": ["_links", "sender"],
        }

    def _value(self, type: Any, date: Document) -> Document:
        if type is datetime:
            return dict(date)
        if type is timedelta:
            return reference("SpanSent")
        (schema,), components = msgspec.json.schema_components([type], ref_template=_REFERENCE)
        for name, component in components.items():
            self.components[name] = {"type": "string", **component}  # these are enumerations
        return dict(schema)


def failure(errors: Sequence[type[UcwaError]]) -> Document:
    """The body that tells of one of these errors, which have one status and one code."""
    subcodes = [error.subcode for error in errors if error.subcode]
    members: Document = {"code": {"const": errors[0].code}}
    if subcodes:
        members["subcode"] = {"enum": subcodes}
    schema: Document = {"properties": members}
    if len(subcodes) == len(errors):
        schema["required"] = ["subcode"]
    return {"allOf": [reference("Error"), schema]}


def _one_or_many(lead: description.RelationSummary) -> Document:
    one = reference(lead.rel)
    return {"type": "array", "items": one} if lead.is_many else one


def _link(lead: description.RelationSummary) -> Document:
    one = reference("Link")
    return {"type": "array", "items": one} if lead.is_many else one


def _required(names: Sequence[str]) -> Document:
    return {"required": names} if names else {}


def _names(leads: Iterable[description.RelationSummary]) -> list[str]:
    return [lead.rel for lead in leads]


def _without_none(type: Any) -> Any:
    if isinstance(type, UnionType) or get_origin(type) is Union:
        (one,) = (part for part in get_args(type) if part is not NoneType)
        return one
    return type


def _or_null(schema: Document) -> Document:
    if isinstance(schema.get("type"), str):
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}
