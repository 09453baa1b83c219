"""The queue for what takes a core for a moment: hashing a password, or opening a ticket."""

import asyncio
from asyncio import Future
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from openucwa.domain.networks import network_of
from openucwa.wire.errors import ServiceUnavailable

AT_ONCE = 2
"""Sign-ins at work: a password takes 19 MiB, and some 30 ms of a core."""
MOST_WAITING = 64
MOST_OF_A_NETWORK = 32
MOST_OF_AN_ACCOUNT = 16
"""From one network."""


@dataclass(eq=False)
class QueuedSignIn:
    """A place in the queue. Its turn is not to come before it is asked for."""

    network: str
    account: str
    network_turn: int
    """The number of the turn that its network had last. If it had none since this place was taken,
    it is that of the turns given by then: a new network would always come first otherwise."""
    account_turn: int
    """The same of its account in this network."""
    is_waiting: bool = False
    turn: Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class SignInQueue:
    """A short queue, so that nobody waits long. Who finds no place in it is told to come again.

    One network can't fill it: in a full queue, the network that has most of it gives up a place to
    another one that has less. Networks take turns, and in a network its accounts do, so that one
    who signs in a hundred times does not go before the one of somebody else.
    """

    def __init__(self) -> None:
        self._working = 0
        self._places: list[QueuedSignIn] = []
        self._given = 0
        """The turns that have been given."""

    @asynccontextmanager
    async def place(self, account: str, address: str) -> AsyncIterator[QueuedSignIn]:
        """Have a place in the queue within the block. Raises ServiceUnavailable.

        Whatever a sign-in costs before its turn is to be done there: no more do it than may wait.
        """
        place = QueuedSignIn(network_of(address), account, self._given, self._given)
        self._make_room(place)
        self._places.append(place)
        try:
            yield place
        finally:
            if place in self._places:
                self._places.remove(place)
            if not place.turn.cancel() and not place.turn.cancelled():
                place.turn.exception()  # which nobody else may have asked for

    @asynccontextmanager
    async def turn(self, place: QueuedSignIn) -> AsyncIterator[None]:
        """Wait for the turn of a place, and have it within the block. Raises ServiceUnavailable."""
        if self._working < AT_ONCE and not place.turn.done():
            self._working += 1
            self._places.remove(place)
        else:
            await self._wait(place)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, place: QueuedSignIn) -> None:
        place.is_waiting = True
        try:
            await place.turn
        except asyncio.CancelledError:
            if place in self._places:
                self._places.remove(place)
            elif not place.turn.cancelled() and place.turn.exception() is None:
                self._pass_on()  # it was given its turn, which it does not take
            raise

    def _make_room(self, new: QueuedSignIn) -> None:
        """Raise ServiceUnavailable where the queue has no place, or no place for this one."""
        networks = Counter(one.network for one in self._places)
        same = (one for one in self._places if one.network == new.network)
        if (
            networks[new.network] >= MOST_OF_A_NETWORK
            or sum(one.account == new.account for one in same) >= MOST_OF_AN_ACCOUNT
        ):
            raise _busy()
        if len(self._places) < MOST_WAITING:
            return
        greediest, most = networks.most_common(1)[0]
        if most <= networks[new.network] + 1:
            raise _busy()
        last = next(one for one in reversed(self._places) if one.network == greediest)
        self._places.remove(last)
        last.turn.set_exception(_busy())

    def _pass_on(self) -> None:
        """Give the turn to whose it is: of equals, to the one who has waited longest."""
        while waiting := [one for one in self._places if one.is_waiting]:
            following = min(waiting, key=lambda one: (one.network_turn, one.account_turn))
            self._places.remove(following)
            if not following.turn.done():  # or she has gone
                self._note(following)
                following.turn.set_result(None)
                return
        self._working -= 1

    def _note(self, served: QueuedSignIn) -> None:
        """Let those of the same network and account wait for the others."""
        self._given += 1
        for one in self._places:
            if one.network == served.network:
                one.network_turn = self._given
                if one.account == served.account:
                    one.account_turn = self._given


def _busy() -> ServiceUnavailable:
    return ServiceUnavailable(
        "Too many sign-ins are waiting. Try again in a second.", headers={"Retry-After": "1"}
    )
