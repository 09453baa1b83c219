"""The database and settings of a server with test controls."""

import asyncio
from pathlib import Path

from starlette.types import ASGIApp

from openucwa.http.app import App
from openucwa.http.server import Footing
from openucwa.settings import Settings
from openucwa.testing.controlled.app import ControlledApp
from openucwa.testing.controlled.clock import Clock, Loop
from openucwa.testing.controlled.connection import Connection
from openucwa.testing.controlled.data import Data

_MARK = "test-clock"
"""The file of the clock. Where it is, data are for tests."""


class ControlledFooting(Footing):
    """A clock that can be advanced, data that can go back, and connections that can be broken.

    Raises OSError for a directory that can't be used, NotReady for a database that can't.
    """

    protocol = Connection

    def __init__(self, settings: Settings) -> None:
        settings.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._deployment = settings.deployment()
        self._clock = Clock(settings.data / _MARK)
        self._data = Data(_file(settings), self._clock)

    def loop(self) -> asyncio.AbstractEventLoop:
        return Loop(self._clock)

    def database(self, settings: Settings) -> Data:
        return self._data

    def application(self, app: App) -> ASGIApp:
        return ControlledApp(app, self._data, self._clock, self._deployment)


def has_other_data(settings: Settings) -> bool:
    """Return whether the directory has data of a server without test controls."""
    return _file(settings).exists() and not (settings.data / _MARK).exists()


def _file(settings: Settings) -> Path:
    """The database, which is one of SQLite: only a file goes back in milliseconds."""
    location = settings.database_location
    assert isinstance(location, Path)
    return location
