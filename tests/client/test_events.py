"""The event channel as programs follow it, whatever breaks."""

import gc
import logging
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import islice
from types import SimpleNamespace
from typing import Any

import httpx2
import pytest

from openucwa.client import EventsTaken, EventType, WrongPassword, listening
from openucwa.client.event import Event
from openucwa.store.sweep import sweep
from tests.client.watched import Watched
from tests.installation import DEPLOYMENT, Clock
from tests.patience import PATIENCE, until

Connect = Callable[..., Any]

ADDED, UPDATED, DELETED, RESYNC = (
    EventType.ADDED,
    EventType.UPDATED,
    EventType.DELETED,
    EventType.RESYNC,
)
AT_ONCE = 5.0


@pytest.fixture(autouse=True)
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses are short."""
    for name in ("_FIRST_PAUSE", "_AT_LEAST", "_REPLACED_PAUSE"):
        monkeypatch.setattr(f"openucwa.client.listening.{name}", 0.02)


def schedule(client: Any, subject: str) -> Any:
    session = client._session
    href = session.dashboard("onlineMeetings").link("myOnlineMeetings")
    return session.send("POST", href, {"subject": subject}).resource


def rename(client: Any, meeting: Any, subject: str) -> Any:
    meeting = client.get(meeting.href)
    content = {**meeting.raw, "subject": subject}
    send = client._session.send
    return send("PUT", meeting.href, content, if_match=meeting.etag).resource


def cancel(client: Any, meeting: Any) -> None:
    client._session.send("DELETE", meeting.href)


def told(events: Iterator[Event]) -> tuple[Any, Any]:
    """The next event: its type, and the subject in it."""
    event = next(events)
    return event.type, event.resource.properties["subject"] if event.resource else None


def is_for_events(request: httpx2.Request) -> bool:
    return request.url.path.endswith("/events")


class Breaking:
    """Breaks so many requests for events, before or after they have been answered."""

    def __init__(self, times: int, error: Exception | httpx2.Response) -> None:
        self.left = times
        self._error = error

    def before(self, request: httpx2.Request) -> httpx2.Response | None:
        if not is_for_events(request) or not self.left:
            return None
        self.left -= 1
        if isinstance(self._error, Exception):
            raise self._error
        error = self._error
        return httpx2.Response(error.status_code, headers=error.headers, content=error.content)

    def after(self, request: httpx2.Request, response: httpx2.Response) -> httpx2.Response:
        return self.before(request) or response


def replaced() -> httpx2.Response:
    return httpx2.Response(
        409, json={"code": "Conflict", "subcode": "PGetReplaced", "message": "Replaced."}
    )


class TestFollowing:
    def test_what_happens_to_meetings_is_told_in_its_order(self, connect: Connect) -> None:
        with connect() as client:
            events = client.events()
            meeting = schedule(client, "Weekly")
            added = next(events)
            assert (added.type, added.rel, added.href) == (ADDED, "myOnlineMeeting", meeting.href)
            assert added.sender_rel == "onlineMeetings"
            assert added.resource.etag == meeting.etag
            assert added.resource.properties["subject"] == "Weekly"
            rename(client, meeting, "Monthly")
            assert told(events) == (UPDATED, "Monthly")
            cancel(client, meeting)
            deleted = next(events)
            assert (deleted.type, deleted.href, deleted.resource) == (DELETED, meeting.href, None)

    def test_who_has_changed_a_meeting_is_told(self, connect: Connect) -> None:
        with connect() as laptop, connect(application_name="Calendar on phone") as phone:
            laptop.application()  # it is told of what happens from then on
            events = laptop.events()
            meeting = schedule(phone, "Weekly")
            rename(phone, meeting, "Monthly")
            assert told(events) == (ADDED, "Monthly")
            rename(phone, meeting, "Moved")
            change = next(events).change
            assert (change.by, change.by_name) == ("sip:Dana@contoso.com", "Dana Birkby")
            assert change.application == "Calendar on phone"
            assert change.changed == ("subject",)
            assert change.at is not None
            cancel(phone, meeting)
            assert next(events).change is None

    def test_waits_until_something_happens(self, connect: Connect, server: Watched) -> None:
        """Several requests may be answered with nothing meanwhile."""
        with connect() as client, connect(endpoint_id="another") as other:
            client.application()
            other.application()
            timer = threading.Timer(0.5, schedule, [other, "Weekly"])
            timer.start()
            assert told(client.events()) == (ADDED, "Weekly")
            timer.join()
        assert server.count("GET", "/events") > 1

    def test_a_package_is_acknowledged_when_all_of_it_was_taken(
        self, connect: Connect, server: Watched
    ) -> None:
        with connect() as client:
            schedule(client, "one")
            schedule(client, "two")
            events = client.events()
            assert told(events) == (ADDED, "one")
            assert told(events) == (ADDED, "two")
            assert server.count("GET", "/events") == 1
            schedule(client, "three")
            assert told(events) == (ADDED, "three")
            assert server.count("GET", "/events") == 2

    def test_who_leaves_and_comes_back_goes_on_where_she_was(self, connect: Connect) -> None:
        with connect() as client:
            for subject in ("one", "two", "three"):
                schedule(client, subject)
            for event in client.events():
                assert event.resource.properties["subject"] == "one"
                break
            gc.collect()
            assert [told(client.events()) for _ in range(2)] == [(ADDED, "two"), (ADDED, "three")]

    def test_each_event_goes_to_one_of_those_who_share_an_iterator(
        self, connect: Connect, server: Watched
    ) -> None:
        taken: list[str] = []
        with connect() as client:
            events = client.events()

            def take() -> None:
                for _ in range(5):
                    taken.append(told(events)[1])

            threads = [threading.Thread(target=take) for _ in range(4)]
            for thread in threads:
                thread.start()
            subjects = [str(number) for number in range(20)]
            for subject in subjects:
                schedule(client, subject)
            for thread in threads:
                thread.join()
        assert sorted(taken) == sorted(subjects)
        asked = [one.url.params["ack"] for one in server.seen if is_for_events(one)]
        assert len(asked) == len(set(asked))

    def test_the_timers_are_told_to_the_server(self, connect: Connect, server: Watched) -> None:
        with connect() as client:
            schedule(client, "one")
            next(client.events(low=20, medium=10, timeout=300))
        (asked,) = (one.url.params for one in server.seen if is_for_events(one))
        timers = {"low": "20", "medium": "10", "timeout": "300"}
        assert dict(asked) == {"ack": "1", **timers, "extended": "true"}

    def test_a_wrong_password_is_told_and_not_tried_again(self, connect: Connect) -> None:
        client = connect(password="wrong")
        with pytest.raises(WrongPassword):
            next(client.events())
        client.close()


class TestHealing:
    @pytest.mark.parametrize("error", [httpx2.ReadError("lost"), httpx2.ReadTimeout("late")])
    def test_an_answer_that_is_lost_is_asked_for_again(
        self, connect: Connect, server: Watched, error: Exception
    ) -> None:
        """Nothing is lost with it, and nothing comes twice."""
        with connect() as client:
            schedule(client, "one")
            server.after = Breaking(3, error).after
            events = client.events()
            assert told(events) == (ADDED, "one")
            schedule(client, "two")
            assert told(events) == (ADDED, "two")

    @pytest.mark.parametrize(
        "trouble",
        [
            httpx2.ConnectError("no network"),
            httpx2.Response(503, headers={"Retry-After": "0"}),
            httpx2.Response(502, text="<html>Bad gateway</html>"),
            httpx2.Response(524, text="<html>A timeout occurred</html>"),
            httpx2.Response(408),
            httpx2.Response(425),
            httpx2.Response(429, json={"code": "TooManyRequests", "message": "Too many."}),
            httpx2.Response(200, text="<html>Sign in to the hotel</html>"),
        ],
    )
    def test_goes_on_when_the_server_is_there_again(
        self,
        connect: Connect,
        server: Watched,
        trouble: Exception | httpx2.Response,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        with connect() as client, caplog.at_level(logging.WARNING, "openucwa.client"):
            events = client.events()
            schedule(client, "one")
            assert told(events) == (ADDED, "one")
            schedule(client, "two")
            server.before = Breaking(3, trouble).before
            assert told(events) == (ADDED, "two")
        first, last = [one.getMessage() for one in caplog.records]
        assert first.startswith("Events can't be received; retrying: ")
        assert last == "Events are received again."

    @pytest.mark.parametrize("status", [408, 504, 524])
    def test_a_gateway_that_ends_long_waits_is_nothing_to_tell(
        self,
        connect: Connect,
        server: Watched,
        status: int,
        caplog: pytest.LogCaptureFixture,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr(listening, "_LONG", 0.0)
        with connect() as client, caplog.at_level(logging.WARNING, "openucwa.client"):
            events = client.events()
            schedule(client, "one")
            assert told(events) == (ADDED, "one")
            schedule(client, "two")
            server.before = Breaking(3, httpx2.Response(status)).before
            assert told(events) == (ADDED, "two")
        assert not caplog.records

    def test_an_application_that_has_expired_is_created_again(
        self, connect: Connect, clock: Clock
    ) -> None:
        """Nobody knows what was missed, so all is to be read again."""
        with connect() as client:
            events = client.events()
            schedule(client, "one")
            assert told(events) == (ADDED, "one")
            clock.advance(timedelta(hours=5))
            event = next(events)
            assert (event.type, event.href) == (RESYNC, client.application().href)
            schedule(client, "two")
            assert told(events) == (ADDED, "two")

    def test_an_application_that_was_created_again_meanwhile(
        self, connect: Connect, clock: Clock
    ) -> None:
        """Another request of the client has found out."""
        with connect() as client:
            events = client.events()
            schedule(client, "one")
            assert told(events) == (ADDED, "one")
            clock.advance(timedelta(hours=5))
            schedule(client, "two")
            assert told(events) == (RESYNC, None)
            assert told(events) == (ADDED, "two")

    def test_a_token_that_has_expired_is_renewed(
        self, connect: Connect, server: Watched, clock: Clock
    ) -> None:
        with connect() as client:
            events = client.events()
            for subject in ("one", "two", "three", "four"):
                schedule(client, subject)
                assert told(events) == (ADDED, subject)
                clock.advance(timedelta(hours=3))
        assert server.count("POST", "/oauthtoken") == 2
        assert server.count("POST", "/applications") == 1

    def test_who_was_away_for_too_long_is_told_to_read_all_again(
        self, connect: Connect, server: Watched, clock: Clock
    ) -> None:
        with connect() as client:
            events = client.events()
            schedule(client, "one")
            assert told(events) == (ADDED, "one")
            schedule(client, "two")
            schedule(client, "three")
            clock.advance(timedelta(hours=2))
            server.installation.transact(lambda tx: sweep(tx, DEPLOYMENT.lifetimes))
            meeting = schedule(client, "four")
            assert [event.type for event in islice(events, 3)] == [ADDED, ADDED, RESYNC]
            rename(client, meeting, "again")
            assert told(events) == (UPDATED, "again")

    def test_an_ack_that_leads_nowhere_is_told(self, connect: Connect) -> None:
        """Somebody else has gone on in the meantime, on the same channel."""
        with connect(endpoint_id="shared") as client, connect(endpoint_id="shared") as other:
            events, others = client.events(), other.events()
            for subject in ("one", "two", "three"):
                schedule(client, subject)
                if subject == "one":
                    assert told(events) == (ADDED, "one")
                assert told(others) == (ADDED, subject)
            assert told(events) == (RESYNC, None)
            assert told(events) == (ADDED, "three")

    def test_sleep_of_the_machine(
        self, connect: Connect, server: Watched, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The connection is dead, and nobody tells: the same is asked again on another one."""
        hours = 0.0
        monkeypatch.setattr("openucwa.client._sync.waiting.LOOK_EVERY", 0.02)
        monkeypatch.setattr("openucwa.client._async.waiting.LOOK_EVERY", 0.02)
        monkeypatch.setattr(
            "openucwa.client.waiting.time",
            SimpleNamespace(time=lambda: time.time() + 3600 * hours),
        )
        dead = threading.Event()

        def hang(request: httpx2.Request) -> httpx2.Response | None:
            nonlocal hours
            if is_for_events(request) and not hours:
                hours = 8.0
                dead.wait(PATIENCE)
                raise httpx2.ReadError("dead")
            return None

        with connect() as client:
            schedule(client, "one")
            server.before = hang
            assert told(client.events()) == (ADDED, "one")
            assert not dead.is_set()
            dead.set()


