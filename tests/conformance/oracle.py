"""The oracle: is everything in an exchange documented?

`Oracle.load().check(exchange)` answers with a list of findings, which is empty if all is well.
The facts lie in `tables/`, what deployed clients need beyond them in `compatibility.py`, and what
OpenUCWA adds on the page docs/extensions.md. Nothing else is allowed on the wire.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from tests.conformance.accepted import accepted_findings
from tests.conformance.batches import batch_findings, inner_exchanges, is_batch
from tests.conformance.bodies import Body, UnreadableBody, read_body
from tests.conformance.documented import Documented
from tests.conformance.events import event_findings, is_channel
from tests.conformance.exchange import Exchange
from tests.conformance.extensions import Extensions
from tests.conformance.failures import failure_findings
from tests.conformance.finding import Finding
from tests.conformance.headers import header_findings
from tests.conformance.places import Kind, Place
from tests.conformance.served import served_findings
from tests.conformance.statuses import (
    missing_body_findings,
    negotiation_findings,
    status_findings,
)
from tests.conformance.tables import Tables
from tests.conformance.tokens import challenge_findings, is_refusal, token_findings

__all__ = ["Exchange", "Finding", "Oracle"]

NOT_IN_A_BATCH = frozenset({"batch", "events", "photo", "contactPhoto"})


@dataclass(frozen=True)
class Oracle:
    documented: Documented

    @classmethod
    @cache
    def load(cls) -> Oracle:
        return cls(Documented.load())

    @classmethod
    def with_extensions(cls, page: str) -> Oracle:
        """An oracle that reads its extensions from this text."""
        return cls(Documented.of(Tables.load(), Extensions.parse(page)))

    def check(self, exchange: Exchange) -> list[Finding]:
        """What is undocumented in an exchange, each thing once."""
        findings = (finding.seen_in(exchange) for finding in self._findings(exchange))
        return list(dict.fromkeys(findings))

    def _findings(self, exchange: Exchange) -> Iterator[Finding]:
        place = self.documented.places.find(exchange.path)
        if is_outside_of_ucwa(exchange, place):
            return
        yield from header_findings(self.documented, exchange, place)
        yield from status_findings(self.documented, exchange, place)
        if exchange.verb == "OPTIONS" and exchange.succeeded:
            return
        try:
            body = read_body(exchange.response_header("Content-Type"), exchange.content)
        except UnreadableBody as error:
            yield Finding(str(error))
            return
        if place.kind is Kind.TOKEN and (exchange.succeeded or is_refusal(exchange, body)):
            yield from token_findings(self.documented, exchange, body)
        elif exchange.status == 401:
            yield from challenge_findings(exchange)
        elif exchange.status >= 400:
            yield from failure_findings(self.documented, exchange, place, body)
        elif exchange.succeeded:
            yield from self._success_findings(exchange, place, body)

    def _success_findings(
        self, exchange: Exchange, place: Place, body: Body | None
    ) -> Iterator[Finding]:
        yield from accepted_findings(self.documented, exchange, place)
        yield from missing_body_findings(self.documented, exchange, place, body)
        if is_batch(exchange.response_header("Content-Type")):
            yield from self._batch_findings(exchange)
        elif body is not None:
            yield from negotiation_findings(exchange, body)
            if is_channel(place):
                yield from event_findings(self.documented, body)
            else:
                yield from served_findings(self.documented, exchange, place, body)

    def _batch_findings(self, batch: Exchange) -> Iterator[Finding]:
        yield from batch_findings(batch)
        for inner in inner_exchanges(batch):
            names = self.documented.places.find(inner.path).names
            if inner.succeeded and names & NOT_IN_A_BATCH:
                yield Finding("batch, events and photo may not be asked for inside of a batch")
            yield from self.check(inner)


def is_outside_of_ucwa(exchange: Exchange, place: Place) -> bool:
    """Pages for people, health checks and the like; a host's bare address may be either."""
    is_bare = place.kind is Kind.DISCOVERY and exchange.path.strip("/") == ""
    is_page = (exchange.response_header("Content-Type") or "").startswith("text/html")
    return place.kind is Kind.ELSEWHERE or (is_bare and is_page and exchange.status != 401)
