"""Slowing down those who guess passwords, whichever process they ask.

A guess is counted in the transaction that decides what its client is told, not when it comes. So
exactly as many are answered as may fail, however many come at the same time.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from openucwa.domain import sign_ins
from openucwa.domain.networks import network_of
from openucwa.domain.sign_ins import Allowance
from openucwa.http.grants.grant import too_often
from openucwa.store.tables.networks import Networks
from openucwa.store.tables.throttle import Throttle
from openucwa.store.transaction import Transaction


@dataclass(frozen=True)
class Attempt:
    """An attempt to sign in to an account, from an address.

    `is_guessable` bounds the failures of the account from everywhere, too. The keys of meetings
    are long enough without that, and nobody can close a meeting to others.
    """

    account: str
    address: str
    is_guessable: bool = True

    def check(self, tx: Transaction) -> None:
        """Raise Refused while too many have failed, whether this one is right or wrong."""
        waits = (tx.of(Throttle).wait(*limit) for limit in self._limits(tx).items())
        if longest := max(waits):
            raise too_often(math.ceil(longest.total_seconds()))

    def fail(self, tx: Transaction) -> None:
        """Count it as failed. Raises Refused, too, where others have failed meanwhile."""
        for counted, allowance in sorted(self._limits(tx).items()):  # in the order of all others
            if not tx.of(Throttle).add(counted, allowance):
                self.check(tx)

    def succeed(self, tx: Transaction, user_id: int) -> None:
        """Remember that the account signs in from there."""
        tx.of(Networks).note(user_id, self._here)

    def _limits(self, tx: Transaction) -> Mapping[str, Allowance]:
        """Return what failures are counted by, and how many there may be.

        Strangers elsewhere, and those behind the same address who try other accounts, do not slow
        down somebody where she has signed in before.
        """
        if tx.of(Networks).knows(self._here):
            # Not the bucket from before she had signed in, which fills more slowly.
            return {key("known", self._here): sign_ins.HERE}
        limits = {
            self._here: sign_ins.ELSEWHERE,
            key("network", network_of(self.address)): sign_ins.NETWORK,
        }
        if self.is_guessable:
            limits[key("account", self.account)] = sign_ins.EVERYWHERE
        return limits

    @property
    def _here(self) -> str:
        return key("here", self.account, network_of(self.address))


def key(*parts: str) -> str:
    """Return the key of what is counted. What people type may be a password, so it is hashed."""
    return sha256("\n".join(parts).encode()).hexdigest()