class TestOthers:
    def test_one_request_that_was_replaced_is_borne(
        self, connect: Connect, server: Watched
    ) -> None:
        with connect() as client:
            schedule(client, "one")
            server.before = Breaking(1, replaced()).before
            events = client.events()
            assert told(events) == (ADDED, "one")
            server.before = Breaking(1, replaced()).before
            schedule(client, "two")
            assert told(events) == (ADDED, "two")

    def test_who_is_replaced_again_gives_way(self, connect: Connect, server: Watched) -> None:
        with connect() as client:
            server.before = Breaking(2, replaced()).before
            with pytest.raises(EventsTaken, match="a separate endpoint_id"):
                next(client.events())
            schedule(client, "one")
            assert told(client.events()) == (ADDED, "one")

    def test_one_client_follows_its_events_once(self, connect: Connect) -> None:
        with connect() as client:
            first = client.events()
            with pytest.raises(EventsTaken, match="already"):
                client.events()
            with pytest.raises(EventsTaken, match="already"):
                client.on_meeting(client.meetings.schedule(), print)
            first.close()
            client.events()


class TestClosing:
    def test_closing_the_client_ends_the_wait(self, connect: Connect, server: Watched) -> None:
        """From another thread or task, and at once."""
        never = threading.Event()

        def hang(request: httpx2.Request) -> None:
            if is_for_events(request):
                never.wait(PATIENCE)

        client = connect()
        with client:
            client.application()
            server.before = hang
            waiting = threading.Thread(target=lambda: taken.extend(client.events()))
            taken: list[Event] = []
            waiting.start()
            until(lambda: server.count("GET", "/events") > 0)
            started = time.monotonic()
            client.close()
            waiting.join()
        assert time.monotonic() - started < AT_ONCE
        assert taken == []
        never.set()

    def test_a_closed_iterator_has_ended(self, connect: Connect, server: Watched) -> None:
        """What it has not handed out, the next one does."""
        with connect() as client:
            schedule(client, "one")
            schedule(client, "two")
            with client.events() as events:
                assert told(events) == (ADDED, "one")
            assert list(events) == []
            assert told(client.events()) == (ADDED, "two")


