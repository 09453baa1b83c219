"""Performing a verb on a resource, within one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from openucwa.domain.applications import Application
from openucwa.http import formats, preconditions
from openucwa.http.answer import NEGOTIATED, Answer, refusal, showing
from openucwa.http.authentication import photos_cookie
from openucwa.http.formats import Format
from openucwa.http.negotiation import prefers_representation
from openucwa.http.outstanding import Outstanding
from openucwa.http.reading import LARGE, Readers
from openucwa.http.repeats import once
from openucwa.http.request import Call
from openucwa.http.room import Room
from openucwa.http.site import Site
from openucwa.http.viewer import note_use, viewer_of
from openucwa.resources.registry import Registry
from openucwa.resources.resource import Existing, Resource
from openucwa.resources.verb import Verb
from openucwa.resources.viewer import Me
from openucwa.store.database import Database
from openucwa.store.transaction import Transaction
from openucwa.wire import given
from openucwa.wire.errors import (
    NotFound,
    ParameterValidationFailure,
    PreconditionFailed,
    UcwaError,
    UnsupportedMediaType,
)
from openucwa.wire.etag import Condition, quoted

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
            try:
                content = await self._content(call, keys, verb) if verb else None
                return await run(lambda tx: self._held(tx, call, keys, content), is_long=is_long)
            finally:
                await note_use(self.database, call)

    async def _content(
        self, call: Call, keys: Mapping[str, str], verb: Verb
    ) -> given.Given[Any] | UcwaError | None:
        """Read what the request gives. Return what is wrong with it, since other errors come first.

        It is read before the transaction, which would keep others out for so long. Of a large body
        it is known by then that its sender may use the resource.
        """
        if len(call.body) <= LARGE:
            return self._read(call, verb)
        deployment = self.site.deployment
        await self.database.read(lambda tx: viewer_of(tx, call, keys, deployment, self.resource))
        content = await self.readers.run(call.line, lambda: self._read(call, verb))
        call.body = b""  # it may wait for its turn for long, and takes memory enough without this
        return content

    def _read(self, call: Call, verb: Verb) -> given.Given[Any] | UcwaError | None:
        try:
            format = formats.sent(call.header("content-type"), call.body)
            return self._input(call, verb, format) if verb.input else None
        except UcwaError as error:
            return error

    def _held(
        self,
        tx: Transaction,
        call: Call,
        keys: Mapping[str, str],
        content: given.Given[Any] | UcwaError | None,
    ) -> Answer:
        """The answer, for which there must be room before anything is done."""
        self.room.check(call)
        answer = self._perform(tx, call, keys, content)
        self.room.hold(call, len(answer.body))
        return answer

    def _perform(
        self,
        tx: Transaction,
        call: Call,
        keys: Mapping[str, str],
        content: given.Given[Any] | UcwaError | None,
    ) -> Answer:
        me = viewer_of(tx, call, keys, self.site.deployment, self.resource)
        own = {name: key for name, key in keys.items() if name != "application_id"}
        entity = self.resource.found(tx, me, **own)
        if entity is None:
            raise NotFound(f"There is no such {self.resource.rel}.")
        if call.verb == "GET":
            unmet = self._unmet(tx, me, call, entity)
            return unmet or self._represent(tx, me, call, 200, self.resource.rel, entity)
        if isinstance(content, UnsupportedMediaType):
            raise content
        unmet = self._unmet(tx, me, call, entity)
        if unmet is not None:
            return unmet
        if isinstance(content, UcwaError):
            raise content
        verb = self.resource.verbs[call.verb]
        if content is None:
            result = verb.function(tx, me, entity)
        elif verb.repeatable:
            assert verb.answers is not None
            result = once(
                tx,
                me,
                self.registry.of(verb.answers),
                call.header("idempotency-key"),
                content,
                lambda: verb.function(tx, me, entity, content),
            )
        else:
            result = verb.function(tx, me, entity, content)
        return self._done(tx, me, call, verb, result)

    def _unmet(self, tx: Transaction, me: Me, call: Call, entity: Any) -> Answer | None:
        """The answer to a request whose conditions do not hold: 304, or a 412 that carries more.

        They are checked before the content is looked at, If-Match first (RFC 9110, sections 13.2.1
        and 13.2.2). Only a PUT whose conditions hold is told that it lacks one. What has no ETag
        has no conditions. Raises PreconditionRequired and PreconditionFailed.
        """
        version = getattr(entity, "version", None)
        if version is None:
            return None
        tag, if_none_match = str(version), call.header("if-none-match")
        condition = preconditions.demanded(call.header("if-match"))
        try:
            preconditions.check(condition, tag)
            if call.verb == "GET":
                if preconditions.unchanged(if_none_match, tag):
                    return Answer(304, headers=[("ETag", quoted(tag))], vary=NEGOTIATED)
            else:
                preconditions.check_none(if_none_match, tag)
        except PreconditionFailed as error:
            if not prefers_representation(call.header("prefer")):
                raise
            return self._changed(tx, me, call, error, condition, entity)
        if call.verb == "PUT":
            preconditions.require(condition)
        return None

    def _changed(
        self,
        tx: Transaction,
        me: Me,
        call: Call,
        error: PreconditionFailed,
        condition: Condition | None,
        entity: Any,
    ) -> Answer:
        """The 412 for a client that wants to know what has changed."""
        current = self.registry.represent(tx, me, self.resource.rel, entity)
        more: dict[str, object] = {}
        if self.resource.change:
            seen = condition.strong + condition.weak if condition else ()
            change = self.resource.change(tx, me, entity, seen)
            more = {"changedBy": change.by, "changedAt": change.at}
            if change.properties is not None:
                more["changedProperties"] = change.properties
        answer = refusal(call.format, error, more, current)
        answer.headers += [
            ("ETag", quoted(str(entity.version))),
            ("Preference-Applied", "return=representation"),
        ]
        return answer

    def _input(self, call: Call, verb: Verb, format: Format) -> given.Given[Any]:
        """What the request gives: in its body, and with POST in its query, too."""
        assert verb.input is not None
        members: Mapping[str, object] = format.read(call.body) if call.body.strip() else {}
        if format.is_text:
            members = given.from_text(verb.input, members)
        if call.query and call.verb == "POST":
            members = given.with_query(verb.input, members, call.values())
        found = given.read(verb.input, members)
        play_back = self.resource.play_back
        if call.verb == "PUT" and play_back and play_back not in map(str.lower, members):
            raise ParameterValidationFailure(
                {play_back: "is missing: send back every member that GET returned"}
            )
        return found

    def _done(self, tx: Transaction, me: Me, call: Call, verb: Verb, result: Any) -> Answer:
        status = verb.status
        if verb.answers is None or result is None:  # a capability may have been used before
            tag = [] if result is None else [("ETag", quoted(str(result.version)))]
            return Answer(204, headers=tag)
        if isinstance(result, Existing):
            status, result = 200, result.entity
        if isinstance(result, Application):
            me = me.within(result)
        answer = self._represent(tx, me, call, status, verb.answers, result)
        if call.verb == "POST" and verb.answers != self.resource.rel:
            href = self.registry.href(me, verb.answers, result)
            answer.headers.append(("Location", href))
            if isinstance(result, Application) and self.registry.of("photo").is_for(me):
                cookie = photos_cookie(call, href.partition("?")[0])
                if cookie:
                    answer.headers.append(("Set-Cookie", cookie))
        return answer

    def _represent(
        self, tx: Transaction, me: Me, call: Call, status: int, rel: str, entity: Any
    ) -> Answer:
        representation = self.registry.represent(tx, me, rel, entity)
        answer = showing(call.format, representation, status)
        if representation.etag is not None:
            answer.headers.append(("ETag", quoted(representation.etag)))
        return answer
