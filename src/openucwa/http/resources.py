"""The way of a request to a resource, from what is asked to what is answered.

    parse            token, conditions, format, content: all that needs no database    parsed.py
    ── transaction ──
    viewer_of        who asks, and in which application                                viewer.py
    resource.found   which entity, if she may see it                                   resources/
    preconditions    whether her condition holds                                preconditions.py
    verb.function    what is done                                                      resources/
    represent        what is shown                                         resources/registry.py
    ── commit ──
    the answer       headers and bytes, as app.py sends them                           answer.py

Each step takes what the one before it has found, and no step looks at the HTTP request again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from openucwa.domain.applications import Application
from openucwa.http.answer import NEGOTIATED, Answer, refusal, showing, table
from openucwa.http.authentication import photos_cookie
from openucwa.http.outstanding import Outstanding
from openucwa.http.parsed import ParsedRequest, checked, content, parse
from openucwa.http.reading import LARGE, Readers
from openucwa.http.repeats import once
from openucwa.http.request import Call
from openucwa.http.room import Room
from openucwa.http.site import Site
from openucwa.http.viewer import note_use, viewer_of
from openucwa.resources.registry import Registry
from openucwa.resources.resource import Resource
from openucwa.resources.verb import Existing, Verb
from openucwa.resources.viewer import Me
from openucwa.store.database import Database
from openucwa.store.transaction import Transaction
from openucwa.wire.errors import (
    Forbidden,
    NotFound,
    PreconditionFailed,
    UcwaError,
    UnsupportedMediaType,
)
from openucwa.wire.etag import quoted
from openucwa.wire.given import Given

_LONG = 16 * 1024
"""Bytes of a body that is not worked on there either: it has hundreds of addresses."""


@dataclass(frozen=True)
class ResourceEndpoint:
    """A resource at its path."""

    resource: Resource[Any]
    registry: Registry
    site: Site
    database: Database
    outstanding: Outstanding
    room: Room
    readers: Readers

    @property
    def methods(self) -> Sequence[str]:
        get = ("GET",) if self.resource.readable else ()
        # Only entries are documented to tell of themselves: clients have no declaration of them.
        return (*get, *self.resource.verbs, *(("OPTIONS",) if self.resource.is_entry else ()))

    async def answer(self, call: Call, keys: Mapping[str, str]) -> Answer:
        """Perform the request's verb. Raises UcwaError, Unauthenticated and InvalidToken."""
        if call.verb == "OPTIONS":
            told = call.format.write_metadata(self.resource.metadata())
            return Answer(200, told, call.format.content_type, vary=NEGOTIATED)
        verb = self.resource.verbs.get(call.verb)
        writes = verb is not None and verb.writes
        run = self.database.write if writes else self.database.read
        is_long = len(call.body) > _LONG or (self.resource.is_long and not writes)
        with self.outstanding.counted(call):
            request = parse(call, keys, self.resource)
            try:
                if verb:
                    request = msgspec.structs.replace(
                        request, content=await self._content(call, request, verb)
                    )
                return await run(lambda tx: self._held(tx, call, request), is_long=is_long)
            finally:
                if request.notes.unnoted:  # asked here, too, since most have nothing to note
                    await note_use(self.database, request)

    async def _content(
        self, call: Call, request: ParsedRequest, verb: Verb
    ) -> Given[Any] | UcwaError | None:
        """Read what the request gives.

        It is read before the transaction, which would keep others out for so long. Of a large body
        it is known by then that its sender may use the resource.
        """
        if len(call.body) <= LARGE:
            return content(call, self.resource, verb)
        deployment = self.site.deployment
        await self.database.read(lambda tx: viewer_of(tx, request, deployment, self.resource))
        found = await self.readers.run(call.line, lambda: content(call, self.resource, verb))
        call.body = b""  # it may wait for its turn for long, and takes memory enough without this
        return found

    def _held(self, tx: Transaction, call: Call, request: ParsedRequest) -> Answer:
        """The answer, for which there must be room before anything is done."""
        self.room.check(call)
        answer = self._perform(tx, request)
        self.room.hold(call, len(answer.body))
        return answer

    def _perform(self, tx: Transaction, request: ParsedRequest) -> Answer:
        me = viewer_of(tx, request, self.site.deployment, self.resource)
        asked = checked(request.asked)
        entity = self.resource.found(tx, me, **request.keys, **(asked.values if asked else {}))
        if entity is None:
            raise NotFound(f"There is no such {self.resource.rel}.")
        self._check_role(me, request.verb, entity)
        if isinstance(request.content, UnsupportedMediaType):
            raise request.content
        unmet = self._unmet(tx, me, request, entity)
        if unmet is not None:
            return unmet
        if request.verb == "GET":
            return self._represent(tx, me, request, 200, self.resource.rel, entity)
        verb = self.resource.verbs[request.verb]
        result = self._done(tx, me, request, verb, entity)
        return self._shown(tx, me, request, verb, result)

    def _check_role(self, me: Me, method: str, entity: Any) -> None:
        """Raise Forbidden for a method that the viewer may not use on what she may see."""
        verb = self.resource.verbs.get(method)
        if verb and verb.role and not verb.role(me, entity):
            raise Forbidden(
                f"You may see this {self.resource.rel}, but not use {method} on it: its organizer "
                "decides who may."
            )

    def _unmet(self, tx: Transaction, me: Me, request: ParsedRequest, entity: Any) -> Answer | None:
        """The answer to a request whose conditions do not hold: 304, or a 412 that carries more.

        They are checked before the content is looked at (RFC 9110, section 13.2.1). What has no
        ETag has no conditions. Raises PreconditionRequired and PreconditionFailed.
        """
        version = getattr(entity, "version", None)
        if version is None:
            return None
        try:
            is_known = request.preconditions.check(str(version))
            if is_known and getattr(entity, "is_told_by_version", True):
                return Answer(304, headers=[("ETag", quoted(str(version)))], vary=NEGOTIATED)
        except PreconditionFailed as error:
            if not request.current:
                raise
            return self._changed(tx, me, request, error, entity)
        return None

    def _changed(
        self,
        tx: Transaction,
        me: Me,
        request: ParsedRequest,
        error: PreconditionFailed,
        entity: Any,
    ) -> Answer:
        """The 412 for a client that wants to know what has changed."""
        current = self.registry.represent(tx, me, self.resource.rel, entity)
        more = self.resource.changed(tx, me, entity, request.preconditions.seen)
        answer = refusal(request.format, error, more, current)
        answer.headers += [
            ("ETag", quoted(str(entity.version))),
            ("Preference-Applied", "return=representation"),
        ]
        return answer

    def _done(
        self, tx: Transaction, me: Me, request: ParsedRequest, verb: Verb, entity: Any
    ) -> Any:
        """Do what the verb does, and return its result."""
        given = checked(request.content)
        if given is None:
            return verb.function(tx, me, entity)
        body = (given.body,) if verb.raw else ()
        if not verb.repeatable:
            return verb.function(tx, me, entity, given, *body)
        assert verb.answers is not None
        made = self.registry.of(verb.answers)
        return once(
            tx,
            me,
            made,
            request.idempotency_key,
            given,
            lambda: verb.function(tx, me, entity, given, *body),
        )

    def _shown(
        self, tx: Transaction, me: Me, request: ParsedRequest, verb: Verb, result: Any
    ) -> Answer:
        if verb.answers is None or result is None:  # a capability may have been used before
            tag = [] if result is None else [("ETag", quoted(str(result.version)))]
            return Answer(204, headers=tag)
        status = verb.status
        if isinstance(result, Existing):
            status, result = 200, result.entity
        if isinstance(result, Application):
            me = me.within(result)
        answer = self._represent(tx, me, request, status, verb.answers, result)
        if request.verb == "POST" and (status == 201 or verb.answers != self.resource.rel):
            href = self.registry.href(me, verb.answers, result)
            answer.headers.append(("Location", href))
            if isinstance(result, Application) and self.registry.of("photo").is_for(me):
                cookie = photos_cookie(request.credentials, href.partition("?")[0])
                if cookie:
                    answer.headers.append(("Set-Cookie", cookie))
        return answer

    def _represent(
        self, tx: Transaction, me: Me, request: ParsedRequest, status: int, rel: str, entity: Any
    ) -> Answer:
        representation = self.registry.represent(tx, me, rel, entity)
        if request.as_table:
            answer = table(representation, self.registry.of(self.resource.as_table))
        else:
            answer = showing(request.format, representation, status)
        if representation.etag is not None:
            answer.headers.append(("ETag", quoted(representation.etag)))
        return answer
