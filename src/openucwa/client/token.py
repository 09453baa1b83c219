"""The token that stands for a user who has signed in."""

from datetime import UTC, datetime, timedelta

__all__ = ["Token"]

_MARGIN = timedelta(seconds=60)


class Token:
    """An access token: its `text`, and when it `expires`, if that is known.

    Keep it like a password.
    """

    __slots__ = ("_renew_at", "expires", "text")

    def __init__(
        self, text: str, expires: datetime | None = None, *, lifetime: timedelta | None = None
    ) -> None:
        if expires is not None and expires.tzinfo is None:
            raise ValueError(f"{expires} has no time zone. Give it one, as in tzinfo=UTC.")
        self.text: str = text
        self.expires: datetime | None = expires
        margin = _MARGIN if lifetime is None else min(_MARGIN, lifetime / 10)
        try:
            self._renew_at = None if expires is None else expires - margin
        except OverflowError:  # it expired when time began
            self._renew_at = expires

    @classmethod
    def lasting(cls, text: str, seconds: float | None, now: datetime) -> "Token":
        """A token that was given now, for so many seconds."""
        if seconds is None:
            return cls(text)
        try:
            lifetime = timedelta(seconds=seconds)
            return cls(text, now + lifetime, lifetime=lifetime)
        except (OverflowError, ValueError):  # for ever, or so
            return cls(text)

    def is_due(self, now: datetime | None = None) -> bool:
        """Return True if the token should be renewed before it is used again."""
        return self._renew_at is not None and (now or datetime.now(UTC)) >= self._renew_at

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, Token) and self.text == other.text and self.expires == other.expires
        )

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Token(…, expires={self.expires!r})"  # the text itself belongs into no log
