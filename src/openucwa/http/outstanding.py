"""How many requests a user may have outstanding (BatchingRequests.md)."""

from collections.abc import Iterator
from contextlib import contextmanager

from openucwa.http.authentication import hash_of
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
        self._counts: dict[str, int] = {}
        self._users: dict[str, str] = {}  # by the hash of their token: a token itself is never kept

    @contextmanager
    def counted(self, call: Call, requests: int = 1) -> Iterator[None]:
        """Count what a call asks for as outstanding, until the context is left.

        A batch counts for all of its parts at once, so they are not counted again for themselves.
        Nor is a request without a token.

        Raises TooManyRequests when the user would have too many.
        """
        token = (call.header("authorization") or "").rpartition(" ")[2]
        if call.is_part or not token:
            yield
            return
        known = hash_of(token)
        who = self._users.get(known, known)
        count = self._counts.get(who, 0) + requests
        if count > self._limit:
            raise self._too_many(requests)
        self._counts[who] = count
        try:
            yield
        finally:
            self._counts[who] -= requests
            if not self._counts[who]:
                del self._counts[who]
            if who == known and call.user is not None:
                self._remember(known, call.user)

    def _remember(self, known: str, user: str) -> None:
        self._users[known] = user
        if len(self._users) > _REMEMBERED:
            del self._users[next(iter(self._users))]

    def _too_many(self, requests: int) -> TooManyRequests:
        advice = (
            "Split the batch into smaller ones."
            if requests > self._limit
            else "Wait for answers before you ask for more."
        )
        return TooManyRequests(
            f"A user may have {self._limit} requests outstanding, those of all batches together. "
            f"Nothing of this was executed. {advice}",
            headers={"Retry-After": "1"},
        )