class TestCallbacks:
    def test_called_for_the_events_of_the_meeting(self, connect: Connect) -> None:
        """Of others it hears nothing, except of what the meeting itself holds."""
        heard: list[Event] = []
        with connect() as client:
            meeting, other = schedule(client, "mine"), schedule(client, "other")
            client.on_meeting(meeting.properties["onlineMeetingId"], heard.append)
            until(lambda: len(heard) == 1)
            rename(client, other, "still other")
            extensions = meeting.link("onlineMeetingExtensions")
            client._session.send("POST", extensions, {"id": "colour"})
            until(lambda: any(one.rel == "onlineMeetingExtension" for one in heard))
            rename(client, meeting, "still mine")
            cancel(client, meeting)
            until(lambda: heard[-1].type is DELETED)
        assert all(one.href.startswith(meeting.href) for one in heard)
        assert {one.rel for one in heard} == {"myOnlineMeeting", "onlineMeetingExtension"}

    def test_an_error_in_a_callback_is_logged_and_ends_nothing(
        self, connect: Connect, caplog: pytest.LogCaptureFixture
    ) -> None:
        failed: list[Event] = []
        heard: list[Event] = []

        def fail(event: Event) -> None:
            failed.append(event)
            raise ValueError("wrong")

        with connect() as client, caplog.at_level(logging.ERROR, "openucwa.client"):
            meeting = schedule(client, "one")
            client.on_meeting(meeting.properties["onlineMeetingId"], fail)
            until(lambda: len(failed) == 1)  # else the two changes may be told as one
            client.on_meeting(meeting.properties["onlineMeetingId"], heard.append)
            rename(client, meeting, "two")
            until(lambda: len(heard) == 1)
        assert [one.type for one in failed] == [ADDED, UPDATED]
        assert [one.exc_info[0] for one in caplog.records if one.exc_info] == [ValueError] * 2

    def test_no_more_calls_after_it_was_cancelled(self, connect: Connect) -> None:
        """With the last callback, the channel is free for others."""
        heard: list[Event] = []
        with connect() as client:
            meeting = schedule(client, "one")
            subscription = client.on_meeting(meeting.properties["onlineMeetingId"], heard.append)
            with pytest.raises(EventsTaken):
                client.events()
            until(lambda: len(heard) == 1)
            subscription.cancel()
            subscription.cancel()
            rename(client, meeting, "two")
            events = client.events()
            assert told(events) == (UPDATED, "two")
            subscription.cancel()
            rename(client, meeting, "three")
            assert told(events) == (UPDATED, "three")
        assert len(heard) == 1

    def test_a_meeting_is_known_again_in_a_new_application(
        self, connect: Connect, clock: Clock
    ) -> None:
        heard: list[Event] = []

        def hear(event: Event) -> None:
            if not heard:
                clock.advance(timedelta(hours=5))  # before the client asks for the next events
            heard.append(event)

        with connect() as client:
            meeting = schedule(client, "one")
            client.on_meeting(meeting.properties["onlineMeetingId"], hear)
            until(lambda: len(heard) == 2)
            rename(client, meeting, "two")
            until(lambda: len(heard) == 3)
        assert [one.type for one in heard] == [ADDED, RESYNC, UPDATED]
        assert heard[2].href != meeting.href

    def test_what_ends_the_channel_is_logged_and_a_later_callback_begins_anew(
        self, connect: Connect, server: Watched, caplog: pytest.LogCaptureFixture
    ) -> None:
        heard: list[Event] = []
        with connect() as client, caplog.at_level(logging.ERROR, "openucwa.client"):
            meeting = schedule(client, "one")
            server.before = Breaking(2, replaced()).before
            client.on_meeting(meeting.properties["onlineMeetingId"], heard.append)
            until(lambda: "no longer receives events" in caplog.text)
            client.on_meeting(meeting.properties["onlineMeetingId"], heard.append)
            until(lambda: len(heard) == 1)
