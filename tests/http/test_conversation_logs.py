"""Logs of conversations, their transcripts, and what was missed (conversationLogs_ref.md)."""

from datetime import timedelta
from typing import Any

import pytest

from openucwa.domain import conversation_logs
from openucwa.domain.people import Profile, User
from openucwa.store.belongings import Belongings
from openucwa.store.tables.conversation_logs import ConversationLogs
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from tests.http.test_talks import Talker, connect
from tests.installation import CHRIS, DANA, DEPLOYMENT, Clock, Installation, Person
from tests.live import COMMUNICATION, link

SECOND = timedelta(seconds=1)
LIFETIMES = DEPLOYMENT.lifetimes


@pytest.fixture
def caller(dana: Person) -> Talker:
    return Talker(dana)


@pytest.fixture
def callee(chris: Person) -> Talker:
    return Talker(chris).available()


def keep(talker: Talker) -> None:
    """Let an application keep what is said."""
    found = talker.get(talker.person.href(COMMUNICATION, "self"))
    assert talker.person.put({**found, "conversationHistory": "Enabled"}).status_code == 204
    talker.hear()


def logs(talker: Talker, **asked: str) -> list[dict[str, Any]]:
    href = talker.person.href(COMMUNICATION, "conversationLogs")
    answer = talker.person.request("GET", href, params=asked)
    assert answer.status_code == 200, answer.text
    listed = answer.json()["_links"].get("conversationLog", [])
    assert isinstance(listed, list)
    return [talker.get(one["href"]) for one in listed]


def missed(talker: Talker) -> tuple[int, int, int]:
    found = talker.get(talker.person.href(COMMUNICATION, "missedItems"))
    return (
        found["conversationLogsCount"],
        found["missedConversationsCount"],
        found["unreadMissedConversationsCount"],
    )


def said(talker: Talker, log: dict[str, Any]) -> list[tuple[str, str]]:
    """Each message, and who has sent it."""
    page = talker.get(link(log, "conversationLogTranscripts"))
    found = []
    while True:
        for one in page.get("_embedded", {}).get("conversationLogTranscript", []):
            assert talker.get(link(one, "self")) == one
            text = one["_embedded"]["messageTranscript"]
            assert talker.get(link(text, "self")) == text
            who = "me" if "me" in one["_links"] else link(one, "contact").rpartition("/")[2]
            found.append((who, link(text, "plainMessage").partition(",")[2]))
        if "nextConversationLogTranscripts" not in page["_links"]:
            return found
        page = talker.get(link(page, "nextConversationLogTranscripts"))


