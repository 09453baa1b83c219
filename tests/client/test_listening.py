"""How a client asks for events."""

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openucwa.client.errors import (
    CertificateRefused,
    ClientError,
    ConnectionFailed,
    DiscoveryFailed,
    NotFound,
    NotUcwa,
    ServerFailed,
    TooMany,
    Unavailable,
    WrongPassword,
)
from openucwa.client.listening import Pace, Timers, heals, is_cut_short, with_timers


@pytest.mark.parametrize(
    ("href", "asked"),
    [
        ("/events?ack=5", "/events?ack=5&low=20&timeout=300&extended=true"),
        (
            "/events?ack=5&timeout=180&key=a%20b",
            "/events?ack=5&key=a%20b&low=20&timeout=300&extended=true",
        ),
        ("/events", "/events?low=20&timeout=300&extended=true"),
        ("https://host/events?", "https://host/events?low=20&timeout=300&extended=true"),
    ],
)
def test_timers_are_told_and_all_else_stays(href: str, asked: str) -> None:
    assert with_timers(href, Timers(low=20, timeout=300)) == asked


names = st.sampled_from(["ack", "key", "low", "medium", "timeout", "instanceId"])


@given(
    st.lists(st.tuples(names, st.from_regex(r"[A-Za-z0-9%._-]{1,9}", fullmatch=True)), max_size=6)
)
def test_timers_stand_once_and_other_parameters_keep_their_order(
    query: list[tuple[str, str]],
) -> None:
    timers = Timers(low=20, medium=10, timeout=300)
    href = "/events?" + "&".join(f"{name}={value}" for name, value in query)
    found = urlsplit(with_timers(href, timers)).query
    told = [("low", "20"), ("medium", "10"), ("timeout", "300"), ("extended", "true")]
    others = [(name, value) for name, value in query if name in ("ack", "key", "instanceId")]
    assert found == "&".join(f"{name}={value}" for name, value in [*others, *told])
    assert with_timers(f"/events?{found}", timers) == f"/events?{found}"
    assert len(dict(parse_qsl(found))) >= len(told)


@pytest.mark.parametrize(
    ("error", "so"),
    [
        (ConnectionFailed("refused"), True),
        (NotUcwa("a hotel"), True),
        (DiscoveryFailed("no name server"), True),
        (Unavailable("busy", status=503), True),
        (ServerFailed("bad gateway", status=502), True),
        (ServerFailed("a timeout occurred", status=524), True),
        (Unavailable("too early", status=425), True),
        (TooMany("requests", status=429), True),
        (TooMany("applications", status=410), False),
        (CertificateRefused("expired"), False),
        (WrongPassword("wrong"), False),
        (NotFound("no such thing", status=404), False),
    ],
)
def test_what_gets_better_by_itself(error: ClientError, so: bool) -> None:
    assert heals(error) is so


@pytest.mark.parametrize(
    ("status", "waited", "so"),
    [(524, 100, True), (408, 60, True), (524, 1, False), (500, 99, False)],
)
def test_a_wait_that_a_gateway_has_cut_short_is_no_failure(
    status: int, waited: float, *, so: bool
) -> None:
    assert is_cut_short(ServerFailed("a timeout occurred", status=status), waited) is so


def test_pauses_grow_up_to_half_a_minute_and_start_anew() -> None:
    pace = Pace()
    pauses = [pace.failed(ConnectionFailed("refused")) for _ in range(12)]
    assert all(0 <= pause <= 0.5 * 2**n for n, pause in enumerate(pauses[:6]))
    assert all(0 <= pause <= 30 for pause in pauses[7:])
    assert len(set(pauses)) > 1
    pace.succeeded()
    assert pace.failed(ConnectionFailed("refused")) <= 0.5


def test_waits_as_long_as_the_server_says() -> None:
    assert Pace().failed(Unavailable("busy", status=503, retry_after=60)) == 60


def test_one_replacement_in_succession_is_borne() -> None:
    pace = Pace()
    assert pace.may_be_replaced()
    assert not pace.may_be_replaced()
    pace.succeeded()
    assert pace.may_be_replaced()
