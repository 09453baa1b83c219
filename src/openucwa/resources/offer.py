"""Offering a capability: when a viewer has its link, and what she is told when she has not."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeAlias, TypeVar

from openucwa.resources.viewer import Me
from openucwa.wire.errors import Conflict, Forbidden, UcwaError

E = TypeVar("E")
Rule: TypeAlias = Callable[[Me, E], bool]
"""A pure function of the viewer and what she sees."""


@dataclass(frozen=True)
class Offer:
    """The rules of a capability `rel` of the resource `of`: see Resource.capability."""

    of: str
    rel: str
    when: Rule[Any]
    role: Rule[Any] | None
    done: Rule[Any] | None
    refusal: Callable[[], Conflict] | None = None
    forbidden: Callable[[], Forbidden] | None = None

    @property
    def refusals(self) -> tuple[type[UcwaError], ...]:
        """Return the errors that are raised where the capability is not offered."""
        named = tuple(type(one()) for one in (self.refusal, self.forbidden) if one)
        return named if self.refusal else (Conflict, *named)

    @property
    def is_made(self) -> Rule[Any]:
        """Tells whether the capability is offered, for the link."""

        def is_made(me: Me, entity: Any) -> bool:
            return (self.role is None or self.role(me, entity)) and self.when(me, entity)

        rules = [rule for rule in (self.role, self.when) if rule and rule.__doc__]
        is_made.__doc__ = " ".join(rule.__doc__ or "" for rule in rules)
        return is_made

    def guarded(self, find: Callable[..., Any] | None) -> Callable[..., Any] | None:
        """Return a finder that raises Forbidden or Conflict where the capability is not offered."""
        if find is None:  # which the registry refuses
            return None

        @wraps(find)
        def guarded(*arguments: Any, **keys: str) -> Any:
            found = find(*arguments, **keys)
            _, me, *_ = arguments
            if found is not None:
                self._check(me, found)
            return found

        return guarded

    def once(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that changes nothing where `done` tells that it has been done."""
        done = self.done
        if done is None:
            return function

        @wraps(function)
        def once(tx: Any, me: Me, found: Any, *given: Any) -> Any:
            return None if done(me, found) else function(tx, me, found, *given)

        return once

    def _check(self, me: Me, entity: Any) -> None:
        if self.role and not self.role(me, entity):
            if self.forbidden:
                raise self.forbidden()
            raise Forbidden(
                f"You may not {self.rel} here: the {self.of} offers it to others. Fetch it for the "
                "links that it has for you."
            )
        if not self.when(me, entity) and not (self.done and self.done(me, entity)):
            raise self.refusal() if self.refusal else self._not_now()

    def _not_now(self) -> Conflict:
        return Conflict(
            f"The {self.of} does not offer {self.rel} in its current state. Fetch it for the "
            "links that it has now."
        )