def test_a_talk_is_logged_by_who_keeps_it(
    caller: Talker, callee: Talker, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(callee)
    connect(caller, callee, subject="Task", message="Hi")
    caller.send("One")
    callee.send("<b>Two</b>", "text/html")
    assert missed(callee) == (0, 0, 0)
    clock.advance(SECOND)
    caller.leave()
    assert logs(caller) == []
    (log,) = logs(callee)
    assert {name: one for name, one in log.items() if name[0] != "_"} == {
        "creationTime": f"/Date({int(clock.now.timestamp() * 1000)})/",
        "direction": "Incoming",
        "importance": "Normal",
        "modalities": ["Messaging"],
        "previewMessage": "Hi",
        "status": "Archived",
        "subject": "Task",
        "threadId": log["threadId"],
        "totalRecipientsCount": 1,
        "type": "MessageLog",
        "rel": "conversationLog",
    }
    assert log["_links"].keys() == {"self", "conversationLogTranscripts", "continueMessaging"}
    (recipient,) = log["_embedded"]["conversationLogRecipient"]
    assert (recipient["displayName"], recipient["sipUri"]) == (DANA.name, DANA.uri)
    assert callee.get(link(recipient, "self")) == recipient
    assert callee.get(link(recipient, "contact"))["name"] == DANA.name
    monkeypatch.setattr(conversation_logs, "PAGE", 2)
    expected = [("dana@contoso.com", "Hi"), ("dana@contoso.com", "One"), ("me", "Two")]
    assert said(callee, log) == expected
    page = callee.get(link(log, "conversationLogTranscripts"))
    assert len(page["_embedded"]["conversationLogTranscript"]) == 2
    assert "updated missedItems" in callee.hear()
    assert missed(callee) == (1, 0, 0)


def test_the_html_of_a_message(caller: Talker, callee: Talker) -> None:
    keep(caller)
    connect(caller, callee)
    callee.send("<b>Two</b>", "text/html")
    caller.leave()
    (log,) = logs(caller)
    assert log["direction"] == "Outgoing"
    page = caller.get(link(log, "conversationLogTranscripts"))
    (one,) = page["_embedded"]["conversationLogTranscript"]
    assert link(one["_embedded"]["messageTranscript"], "htmlMessage").startswith("data:text/html")


def test_a_talk_is_continued(caller: Talker, callee: Talker) -> None:
    keep(caller)
    connect(caller, callee, subject="Task")
    first = caller.view()["threadId"]
    caller.leave()
    callee.hear()
    (log,) = logs(caller)
    href = link(log, "continueMessaging")
    answer = caller.person.post(href, json={"operationId": "9", "message": "Once more"})
    assert answer.status_code == 201
    assert answer.headers["Location"] == link(answer.json(), "self")
    ringing = callee.ringing()
    assert (ringing["subject"], ringing["threadId"]) == ("Task", first)
    assert callee.answer("accept", ringing) == 204
    again = caller.person.post(href)
    assert (again.status_code, again.json()["subcode"]) == (409, "ThreadIdAlreadyExists")


@pytest.mark.parametrize("way", ["cancelled", "not answered"])
def test_a_call_is_missed(
    installation: Installation, caller: Talker, callee: Talker, way: str
) -> None:
    """At several applications, but once; and whether it keeps what is said or not."""
    second = Talker(installation.sign_in(CHRIS)).available()
    caller.call(subject="Task")
    for one in (callee, second):
        one.ringing()
        one.hear()
    if way == "cancelled":
        caller.leave()
    else:
        installation.let_pass(timedelta(minutes=1))
    assert "updated missedItems" in callee.hear()
    assert missed(callee) == missed(second) == (1, 1, 1)
    assert missed(caller) == (0, 0, 0)
    (log,) = logs(callee)
    assert (log["status"], log["direction"], log["subject"]) == ("Missed", "Incoming", "Task")
    assert log["previewMessage"] == ""
    assert log["_links"].keys() == {"self", "continueMessaging", "markAsRead"}
    for _ in range(2):
        assert callee.person.post(link(log, "markAsRead")).status_code == 204
    assert "updated missedItems" in callee.hear()
    assert missed(callee) == (1, 1, 0)
    assert "markAsRead" not in callee.get(link(log, "self"))["_links"]
    path = link(log, "self") + "/conversationLogTranscripts"
    assert callee.person.get(path).status_code == 404
    assert callee.person.delete(link(log, "self")).status_code == 204
    assert missed(callee) == (0, 0, 0)
    assert callee.person.get(link(log, "self")).status_code == 404


def test_a_call_that_was_declined_is_not_missed(caller: Talker, callee: Talker) -> None:
    caller.call()
    assert callee.answer("decline", callee.ringing()) == 204
    assert logs(callee) == logs(caller) == []


def test_a_meeting_is_logged(installation: Installation, caller: Talker, callee: Talker) -> None:
    """Each sees what was said while she was there, and others may see more."""
    for one in (caller, callee):
        keep(one)
    meeting = caller.person.schedule(subject="Weekly", attendees=[CHRIS.uri])
    caller.join(meeting)
    assert caller.use("addMessaging") == 201
    caller.send("Before")
    installation.clock.advance(timedelta(minutes=5))
    callee.join(meeting)
    assert callee.use("addMessaging") == 201
    callee.hear()  # whom messages reach
    caller.send("Both")
    callee.leave()
    caller.send("After")
    caller.leave()
    (theirs,), (own,) = logs(callee), logs(caller)
    assert (own["type"], own["onlineMeetingUri"]) == ("ConferenceLog", meeting["onlineMeetingUri"])
    assert (own["direction"], theirs["direction"]) == ("Outgoing", "Incoming")
    assert [text for _, text in said(caller, own)] == ["Before", "Both", "After"]
    assert said(callee, theirs) == [("dana@contoso.com", "Both")]
    assert theirs["previewMessage"] == "Both"
    assert caller.person.get(link(theirs, "self")).status_code == 404
    assert callee.person.delete(link(theirs, "self")).status_code == 204
    assert [text for _, text in said(caller, own)] == ["Before", "Both", "After"]


def test_what_was_said_while_she_was_away_is_not_in_the_log(
    installation: Installation, caller: Talker, callee: Talker
) -> None:
    second = Talker(installation.sign_in(CHRIS))
    for one in (caller, callee, second):
        keep(one)
    meeting = caller.person.schedule(attendees=[CHRIS.uri])
    for one in (caller, callee):
        one.join(meeting)
        assert one.use("addMessaging") == 201
        one.hear()
    caller.send("One")
    callee.leave()
    installation.clock.advance(timedelta(minutes=2))
    caller.hear(), second.hear()
    caller.send("Between")
    installation.clock.advance(timedelta(minutes=2))
    caller.hear(), second.hear()
    second.join(meeting)
    assert second.use("addMessaging") == 201
    second.hear()
    caller.send("Two")
    second.leave()
    last, first = logs(second)
    assert said(second, last) == [("dana@contoso.com", "Two")]
    assert said(second, first) == [("dana@contoso.com", "One")]


def test_a_missed_invitation_tells_who_has_sent_it_alone(
    installation: Installation, caller: Talker, callee: Talker
) -> None:
    """Who has not come in does not learn who was there."""
    meeting = caller.person.schedule(subject="Weekly")
    caller.join(meeting)
    other = Talker(installation.sign_in(Profile(uri="sip:Alex@contoso.com", name="Alex Darrow")))
    other.join(meeting)
    href = link(caller.view(), "addParticipant")
    assert caller.person.post(href, json={"to": CHRIS.uri}).status_code == 201
    installation.let_pass(30 * SECOND)
    (log,) = logs(callee)
    assert log["status"] == "Missed"
    assert log["totalRecipientsCount"] == 1
    (recipient,) = log["_embedded"]["conversationLogRecipient"]
    assert recipient["sipUri"] == DANA.uri


def test_messages_that_did_not_reach_the_user_are_not_in_the_log(
    installation: Installation, caller: Talker, callee: Talker, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where they would fill a page."""
    for one in (caller, callee):
        keep(one)
    meeting = caller.person.schedule(attendees=[CHRIS.uri])
    for one in (caller, callee):
        one.join(meeting)
        assert one.use("addMessaging") == 201
        one.hear()
    caller.send("One")
    callee.hear()
    installation.clock.advance(timedelta(minutes=5))
    caller.hear()
    for text in ("Lost", "Too"):
        caller.send(text)
    callee.hear()
    caller.send("Two")
    for one in (callee, caller):
        one.leave()
    monkeypatch.setattr(conversation_logs, "PAGE", 1)
    (log,) = logs(callee)
    assert [text for _, text in said(callee, log)] == ["One", "Two"]
    (log,) = logs(caller)
    assert [text for _, text in said(caller, log)] == ["One", "Lost", "Too", "Two"]


def test_the_newest_come_first_up_to_the_limit(
    caller: Talker, callee: Talker, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("openucwa.store.tables.conversation_logs.MOST_LOGS", 3)
    keep(caller)
    for subject in ("1", "2", "3", "4"):
        connect(caller, callee, subject=subject)
        clock.advance(SECOND)
        caller.leave()
        callee.hear()
    assert [one["subject"] for one in logs(caller)] == ["4", "3", "2"]
    assert [one["subject"] for one in logs(caller, limit="2")] == ["4", "3"]
    href = caller.person.href(COMMUNICATION, "conversationLogs")
    for limit in ("0", "1001", "x"):
        assert caller.person.request("GET", href, params={"limit": limit}).status_code == 400


def count(installation: Installation) -> tuple[int, int]:
    """The logs and the messages in them that are kept."""

    (logs, messages) = installation.transact(
        lambda tx: tx.connection.execute(
            "SELECT (SELECT count(*) FROM conversation_logs), (SELECT count(*) FROM transcripts)",
            {},
        ).fetchone()
    )
    return logs, messages


@pytest.fixture
def logged(caller: Talker, callee: Talker) -> None:
    """Both have a log of a talk with a message of each."""
    for one in (caller, callee):
        keep(one)
    connect(caller, callee)
    caller.send("Hers")
    callee.send("His")
    caller.leave()


@pytest.mark.usefixtures("logged")
def test_messages_are_kept_once_until_nobody_has_a_log(
    installation: Installation, caller: Talker, callee: Talker
) -> None:
    assert count(installation) == (2, 2)
    for one, left in ((caller, (1, 2)), (callee, (0, 0))):
        (log,) = logs(one)
        assert one.person.delete(link(log, "self")).status_code == 204
        assert count(installation) == left


@pytest.mark.usefixtures("logged")
def test_logs_go_in_time(installation: Installation, clock: Clock) -> None:
    def sweep(tx: Transaction) -> int:
        return tx.of(ConversationLogs).swept(LIFETIMES)["conversation_logs_removed"]

    clock.advance(LIFETIMES.conversation_log)
    assert installation.transact(sweep) == 0
    clock.advance(SECOND)
    assert installation.transact(sweep) == 2
    assert count(installation) == (0, 0)


@pytest.mark.usefixtures("logged")
def test_logs_go_with_their_user(
    installation: Installation, caller: Talker, callee: Talker
) -> None:
    """So do the messages that the user has sent, in the logs of others, too."""

    def remove(tx: Transaction) -> None:
        user: User | None = tx.of(Users).by_uri(DANA.uri)
        assert user is not None
        tx.of(Belongings).remove(user)

    (log,) = logs(callee)
    installation.transact(remove)
    assert count(installation) == (1, 1)
    assert said(callee, log) == [("me", "His")]
    assert (log["previewMessage"], logs(callee)[0]["previewMessage"]) == ("Hers", "His")


def test_wrong_ids(caller: Talker) -> None:
    href = caller.person.href(COMMUNICATION, "conversationLogs")
    for id in ("x", "1", "-", "1-x", "9" * 20 + "-x"):
        assert caller.person.get(f"{href}/{id}").status_code == 404
        assert caller.person.get(f"{href}/{id}/recipients/a@b.c").status_code == 404
        assert caller.person.get(f"{href}/{id}/conversationLogTranscripts/2").status_code == 404
