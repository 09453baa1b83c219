"""The input of an attacker: the server's address, and the account."""

from __future__ import annotations

import msgspec


class Target(msgspec.Struct, frozen=True):
    """A server, and an account of the attacker's own on it.

    `address` is the attacker's own in the loopback network, `victim` somebody's account, and
    `meeting` a meeting of the victim that guests may join. `seconds` is how long what is slow holds
    on, and `rounds` how often the rest is sent.
    """

    host: str
    port: int
    address: str
    user: str
    password: str
    token: str
    tokens: str
    applications: str
    meetings: str
    batch: str
    victim: str
    meeting: str
    meeting_key: str
    seconds: float
    rounds: int


class Answers(msgspec.Struct):
    """The answers to the attacker: counts by status, or by failure; and bytes.

    `trouble` says what kept it from attacking to the end, if anything did.
    """

    answers: dict[str, int] = {}
    received: int = 0
    trouble: str = ""

    def count(self, answer: str) -> None:
        """Count an answer."""
        self.answers[answer] = self.answers.get(answer, 0) + 1

    def __str__(self) -> str:
        told = ", ".join(f"{count:,} {answer}" for answer, count in sorted(self.answers.items()))
        size = f"; {self.received / 1e6:,.0f} MB" if self.received >= 1e6 else ""
        return (told or self.trouble or "nothing") + size
