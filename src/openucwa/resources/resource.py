"""The declaration of a resource, for its route, links, guards and representation alike."""

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, auto
from types import FrameType
from typing import Any, Concatenate, Generic, ParamSpec, TypeAlias, TypeVar, Unpack, overload

import msgspec

from openucwa.domain.facts import Fact, Priority
from openucwa.resources.change import Change
from openucwa.resources.offer import Offer, Rule
from openucwa.resources.path import Path
from openucwa.resources.relation import Notice, Relation
from openucwa.resources.verb import Options, RawBody, Verb
from openucwa.resources.viewer import Me
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import EventType
from openucwa.wire.errors import Conflict, Forbidden, UcwaError
from openucwa.wire.given import Given
from openucwa.wire.metadata import Method, parameters
from openucwa.wire.representation import Value, served

B = TypeVar("B")
E = TypeVar("E")
I = TypeVar("I", bound=msgspec.Struct)  # noqa: E741 - an input
N = TypeVar("N")
P = ParamSpec("P")

Latest: TypeAlias = Callable[[Transaction, Me, E, Sequence[str]], Change | None]
Decorator: TypeAlias = Callable[[Callable[P, N]], Callable[P, N]]

_DECLARING = ("typing", __name__, f"{__package__}.dashboard")

PLAY_BACK = "please pass this in a PUT request"
"""The value of the member by which PUT tells that its sender plays back what she does not know."""

Expansion: TypeAlias = Callable[[Transaction, Me, Fact], Sequence[Fact]]
"""Tells which facts one fact stands for, for a viewer."""

Properties: TypeAlias = msgspec.Struct | Mapping[str, Value]
"""The served properties of an entity: a structure, or a mapping where clients choose names."""


def no_properties(me: Me, entity: object) -> Properties:
    """The properties of what has links alone."""
    return {}


class Audience(Enum):
    """The viewers whom a resource is for."""

    USERS = auto()
    GUESTS = auto()
    EVERYBODY = auto()


