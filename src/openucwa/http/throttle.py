"""Slowing down those who guess passwords."""

import time

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

_PER_ACCOUNT = RateLimitItemPerMinute(10, 5, namespace="account")
_PER_ADDRESS = RateLimitItemPerMinute(100, 5, namespace="address")


class Throttle:
    """Counts failed sign-ins: ten an account and a hundred an address within five minutes."""

    def __init__(self) -> None:
        self._limiter = MovingWindowRateLimiter(MemoryStorage())

    def wait(self, account: str, address: str) -> int:
        """How many seconds until another attempt is heard; 0 if it is now."""
        closed = (
            self._limiter.get_window_stats(limit, key).reset_time
            for limit, key in ((_PER_ACCOUNT, account), (_PER_ADDRESS, address))
            if not self._limiter.test(limit, key)
        )
        return max((max(1, round(opens - time.time())) for opens in closed), default=0)

    def failed(self, account: str, address: str) -> None:
        """Count a failed attempt."""
        self._limiter.hit(_PER_ACCOUNT, account)
        self._limiter.hit(_PER_ADDRESS, address)
