"""What most tests start from: an installation, and people who use it."""

import signal
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.engines import CURRENT, ENGINES, SQLITE, close
from tests.installation import CHRIS, DANA, Clock, Installation, Person, installed

# How long an example takes says more about the machine than about the program. Each run draws other
# examples.
hypothesis.settings.register_profile(
    "unhurried",
    deadline=None,
    max_examples=50,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("unhurried")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--engine", choices=ENGINES, default=SQLITE, help="what installations run on")


def pytest_configure(config: pytest.Config) -> None:
    CURRENT.name = config.getoption("--engine")
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        # A shell ignores Ctrl+C for what it runs in the background (`make test &`), and so would
        # every program that is started here, and have to be ended by it.
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_sessionfinish() -> None:
    close()  # not when the process exits: one that shared the tests with others may be killed then


@pytest.fixture(autouse=True)
def _released(request: pytest.FixtureRequest) -> Iterator[None]:
    """After a test, others have the database of its folder."""
    if "tmp_path" not in request.fixturenames:
        yield
    else:
        folder = request.getfixturevalue("tmp_path")
        yield
        CURRENT.release(folder)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def installation(tmp_path: Path, clock: Clock) -> Iterator[Installation]:
    with installed(tmp_path, clock) as found:
        yield found


@pytest.fixture
def dana(installation: Installation) -> Person:
    return installation.sign_in(DANA)


@pytest.fixture
def chris(installation: Installation) -> Person:
    return installation.sign_in(CHRIS)
