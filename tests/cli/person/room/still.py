"""A room without a server: its state is given, and it keeps what is done in it."""

from collections import deque
from threading import Condition
from typing import Any, Self

from openucwa.client import Conversation, ConversationState, Happening, Person, Role

LINKS = {rel: f"/{rel}" for rel in ("eject", "promote", "demote", "admit", "reject")}


def person(name: str, **more: Any) -> Person:
    uri = f"sip:{name.split()[0].lower()}@contoso.com"
    return Person(f"/{name}", name, uri, **{"role": Role.ATTENDEE, "links": LINKS, **more})


DANA = person("Dana Birkby", role=Role.LEADER, is_local=True, is_organizer=True, links={})
ALEX = person("Alex Darrow")
ALEXA = person("Alexa Bell")
GUSTAV = person("Gustav", is_anonymous=True, in_lobby=True)
GWEN = person("Gwen", is_anonymous=True, in_lobby=True)


class Still:
    """The room. `done` is what was done in it; `happens` lets something happen."""

    def __init__(self, *people: Person) -> None:
        self.conversation = Conversation(
            "/c",
            state=ConversationState.CONFERENCED,
            subject="Weekly",
            me=DANA,
            join_url="https://meet.contoso.com/danab/PYC58WSY",
            people={one.href: one for one in people},
        )
        self.done: list[tuple[Any, ...]] = []
        self.error: Exception | None = None
        self.typing: tuple[Person, ...] = ()
        self.is_waiting = self.is_over = False
        self._told: deque[Happening] = deque()
        self._changed = Condition()

    def __getattr__(self, name: str) -> Any:
        if name in ("say", "admit", "reject", "eject", "promote", "demote", "leave", "type"):
            return lambda *given: self._do(name, *given)
        return getattr(self.conversation, name)

    def _do(self, name: str, *given: Any) -> None:
        if self.error is not None and name == "say":
            raise self.error
        self.done.append((name, *given))
        if name == "leave":
            with self._changed:
                self.is_over = True
                self._changed.notify_all()

    def happens(self, *happenings: Happening) -> None:
        with self._changed:
            self._told += happenings
            self._changed.notify_all()

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Happening:
        with self._changed:
            self._changed.wait_for(lambda: self._told or self.is_over)
            if not self._told:
                raise StopIteration
            return self._told.popleft()
