"""What a request of the event channel is answered, within one transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import SimpleNamespace

import msgspec

from openucwa.domain.channels import Channel, Step, Timers
from openucwa.domain.facts import Fact, Priority, aggregated
from openucwa.resources.registry import Registry
from openucwa.resources.resource import Notice
from openucwa.resources.viewer import Me
from openucwa.store.tables.channels import Channels
from openucwa.store.transaction import Transaction
from openucwa.wire.channel import Event, EventType, Package, Sender, Target
from openucwa.wire.errors import PGetReplaced
from openucwa.wire.representation import Link, Representation, weight

MOST_FACTS = 500
"""Facts that a package tells at most. As many are due at once."""
LARGEST = 1024 * 1024
"""Characters of what a package carries, roughly. A single resource may have more."""

_IN_COLLECTION = (EventType.ADDED, EventType.DELETED)


@dataclass(frozen=True, slots=True)
class Wait:
    """There is nothing to tell yet: `channel` is to wait for facts after `position`.

    Those at hand are to be told in `seconds`, None when there are none.
    """

    channel: Channel
    position: int
    seconds: float | None


@dataclass(frozen=True)
class Delivery:
    """Tells channels what has happened, as the registry's resources show it."""

    registry: Registry

    def held(self, fact: Fact, timers: Timers) -> timedelta:
        """How long a fact may be held back, so that others are told with it."""
        notice = self.registry.notice(fact)
        if notice is None or notice.priority is Priority.HIGH:
            return timedelta()
        seconds = timers.medium if notice.priority is Priority.MEDIUM else timers.low
        return timedelta(seconds=seconds)

    def look(self, tx: Transaction, channel: Channel, ack: int, timers: Timers) -> Wait | None:
        """What a request has to wait for; None when it can be answered at once."""
        if channel.step(ack) is not Step.NEXT or channel.until < tx.facts.forgotten():
            return None
        waiting = tx.facts.of(channel.user_id, channel.topics, after=channel.until, most=MOST_FACTS)
        if len(waiting) == MOST_FACTS:
            return None
        left = min((self._left(fact, timers, tx.now) for fact in waiting), default=None)
        if left is not None and left <= timedelta():
            return None
        seconds = None if left is None else left.total_seconds()
        return Wait(channel, tx.facts.latest(), seconds)

    def _left(self, fact: Fact, timers: Timers, now: datetime) -> timedelta:
        """How much longer a fact may be held back: no longer for a clock that was set back."""
        held = self.held(fact, timers)
        return min(held, fact.at + held - now)

    def package(
        self, tx: Transaction, me: Me, channel: Channel, ack: int, timers: Timers
    ) -> Package:
        """The answer: the next package, the last one once more, or where to find that.

        Raises PGetReplaced when another request has been given the next package meanwhile.
        """
        step = channel.step(ack)
        if step is Step.ASTRAY:
            return self._astray(me, channel, ack)
        forgotten = tx.facts.forgotten()
        if step is Step.NEXT:
            given = channel.advanced(self._until(tx, me, channel), timers)
            if given.is_behind(forgotten):  # then its client tells the timers again
                given = msgspec.structs.replace(given, timers=Timers())
            if not tx.of(Channels).give(channel, given):
                raise PGetReplaced("Another request has received these events.")
            channel = given
        return self._package(tx, me, channel, "resume" if channel.is_behind(forgotten) else "next")

    def _until(self, tx: Transaction, me: Me, channel: Channel) -> int:
        """Return the position up to which the next package tells what has happened.

        So a package has a bound. It has the first facts at least; the package after it tells the
        rest.
        """
        latest = tx.facts.latest()
        facts = tx.facts.of(
            channel.user_id, channel.topics, after=channel.until, until=latest, most=MOST_FACTS
        )
        if len(facts) < 2:
            return latest
        room, until = LARGEST, channel.until
        seen: set[object] = set()
        for fact in facts:
            what = (fact.rel, *sorted(fact.keys.items()))
            if what not in seen:
                seen.add(what)
                shown = self._shown(tx, me, fact)
                size = weight(shown) if shown else 0
                if size > room and until > channel.until:
                    return until
                room -= size
            until = fact.position
        return until if len(facts) == MOST_FACTS else latest

    def nothing(self, me: Me, channel: Channel, ack: int) -> Package:
        """An answer that tells nothing and acknowledges nothing: the same request is the next."""
        link = Link(self._href(me, channel, ack))
        return Package(link.href, {"next": link})

    def _package(self, tx: Transaction, me: Me, channel: Channel, onwards: str) -> Package:
        facts = tx.facts.of(
            channel.user_id,
            channel.topics,
            after=channel.since,
            until=channel.until,
            most=MOST_FACTS,
        )
        return Package(
            href=self._href(me, channel, channel.number),
            links={onwards: Link(self._href(me, channel, channel.number + 1))},
            senders=self._senders(tx, me, aggregated(facts)),
        )

    def _astray(self, me: Me, channel: Channel, ack: int) -> Package:
        """Where to go on after an acknowledgement that leads nowhere.

        Some clients follow nothing but `next`, so that is there beside `resync`.
        """
        link = Link(self._href(me, channel, channel.ack))
        return Package(self._href(me, channel, ack), {"next": link, "resync": link})

    def _senders(self, tx: Transaction, me: Me, facts: Iterable[Fact]) -> list[Sender]:
        """The events in their order; those that one sender sends in succession, together.

        What has grown since it was first told may not fit any more: it is left to the client to
        fetch it.
        """
        senders: list[Sender] = []
        room = 2 * LARGEST
        for fact in facts:
            notice = self.registry.notice(fact)
            event = self._event(tx, me, fact, notice, room) if notice else None
            if notice is None or event is None:
                continue
            if event.embedded:
                room -= weight(event.embedded)
            elif _is_shown(fact, notice):
                room = 0  # or all that does not fit, however much, would be read and thrown away
            target = self._target(me, notice.sender, fact)
            if not senders or (senders[-1].rel, senders[-1].href) != (target.rel, target.href):
                senders.append(Sender(target.rel, target.href))
            senders[-1].events.append(event)
        return senders

    def _event(
        self, tx: Transaction, me: Me, fact: Fact, notice: Notice, room: int
    ) -> Event | None:
        """None for what is gone by now: that it has gone, another event tells."""
        target = self._target(me, fact.rel, fact)
        within = None
        if notice.within and fact.type in _IN_COLLECTION:
            within = self._target(me, notice.within, fact)
        if not _is_shown(fact, notice) or room <= 0:
            return Event(fact.type, target, within, None)
        shown = self._shown(tx, me, fact)
        if shown is None:
            return None
        target = Target(shown.rel, shown.href)
        return Event(fact.type, target, within, shown if weight(shown) <= room else None)

    def _shown(self, tx: Transaction, me: Me, fact: Fact) -> Representation | None:
        """Return what an event carries; None where it carries nothing, or that is gone by now."""
        notice = self.registry.notice(fact)
        if notice is None or not _is_shown(fact, notice):
            return None
        entity = self.registry.of(fact.rel).found(tx, me, **fact.keys)
        return None if entity is None else self.registry.represent(tx, me, fact.rel, entity)

    def _target(self, me: Me, rel: str, fact: Fact) -> Target:
        return Target(rel, self.registry.href(me, rel, SimpleNamespace(**fact.keys)))

    def _href(self, me: Me, channel: Channel, ack: int) -> str:
        return self.registry.href(me, "events", msgspec.structs.replace(channel, number=ack))


def _is_shown(fact: Fact, notice: Notice) -> bool:
    return notice.embedded and fact.type is not EventType.DELETED
