"""The connections of a process: how many there are, from where, and the memory that they hold.

Clients share them. So each address has a limit, memory has one for all of them together, and where
there is no room the client goes first that has kept the server waiting for the longest time.
"""

import ipaddress
import time
from collections import Counter
from collections.abc import Callable

import structlog

from openucwa.domain.networks import address_of, network_of

REQUESTS = 32 * 1024 * 1024
"""Bytes of requests that have not been answered, of all connections."""
ANSWERS = 32 * 1024 * 1024
"""Bytes of answers that clients have not read yet, of all connections."""
FREE = 16 * 1024
"""Bytes of requests that a connection may always hold: most requests are smaller."""
MOST_LINGERING = 64
"""Connections that have had their last answer, and wait for their clients to close them."""
TIME = 5.0
"""Seconds that a body may take while others need the memory that it holds."""
SAY_EVERY = 10.0
"""Seconds between two lines in the log about the same."""

_log = structlog.get_logger("openucwa.http.connections")

Hang = Callable[[], None]


class Connections:
    """Counts connections. The addresses of `proxies`, as settings name them, have no limit."""

    def __init__(
        self, most: int = 1_000_000, most_of_address: int = 1_000_000, proxies: str = "*"
    ) -> None:
        self.most = most
        self._most_of_address = most_of_address
        self._proxies = _Networks(proxies)
        self.count = 0
        self._by_network: Counter[str] = Counter()
        self._said_at: dict[str, float] = {}
        self._unsaid: Counter[str] = Counter()
        self.held = 0
        """Bytes of requests that have not been answered."""
        self._waiting: dict[Slot, Hang] = {}
        self._bodies: dict[Slot, tuple[float, Hang]] = {}
        """The connections on which a body is coming, since when, the oldest first."""
        self._lingering: dict[Slot, Hang] = {}
        self._unread: dict[Slot, tuple[int, Hang]] = {}
        self._unread_size = 0

    def enter(self, address: str) -> "Slot | None":
        """Take a slot for a connection from an address, or None where it has to be closed.

        A few more connections than there may be, in all or of one address, get a slot in which
        they are told so.
        """
        network = "" if address in self._proxies else network_of(address)
        here = self._by_network[network] if network else 0
        is_beyond = here >= self._most_of_address
        if is_beyond:
            self.say(
                "connections_of_address_refused",
                client=address,
                advice="One address has reached "
                "limits.connections_per_address. If it is a reverse proxy, name it in "
                "trusted_proxies.",
            )
        elif self.count >= self.most and not self.make_room():
            is_beyond = True
            self.say(
                "connections_refused",
                connections=self.count,
                advice="All connections are in use. Raise limits.connections, and the number of "
                "files that the process may open (LimitNOFILE), or run more workers.",
            )
        if is_beyond and (
            here >= _with_a_few_more(self._most_of_address)
            or self.count >= _with_a_few_more(self.most)
        ):
            return None
        self.count += 1
        if network:
            self._by_network[network] += 1
        return Slot(self, network, is_beyond)

    def make_room(self) -> bool:
        """Close the connection that has kept the server waiting for longest, if one does."""
        for slot, hang_up in self._waiting.items():
            del self._waiting[slot]
            slot.leave()
            hang_up()
            self.say("idle_connection_closed", advice="It was closed to accept a new connection.")
            return True
        return False

    def say(self, event: str, **details: object) -> None:
        """Log a warning, and what is repeated only now and then, with how often it was."""
        self._unsaid[event] += 1
        now = time.monotonic()
        if now >= self._said_at.get(event, -SAY_EVERY) + SAY_EVERY:
            self._said_at[event] = now
            _log.warning(event, times=self._unsaid.pop(event), **details)

    def _forgets_a_body(self, slot: "Slot") -> bool:
        """Close the connection whose body has been coming for longest, if that is too long."""
        for other, (began, hang_up) in self._bodies.items():
            if began > time.monotonic() - TIME:
                break
            if other is not slot and other._held > FREE:
                other.leave()
                hang_up()
                self.say("slow_body_dropped", advice="Others need the memory that it holds.")
                return True
        return False

    def _left(self, slot: "Slot") -> None:
        self.count -= 1
        if slot.network:
            self._by_network[slot.network] -= 1
            if not self._by_network[slot.network]:
                del self._by_network[slot.network]

    def _linger(self, slot: "Slot", hang_up: Hang) -> None:
        self._lingering[slot] = hang_up
        if len(self._lingering) > MOST_LINGERING:
            oldest = next(iter(self._lingering))
            self._lingering.pop(oldest)()

    def _wait(self, slot: "Slot", hang_up: Hang) -> None:
        self._waiting.setdefault(slot, hang_up)

    def _work(self, slot: "Slot") -> None:
        self._waiting.pop(slot, None)
        self._bodies.pop(slot, None)

    def _stall(self, slot: "Slot", size: int, hang_up: Hang) -> None:
        self._flow(slot)
        self._unread[slot] = size, hang_up
        self._unread_size += size
        while self._unread_size > ANSWERS:
            oldest = next(iter(self._unread))
            _, hang_up = self._unread[oldest]
            self._flow(oldest)
            hang_up()
            self.say(
                "unread_answer_dropped", advice="Unread answers have used up their memory limit."
            )

    def _flow(self, slot: "Slot") -> None:
        size, _ = self._unread.pop(slot, (0, None))
        self._unread_size -= size


