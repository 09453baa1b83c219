"""Bodies are read before the database is asked, and large ones not on the event loop."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from openucwa.http import parsed, resources
from openucwa.http.reading import LARGE, Readers
from openucwa.http.request import Call
from openucwa.http.resources import ResourceEndpoint
from openucwa.wire import batch
from tests.installation import Installation, Person

PEOPLE = [f"sip:{number:05}{'x' * 50}@contoso.com" for number in range(2000)]


def performing_event(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Return an event that is set while a transaction performs a request."""
    performing = threading.Event()
    perform: Callable[..., Any] = ResourceEndpoint._perform

    def performed(*arguments: Any) -> Any:
        performing.set()
        try:
            return perform(*arguments)
        finally:
            performing.clear()

    monkeypatch.setattr(ResourceEndpoint, "_perform", performed)
    return performing


@contextmanager
def reading(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, bool]]]:
    """Notes in which thread bodies are read, and whether a transaction is under way."""
    read: Callable[..., Any] = parsed.content
    found: list[tuple[str, bool]] = []

    def note(*arguments: Any) -> Any:
        found.append((threading.current_thread().name, performing.is_set()))
        return read(*arguments)

    with monkeypatch.context() as patch:
        performing = performing_event(patch)
        patch.setattr(resources, "content", note)
        yield found


def test_the_transaction_does_not_look_at_the_http_request(
    dana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever it needs of headers, query and body is read before."""
    performing = performing_event(monkeypatch)
    looks: list[bool] = []
    for name in ("header", "parameters", "values"):
        look = getattr(Call, name)

        def noted(*arguments: Any, look: Callable[..., Any] = look) -> Any:
            looks.append(performing.is_set())
            return look(*arguments)

        monkeypatch.setattr(Call, name, noted)
    meeting = dana.schedule(subject="new")
    href = meeting["_links"]["self"]["href"]
    late = {"If-Match": '"1"', "Prefer": "return=representation"}
    once = {"Idempotency-Key": '"key"'}
    assert dana.get(href, **{"If-None-Match": f'"{meeting["etag"]}"'}).status_code == 304
    assert dana.request("PUT", href, json=meeting, headers=late).status_code == 412
    assert dana.put(meeting).status_code == 200
    assert dana.post(f"{dana.meetings}?subject=x", json={}, headers=once).status_code == 200
    assert dana.delete(href).status_code == 204
    assert len(looks) > 20
    assert not any(looks)


def test_a_body_is_read_before_the_transaction(
    dana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert dana.meetings  # which asks for an application
    with reading(monkeypatch) as found:
        dana.schedule(subject="small")
        dana.schedule(attendees=PEOPLE)
    (small, within), (large, within_large) = found
    assert not within
    assert not within_large
    assert large.startswith("asyncio_")
    assert not small.startswith(("asyncio_", "sqlite", "postgres"))


@pytest.mark.parametrize("size", [1, 100_000])
def test_a_large_batch_is_not_read_on_the_event_loop(
    dana: Person, monkeypatch: pytest.MonkeyPatch, size: int
) -> None:
    read, threads = batch.read, []

    def note(part: bytes) -> batch.Request:
        threads.append(threading.current_thread().name)
        return read(part)

    monkeypatch.setattr(batch, "read", note)
    part = f"--b\r\n\r\nGET /nowhere HTTP/1.1\r\nX: {'x' * 30_000}\r\n\r\n"
    answer = dana.post(
        dana.href("batch"),
        content=part * (1 + size // len(part)) + "--b\r\n\r\n" + "x" * size + "\r\n--b--",
        headers={"Content-Type": "multipart/batching;boundary=b"},
    )
    assert answer.status_code == 200
    assert answer.text.count("HTTP/1.1 404 Not Found") == len(threads) - 1
    assert answer.text.count("HTTP/1.1 400 Bad Request") == 1
    assert {name.startswith("asyncio_") for name in threads} == {size > LARGE}


def test_a_large_body_is_not_read_for_who_may_not_send_it(
    installation: Installation, dana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = json.dumps({"attendees": PEOPLE})
    assert dana.meetings
    with reading(monkeypatch) as found:
        answer = installation.client.post(
            dana.meetings, content=content, headers={"Authorization": "Bearer cwt=wrong"}
        )
        assert answer.status_code == 403
        nowhere = dana.meetings.replace("applications/", "applications/1")
        assert dana.post(nowhere, json={"attendees": PEOPLE}).status_code == 404
    assert found == []


@pytest.mark.parametrize("size", [1, 100_000])
def test_errors_come_in_their_order_whatever_the_size(dana: Person, size: int) -> None:
    meeting = dana.schedule()
    href = meeting["_links"]["self"]["href"]
    wrong = "x" * size
    headers = {"Content-Type": "application/json", "If-Match": '"1"'}

    def put(to: str, **changed: str) -> int:
        return int(dana.request("PUT", to, content=wrong, headers=headers | changed).status_code)

    tag = {"If-Match": f'"{meeting["etag"]}"'}
    assert put(href + "X", **tag) == 404
    assert put(href) == 412
    assert put(href, **tag) == 400
    assert put(href, **{"Content-Type": "text/plain"}) == 415


@pytest.mark.anyio
async def test_everybody_has_a_turn_at_the_thread() -> None:
    readers = Readers()
    gate = threading.Event()
    ran: list[str] = []

    def work(name: str) -> Callable[[], None]:
        def run() -> None:
            gate.wait(10)
            ran.append(name)

        return run

    asked = [asyncio.create_task(readers.run("a", work(f"a{number}"))) for number in range(4)]
    await asyncio.sleep(0)
    asked.append(asyncio.create_task(readers.run("b", work("b0"))))
    await asyncio.sleep(0)
    asked[1].cancel()
    gate.set()
    await asyncio.wait(asked, timeout=10)
    assert ran == ["a0", "b0", "a2", "a3"] or ran == ["a0", "a2", "b0", "a3"]
    await readers.run("c", work("c0"))
    assert ran[-1] == "c0"
