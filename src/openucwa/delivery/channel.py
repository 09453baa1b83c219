"""The answers of the event channel: which facts a package covers, and how it is written."""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from types import SimpleNamespace
from typing import Any

import msgspec

from openucwa.delivery.happening import LARGEST, Happenings
from openucwa.delivery.pending import Asked, Pending
from openucwa.domain.channels import Channel, Step, Timers
from openucwa.domain.facts import Fact
from openucwa.resources.registry import Registry
from openucwa.resources.viewer import Me
from openucwa.store.tables.channels import Channels
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import Package, Sender
from openucwa.wire.errors import ApplicationNotFound, PGetReplaced
from openucwa.wire.representation import Link, weight

MOST_FACTS = 500
"""Facts that a package tells at most. As many are due at once."""
_NUMBER = 10**18 - 1
"""A number that no package has, and no application."""
EXTENDED = "extended"
"""The parameter by which a client asks for events that are extensions, too."""


@dataclass(frozen=True, slots=True)
class Wait:
    """The facts that a request waits for: those of `topics`, or of a part of one, after `position`.

    Those at hand are to be told in `seconds`, None when there are none.
    """

    position: int
    seconds: float | None
    topics: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """The facts that the next package of a channel tells, which are those up to `until`."""

    pending: Pending
    facts: Sequence[Fact]
    until: int


@dataclass(frozen=True, slots=True)
class DuePackage:
    """A package that is due to a channel, for the viewer as she is now."""

    me: Me
    channel: Channel
    facts: Sequence[Fact]
    onwards: str
    extended: bool


class Viewers:
    """The viewers of requests, looked up once for all requests of the same sender."""

    def __init__(self) -> None:
        self._found: dict[Hashable, Me | Exception] = {}

    def of(self, tx: Transaction, asked: Asked) -> Me | Exception:
        """Return who asks, or why she may not ask any more."""
        if asked.sender not in self._found:
            self._found[asked.sender] = asked.viewer(tx)
        return self._found[asked.sender]


