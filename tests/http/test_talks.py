"""Talks of two: calling, answering, messages, and the end, with all that each side is told."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from httpx2 import Response

from tests.installation import CHRIS, Installation, Person
from tests.live import COMMUNICATION, Seat, link

SECOND = timedelta(seconds=1)
HTML = ["Plain", "Html"]


class Talker(Seat):
    """Somebody who may be called, or who calls."""

    def available(self, **more: Any) -> "Talker":
        """Take calls in this application."""
        wanted = {"supportedModalities": ["Messaging"], **more}
        href = self.person.href("me", "makeMeAvailable")
        assert self.person.post(href, json=wanted).status_code == 204
        self.hear()
        return self

    def call(self, to: str = CHRIS.uri, **more: Any) -> dict[str, Any]:
        """Call somebody; the invitation."""
        answer = self.try_to_call(to=to, **more)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        assert answer.headers["Location"] == link(found, "self")
        self.conversation = link(found, "conversation")
        return found

    def try_to_call(self, **wanted: Any) -> Response:
        return self.person.post(self.person.href(COMMUNICATION, "startMessaging"), json=wanted)

    def ringing(self) -> dict[str, Any]:
        """The invitation that rings here, as the event shows it."""
        package = self.get(self.next)
        self.next = link(package, "next")
        (shown,) = (
            event["_embedded"]["messagingInvitation"]
            for sender in package["sender"]
            for event in sender["events"]
            if event["link"]["rel"] == "messagingInvitation"
        )
        self.conversation = link(shown, "conversation")
        found: dict[str, Any] = shown
        return found

    def answer(self, rel: str, invitation: Mapping[str, Any], **more: Any) -> int:
        return self.person.post(link(invitation, rel), **more).status_code

    @property
    def application_id(self) -> str:
        path = self.person.href("self").partition("?")[0]
        return path.rpartition("/")[2]

    @property
    def messaging(self) -> dict[str, Any]:
        return self.get(link(self.view(), "messaging"))

    def send(self, text: str, type: str = "text/plain", query: str = "") -> Response:
        href = link(self.messaging, "sendMessage")
        return self.person.post(href + query, content=text.encode(), headers={"Content-Type": type})

    def use(self, rel: str) -> int:
        return self.person.post(link(self.messaging, rel)).status_code

    def heard(self) -> list[dict[str, Any]]:
        """The messages that have come since it was asked before."""
        package = self.get(self.next)
        self.next = link(package, "next")
        return [
            event["_embedded"]["message"]
            for sender in package["sender"]
            for event in sender["events"]
            if event["link"]["rel"] == "message"
        ]


@pytest.fixture
def caller(dana: Person) -> Talker:
    return Talker(dana)


@pytest.fixture
def callee(chris: Person) -> Talker:
    return Talker(chris).available()


def connect(caller: Talker, callee: Talker, **more: Any) -> None:
    """Let two talk, who have heard of that."""
    caller.call(**more)
    assert callee.answer("accept", callee.ringing()) == 204
    caller.hear()
    callee.hear()


def test_a_call_rings_and_is_accepted(caller: Talker, callee: Talker) -> None:
    found = caller.call(operationId="7", subject="Task")
    assert (found["direction"], found["state"], found["operationId"]) == (
        "Outgoing",
        "Connecting",
        "7",
    )
    assert caller.hear() == [
        "started messagingInvitation (Connecting)",
        "added conversation (Connecting)",
        "added localParticipant Dana Birkby",
        "updated messaging (Connecting)",
    ]
    assert set(caller.messaging["_links"]) == {"self", "conversation", "stopMessaging"}
    ringing = callee.ringing()
    assert (ringing["direction"], ringing["state"], ringing["subject"]) == (
        *("Incoming", "Connecting", "Task"),
    )
    assert "operationId" not in ringing
    assert set(ringing["_links"]) == {
        *("self", "to", "conversation", "messaging", "accept", "decline"),
    }
    assert ringing["_embedded"]["from"]["uri"] == "sip:Dana@contoso.com"
    assert ringing["_embedded"]["from"]["rel"] == "participant"
    assert callee.view()["state"] == "Incoming"
    assert callee.answer("accept", ringing) == 204
    assert callee.messaging["state"] == "Connected"
    assert caller.hear() == [
        "updated conversation (Connected)",
        "added participant ",
        "added participantMessaging @participant",
        "added participantMessaging @localParticipant",
        "updated messaging (Connected)",
        "completed messagingInvitation Success (Connected)",
    ]
    assert callee.hear() == [
        "updated messaging (Connected)",
        "updated conversation (Connected)",
        "added participantMessaging @localParticipant",
        "added participantMessaging @participant",
        "updated participant Dana Birkby",
        "completed messagingInvitation Success (Connected)",
    ]
    done = caller.get(link(found, "self"))
    (accepted,) = done["_embedded"]["acceptedByParticipant"]
    assert accepted["uri"] == CHRIS.uri
    assert "cancel" not in done["_links"]
    assert set(caller.messaging["_links"]) == {
        *("self", "conversation", "stopMessaging", "sendMessage", "setIsTyping"),
        "typingParticipants",
    }
    assert caller.messaging["negotiatedMessageFormats"] == ["Plain"]
    assert callee.answer("accept", ringing) == 204
    assert callee.answer("decline", ringing) == 409


def test_messages_go_to_and_fro(caller: Talker, callee: Talker) -> None:
    connect(caller, callee)
    answer = caller.send("Hi Chris\r\n", query="?operationId=9&SessionContext=1")
    assert answer.status_code == 201
    assert answer.headers["Location"].endswith("/messaging/messages/2")
    (own,) = caller.heard()
    assert (own["direction"], own["operationId"]) == ("Outgoing", "9")
    assert set(own["_links"]) == {"self", "messaging"}
    (heard,) = callee.heard()
    assert heard["direction"] == "Incoming"
    assert heard["timeStamp"] == own["timeStamp"]
    assert link(heard, "plainMessage") == "data:text/plain;charset=utf-8,Hi+Chris%0d%0a"
    assert set(heard["_links"]) == {"self", "messaging", "contact", "participant", "plainMessage"}
    assert link(heard, "contact").endswith("/people/dana@contoso.com")
    assert callee.get(link(heard, "self"))["_links"] == heard["_links"]
    reply = callee.person.post(
        link(heard, "self"), content=b"<b>Hello</b>", headers={"Content-Type": "text/html"}
    )
    assert reply.headers["Location"].endswith("/messaging/messages/3")
    (heard,) = caller.heard()
    assert link(heard, "plainMessage") == "data:text/plain;charset=utf-8,Hello"
    assert "htmlMessage" not in heard["_links"]


def test_an_operation_id_may_be_used_again(caller: Talker, callee: Talker) -> None:
    connect(caller, callee, operationId="1")
    answers = [caller.send("Hi", query="?operationId=1") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert [one["operationId"] for one in caller.heard()] == ["1", "1"]
    assert len(callee.heard()) == 2


def test_a_call_is_declined(caller: Talker, callee: Talker) -> None:
    caller.call()
    caller.hear()
    assert callee.answer("decline", callee.ringing()) == 204
    assert callee.hear() == [
        "updated messaging (Disconnected) Declined",
        "completed messagingInvitation Failure (Declined) Declined",
        "deleted participant ",
        "deleted localParticipant Chris Barry",
        "updated conversation (Disconnected) Declined",
        "deleted conversation",
    ]
    assert caller.hear() == [
        "updated messaging (Disconnected) Declined",
        "completed messagingInvitation Failure (Failed) Declined",
        "deleted localParticipant Dana Birkby",
        "updated conversation (Disconnected) Declined",
        "deleted conversation",
    ]
    assert "addMessaging" not in caller.messaging["_links"]


def test_only_the_application_that_declines_is_out_of_it(
    caller: Talker, callee: Talker, installation: Installation
) -> None:
    other = Talker(installation.sign_in(CHRIS)).available()
    caller.call()
    first, second = callee.ringing(), other.ringing()
    assert link(first, "conversation") != link(second, "conversation")
    assert callee.answer("decline", first, json={"reason": "Local"}) == 204
    assert callee.hear()[-1] == "deleted conversation"
    assert caller.view()["state"] == "Connecting"
    assert other.answer("accept", second) == 204
    assert caller.view()["state"] == "Connected"
    assert callee.answer("accept", first) == 409


def test_a_call_is_declined_everywhere(
    caller: Talker, callee: Talker, installation: Installation
) -> None:
    other = Talker(installation.sign_in(CHRIS)).available()
    caller.call()
    ringing = callee.ringing()
    other.ringing()
    assert callee.answer("decline", ringing, json={"reason": "Global"}) == 204
    assert "completed messagingInvitation Failure (Declined) Declined" in other.hear()
    assert caller.view()["state"] == "Disconnected"


def test_the_first_answer_wins(caller: Talker, callee: Talker, installation: Installation) -> None:
    other = Talker(installation.sign_in(CHRIS)).available()
    caller.call()
    first, second = callee.ringing(), other.ringing()
    assert callee.answer("accept", first) == 204
    assert other.hear() == [
        "updated messaging (Disconnected) ConnectedElsewhere",
        "completed messagingInvitation Failure (Failed) ConnectedElsewhere",
        "deleted participant ",
        "deleted localParticipant Chris Barry",
        "updated conversation (Disconnected) ConnectedElsewhere",
        "deleted conversation",
    ]
    assert other.answer("accept", second) == 409
    assert caller.send("Hi").status_code == 201
    assert len(callee.heard()) == 1
    assert other.hear() == []


def test_a_call_is_cancelled(caller: Talker, callee: Talker) -> None:
    found = caller.call()
    caller.hear()
    ringing = callee.ringing()
    assert link(found, "cancel").endswith("/messaging/terminate")
    assert caller.person.post(link(found, "cancel")).status_code == 204
    assert caller.hear() == [
        "updated messaging (Disconnected) Canceled",
        "completed messagingInvitation Failure (Cancelled) Canceled",
        "deleted localParticipant Dana Birkby",
        "updated conversation (Disconnected) Canceled",
        "deleted conversation",
    ]
    assert callee.hear() == [
        "updated messaging (Disconnected) Canceled",
        "completed messagingInvitation Failure (Cancelled) Canceled",
        "deleted participant ",
        "deleted localParticipant Chris Barry",
        "updated conversation (Disconnected) Canceled",
        "deleted conversation",
        "updated missedItems",
    ]
    assert callee.answer("accept", ringing) == 409
    assert caller.person.post(link(found, "cancel")).status_code == 204


def test_a_call_that_nobody_answers_times_out(
    caller: Talker, callee: Talker, installation: Installation
) -> None:
    caller.call()
    caller.hear()
    ringing = callee.ringing()
    installation.let_pass(30 * SECOND - timedelta(milliseconds=1))
    assert caller.view()["state"] == "Connecting"
    installation.let_pass(SECOND)
    assert caller.hear()[1:2] == ["completed messagingInvitation Failure (Failed) Timeout"]
    assert callee.hear()[1:2] == ["completed messagingInvitation Failure (Failed) Missed"]
    assert callee.get(link(ringing, "self"))["state"] == "Failed"
    assert callee.answer("accept", ringing) == 409
    installation.let_pass(timedelta(minutes=1))
    assert caller.hear() == callee.hear() == []


@pytest.mark.parametrize("way", ["stopMessaging", "DELETE", "application"])
@pytest.mark.parametrize("who", ["caller", "callee"])
def test_a_talk_ends_for_both(caller: Talker, callee: Talker, way: str, who: str) -> None:
    connect(caller, callee)
    one, other = (caller, callee) if who == "caller" else (callee, caller)
    own = "Dana Birkby" if who == "callee" else "Chris Barry"
    if way == "stopMessaging":
        stop = link(one.messaging, "stopMessaging")
        assert [one.person.post(stop).status_code for _ in range(2)] == [204, 204]
    elif way == "DELETE":
        one.leave()
    else:
        assert one.person.delete(one.person.href("self")).status_code == 204
    assert other.hear() == [
        "updated messaging (Disconnected) CallTerminated",
        "deleted participantMessaging @participant",
        "deleted participantMessaging @localParticipant",
        "deleted participant ",
        f"deleted localParticipant {own}",
        "updated conversation (Disconnected) CallTerminated",
        "deleted conversation",
    ]
    if way != "application":
        assert [line.split(" (")[0] for line in one.hear()][:3] == [
            "updated messaging",
            "deleted participantMessaging @localParticipant",
            "deleted participantMessaging @participant",
        ]
    assert other.view()["state"] == "Disconnected"
    assert other.person.get(other.person.href(COMMUNICATION, "conversations")).json()[
        "_links"
    ].keys() == {"self"}


class TestCallsThatFail:
    """The reason comes by events, and nobody hears of it but the caller."""

    @pytest.mark.parametrize("to", ["sip:nobody@contoso.com", "sip:someone@fabrikam.com"])
    def test_nobody_is_there(self, caller: Talker, to: str) -> None:
        caller.call(to)
        assert "completed messagingInvitation Failure (Failed) DestinationNotFound" in caller.hear()

    def test_nobody_can_be_reached(self, caller: Talker, chris: Person) -> None:
        assert chris.application
        caller.call()
        assert "completed messagingInvitation Failure (Failed) Unreachable" in caller.hear()
        assert Talker(chris).hear() == []

    def test_the_other_one_takes_no_messages(self, caller: Talker, chris: Person) -> None:
        Talker(chris).available(supportedModalities=["Audio"])
        caller.call()
        assert "completed messagingInvitation Failure (Failed) Unreachable" in caller.hear()

    def test_the_other_one_is_not_to_be_disturbed(self, caller: Talker, chris: Person) -> None:
        callee = Talker(chris).available(signInAs="DoNotDisturb")
        caller.call()
        assert "completed messagingInvitation Failure (Failed) DoNotDisturb" in caller.hear()
        assert callee.hear() == []


class TestCallsThatAreRefused:
    @pytest.mark.parametrize(
        ("wanted", "named"),
        [
            ({}, "to"),
            ({"to": "chris"}, "to"),
            ({"to": "sip:Dana@contoso.com"}, "to"),
            ({"to": CHRIS.uri, "subject": "a" * 251}, "subject"),
            ({"to": CHRIS.uri, "threadId": "a" * 251}, "threadId"),
            ({"to": CHRIS.uri, "operationId": "a" * 51}, "operationId"),
            ({"to": CHRIS.uri, "importance": "Very"}, "importance"),
        ],
    )
    def test_parameters(self, caller: Talker, wanted: dict[str, Any], named: str) -> None:
        answer = caller.try_to_call(**wanted)
        assert answer.status_code == 400
        assert answer.json()["parameters"].keys() == {named}
        assert caller.hear() == []

    def test_a_thread_that_is_in_use(self, caller: Talker, callee: Talker) -> None:
        caller.call(threadId="thread")
        answer = caller.try_to_call(to=CHRIS.uri, threadId="thread")
        assert (answer.status_code, answer.json()["subcode"]) == (409, "ThreadIdAlreadyExists")

    def test_too_many_at_once(self, caller: Talker, callee: Talker) -> None:
        for _ in range(10):
            caller.call()
        answer = caller.try_to_call(to=CHRIS.uri)
        assert (answer.status_code, answer.json()["subcode"]) == (409, "TooManyConversations")


class TestFirstMessage:
    @pytest.mark.parametrize(
        ("uri", "plain", "html"),
        [
            ("data:text/plain;charset=utf-8,Hi+Chris", "Hi+Chris", None),
            ("data:text/plain;base64,SGkgQ2hyaXM=", "Hi+Chris", None),
            ("data:html/plain;base64,PGI+SGk8L2I+", "Hi", "%3cb%3eHi%3c%2fb%3e"),
            ("Hi Chris", "Hi+Chris", None),
        ],
    )
    def test_it_comes_with_the_call_and_when_that_is_accepted(
        self, caller: Talker, chris: Person, uri: str, plain: str, html: str | None
    ) -> None:
        callee = Talker(chris).available(supportedMessageFormats=HTML)
        caller.person.put(
            {
                **caller.get(caller.person.href(COMMUNICATION, "self")),
                "supportedMessageFormats": HTML,
            }
        )
        caller.call(_links={"message": {"href": uri}})
        ringing = callee.ringing()
        message = link(ringing, "message")
        assert message.startswith("data:text/html" if html else "data:text/plain;charset=utf-8,")
        callee.answer("accept", ringing)
        assert callee.messaging["negotiatedMessageFormats"] == HTML
        (heard,) = callee.heard()
        assert link(heard, "self").endswith("/messages/2")
        assert link(heard, "plainMessage") == f"data:text/plain;charset=utf-8,{plain}"
        assert ("htmlMessage" in heard["_links"]) == bool(html)
        if html:
            assert html in link(heard, "htmlMessage")
        assert caller.heard() == []

    def test_it_comes_in_xml_as_a_link_too(self, caller: Talker, callee: Talker) -> None:
        body = (
            '<input xmlns="http://schemas.microsoft.com/rtc/2012/03/ucwa">'
            f'<property name="to">{CHRIS.uri}</property>'
            '<link rel="message" href="data:text/plain;charset=utf-8,Hi+Chris"/></input>'
        )
        answer = caller.person.post(
            caller.person.href(COMMUNICATION, "startMessaging"),
            content=body.encode(),
            headers={"Content-Type": "application/xml", "Accept": "application/xml"},
        )
        assert answer.status_code == 201, answer.text
        assert link(callee.ringing(), "message") == "data:text/plain;charset=utf-8,Hi+Chris"

    @pytest.mark.parametrize(
        "status_and_uri", [(415, "data:image/png;base64,AA"), (413, "a" * 8001)]
    )
    def test_one_that_is_none_is_refused(
        self, caller: Talker, status_and_uri: tuple[int, str]
    ) -> None:
        status, uri = status_and_uri
        answer = caller.try_to_call(to=CHRIS.uri, _links={"message": {"href": uri}})
        assert answer.status_code == status
        assert caller.try_to_call(to=CHRIS.uri, message=uri).status_code == status


class TestTyping:
    def test_it_is_shown_to_the_other_one_for_a_while(
        self, caller: Talker, callee: Talker, installation: Installation
    ) -> None:
        connect(caller, callee)
        typing = link(caller.messaging, "setIsTyping")
        assert typing.endswith("/messaging/typing")
        for _ in range(3):
            assert caller.person.post(typing).status_code == 204
            installation.let_pass(SECOND)
        assert callee.hear() == ["added participant @typingParticipants"]
        assert caller.hear() == []
        listed = callee.get(link(callee.messaging, "typingParticipants"))
        (one,) = listed["_links"]["participant"]
        assert one["href"].endswith("/participants/dana@contoso.com")
        own = caller.get(link(caller.messaging, "typingParticipants"))
        assert own["_links"].keys() == {"self"}
        installation.let_pass(8 * SECOND)
        assert callee.hear() == []
        installation.let_pass(SECOND)
        assert callee.hear() == ["deleted participant @typingParticipants"]

    def test_it_ends_with_a_message_and_is_not_told_again_at_once(
        self, caller: Talker, callee: Talker, installation: Installation
    ) -> None:
        connect(caller, callee)
        caller.use("setIsTyping")
        callee.hear()
        caller.send("Hi")
        assert callee.hear() == [
            "deleted participant @typingParticipants",
            "completed message Success",
        ]
        caller.use("setIsTyping")
        assert callee.hear() == []
        installation.let_pass(5 * SECOND)
        caller.use("setIsTyping")
        assert callee.hear() == ["added participant @typingParticipants"]


class TestDelivery:
    def test_one_who_does_not_listen_gets_nothing_and_the_sender_knows(
        self, caller: Talker, callee: Talker, installation: Installation
    ) -> None:
        connect(caller, callee)
        installation.clock.advance(timedelta(seconds=211))
        caller.hear()
        answer = caller.send("Hi")
        assert answer.status_code == 201
        assert caller.hear() == ["completed message Failure Unreachable"]
        failed = caller.get(answer.headers["Location"])
        (one,) = failed["_links"]["failedDeliveryParticipant"]
        assert one["href"].endswith("/participants/chris@contoso.com")
        assert callee.hear() == []
        href = answer.headers["Location"].replace(caller.application_id, callee.application_id)
        assert callee.person.get(href).status_code == 404
        assert caller.send("Are you there?").status_code == 201
        assert len(callee.heard()) == 1

    def test_nobody_else_sees_it(
        self, caller: Talker, callee: Talker, installation: Installation
    ) -> None:
        connect(caller, callee)
        href = caller.send("Secret").headers["Location"]
        for other in (Talker(installation.sign_in(CHRIS)), Talker(installation.sign_in())):
            there = href.replace(caller.application_id, other.application_id)
            for path in (there, there.rpartition("/messages")[0], other.person.href("self")):
                answer = other.person.get(path.partition("?")[0])
                assert answer.status_code == (200 if path == other.person.href("self") else 404)
            assert (
                other.person.post(
                    there, content=b"x", headers={"Content-Type": "text/plain"}
                ).status_code
                == 404
            )

    def test_what_can_not_be_sent(self, caller: Talker, callee: Talker) -> None:
        caller.call()
        href = link(caller.view(), "messaging") + "/messages"

        def status(body: bytes, type: str = "text/plain") -> int:
            return caller.person.post(
                href, content=body, headers={"Content-Type": type}
            ).status_code

        assert status(b"Hi") == 409
        callee.answer("accept", callee.ringing())
        assert status(b"Hi") == 201
        assert status(b"Hi", "application/json") == 415
        assert status(b"") == 400
        assert status(b"<img src=x onerror=alert(1)>", "text/html") == 400
        assert status(b"a" * 8001) == 413
        caller.leave()
        assert status(b"Hi") == 409

    def test_a_message_is_sent_once_however_often_it_is_asked_for(
        self, caller: Talker, callee: Talker
    ) -> None:
        connect(caller, callee)
        href = link(caller.messaging, "sendMessage")
        headers = {"Idempotency-Key": '"key"', "Content-Type": "text/plain"}
        answers = [caller.person.post(href, content=b"Hi", headers=headers) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [201, 200]
        assert len(callee.heard()) == 1
