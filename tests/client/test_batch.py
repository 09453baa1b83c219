"""Many requests as one, through the client."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import httpx2
import pytest

from openucwa.client import (
    AnswerLost,
    ConnectionFailed,
    NotFound,
    PreconditionFailed,
    WrongPassword,
)
from openucwa.client.transports import InProcess
from openucwa.wire import batch as wire
from tests.client.elsewhere import Elsewhere
from tests.client.watched import Watched
from tests.installation import Clock
from tests.passwords import PASSWORD

Connect = Callable[..., Any]


def meetings_of(client: Any) -> str:
    href = client._session.dashboard("onlineMeetings").link("myOnlineMeetings")
    assert isinstance(href, str)
    return href


def subjects(client: Any) -> list[str]:
    """Those of all meetings but the standing one."""
    return sorted(one.subject for one in client.meetings.list() if not one.is_standing)


def sizes(server: Watched) -> list[int]:
    """How many requests each batch had, in their order."""
    return [
        len(wire.split(one.headers["Content-Type"], one.content, 1000))
        for one in server.seen
        if one.url.path.endswith("/batch")
    ]


def lose_batches(server: Watched, times: int, *, done: bool = True) -> None:
    """So many answers to batches are lost, after they were carried out, or before."""
    left = [None] * times

    def lose(request: httpx2.Request, response: Any = None) -> Any:
        if request.url.path.endswith("/batch") and left:
            left.pop()
            raise httpx2.ReadError("lost") if done else httpx2.ConnectError("no network")
        return response

    if done:
        server.after = lose
    else:
        server.before = lose


def test_requests_go_together_and_each_has_its_answer(connect: Connect, server: Watched) -> None:
    with connect() as client:
        meetings = client.meetings
        one, two = meetings.schedule(subject="one"), meetings.schedule(subject="two")
        with client.batch() as batch:
            found = batch.get(one.href)
            changed = batch.put(
                two.href, {**two.resource.raw, "subject": "changed"}, if_match=two.etag
            )
            added = batch.post(meetings_of(client), {"subject": "three"})
            stray = batch.get(one.href + "x")
        assert found.result().properties["subject"] == "one"
        assert changed.result().properties["subject"] == "changed"
        assert added.result().etag
        with pytest.raises(NotFound):
            stray.result()
        with client.batch() as batch:
            gone = batch.delete(two.href, if_match=changed.result().etag)
            stale = batch.delete(one.href, if_match="1")
        assert gone.result() is None
        with pytest.raises(PreconditionFailed):
            stale.result()
        assert subjects(client) == ["one", "three"]
    assert sizes(server) == [4, 2]


def test_nothing_is_sent_when_the_block_raises_or_collects_nothing(
    connect: Connect, server: Watched
) -> None:
    with connect() as client:
        parts = []

        def fail() -> None:
            with client.batch() as batch:
                parts.append(batch.post(meetings_of(client), {"subject": "never"}))
                raise ValueError("mine")

        with pytest.raises(ValueError, match="mine"):
            fail()
        with pytest.raises(RuntimeError, match="has not been sent"):
            parts[0].result()
        with client.batch():
            pass
    assert sizes(server) == []


def test_what_is_more_than_a_server_takes_goes_into_another_batch(
    connect: Connect, server: Watched
) -> None:
    with connect() as client:
        with client.batch() as batch:
            parts = [batch.get(client.application().href) for _ in range(230)]
        assert {part.result().rel for part in parts} == {"application"}
    assert sizes(server) == [100, 100, 30]


def test_a_lost_answer_of_a_batch_that_only_asks_is_asked_for_again(
    connect: Connect, server: Watched
) -> None:
    with connect() as client:
        href = client.application().href
        lose_batches(server, 3)
        with client.batch() as batch:
            part = batch.get(href)
        assert part.result().rel == "application"


def test_of_a_lost_answer_only_what_asks_is_sent_again(connect: Connect, server: Watched) -> None:
    """What may have been done is told to be so, in the result and on leaving the block."""
    with connect() as client:
        href = meetings_of(client)
        application = client.application().href
        lose_batches(server, 1)
        batch = client.batch()
        asked, added = batch.get(application), batch.post(href, {"subject": "once"})
        with pytest.raises(AnswerLost):
            batch.send()
        assert asked.result().rel == "application"
        with pytest.raises(AnswerLost):
            added.result()
        assert subjects(client) == ["once"]
    assert sizes(server) == [2, 1]


def test_what_was_certainly_not_done_is_sent_again(connect: Connect, server: Watched) -> None:
    with connect() as client:
        href = meetings_of(client)
        lose_batches(server, 2, done=False)
        with client.batch() as batch:
            batch.post(href, {"subject": "once"})
        assert subjects(client) == ["once"]


def test_a_server_that_stays_away_is_told_on_leaving_and_in_each_result(
    connect: Connect, server: Watched
) -> None:
    with connect(timeout=0.3) as client:
        href = meetings_of(client)
        lose_batches(server, 1000, done=False)
        with pytest.raises(ConnectionFailed), client.batch() as batch:
            parts = [batch.post(href, {"subject": "never"}) for _ in range(150)]
        for part in parts:
            with pytest.raises(ConnectionFailed):
                part.result()


def test_a_wrong_password_is_told_on_leaving(connect: Connect) -> None:
    client = connect(password="wrong")
    with pytest.raises(WrongPassword), client.batch() as batch:
        part = batch.get("/me")
    with pytest.raises(WrongPassword):
        part.result()
    client.close()


def test_an_application_that_has_ended_is_created_again(connect: Connect, clock: Clock) -> None:
    """The addresses of the old one lead into the new one."""
    with connect() as client:
        meeting = client.meetings.schedule(subject="Weekly")
        clock.advance(timedelta(hours=5))
        with client.batch() as batch:
            part = batch.get(meeting.href)
        assert part.result().properties["subject"] == "Weekly"


class TestElsewhere:
    """At a server that takes less, or no batches at all."""

    @pytest.fixture
    def elsewhere(self) -> Elsewhere:
        return Elsewhere()

    @pytest.fixture
    def client(self, flavour: Connect, elsewhere: Elsewhere) -> Iterator[Any]:
        with (
            InProcess(elsewhere) as transport,
            flavour("dana@fabrikam.com", PASSWORD, transport=transport) as client,
        ):
            yield client

    def test_smaller_batches_are_sent_where_they_are_too_large(
        self, client: Any, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing of the large ones was carried out, so nothing is done twice."""
        elsewhere.most_in_a_batch = 7
        href = meetings_of(client)
        with client.batch() as batch:
            parts = [batch.post(href, {"subject": str(number)}) for number in range(20)]
        for part in parts:
            part.result()
        assert sorted(int(one.properties["subject"]) for one in elsewhere.meetings.values()) == [
            *range(20)
        ]

    def test_requests_go_one_by_one_where_no_batch_is_offered(
        self, client: Any, elsewhere: Elsewhere
    ) -> None:
        client.application()._links.pop("batch")
        href = meetings_of(client)
        with client.batch() as batch:
            added = batch.post(href, {"subject": "Weekly"})
            stray = batch.get(f"{href}/nosuch")
        assert added.result() is not None
        with pytest.raises(NotFound):
            stray.result()

    def test_meetings_that_are_only_linked_to_are_fetched_together(
        self, client: Any, elsewhere: Elsewhere
    ) -> None:
        for number in range(12):
            client.meetings.schedule(subject=str(number))
        elsewhere.requests.clear()
        found = client.meetings.list()
        assert sorted(int(one.subject) for one in found) == [*range(12)]
        batch = client.application().link("batch")
        assert [url for method, url in elsewhere.requests if method == "POST"] == [batch]


def test_what_found_no_room_among_the_answers_is_sent_again(
    connect: Connect, server: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    with connect() as client:
        hrefs = [client.meetings.schedule(subject=str(number)).href for number in range(20)]
        server.seen.clear()
        monkeypatch.setattr("openucwa.http.batch.LARGEST", 7000)
        with client.batch() as batch:
            parts = [batch.get(href) for href in hrefs]
            added = batch.post(meetings_of(client), {"subject": "once"})
        assert [part.result().properties["subject"] for part in parts] == list(map(str, range(20)))
        assert added.result().properties["subject"] == "once"
        first, *more = sizes(server)
        assert first == 21
        assert more
        assert sorted(more, reverse=True) == more
        assert subjects(client).count("once") == 1


def test_a_list_has_the_meetings_that_the_server_does_not_embed(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [f"sip:{number:05}{'x' * 200}@contoso.com" for number in range(100)]
    with connect() as client:
        for number in range(6):
            client.meetings.schedule(subject=str(number), attendees=people[number:])
        name = "openucwa.resources.online_meetings.room.LARGEST"
        monkeypatch.setattr(name, 60_000)
        assert subjects(client) == list("012345")