class Delivery:
    """Tells channels what has happened, as the registry's resources show it."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._happenings = Happenings(registry)

    def held(self, fact: Fact, channel: Channel, asked: Asked) -> timedelta | None:
        """Return how long a fact may be held back, so that others are told with it.

        None for what is not told to who asks.
        """
        tellings = self.registry.told(fact, channel.user_id, extended=asked.extended)
        if tellings is None:
            return timedelta()
        held = [asked.timers.held(one.priority_of(fact)) for one in tellings]
        return timedelta(seconds=min(held)) if held else None

    def look(self, tx: Transaction, channel: Channel, asked: Asked) -> Wait:
        """Return what a request for the next package has to wait for, if for anything."""
        latest, forgotten = tx.facts.bounds()
        if channel.until < forgotten:
            return Wait(latest, 0)
        waiting = self._told(tx, channel, asked, channel.until, latest, most=MOST_FACTS)
        if len(waiting) == MOST_FACTS:
            return Wait(latest, 0)
        left = min((self._left(fact, channel, asked, tx.now) for fact in waiting), default=None)
        seconds = None if left is None else left.total_seconds()
        return Wait(latest, seconds, tx.of(Channels).topics(channel))

    def _left(self, fact: Fact, channel: Channel, asked: Asked, now: datetime) -> timedelta:
        """Return how much longer a fact may be held back, also if the clock was set back."""
        held = self.held(fact, channel, asked) or timedelta()
        return min(held, fact.at + held - now)

    def _told(
        self, tx: Transaction, channel: Channel, asked: Asked, after: int, until: int, *, most: int
    ) -> Sequence[Fact]:
        """Return the first facts between two positions that a request is told."""
        told: list[Fact] = []
        while len(told) < most:
            facts = tx.facts.of(channel, after=after, until=until, most=MOST_FACTS)
            told += (fact for fact in facts if self.held(fact, channel, asked) is not None)
            if len(facts) < MOST_FACTS:
                break
            after = facts[-1].position
        return told[:most]

    def plan(self, tx: Transaction, due: Sequence[Pending]) -> list[Plan]:
        """Find what the next package of each channel tells, within its bounds."""
        latest = tx.facts.latest()
        viewers = Viewers()
        channels = [one.channel for one in due]
        found = tx.facts.next_of(channels, until=latest, most=MOST_FACTS)
        plans: list[Plan] = []
        for pending, channel, facts in zip(due, channels, found, strict=True):
            asked = pending.asked
            told: Sequence[Fact] = facts
            if len(facts) == MOST_FACTS:  # of which perhaps it is told none
                told = self._told(tx, channel, asked, channel.until, latest, most=MOST_FACTS)
            fitting = self._fitting(tx, pending, viewers, told)
            is_all = len(fitting) == len(told) < MOST_FACTS
            plans.append(Plan(pending, fitting, latest if is_all else fitting[-1].position))
        return plans

    def _fitting(
        self, tx: Transaction, pending: Pending, viewers: "Viewers", facts: Sequence[Fact]
    ) -> Sequence[Fact]:
        """Return the first of these facts, as many as fit in a package: one at least.

        The package after it tells the rest.
        """
        if len(facts) < 2:
            return facts
        asked, user_id = pending.asked, pending.channel.user_id
        happenings = [
            (number, one)
            for number, fact in enumerate(facts)
            for one in self._happenings.of([fact], user_id, asked.extended)
            if one.is_shown
        ]
        if len({one.target for _, one in happenings}) < 2:
            return facts
        me = viewers.of(tx, asked)
        if isinstance(me, Exception):  # she is told nothing
            return facts
        room, seen = LARGEST, set[object]()
        for number, one in happenings:
            if one.target not in seen:
                seen.add(one.target)
                found = self._happenings.shown(tx, me, one)
                size = weight(found) if found else 0
                if size > room and number:
                    return facts[:number]
                room -= size
        return facts

    def advance(self, tx: Transaction, plans: Iterable[Plan]) -> list[DuePackage | Exception]:
        """Move all channels on that have been planned for, each if its viewer may still be told.

        PGetReplaced is for those whose next package another request has been given meanwhile.
        """
        forgotten = tx.facts.forgotten()
        viewers = Viewers()
        results: list[DuePackage | Exception] = []
        steps: dict[int, tuple[Channel, Channel]] = {}
        for number, plan in enumerate(plans):
            asked, channel = plan.pending.asked, plan.pending.channel
            me = viewers.of(tx, asked)
            if isinstance(me, Exception):
                results.append(me)
                continue
            wanted = channel.advanced(plan.until, asked.timers)
            if is_behind := wanted.is_behind(forgotten):  # then its client tells the timers again
                wanted = msgspec.structs.replace(wanted, timers=Timers())
            steps[number] = channel, wanted
            me = me.within(me.application.instance(channel.instance_id))
            onwards = "resume" if is_behind else "next"
            results.append(DuePackage(me, wanted, plan.facts, onwards, asked.extended))
        moved = tx.of(Channels).give([*steps.values()])
        for (number, (channel, _)), has_moved in zip(steps.items(), moved, strict=True):
            if not has_moved:
                results[number] = self._lost(tx, channel)
        return results

    def _lost(self, tx: Transaction, channel: Channel) -> Exception:
        if tx.of(Channels).current(*channel.key) is None:
            return ApplicationNotFound(
                "The application no longer has this instance. Create it again."
            )
        return PGetReplaced("Another request has received these events.")

    def repeated(self, tx: Transaction, me: Me, channel: Channel, asked: Asked) -> Package:
        """Return the last package once more, or where to find it.

        A client that asked for it without `extended` at first may have more facts in it than fit.
        It is told to resume, as if they were forgotten.
        """
        if channel.step(asked.ack) is Step.ASTRAY:
            return self._astray(channel, asked)
        facts = self._told(tx, channel, asked, channel.since, channel.until, most=MOST_FACTS + 1)
        lacks_some = channel.is_behind(tx.facts.forgotten()) or len(facts) > MOST_FACTS
        onwards = "resume" if lacks_some else "next"
        due = DuePackage(me, channel, facts[:MOST_FACTS], onwards, asked.extended)
        return self.package(tx, due, {})

    def nothing(self, channel: Channel, asked: Asked) -> Package:
        """An answer that tells nothing and acknowledges nothing: the same request is the next."""
        before, after = self._around(*channel.key, asked.extended)
        link = Link(f"{before}{asked.ack}{after}")
        return Package(link.href, {"next": link})

    def package(
        self, tx: Transaction, due: DuePackage, told: dict[object, Sequence[Sender]]
    ) -> Package:
        """Return a package as it is served. What others were `told` alike is not made again."""
        me, channel, extended = due.me, due.channel, due.extended
        positions = tuple(one.position for one in due.facts)
        alike = me.user.id, channel.application_id, extended, positions
        if alike not in told:
            told[alike] = self._happenings.senders(tx, me, due.facts, extended)
        before, after = self._around(*channel.key, extended)
        return Package(
            href=f"{before}{channel.number}{after}",
            links={due.onwards: Link(f"{before}{channel.number + 1}{after}")},
            senders=told[alike],
        )

    def _astray(self, channel: Channel, asked: Asked) -> Package:
        """Return the way on from an acknowledgement that leads nowhere.

        Some clients follow nothing but `next`, so that is there beside `resync`.
        """
        before, after = self._around(*channel.key, asked.extended)
        link = Link(f"{before}{channel.ack}{after}")
        return Package(f"{before}{asked.ack}{after}", {"next": link, "resync": link})

    @lru_cache(maxsize=10_000)  # noqa: B019 - there is one
    def _around(
        self, user_id: int, application_id: int, instance_id: str, extended: bool
    ) -> tuple[str, str]:
        """Return what comes in the addresses of a channel before the number, and after it."""
        place: Any = SimpleNamespace(
            application_id=application_id, instance_id=instance_id, ack=_NUMBER
        )
        href = self.registry.href(place, "events", place)
        before, _, after = href.partition(str(_NUMBER))
        return before, f"{after}&{EXTENDED}=true" if extended else after
