"""The limit of a user's outstanding requests (BatchingRequests.md)."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from openucwa.domain.networks import network_of
from openucwa.http.request import Call
from openucwa.wire.errors import TooManyRequests

_REMEMBERED = 10_000
"""Tokens whose user is remembered."""


class Outstanding:
    """Counts the requests of each user that have not been answered.

    Whose a token is, only a transaction finds out. Until the first answer to a token that is new
    here, its requests are therefore counted by the token itself.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._counts: dict[int | str, int] = {}
        # By what Python hashes their token to, which tells nobody the token: that is never kept.
        self._users: dict[int, str] = {}

    def counted(self, call: Call, requests: int = 1) -> AbstractContextManager[None]:
        """Count what a call asks for as outstanding, until the context is left.

        A batch counts for all of its parts at once, so they are not counted again for themselves.
        Nor is a request without a token.

        Entering raises TooManyRequests when the user would have too many.
        """
        known = _known(call)
        if call.is_part or known is None:
            return nullcontext()
        return _Counted(self, call, requests, known, self._users.get(known, known))

    def line(self, call: Call) -> int | str:
        """Name the line in which a request waits: its user's, or else its network's.

        A token that is not known yet has no line of its own: anybody can make up as many.
        """
        known = _known(call)
        user = None if known is None else self._users.get(known)
        return user or network_of(call.client)

    def add(self, who: int | str, requests: int) -> None:
        """Count requests of somebody. Raises TooManyRequests."""
        count = self._counts.get(who, 0) + requests
        if count > self._limit:
            raise self._too_many(requests)
        self._counts[who] = count

    def remove(self, who: int | str, requests: int) -> None:
        """Count requests of somebody no more."""
        self._counts[who] -= requests
        if not self._counts[who]:
            del self._counts[who]

    def remember(self, known: int, user: str) -> None:
        """Remember whose a token is."""
        self._users[known] = user
        if len(self._users) > _REMEMBERED:
            del self._users[next(iter(self._users))]

    def _too_many(self, requests: int) -> TooManyRequests:
        advice = (
            "Split the batch into smaller ones."
            if requests > self._limit
            else "Wait for answers before you send more."
        )
        return TooManyRequests(
            f"A user may have {self._limit} requests outstanding, including those in batches. This "
            f"request was not executed. {advice}",
            headers={"Retry-After": "1"},
        )


def _known(call: Call) -> int | None:
    token = (call.header("authorization") or "").rpartition(" ")[2]
    return hash(token) if token else None


@dataclass(slots=True)
class _Counted:
    """The time for which a call's requests are outstanding.

    Every request has one, and a generator with `contextmanager` would take longer.
    """

    outstanding: Outstanding
    call: Call
    requests: int
    known: int
    who: int | str

    def __enter__(self) -> None:
        self.outstanding.add(self.who, self.requests)

    def __exit__(self, *_: object) -> None:
        self.outstanding.remove(self.who, self.requests)
        if self.who == self.known and self.call.notes.user is not None:
            self.outstanding.remember(self.known, self.call.notes.user)
