"""Pending GETs: what they wait for, for how long, and who takes whose place."""

import json
from datetime import timedelta

import msgspec
import pytest

from openucwa.delivery.tail import LATER, LOOK_EVERY
from openucwa.domain.deployment import Deployment
from openucwa.domain.facts import Fact
from openucwa.http.authentication import hash_of
from openucwa.store.tables.facts import Facts
from openucwa.store.tables.tokens import Tokens
from openucwa.store.transaction import Transaction
from tests.installation import CHRIS
from tests.virtual import DEPLOYMENT, Client, Request, Server, serving, told

MEETING = [("myOnlineMeeting", "added")]
ME = [("me", "updated")]
LIFETIME = DEPLOYMENT.lifetimes.application.total_seconds()


def deployment(**lifetimes: timedelta) -> Deployment:
    changed = msgspec.structs.replace(DEPLOYMENT.lifetimes, **lifetimes)
    return msgspec.structs.replace(DEPLOYMENT, lifetimes=changed)


def waits_for(request: Request, seconds: float) -> bool:
    """Whether a request waits for that time, and no longer."""
    request.pass_time(seconds - 0.1)
    waited = request.waits
    request.pass_time(0.1)
    return waited and not request.waits


class TestHowLong:
    def test_nothing_happens(self, dana: Client) -> None:
        """After `timeout`, the answer is empty; it leads on, and it counts as a package."""
        request = dana.ask()
        assert waits_for(request, 180)
        assert request.json["sender"] == []
        assert list(request.json["_links"]) == ["self", "next"]

    def test_what_is_urgent_is_told_at_once(self, dana: Client) -> None:
        request = dana.ask()
        dana.schedule()
        assert told(request.json) == MEETING

    def test_what_is_less_urgent_may_wait(self, dana: Client) -> None:
        request = dana.ask()
        dana.move(title="CEO")
        assert waits_for(request, 5)
        assert told(request.json) == ME

    def test_a_clock_that_is_set_back_makes_nobody_wait_longer(
        self, server: Server, dana: Client
    ) -> None:
        dana.schedule()
        server.database.wrong_by = -86_400
        assert told(dana.hear()) == MEETING
        dana.move(title="CEO")
        server.database.wrong_by -= 86_400
        request = dana.ask()
        assert waits_for(request, 5)
        assert told(request.json) == ME

    def test_it_is_the_first_that_counts(self, server: Server, dana: Client) -> None:
        """A profile that changes again and again is told of every five seconds."""
        request = dana.ask()
        for title in "abcd":
            dana.move(title=title)
            assert request.waits
            server.pass_time(1.5)
        assert told(request.json) == ME

    def test_it_waits_no_longer_than_it_has_waited_already(
        self, server: Server, dana: Client
    ) -> None:
        """What happened before the request came is told in time, too."""
        dana.move(title="CEO")
        server.pass_time(3)
        assert waits_for(dana.ask(), 2)
        dana.move(title="CTO")
        server.pass_time(5)
        assert told(dana.ask(dana.next.replace("=1", "=2")).json) == ME

    def test_what_is_urgent_takes_the_rest_along_in_its_order(
        self, server: Server, dana: Client
    ) -> None:
        request = dana.ask()
        dana.move(title="CEO")
        server.pass_time(1)
        dana.schedule()
        assert told(request.json) == ME + MEETING

    def test_the_timeout_takes_the_rest_along(self, server: Server, dana: Client) -> None:
        request = dana.ask(medium=1800)
        server.pass_time(179)
        dana.move(title="CEO")
        server.pass_time(1)
        assert told(request.json) == ME

    @pytest.mark.parametrize(
        ("asked", "held"), [(600, 600), (1, 180), (-5, 180), (99999, 1800), (180, 180)]
    )
    def test_timeout_within_its_limits(self, dana: Client, asked: int, held: int) -> None:
        assert waits_for(dana.ask(timeout=asked), held)

    @pytest.mark.parametrize(("asked", "held"), [(60, 60), (0, 5), (99999, 1800)])
    def test_medium_within_its_limits(self, dana: Client, asked: int, held: int) -> None:
        request = dana.ask(medium=asked, timeout=1800)
        dana.move(title="CEO")
        assert waits_for(request, held)

    def test_timers_are_remembered(self, dana: Client) -> None:
        """For this channel, from the package on with which they were asked for."""
        other = dana.server.sign_in(endpointId="two")
        first = dana.ask(timeout=300, medium=20)
        assert waits_for(first, 300)
        dana.next = first.json["_links"]["next"]["href"]
        assert waits_for(dana.ask(), 300)
        dana.next = dana.next.replace("=2", "=3")
        request, another = dana.ask(), other.ask()
        dana.move(title="CEO")
        assert waits_for(another, 5)
        assert waits_for(request, 15)

    def test_a_repeated_request_has_the_timers_of_its_own(self, dana: Client) -> None:
        assert waits_for(dana.ask(timeout=300), 300)
        assert waits_for(dana.ask(dana.next.replace("=1", "=2"), timeout=200), 200)

    def test_the_installation_says_how_long_at_most(self) -> None:
        with serving(deployment(pending_get=timedelta(seconds=50))) as server:
            assert waits_for(server.sign_in().ask(timeout=1800), 50)

    def test_an_application_does_not_expire_while_its_client_waits(self) -> None:
        """However short its life is."""
        with serving(deployment(application=timedelta(minutes=4))) as server:
            assert waits_for(server.sign_in().ask(timeout=1800), 120)


