"""The proof runs, its attacks are sent by another process, and honest clients are measured."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

import pytest

from prove.__main__ import parser
from prove.hostile import attacker
from prove.hostile.attacks import ATTACKS, account
from prove.hostile.noise import Noise
from prove.hostile.target import Target
from tests.prove.test_prove import proven


def target(port: int) -> Target:
    return Target(
        host="127.0.0.1",
        port=port,
        address="127.0.0.66",
        user="evil@contoso.com",
        password="secret",
        token="cwt=1",
        tokens="/tokens",
        applications="/applications",
        meetings="/meetings",
        batch="/batch",
        victim="dana@contoso.com",
        meeting="sip:dana@contoso.com;gruu;opaque=app:conf:focus:id:A",
        meeting_key="A",
        seconds=0.1,
        rounds=1,
    )


@contextmanager
def refusing() -> Iterator[int]:
    """A server that answers every connection with 418, at a port."""
    with socket.create_server(("127.0.0.1", 0), backlog=512) as listening:

        def serve() -> None:
            while True:
                try:
                    connection, (host, _) = listening.accept()
                except OSError:
                    return
                hosts.add(host)
                with connection:
                    connection.recv(65536)
                    connection.sendall(b"HTTP/1.1 418 No\r\nContent-Length: 0\r\n\r\n")

        hosts: set[str] = set()
        thread = Thread(target=serve)
        thread.start()
        yield listening.getsockname()[1]
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
        assert hosts == {"127.0.0.66"}


def test_an_attacker_tells_what_it_was_answered() -> None:
    with refusing() as port:
        outcome = attacker.attack("passwords", target(port))
    assert outcome.answers == {"418": 60}
    assert str(outcome) == "60 418"


def test_an_attacker_that_breaks_is_told_from_one_that_was_refused() -> None:
    assert attacker.attack("no-such", target(1)).trouble == "ended with status 1"


def test_attacks_with_a_long_history_share_it() -> None:
    assert account("versions") == account("merges") == account("tags") == "history"
    assert account("lists") != account("packages")


def test_noise_is_measured_anew_each_time() -> None:
    with Noise().measured() as noise:
        assert 0 <= noise.taken() < 60
        noise.longest = 100.0
        assert noise.taken() == 100.0
        assert noise.longest < 100.0


def test_attacks_can_be_chosen() -> None:
    chosen = parser().parse_args(["hostile", "--only", "forms,tags", "--rounds", "2"])
    assert (list(chosen.only), chosen.rounds) == (["forms", "tags"], 2)
    assert list(parser().parse_args(["hostile"]).only) == list(ATTACKS)
    with pytest.raises(SystemExit):
        parser().parse_args(["hostile", "--only", "kindness"])


@pytest.mark.slow
def test_hostile() -> None:
    options = ("--engine", "sqlite", "--seconds", "1", "--only", "forms")
    found = proven("hostile", *options)
    assert "attacks 1" in found
    assert "violations 0" in found