def _declaring_module() -> str:
    """The module that declares a resource, for those who report or describe it."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals["__name__"] in _DECLARING:
        frame = frame.f_back
    return str(frame.f_globals["__name__"]) if frame else ""


@dataclass(eq=False)
class Resource(Generic[E]):
    """A resource that shows entities of type E.

    `path` has the parts of an entity that are its key, as `{attribute}`. `properties` tells what is
    served of an entity, in order; `play_back` is the name of the random member that PUT demands,
    which comes last, or first where clients look for it there.
    `variants` are further rels at the same path, each with what tells the entities that have it.
    `synonyms` are rels of links and embedded resources that stand for it, each with what its
    address has in the query then. `kinds` are the kinds of its entities in facts, by their rel.
    `title` is what a link to an entity calls it.
    `query` tells what stands in the address of an entity after the path. `asked` is the structure
    of what GET takes in its query beside the keys; `find` gets its members by their names.
    `revision` is told on links to it; None is the first (Versioning.md).
    `is_photo` lets a browser ask for it with the cookie for photos alone.
    `as_table` is the rel of what it embeds that clients can have as the rows of a table, in CSV.
    `aliases` are further paths that lead to it, for clients that know one of these by heart.
    `audience` guards the path, and leaves what leads there out of what others are served. A
    resource that is not `readable` has no GET. One that `is_long` takes its time to be shown, as a
    list does, or to be worked out. `refusals` are what `find` raises.
    `shared_path` is where others see an entity that is shared with them, and `shared_rel` its rel
    there; the entity names its owner by `organizer_id`.
    """

    rel: str
    path: str
    properties: Callable[[Me, E], Properties] = no_properties
    play_back: str | None = None
    play_back_first: bool = False
    variants: Mapping[str, Callable[[E], bool]] = field(default_factory=dict)
    synonyms: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    title: Callable[[E], str] | None = None
    query: Callable[[E], Mapping[str, str]] | None = None
    asked: type[msgspec.Struct] | None = None
    revision: int | None = None
    is_photo: bool = False
    as_table: str = ""
    aliases: Sequence[str] = ()
    audience: Audience = Audience.USERS
    readable: bool = True
    is_long: bool = False
    refusals: Sequence[type[UcwaError]] = ()
    shared_path: str = ""
    shared_rel: str = ""

    def __post_init__(self) -> None:
        self.template = Path(self.path)
        self.templates = (self.template, *map(Path, self.aliases))
        """The paths that lead to it, first its own."""
        self.module = _declaring_module()
        self.verbs: dict[str, Verb] = {}
        self.links: list[Relation[E]] = []
        self.embedded: list[Relation[E]] = []
        self.capabilities: list[Resource[E]] = []
        self.notices: dict[tuple[EventType, str], Notice] = {}
        self.expansions: dict[str, Expansion] = {}
        self.finder: Callable[..., E | None] | None = None
        self.change: Latest[E] | None = None
        self.is_capability = False
        self.twin_of: Resource[E] | None = None
        self.deletion: Callable[[Transaction, Me, Mapping[str, str]], EventType | None] | None = (
            None
        )

    @property
    def name(self) -> str:
        """The name of the declaration: its rel, which a twin may share."""
        return f"{self.rel}SharedWithMe" if self.is_twin_by_path else self.rel

    @property
    def is_twin_by_path(self) -> bool:
        """True if it is the twin of a resource with the same rel."""
        return self.twin_of is not None and self.twin_of.rel == self.rel

    def twin(self) -> "Resource[E]":
        """Return the same resource as others see it, at `shared_path`."""
        found = replace(
            self,
            rel=self.shared_rel or self.rel,
            path=self.shared_path,
            variants={},
            aliases=(),
            shared_path="",
            shared_rel="",
        )
        found.twin_of, found.module = self, self.module
        found.links, found.embedded = self.links, self.embedded
        found.finder, found.change = self.finder, self.change
        found.deletion = self.deletion
        found.verbs = {
            method: replace(verb, answers=found.rel) if verb.answers == self.rel else verb
            for method, verb in self.verbs.items()
        }
        found.notices = {
            place: replace(notice, within=notice.shared_within or notice.within)
            for place, notice in self.notices.items()
        }
        return found

    def is_shared(self, me: Me, entity: object) -> bool:
        """Return True if the viewer sees somebody else's entity, at `shared_path`."""
        if not self.shared_path:
            return False
        owner: int | str = getattr(entity, "organizer_id", me.user.id)
        return str(owner) != str(me.user.id)

    @property
    def rels(self) -> Sequence[str]:
        """Every rel that entities at this path may have."""
        return (self.rel, *self.variants)

    @property
    def is_entry(self) -> bool:
        """True if it lies outside of any application, so that clients start with it."""
        return "{application_id}" not in self.template.segments

    def metadata(self) -> Sequence[Method]:
        """Return the parameters of its methods."""
        found = [Method("GET", ())] if self.readable else []
        for name, verb in self.verbs.items():
            found.append(Method(name, parameters(verb.input) if verb.input else ()))
        return found

    def is_for(self, me: Me) -> bool:
        """Return True if the viewer may use it."""
        if self.audience is Audience.EVERYBODY:
            return True
        return me.is_guest is (self.audience is Audience.GUESTS)

    def rel_of(self, me: Me, entity: E) -> str:
        """The rel of one entity, as the viewer sees it."""
        if self.shared_rel and self.is_shared(me, entity):
            return self.shared_rel
        for rel, applies in self.variants.items():
            if applies(entity):
                return rel
        return self.rel

    def find(
        self, function: Callable[Concatenate[Transaction, Me, P], E | None]
    ) -> Callable[Concatenate[Transaction, Me, P], E | None]:
        """Declare how to find the entity of a path, given its keys by name. GET shows it.

        This is the one check of who may see it: None for what is not there and for what belongs to
        somebody else alike.
        """
        self.finder = function
        return function

    def found(self, tx: Transaction, me: Me, **keys: Any) -> E | None:
        """The entity of a path, as `find` declares it, given the keys and what was asked."""
        assert self.finder is not None  # the registry has seen to it
        return self.finder(tx, me, **keys)

    def link(
        self,
        rel: str,
        target: Callable[[Transaction, Me, E], object] | None = None,
        *,
        when: Rule[E] | None = None,
    ) -> None:
        """Declare a link, which is there while `when` holds.

        Without `target` it leads to what has the same keys; where a path has no keys, to what its
        resource finds for the viewer, and there is no link when that is nothing.
        """
        self.links.append(Relation(rel, target, when=when))

    def embed(
        self,
        rel: str,
        target: Callable[[Transaction, Me, E], object] | None = None,
        *,
        load: Callable[[Transaction, Me, Sequence[E]], Sequence[object]] | None = None,
        always: bool = False,
    ) -> None:
        """Declare an embedded resource. If `always`, it is there as an empty list, too.

        What takes a query for each entity is declared by `load`, which gets all entities of a list
        and returns what each of them embeds, in their order.
        """
        self.embedded.append(Relation(rel, target, load=load, is_part=True, always=always))

    def sends(
        self,
        *types: EventType,
        sender: str,
        within: str | None = None,
        shared_within: str | None = None,
        collection: str = "",
        priority: Priority = Priority.HIGH,
        embedded: bool = False,
        extension: bool = False,
        rel: str = "",
    ) -> None:
        """Declare how events about this resource are told (its page lists them).

        `collection` is the name of `within` in facts, where the resource comes and goes apart from
        being there at all. `extension` is for events that no page lists. `shared_within` is what
        `within` is to others, and `rel` that of the resource in these events, where it has another.
        """
        notice = Notice(sender, within, priority, embedded, extension, shared_within, rel)
        self.notices |= {(type, collection): notice for type in types}

    def expands(self, kind: str) -> Decorator[[Transaction, Me, Fact], Sequence[Fact]]:
        """Declare which facts about its entities a fact of another kind stands for.

        So that one fact is enough where a viewer is told of many entities that are there already.
        """

        def declare(function: Expansion) -> Expansion:
            self.expansions[kind] = function
            return function

        return declare

    def tells_deletion(
        self, function: Callable[[Transaction, Me, Mapping[str, str]], EventType | None]
    ) -> None:
        """Declare which event others get when an entity has gone, given the keys of the fact.

        None for those who may not know that it was there.
        """
        self.deletion = function

    def latest_change(self, function: Latest[E]) -> Latest[E]:
        """Declare how to tell who changed an entity, compared with the tags that a client names.

        It returns None for what nobody has changed yet. `changed_properties` is None when none of
        these versions is known any more.
        """
        self.change = function
        return function

    def changed(
        self, tx: Transaction, me: Me, entity: E, seen: Sequence[str]
    ) -> Mapping[str, Value]:
        """The members that tell of the latest change of an entity, if that is known."""
        change = self.change(tx, me, entity, seen) if self.change else None
        return served(change) if change else {}

    @overload
    def post(
        self, input: type[I], *, role: Rule[E] | None = None, **options: Unpack[Options]
    ) -> Decorator[[Transaction, Me, E, Given[I]], Any]: ...
    @overload
    def post(
        self,
        input: type[I],
        *,
        raw: RawBody[B],
        role: Rule[E] | None = None,
        **options: Unpack[Options],
    ) -> Decorator[[Transaction, Me, E, Given[I], B], Any]: ...
    @overload
    def post(
        self, *, role: Rule[E] | None = None, **options: Unpack[Options]
    ) -> Decorator[[Transaction, Me, E], Any]: ...
    def post(
        self,
        input: type[msgspec.Struct] | None = None,
        *,
        raw: RawBody[Any] | None = None,
        role: Rule[E] | None = None,
        **options: Unpack[Options],
    ) -> Decorator[..., Any]:
        """Declare what POST does, with or without an input, for viewers for whom `role` holds.

        Where the body is `raw`, the input is in the query alone. The function returns the entity of
        `answers`, new or Existing. Where nothing is answered it returns None, and the status is
        204.
        """
        options.setdefault("status", 201 if "answers" in options else 204)
        return self._verb("POST", input, options, role, raw)

    @overload
    def capability(
        self,
        rel: str,
        input: type[I],
        *,
        when: Rule[E],
        role: Rule[E] | None = None,
        done: Rule[E] | None = None,
        at: str = "",
        refusal: Callable[[], Conflict] | None = None,
        forbidden: Callable[[], Forbidden] | None = None,
        audience: Audience | None = None,
        aliases: Sequence[str] = (),
        **options: Unpack[Options],
    ) -> Decorator[[Transaction, Me, E, Given[I]], Any]: ...
    @overload
    def capability(
        self,
        rel: str,
        input: type[I],
        *,
        raw: RawBody[B],
        when: Rule[E],
        role: Rule[E] | None = None,
        done: Rule[E] | None = None,
        at: str = "",
        refusal: Callable[[], Conflict] | None = None,
        forbidden: Callable[[], Forbidden] | None = None,
        audience: Audience | None = None,
        aliases: Sequence[str] = (),
        **options: Unpack[Options],
    ) -> Decorator[[Transaction, Me, E, Given[I], B], Any]: ...
    @overload
    def capability(
        self,
        rel: str,
        *,
        when: Rule[E],
        role: Rule[E] | None = None,
        done: Rule[E] | None = None,
        at: str = "",
        refusal: Callable[[], Conflict] | None = None,
        forbidden: Callable[[], Forbidden] | None = None,
        audience: Audience | None = None,
        aliases: Sequence[str] = (),
        **options: Unpack[Options],
    ) -> Decorator[[Transaction, Me, E], Any]: ...
    def capability(
        self,
        rel: str,
        input: type[msgspec.Struct] | None = None,
        *,
        raw: RawBody[Any] | None = None,
        when: Rule[E],
        role: Rule[E] | None = None,
        done: Rule[E] | None = None,
        at: str = "",
        refusal: Callable[[], Conflict] | None = None,
        forbidden: Callable[[], Forbidden] | None = None,
        audience: Audience | None = None,
        aliases: Sequence[str] = (),
        **options: Unpack[Options],
    ) -> Decorator[..., Any]:
        """Declare what a viewer can do with an entity while its state allows it, by POST.

        The entity has the link `rel` exactly when `role` and `when` hold, and the path below its
        own takes POST, which is `at` another name than the rel where clients know it by that. What
        is not offered is refused: to another role with Forbidden, in another state with Conflict.
        Where `done` tells that it has been done already, it is 204 once more and changes nothing.
        All three are pure functions of what the viewer sees.

        `refusal` makes the Conflict, where UCWA documents one of its own, and `forbidden` makes
        Forbidden. It is for the audience of the resource, unless for another one.
        """
        offer = Offer(self.rel, rel, when, role, done, refusal, forbidden)
        offered = Resource[E](
            rel,
            f"{self.path}/{at or rel}",
            audience=audience or self.audience,
            aliases=aliases,
            readable=False,
            refusals=offer.refusals,
        )
        offered.is_capability = True
        offered.finder = offer.guarded(self.finder)
        self.links.append(Relation(rel, when=offer.is_made))
        self.capabilities.append(offered)
        options.setdefault("status", 201 if "answers" in options else 204)
        declare = offered._verb("POST", input, options, raw=raw)

        def declare_once(function: Callable[..., Any]) -> Callable[..., Any]:
            declare(offer.once(function))
            return function

        return declare_once

    def put(
        self,
        input: type[I],
        *,
        status: int = 200,
        errors: Sequence[type[UcwaError]] = (),
        role: Rule[E] | None = None,
    ) -> Decorator[[Transaction, Me, E, Given[I]], E]:
        """Declare what PUT replaces. It is called when the client knows the current version.

        With status 204, the answer does not show the entity.
        """
        shown: Options = {} if status == 204 else {"answers": self.rel}
        return self._verb("PUT", input, {"status": status, "errors": errors, **shown}, role)

    def delete(self, *, role: Rule[E] | None = None) -> Decorator[[Transaction, Me, E], None]:
        """Declare what DELETE removes."""
        return self._verb("DELETE", None, {"status": 204}, role)

    def _verb(
        self,
        method: str,
        input: type[msgspec.Struct] | None,
        options: Options,
        role: Rule[E] | None = None,
        raw: RawBody[Any] | None = None,
    ) -> Decorator[..., Any]:
        def declare(function: Callable[..., N]) -> Callable[..., N]:
            self.verbs[method] = Verb(function, input, role=role, raw=raw, **options)
            return function

        return declare
