"""The operations on a resource: what each takes, what it answers, and where that leads."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from openucwa.http.openapi import headers, media
from openucwa.http.openapi.failures import OF_ANYBODY, Failures, errors_of, response
from openucwa.http.openapi.media import Document
from openucwa.http.openapi.schemas import Schemas, reference
from openucwa.resources import description
from openucwa.resources.path import ADDRESS
from openucwa.resources.registry import Registry
from openucwa.resources.resource import Resource
from openucwa.resources.verb import Verb
from openucwa.wire import csv
from openucwa.wire.errors import PreconditionFailed

Links = dict[str, dict[str, Any]]
SPECIAL = ("events", "batch")
"""The resources that are not answered as others are, by rel."""


def parameter(name: str) -> Document:
    """The parameter of that name in the components."""
    return {"$ref": f"#/components/parameters/{name}"}


def operation_id(method: str, resource: Resource[Any]) -> str:
    return method.lower() + description.sentence(resource.name)


class Operations:
    """Writes the operations of resources."""

    def __init__(self, registry: Registry, schemas: Schemas, failures: Failures) -> None:
        self._registry = registry
        self._schemas = schemas
        self._failures = failures

    def of(self, resource: Resource[Any]) -> Document:
        """The item of a resource's path."""
        item = self.path(resource)
        if resource.readable:
            item["get"] = self._get(resource)
        for method, verb in resource.verbs.items():
            item[method.lower()] = self._verb(resource, method, verb)
        if resource.is_entry:
            item["options"] = self._options(resource)
        return item

    def path(self, resource: Resource[Any]) -> Document:
        """Return the parts that all operations at a path share."""
        parameters = [_key(resource, key) for key in description.keys(resource)]
        instance = [parameter("instanceId")] if resource.query and not resource.asked else []
        return {"parameters": [*parameters, *instance, parameter("MinResourceVersion")]}

    def begun(self, method: str, resource: Resource[Any], text: str) -> Document:
        """Return the parts with which each operation starts."""
        return {
            "operationId": operation_id(method, resource),
            "tags": [description.area(resource)],
            "summary": text,
        }

    def _get(self, resource: Resource[Any]) -> Document:
        is_versioned = description.is_versioned(resource)
        shown: Document = {}
        if description.has_entities(resource):
            shown["200"] = self._shown(resource, resource.rel)
        if is_versioned:
            shown["304"] = {
                "description": "The current version is one that `If-None-Match` names.",
                "headers": headers.named("ETag"),
            }
        return {
            **self.begun("GET", resource, description.summary(resource)),
            "parameters": [
                *self._schemas.parameters(resource.asked),
                *(_conditions("If-Match-Optional") if is_versioned else []),
            ],
            "responses": {**shown, **self._refused(resource, "GET")},
        }

    def _verb(self, resource: Resource[Any], method: str, verb: Verb) -> Document:
        found: dict[str, Any] = self.begun(method, resource, description.told(verb.function))
        if description.is_versioned(resource) and method != "POST":
            if_match = "If-Match" if method == "PUT" else "If-Match-Optional"
            found["parameters"] = _conditions(if_match)
        if verb.repeatable:
            found["parameters"] = [parameter("Idempotency-Key")]
        if verb.raw:
            found.setdefault("parameters", []).extend(self._schemas.parameters(verb.input))
            found["requestBody"] = {"required": True, "content": media.raw(verb.raw)}
        elif verb.input:
            schema = self._schemas.input(resource, verb, is_put=method == "PUT")
            name = operation_id(method, resource)
            self._schemas.components[name] = schema
            found["requestBody"] = {
                "required": "required" in schema,
                "content": media.negotiated(reference(name)),
            }
        found["responses"] = {
            **self._done(resource, method, verb),
            **self._refused(resource, method),
        }
        return found

    def _options(self, resource: Resource[Any]) -> Document:
        return {
            **self.begun("OPTIONS", resource, "A description of its methods."),
            "responses": {
                "200": {
                    "description": "The methods, with the parameters of each.",
                    "headers": headers.named(),
                    "content": media.negotiated(reference("Metadata")),
                },
                **self._failures.responses(OF_ANYBODY),
            },
            "security": [],
        }

    def _done(self, resource: Resource[Any], method: str, verb: Verb) -> Document:
        if verb.answers is None:
            tag = ("ETag",) if method == "PUT" else ()
            done: Document = {"description": "Done.", "headers": headers.named(*tag)}
            return {str(verb.status): done}
        shown = self._shown(resource, verb.answers, is_new=_makes(resource, method, verb))
        statuses = {verb.status, 200} if description.may_be_known(verb) else {verb.status}
        return {str(status): shown for status in sorted(statuses)}

    def _shown(self, asked: Resource[Any], rel: str, *, is_new: bool = False) -> Document:
        """The response that shows a resource, which the request was for or which it has made."""
        resource = self._registry.of(rel)
        tag = ("ETag",) if description.is_versioned(resource) else ()
        place = ("Location",) if is_new else ()
        table: Document = {csv.MEDIA_TYPE: {}} if resource.as_table else {}
        return {
            "description": description.summary(resource),
            "headers": headers.named(*tag, *place),
            "content": media.negotiated(self._schemas.shown(rel)) | table,
            "links": self._links(asked, resource),
        }

    def _refused(self, resource: Resource[Any], method: str) -> Document:
        """The errors of an operation. The 412 may carry what the client does not know."""
        responses = self._failures.challenged(errors_of(resource, method))
        if "412" in responses:
            responses["412"] = response([PreconditionFailed], self._schemas.changed(resource))
        return responses

    def _links(self, asked: Resource[Any], shown: Resource[Any]) -> Document:
        """Return the links of a response: to the operations on its resource, and to its links.

        PUT plays back what was served, as the version that it is.
        """
        if asked.twin_of is not None:
            return {}  # the paths that others see are told by nothing in a body
        known = {
            key: f"$request.{'.'.join(description.place(asked, key))}"
            for key in description.keys(asked)
        }
        known |= self._keys(shown)
        links: Document = {}
        for part in description.parts(self._registry.of, shown):
            links |= self._to_part(part, known)
        for lead in shown.links:
            links |= self._onwards(self._registry.of(lead.rel), ("GET", "POST"), known)
        links |= self._onwards(shown, ("GET", "POST", "DELETE"), known)
        for name, put in self._onwards(shown, ("PUT",), known).items():
            put["parameters"]["header.If-Match"] = "$response.header.ETag"
            links[name] = {**put, "requestBody": "$response.body"}
        return links

    def _to_part(self, part: description.RelationSummary, known: Mapping[str, str]) -> Links:
        """Return the links of an embedded resource; of many, the first."""
        first = "/0" if part.is_many else ""
        resource = self._registry.of(part.rel)
        keys = self._keys(resource, f"/_embedded/{part.rel}{first}")
        return self._onwards(resource, ("GET", "POST"), {**known, **keys})

    def _onwards(
        self, resource: Resource[Any], methods: Sequence[str], known: Mapping[str, str]
    ) -> Links:
        """Links to operations on a resource, if the keys in its path are known."""
        keys = description.keys(resource)
        if resource.rel in SPECIAL or not known.keys() >= set(keys):
            return {}
        return {
            operation_id(method, resource): {
                "operationId": operation_id(method, resource),
                "parameters": {
                    ".".join(description.place(resource, key)): known[key] for key in keys
                },
            }
            for method in (*(["GET"] if resource.readable else []), *resource.verbs)
            if method in methods
        }

    def _keys(self, shown: Resource[Any], within: str = "") -> Mapping[str, str]:
        """Return the places in a body that have the keys of its resource."""
        if description.is_application(shown):
            return {"application_id": f"$response.body#{within}/id"}
        served = description.properties_of(shown)
        fields = msgspec.structs.fields(served) if served else ()
        names = {field.name: field.encode_name for field in fields}
        if description.has_free_properties(shown):
            names["id"] = "id"
        keys = description.keys(shown)
        return {key: f"$response.body#{within}/{names[key]}" for key in keys if key in names}


def _key(resource: Resource[Any], key: str) -> Document:
    place, name = description.place(resource, key)
    schema = {"type": "string"} | ({"pattern": "@"} if f"{{{key}}}" == ADDRESS else {})
    return {"name": name, "in": place, "required": True, "schema": schema}


def _conditions(if_match: str) -> list[Document]:
    """The headers of what has versions; `if_match` is the name of a parameter."""
    return [parameter(name) for name in (if_match, "If-None-Match", "Prefer")]


def _makes(resource: Resource[Any], method: str, verb: Verb) -> bool:
    """Return whether the answer is a new resource, which has a URL of its own."""
    return method == "POST" and (verb.status == 201 or verb.answers != resource.rel)