class Slot:
    """A connection among the others. `is_beyond` tells that it is one too many."""

    __slots__ = ("_connections", "_has_left", "_held", "is_beyond", "network")

    def __init__(
        self, connections: Connections, network: str = "", is_beyond: bool = False
    ) -> None:
        self._connections = connections
        self.network = network
        self.is_beyond = is_beyond
        self._held = 0
        self._has_left = False

    def leave(self) -> None:
        """Give everything back. May be called again when the connection has really ended."""
        self._give_up()
        self.was_read()
        self._connections._lingering.pop(self, None)

    def lingers(self, hang_up: Hang) -> None:
        """Give the slot back already, when only the end of the connection is to come.

        Of those connections there are few: the oldest is closed to make room. So closing it must
        not wait for its client.
        """
        self._give_up()
        self._connections._linger(self, hang_up)

    def _give_up(self) -> None:
        self.release(self._held)
        self.works()
        if not self._has_left:
            self._has_left = True
            self._connections._left(self)

    def waits(self, hang_up: Hang) -> None:
        """Note that the client is to send: a request, or the rest of one."""
        self._connections._wait(self, hang_up)

    def gets_body(self, hang_up: Hang) -> None:
        """Note that a body is coming, until it is the server's turn."""
        self._connections._bodies[self] = time.monotonic(), hang_up

    def works(self) -> None:
        """Note that the server is to answer."""
        self._connections._work(self)

    def hold(self, size: int) -> None:
        """Count bytes of requests."""
        if not self._has_left:
            self._held += size
            self._connections.held += size

    def release(self, size: int) -> None:
        """Count bytes of requests no longer."""
        self.hold(-size)

    def lacks_memory(self) -> bool:
        """Return True while requests hold too much memory, and this connection has a share in it.

        Bodies that come too slowly have given theirs up by then.
        """
        while self._connections.held > REQUESTS and self._held > FREE:
            if not self._connections._forgets_a_body(self):
                return True
        return False

    def is_unread(self, size: int, hang_up: Hang) -> None:
        """Note that the client has so many bytes of an answer to read."""
        self._connections._stall(self, size, hang_up)

    def was_read(self) -> None:
        """Note that the client has read what there was."""
        self._connections._flow(self)


def _with_a_few_more(most: int) -> int:
    return most + most // 10 + 1


class _Networks:
    """Addresses and networks, as settings name them."""

    def __init__(self, named: str) -> None:
        given = [one for one in map(str.strip, named.split(",")) if one]
        self._is_any = "*" in given
        self._networks = [ipaddress.ip_network(one) for one in given if one != "*"]

    def __contains__(self, address: str) -> bool:
        if self._is_any:
            return True
        found = address_of(address)
        return found is None or any(found in network for network in self._networks)
