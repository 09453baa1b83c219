"""Two servers, and a person who moves from one to the other."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from openucwa.cli.moving import wanted
from openucwa.cli.moving.copying import Entry, Move
from openucwa.cli.moving.places import Place
from openucwa.cli.moving.remembered import Remembered
from openucwa.client import Client
from openucwa.client.transports import InProcess
from openucwa.domain.people import Profile
from tests.client.elsewhere import Elsewhere
from tests.client.watched import Watched
from tests.installation import DANA, Clock, Installation, Person
from tests.passwords import PASSWORD
from tests.zones import zone


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Path]:
    """A home in which nothing is remembered, where UTC is the time."""
    for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    with zone("UTC"):
        yield tmp_path / "home"


@pytest.fixture
def elsewhere() -> Elsewhere:
    """The server that she leaves; she is dana@fabrikam.com there."""
    return Elsewhere()


class Mover:
    """Somebody who imports her meetings, from any machine."""

    def __init__(
        self, here: httpx2.BaseTransport, there: httpx2.BaseTransport, clock: Clock
    ) -> None:
        self.here, self.there = here, there
        self.clock = clock
        self.old, self.new = "dana@fabrikam.com", "dana@contoso.com"

    @contextmanager
    def moving(self, domains: dict[str, str] | None = None, **options: bool) -> Iterator[Move]:
        with (
            Client.discover(self.old, PASSWORD, transport=self.here) as one,
            Client.discover(self.new, PASSWORD, transport=self.there) as other,
        ):
            here, there = Place(one), Place(other)
            yield Move(
                here,
                there,
                wanted.rules(here, there, domains or {}),
                Remembered(f"{here.uri} {there.name}"),
                now=self.clock.now,
                **options,
            )

    def move(self, domains: dict[str, str] | None = None, **options: bool) -> Sequence[Entry]:
        """Import the meetings."""
        with self.moving(domains, **options) as move:
            entries = move.plan()
            for one in entries:
                move.carry_out(one)
        return entries

    def plan(self, domains: dict[str, str] | None = None, **options: bool) -> Sequence[Entry]:
        """See what would be done."""
        with self.moving(domains, **options) as move:
            return move.plan()


@pytest.fixture
def there(installation: Installation) -> Watched:
    """The server that she comes to."""
    installation.add_user(DANA)
    return Watched(installation)


@pytest.fixture
def mover(elsewhere: Elsewhere, there: Watched, clock: Clock) -> Iterator[Mover]:
    with InProcess(elsewhere) as here:
        yield Mover(here, there, clock)


def all_of(person: Person) -> dict[str, dict[str, Any]]:
    """All meetings of somebody with their extensions, and the ETag of each, by id."""
    found = person.get(person.meetings).json().get("_embedded", {})
    meetings = [
        one for ones in found.values() for one in (ones if isinstance(ones, list) else [ones])
    ]
    return {one["onlineMeetingId"]: _timeless(one) for one in meetings}


def _timeless(found: Any) -> Any:
    """What was served, without where it is: that depends on the application."""
    if isinstance(found, dict):
        return {name: _timeless(value) for name, value in found.items() if name != "_links"}
    return [_timeless(one) for one in found] if isinstance(found, list) else found


def extensions_of(meeting: dict[str, Any]) -> list[dict[str, Any]]:
    found = meeting.get("_embedded", {}).get("onlineMeetingExtension", [])
    return found if isinstance(found, list) else [found]


def profile(name: str) -> Profile:
    return Profile(uri=f"sip:{name}@contoso.com", name=name)