class TestWhoIsTold:
    def test_another_application_of_the_user(self, server: Server, dana: Client) -> None:
        other = server.sign_in(endpointId="two")
        request = other.ask()
        dana.schedule()
        assert told(request.json) == MEETING

    def test_nobody_else(self, server: Server, dana: Client) -> None:
        request = server.sign_in(CHRIS).ask()
        dana.schedule()
        dana.move(title="CEO")
        server.pass_time(60)
        assert request.waits

    def test_what_concerns_one_application_only(self, server: Server, dana: Client) -> None:
        other = server.sign_in(endpointId="two").ask()
        communication = dana.application["_embedded"]["communication"]
        put = dana.send(
            "PUT",
            communication["_links"]["self"]["href"],
            communication,
            **{"if-match": f'"{communication["etag"]}"'},
        )
        assert put.status == 204
        request = dana.ask()
        assert waits_for(request, 5)
        assert told(request.json) == [("communication", "updated")]
        assert other.waits

    def test_who_comes_between_look_and_wait(self, server: Server, dana: Client) -> None:
        """What is committed after a request has found nothing, and before it waits, is told."""
        found_nothing = server.database.hold()
        request = dana.ask()
        dana.schedule()
        found_nothing.set()
        server.loop.settle()
        assert told(request.json) == MEETING

    def test_who_comes_while_the_tail_reads(self, server: Server, dana: Client) -> None:
        """She has looked before it got so far: it goes back for what it has told to nobody."""
        chris = server.sign_in(CHRIS)
        dana.ask()  # so that there is something to read for
        found_nothing = server.database.hold()
        request = chris.ask()
        chris.schedule()
        has_read = server.database.hold()
        dana.move(title="CEO")
        found_nothing.set()
        server.loop.settle()
        has_read.set()
        server.loop.settle()
        assert told(request.json) == MEETING

    def test_what_was_told_wakes_nobody(self, server: Server, dana: Client) -> None:
        """Not even when the tail goes back for somebody else."""
        chris = server.sign_in(CHRIS)
        found_nothing = server.database.hold()
        late = chris.ask()
        dana.move(title="CEO")
        server.pass_time(5)
        assert told(dana.hear()) == ME
        request = dana.ask()
        found_nothing.set()
        server.loop.settle()
        server.pass_time(60)
        assert (late.waits, request.waits) == (True, True)

    def test_changes_in_another_process(self, server: Server, dana: Client) -> None:
        """The command line wakes nobody: the log is looked at every few seconds."""
        request = dana.ask()
        server.database.listeners.clear()
        dana.schedule()
        assert request.waits
        server.pass_time(LOOK_EVERY)
        assert told(request.json) == MEETING

    def test_while_somebodys_transaction_takes_long(
        self, server: Server, dana: Client, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The log is looked at less often then, and soon after that has ended."""
        looks = 0

        def unsettled(facts: Facts, position: int) -> tuple[list[Fact], bool]:
            nonlocal looks
            looks += 1
            return [], True

        request = dana.ask()
        with monkeypatch.context() as long:
            long.setattr(Facts, "after", unsettled)
            dana.schedule()
            server.pass_time(10)
        assert request.waits
        assert looks < 2 * 10 / LATER
        server.pass_time(LATER)
        assert told(request.json) == MEETING

    def test_a_log_that_cannot_be_read_for_a_while(self, server: Server, dana: Client) -> None:
        request = dana.ask()
        server.database.fails = True
        server.pass_time(LOOK_EVERY)
        server.pass_time(LOOK_EVERY)
        server.database.fails = False
        dana.schedule()
        assert told(request.json) == MEETING


class TestReplacing:
    def test_a_later_request(self, dana: Client) -> None:
        first, second = dana.ask(), dana.ask()
        assert (first.status, first.json["subcode"]) == (409, "PGetReplaced")
        assert second.waits
        dana.schedule()
        assert told(second.json) == MEETING

    @pytest.mark.parametrize(("first", "second"), [(0, 0), (0, 1), (1, 1), (-1, 0), (5, 7)])
    def test_priority_of_those_that_may(self, dana: Client, first: int, second: int) -> None:
        one, another = dana.ask(priority=first), dana.ask(priority=second)
        assert (one.status, another.waits) == (409, True)

    @pytest.mark.parametrize(("first", "second"), [(1, 0), (0, -1), (7, 5)])
    def test_priority_of_those_that_may_not(self, dana: Client, first: int, second: int) -> None:
        one, another = dana.ask(priority=first), dana.ask(priority=second)
        assert (one.waits, another.status, another.json["subcode"]) == (True, 409, "PGetReplaced")

    def test_priority_counts_among_requests_with_the_same_ack(self, dana: Client) -> None:
        """A client that has started over is not kept out by what it sent in its former life."""
        dana.schedule()
        restart = dana.next
        dana.hear()
        before = dana.ask(priority=9)
        again = dana.ask(restart)
        assert (before.status, told(again.json)) == (409, MEETING)

    def test_even_by_one_that_need_not_wait(self, server: Server, dana: Client) -> None:
        first = dana.ask(medium=1800)
        dana.move(title="CEO")
        server.pass_time(10)
        second = dana.ask(medium=5)
        assert first.status == 409
        assert told(second.json) == ME

    def test_each_instance_has_a_place_of_its_own(self, server: Server, dana: Client) -> None:
        first = dana.ask()
        assert server.sign_in(instanceId="tab").ask().waits
        assert first.waits


class TestReplacingInAnotherProcess:
    """A process tells the others which requests wait there, and hears of theirs, perhaps late."""

    @pytest.fixture
    def there(self, server: Server, dana: Client) -> "Elsewhere":
        return Elsewhere(server, dana)

    def test_a_later_request(self, there: "Elsewhere") -> None:
        assert there.tells(later=1) == 409

    def test_a_request_for_a_later_package(self, there: "Elsewhere") -> None:
        """However the clocks of the two differ."""
        assert there.tells(ack=1, later=-1000) == 409

    def test_an_earlier_request_that_is_heard_of_late(self, there: "Elsewhere") -> None:
        assert there.tells(later=-1) == "waits"

    def test_the_request_before_this_one_that_is_heard_of_late(self, there: "Elsewhere") -> None:
        """Its client has its answer, and asks for what is next."""
        assert there.tells(ack=-1, later=1000) == "waits"

    def test_a_later_request_of_a_lower_priority(self, there: "Elsewhere") -> None:
        assert there.tells(later=1, priority=-1) == "waits"

    def test_one_that_need_not_wait_tells_nobody(self, server: Server, dana: Client) -> None:
        dana.schedule()
        dana.hear()
        assert server.database.told == []


class Elsewhere:
    """Another process, which has a request much like the one that waits here."""

    def __init__(self, server: Server, dana: Client) -> None:
        self._server = server
        self._here = dana.ask()
        (told,) = server.database.told
        self._key, self._priority, self._turn = json.loads(told)

    def tells(self, *, later: int, ack: int = 0, priority: int = 0) -> int | str:
        """Tell of that request; what becomes of the one that waits here."""
        turn = self._turn[0] + ack, self._turn[1] + later
        for hear in self._server.database.ears:
            hear(json.dumps([self._key, self._priority + priority, turn]))
        self._server.loop.settle()
        return "waits" if self._here.waits else self._here.status


class TestEnding:
    def test_a_client_that_vanishes_leaves_nothing_behind(self, dana: Client) -> None:
        for _ in range(3):
            request = dana.ask()
            request.hang_up()
            assert not request.waits
        tail = dana.server.app._tail
        assert (tail._pending, tail._followers) == ({}, {})
        dana.schedule()
        assert told(dana.hear()) == MEETING

    def test_a_client_that_vanishes_acknowledges_nothing(
        self, server: Server, dana: Client
    ) -> None:
        """Whatever has happened meanwhile."""
        request = dana.ask()
        dana.move(title="CEO")
        request.hang_up()
        server.pass_time(5)
        assert told(dana.hear()) == ME

    def test_the_server_stops(self, server: Server, dana: Client) -> None:
        """All are answered at once, with nothing; the same request goes on at the next server."""
        requests = [dana.ask(medium=600), server.sign_in(CHRIS).ask()]
        dana.move(title="CEO")
        server.app.stop_waiting()
        server.loop.settle()
        for request in requests:
            assert request.json["sender"] == []
        links = requests[0].json["_links"]
        assert links["self"] == links["next"] == {"href": dana.next}
        late = dana.ask()
        assert late.json == requests[0].json

    def test_the_application_is_deleted(self, dana: Client) -> None:
        request = dana.ask()
        assert dana.send("DELETE", dana.application["_links"]["self"]["href"]).status == 204
        assert (request.status, request.json["subcode"]) == (404, "ApplicationNotFound")

    def test_one_instance_is_deleted(self, server: Server, dana: Client) -> None:
        """Who waits in another one goes on waiting."""
        tab = server.sign_in(instanceId="tab")
        requests = dana.ask(), tab.ask()
        tab.send("DELETE", tab.application["_links"]["self"]["href"])
        assert requests[0].waits
        assert requests[1].json["subcode"] == "ApplicationNotFound"

    def test_the_instance_without_a_name_is_deleted(self, server: Server, dana: Client) -> None:
        """Who waits there is not told what is another one's, nor acknowledges it."""
        tab = server.sign_in(instanceId="tab")
        request = dana.ask()
        dana.send("DELETE", dana.application["_links"]["self"]["href"])
        assert (request.status, request.json["subcode"]) == (404, "ApplicationNotFound")
        waiting = tab.ask()
        assert waiting.waits
        tab.schedule()
        assert told(waiting.json) == MEETING

    def test_the_token_expires_meanwhile(self, server: Server, dana: Client) -> None:
        """Nothing is told, nor acknowledged, until the client has signed in again."""

        def end_soon(tx: Transaction) -> None:
            tx.of(Tokens).revoke(dana.user.id)
            tx.of(Tokens).add(hash_of(dana.token), dana.user, tx.now + timedelta(seconds=2))

        server.database.run(end_soon)
        request = dana.ask()
        dana.move(title="CEO")
        server.pass_time(5)
        assert request.status == 401
        server.sign_in()
        assert told(dana.hear()) == ME

    def test_the_user_is_disabled_meanwhile(self, dana: Client) -> None:
        request = dana.ask()
        dana.move(disabled=True)
        assert waits_for(request, 5)
        assert request.status == 403

    def test_the_application_has_expired(self, server: Server, dana: Client) -> None:
        server.pass_time(LIFETIME)
        request = dana.ask()
        assert (request.status, request.json["subcode"]) == (410, "InactiveApplicationExpired")

    def test_to_wait_is_to_miss_nothing(self) -> None:
        """However soon events of others are forgotten."""
        with serving(deployment(fact=timedelta(seconds=60))) as server:
            dana, chris = server.sign_in(), server.sign_in(CHRIS)
            request = dana.ask()
            for _ in range(3):
                chris.schedule()
                server.pass_time(61)
            while request.waits:
                server.pass_time(1)
            assert "next" in request.json["_links"]

    def test_to_wait_is_to_be_in_use(self, server: Server, dana: Client) -> None:
        """An application does not expire while its client waits, however late that came."""
        server.pass_time(LIFETIME - 1)
        request = dana.ask()
        server.pass_time(100)
        dana.schedule()
        assert told(request.json) == MEETING

    def test_the_database_fails_at_the_answer(self, server: Server, dana: Client) -> None:
        """Nothing is acknowledged: the same request is answered when it is there again."""
        dana.schedule()
        has_looked = server.database.hold()
        request = dana.ask()
        server.database.fails = True
        has_looked.set()
        server.loop.settle()
        assert request.status == 503
        server.database.fails = False
        assert told(dana.hear()) == MEETING


class TestLimit:
    def test_pending_requests_of_a_user(self) -> None:
        """Those of all her applications; none that has been replaced, or answered."""
        limits = msgspec.structs.replace(DEPLOYMENT.limits, pending_gets_per_user=2)
        with serving(msgspec.structs.replace(DEPLOYMENT, limits=limits)) as server:
            clients = [server.sign_in(endpointId=name) for name in "abc"]
            assert clients[0].ask().waits
            assert clients[0].ask().waits
            last = clients[1].ask()
            refused = clients[2].ask()
            assert (refused.status, refused.json["code"]) == (429, "TooManyRequests")
            assert ("Retry-After", "60") in refused.answer.headers
            assert server.sign_in(CHRIS).ask().waits
            last.hang_up()
            assert clients[2].ask().waits
