"""Slowing down those who guess passwords, whichever process they ask.

A guess is weighed in the transaction that decides what is told of it, not when it comes. So exactly
as many are told to be wrong as may fail, however many come at the same time.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256

from openucwa.domain.sign_ins import FAILURES_PER_ACCOUNT, FAILURES_PER_ADDRESS
from openucwa.http.grants.grant import too_often
from openucwa.store.transaction import Transaction


@dataclass(frozen=True)
class Attempt:
    """An attempt to sign in: to an account, from an address."""

    account: str
    address: str

    def check(self, tx: Transaction) -> None:
        """Raise Refused while too many have failed. Right or wrong, it is not told then."""
        opens = (tx.failed_sign_ins.opens(*counted) for counted in self._counted())
        if latest := max((one for one in opens if one), default=None):
            raise too_often(max(1, math.ceil((latest - tx.now).total_seconds())))

    def fail(self, tx: Transaction) -> None:
        """Count it as failed. Raises Refused, too, where others have failed meanwhile."""
        if not all(tx.failed_sign_ins.add(*counted) for counted in self._counted()):
            self.check(tx)

    def _counted(self) -> Iterator[tuple[str, int]]:
        """By what failures are counted, and how many there may be.

        What people type as their account may be anything, and is nobody's business: it is hashed.
        """
        yield _key(f"account {self.account}"), FAILURES_PER_ACCOUNT
        yield _key(f"address {self.address}"), FAILURES_PER_ADDRESS


def _key(text: str) -> str:
    return sha256(text.encode()).hexdigest()
