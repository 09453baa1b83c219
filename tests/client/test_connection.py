"""Requests over a network that has bad days: what is sent again, and what a person is told."""

import gzip
import socket
import ssl
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest

from openucwa.client import (
    AnswerLost,
    BadInput,
    ClientError,
    Conflict,
    ConnectionFailed,
    Forbidden,
    Gone,
    NotFound,
    NotUcwa,
    PreconditionFailed,
    Refused,
    ServerFailed,
    TooMany,
    Unavailable,
)
from openucwa.client._async import connection as awaiting
from openucwa.client._sync import connection as blocking
from tests.client.net import Net, challenge, guarded, page, show, token

Connect = Callable[..., Any]

ROOT = "https://ucwa.contoso.com/"
HREF = f"{ROOT}applications/1/me"
SHOWN = show(self="/applications/1/me")
HUNG_UP = httpx2.RemoteProtocolError("Server disconnected without sending a response.")
NO_ANSWER = httpx2.ReadTimeout("")
REFUSED = httpx2.ConnectError("refused")
BUSY = httpx2.Response(503, json={"code": "ServiceUnavailable", "message": "Busy."})


class Time:
    """A clock that moves when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    async def sleep_async(self, seconds: float) -> None:
        self.sleep(seconds)


@pytest.fixture(autouse=True)
def clockwork(monkeypatch: pytest.MonkeyPatch) -> Time:
    found = Time()
    fake = SimpleNamespace(monotonic=lambda: found.now)
    monkeypatch.setattr(awaiting, "time", fake)
    monkeypatch.setattr(blocking, "time", fake)
    monkeypatch.setattr(awaiting, "sleep", found.sleep_async)
    monkeypatch.setattr(blocking, "sleep", found.sleep)
    return found


@pytest.fixture
def net() -> Net:
    return Net(
        {
            ROOT: show(user="/user"),
            f"{ROOT}user": guarded(challenge(f"{ROOT}token"), show(applications="/applications")),
            f"{ROOT}token": token(),
            f"{ROOT}applications": show(status=201, self="/applications/1"),
        }
    )


@pytest.fixture
def client(flavour: Connect, net: Net) -> Iterator[Any]:
    with flavour("dana@contoso.com", "x", at=ROOT, transport=net) as client:
        client.application()
        net.seen.clear()
        yield client


def ask(client: Any, net: Net, method: str, *answers: Any, **more: Any) -> Any:
    net.places[HREF] = list(answers)
    return client._session.send(method, HREF, **more)


@pytest.mark.parametrize(
    "failure",
    [
        *(HUNG_UP, NO_ANSWER, REFUSED, BUSY),
        *(page(status) for status in (408, 425, 502, 504, *range(520, 526), 530)),
    ],
)
@pytest.mark.parametrize(
    ("method", "more"),
    [
        ("GET", {}),
        ("PUT", {"content": {}, "if_match": "1"}),
        ("DELETE", {"if_match": "1"}),
        ("POST", {"content": {}, "repeatable": True}),
    ],
)
def test_what_is_safe_is_sent_again(
    client: Any, net: Net, method: str, more: dict[str, Any], failure: Any
) -> None:
    answer = ask(client, net, method, failure, failure, SHOWN, **more)
    assert answer.resource.href == "/applications/1/me"
    assert net.seen.count(f"{method} {HREF}") == 3
    nothing_done = failure is REFUSED or getattr(failure, "status_code", 0) == 425
    assert answer.repeated is not nothing_done


@pytest.mark.parametrize("status", [408, 502, 503, 504, 520, 524, 530])
def test_what_is_not_safe_is_not_sent_again_for_a_gateway(
    client: Any, net: Net, status: int
) -> None:
    with pytest.raises((ServerFailed, Unavailable)):
        ask(client, net, "POST", page(status), SHOWN, content={})
    assert net.seen == [f"POST {HREF}"]


@pytest.mark.parametrize("status", [400, 404, 409, 412, 500, 501, 505, 526])
def test_an_answer_that_stays_the_same_is_not_asked_for_again(
    client: Any, net: Net, status: int
) -> None:
    with pytest.raises(Refused):
        ask(client, net, "GET", httpx2.Response(status), SHOWN)
    assert net.seen == [f"GET {HREF}"]


@pytest.mark.parametrize("failure", [HUNG_UP, NO_ANSWER, httpx2.WriteError("")])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_what_is_not_safe_is_not(client: Any, net: Net, method: str, failure: Exception) -> None:
    with pytest.raises(AnswerLost, match="may or may not have been executed"):
        ask(client, net, method, failure, SHOWN)
    assert net.seen == [f"{method} {HREF}"]


@pytest.mark.parametrize("failures", [[HUNG_UP], [HUNG_UP, REFUSED], [BUSY, REFUSED]])
@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_what_is_safe_to_repeat_may_have_been_done(
    client: Any, net: Net, method: str, failures: list[Any]
) -> None:
    """When it is given up, nobody is told that nothing was done."""
    with pytest.raises(AnswerLost, match="Check before you repeat it"):
        ask(client, net, method, *failures, repeatable=True)


def test_a_question_was_never_done(client: Any, net: Net) -> None:
    with pytest.raises(ConnectionFailed) as caught:
        ask(client, net, "GET", HUNG_UP, REFUSED)
    assert not isinstance(caught.value, AnswerLost)


def test_a_post_that_was_busy_may_have_been_done(client: Any, net: Net) -> None:
    with pytest.raises(Unavailable, match="Busy"):
        ask(client, net, "POST", BUSY, SHOWN, content={})


@pytest.mark.parametrize(
    "failure", [REFUSED, httpx2.ConnectTimeout(""), httpx2.Response(429), page(425)]
)
def test_what_was_certainly_not_done_is_sent_again(client: Any, net: Net, failure: Any) -> None:
    answer = ask(client, net, "POST", failure, SHOWN, content={})
    assert (answer.status, answer.repeated) == (200, False)


def test_a_refusal_after_a_lost_answer_says_so(client: Any, net: Net) -> None:
    stale = httpx2.Response(412, json={"code": "PreconditionFailed"})
    with pytest.raises(PreconditionFailed) as refused:
        ask(client, net, "PUT", HUNG_UP, stale, content={}, if_match="1")
    assert refused.value.repeated
    with pytest.raises(PreconditionFailed) as refused:
        ask(client, net, "PUT", stale, content={}, if_match="1")
    assert not refused.value.repeated


def test_a_server_that_stays_away_is_given_up(client: Any, net: Net, clockwork: Time) -> None:
    with pytest.raises(ConnectionFailed, match="can't be reached"):
        ask(client, net, "GET", REFUSED)
    assert 10 < clockwork.now <= 15
    assert all(0 <= one <= 3 for one in clockwork.slept)
    assert len(set(clockwork.slept)) > 1


def test_a_server_that_never_answered_is_given_up_at_once(
    flavour: Connect, clockwork: Time
) -> None:
    with pytest.raises(ConnectionFailed):
        flavour("dana@contoso.com", "x", at=ROOT, transport=Net({ROOT: REFUSED})).application()
    assert clockwork.slept == []


def test_waits_for_as_long_as_the_server_says(client: Any, net: Net, clockwork: Time) -> None:
    busy = httpx2.Response(503, headers={"Retry-After": "7"})
    assert ask(client, net, "GET", busy, SHOWN).status == 200
    assert clockwork.slept == [7]


def test_waits_for_no_longer_than_is_bearable(client: Any, net: Net, clockwork: Time) -> None:
    busy = httpx2.Response(503, headers={"Retry-After": "3600"})
    with pytest.raises(Unavailable) as refused:
        ask(client, net, "GET", busy, SHOWN)
    assert (refused.value.retry_after, clockwork.slept) == (3600, [])


def test_a_date_to_wait_for_is_understood(client: Any, net: Net) -> None:
    busy = httpx2.Response(429, headers={"Retry-After": "Fri, 31 Dec 2100 23:59:59 GMT"})
    with pytest.raises(TooMany) as refused:
        ask(client, net, "GET", busy)
    assert refused.value.retry_after
    assert refused.value.retry_after > 1e9
    busy.headers["Retry-After"] = "later"
    with pytest.raises(TooMany) as refused:
        ask(client, net, "GET", busy)
    assert refused.value.retry_after is None


@pytest.mark.parametrize(
    ("status", "code", "error"),
    [
        (400, "BadRequest", BadInput),
        (403, "Forbidden", Forbidden),
        (404, "NotFound", NotFound),
        (409, "Conflict", Conflict),
        (409, "TooManyOnlineMeetings", TooMany),
        (410, "Gone", Gone),
        (412, "PreconditionFailed", PreconditionFailed),
        (413, "EntityTooLarge", BadInput),
        (415, "UnsupportedMediaType", BadInput),
        (418, None, Refused),
        (428, "PreconditionRequired", BadInput),
        (500, "ServiceFailure", ServerFailed),
    ],
)
def test_an_answer_that_is_an_error_is_one(
    client: Any, net: Net, status: int, code: str | None, error: type[Refused]
) -> None:
    body = {"code": code, "subcode": code, "message": "It is so.", "parameters": {"a": "b"}}
    with pytest.raises(error, match=r"^It is so\.$") as refused:
        ask(client, net, "GET", httpx2.Response(status, json=body))
    found = refused.value
    assert type(found) is error
    assert (found.status, found.code, found.subcode) == (status, code, code)
    assert (found.parameters, found.body) == ({"a": "b"}, body)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (page(title="Hotel Wi-Fi"), r"web page \('Hotel Wi-Fi'\) instead of UCWA"),
        (httpx2.Response(200, text="<!doctype html>"), "web page"),
        (httpx2.Response(200, text="{"), "not UCWA"),
        (httpx2.Response(200, text="[]"), "not UCWA"),
        (httpx2.Response(200, content=b"\xff\xfe\x00"), "not UCWA"),
        (httpx2.Response(200, text='{"a":' + "[" * 100_000), "not UCWA"),
        (httpx2.Response(200), "empty"),
        (httpx2.Response(302, headers={"Location": "https://login.example/"}), "login.example"),
    ],
)
def test_what_is_not_ucwa_is_told(
    client: Any, net: Net, answer: httpx2.Response, text: str
) -> None:
    net.places[HREF] = [answer]
    with pytest.raises(NotUcwa, match=text):
        client.get(HREF)


def test_an_error_that_comes_as_a_web_page_is_told(client: Any, net: Net) -> None:
    with pytest.raises(NotFound, match=r"ucwa\.contoso\.com answers 404 Not Found and a web page"):
        ask(client, net, "GET", page(404))


def test_an_answer_that_is_too_large_is_told(
    client: Any, net: Net, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (awaiting, blocking):
        monkeypatch.setattr(module, "LARGEST", 2**20)
    packed = gzip.compress(b" " * 2**21)
    assert len(packed) < 2**12
    net.places[HREF] = [
        lambda _: httpx2.Response(
            200, headers={"Content-Encoding": "gzip"}, stream=httpx2.ByteStream(packed)
        )
    ]
    with pytest.raises(NotUcwa, match="more than 1 MiB"):
        client.get(HREF)


def test_an_answer_that_can_not_be_unpacked_is_told(client: Any, net: Net) -> None:
    net.places[HREF] = [httpx2.DecodingError("bad gzip")]
    with pytest.raises(ConnectionFailed, match="can't be read"):
        client.get(HREF)


def caused_by(cause: Exception, error: type[httpx2.RequestError] = httpx2.ConnectError) -> Any:
    try:
        raise error(str(cause)) from cause
    except httpx2.RequestError as raised:
        return raised


@pytest.mark.parametrize(
    ("failure", "text"),
    [
        (caused_by(socket.gaierror(-2, "unknown")), "no host named ucwa.contoso.com"),
        (caused_by(ConnectionRefusedError(111, "x")), "ucwa.contoso.com refuses connections"),
        (
            caused_by(
                OSError("All attempts failed", ExceptionGroup("", [ConnectionRefusedError()]))
            ),
            "refuses connections",
        ),
        (caused_by(ssl.SSLError(1, "[SSL: WRONG_VERSION_NUMBER]")), "does not answer with TLS"),
        (httpx2.ConnectTimeout(""), "did not accept the connection in time"),
        (httpx2.PoolTimeout(""), "in use for too long"),
        (httpx2.ProxyError("403 Forbidden"), "proxy on the way .* 403 Forbidden"),
        (httpx2.ReadTimeout(""), "did not answer in time"),
        (httpx2.ReadError(""), "hung up"),
        (httpx2.UnsupportedProtocol("x"), "is not the address of a server"),
    ],
)
def test_tells_why_a_server_is_not_reached(flavour: Connect, failure: Any, text: str) -> None:
    client = flavour("dana@contoso.com", "x", at=ROOT, transport=Net({ROOT: failure}))
    with pytest.raises(ConnectionFailed, match=text):
        client.application()


def test_the_token_goes_to_no_other_server(client: Any, net: Net) -> None:
    session = client._session
    for href in (
        "https://evil.example/",
        "//evil.example/",
        "http://ucwa.contoso.com/",
        "https://[",
    ):
        with pytest.raises(ClientError, match="address of"):
            client.get(href)
        with pytest.raises(ClientError, match="address of"):
            session.exchange(httpx2.Request("GET", "https://evil.example/"))
    assert net.seen == []
