"""The parts that all grants share: the result, and the errors."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from openucwa.domain.people import User
from openucwa.http.request import Call
from openucwa.store.transaction import Transaction


class Refused(Exception):
    """A token request that is not granted. `error` is one of AuthenticationInUCWA.md.

    `why` is for the log alone: clients are not told whether an account is there.
    """

    def __init__(
        self,
        error: str,
        description: str,
        code: int,
        reason: str,
        retry_after: int = 0,
        why: str = "malformed",
    ) -> None:
        super().__init__(description)
        self.error = error
        self.code = code
        self.reason = reason
        self.retry_after = retry_after
        self.why = why


@dataclass(frozen=True)
class Holder:
    """The holder of the token.

    `find` looks again in the transaction that issues it, since much may have changed after the
    check; None for nobody any more. `headers` go onto the answer.
    """

    find: Callable[[Transaction], User | None]
    headers: list[tuple[str, str]] = field(default_factory=list)


class Grant(Protocol):
    """A way to earn a token."""

    @property
    def lifetime(self) -> timedelta: ...

    def failure(self, why: str) -> Refused:
        """Return the refusal of credentials that don't hold: the same whatever the reason."""
        ...

    async def holder(self, form: Mapping[str, str], call: Call) -> Holder:
        """Return the holder for this form. Raises Refused."""
        ...


def malformed(reason: str, why: str = "malformed") -> Refused:
    description = f"Correct the request: {reason}."
    return Refused("invalid_request", description, 28020, "Bad request.", why=why)


def wrong(description: str, why: str) -> Refused:
    """Return the refusal of credentials that don't hold."""
    return Refused("invalid_grant", description, 28020, "No valid security token.", why=why)


def too_often(wait: int) -> Refused:
    return Refused(
        "invalid_grant",
        f"Too many failed sign-ins. Try again in {wait} seconds.",
        28020,
        "Too many failed sign-ins.",
        retry_after=wait,
        why="throttled",
    )


def demand(form: Mapping[str, str], *names: str) -> None:
    """Raise Refused unless the form has a value of each name."""
    for name in names:
        if not form.get(name):
            raise malformed(f"{name} is missing")
