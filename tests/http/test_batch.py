"""Batches: BatchingRequests.md, GroupingRequestsInABatch.md."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from httpx2 import Response
from structlog.testing import capture_logs

from openucwa.http.batch import AT_ONCE, LARGEST, BatchEndpoint
from openucwa.http.resources import ResourceEndpoint
from openucwa.store.sqlite import SQLite
from tests.conformance.batches import Message, messages
from tests.installation import (
    CHRIS,
    DEPLOYMENT,
    Clock,
    Installation,
    Person,
    installed,
    with_limits,
)
from tests.patience import until

BOUNDARY = "77f2569d-c005-442b-b856-782305305e5f"
TYPE = f"multipart/batching;boundary={BOUNDARY}"
PART = "Content-Type: application/http; msgtype=request\r\n\r\n"
JSON = "Content-Type: application/json"

PRINTED = """\
--77f2569d-c005-442b-b856-782305305e5f
Content-Type: application/http; msgtype=request

GET /ucwa/oauth/v1/applications/103/people/contacts HTTP/1.1
Host: lyncweb.contoso.com
Accept: application/json

--77f2569d-c005-442b-b856-782305305e5f
Content-Type: application/http; msgtype=request

GET /ucwa/oauth/v1/applications/103/me HTTP/1.1
Host: lyncweb.contoso.com
Accept: application/json

--77f2569d-c005-442b-b856-782305305e5f--
"""
"""The batch that BatchingRequests.md prints."""


def post(person: Person, content: str | bytes, content_type: str | None = TYPE) -> Response:
    headers = {"Accept": "multipart/batching"}
    if content_type is not None:
        headers["Content-Type"] = content_type
    return person.post(person.href("batch"), content=content, headers=headers)


def post_parts(person: Person, *parts: str) -> Response:
    delimiter = f"--{BOUNDARY}"
    body = "".join(f"{delimiter}\r\n{PART}{part}\r\n" for part in parts) + f"{delimiter}--\r\n"
    return post(person, body.encode())


def answers_in(answer: Response) -> list[Message]:
    assert answer.status_code == 200, answer.text
    return messages(answer.headers["Content-Type"], answer.content)


def ask(person: Person, *parts: str) -> list[Message]:
    """Send requests as a batch; their answers."""
    return answers_in(post_parts(person, *parts))


def get(href: str, *headers: str) -> str:
    return "\r\n".join([f"GET {href} HTTP/1.1", *headers, "", ""])


def send(method: str, href: str, content: Any, *headers: str) -> str:
    """A request with a body."""
    text = json.dumps(content, ensure_ascii=False)
    return "\r\n".join([f"{method} {href} HTTP/1.1", JSON, *headers, "", text])


def put(meeting: dict[str, Any], **changes: Any) -> str:
    href, etag = meeting["_links"]["self"]["href"], meeting["etag"]
    return send("PUT", href, {**meeting, **changes}, f'If-Match: "{etag}"')


def status(message: Message) -> int:
    return int(message.start.split()[1])


def statuses(found: list[Message]) -> list[int]:
    return [status(one) for one in found]


def header(message: Message, name: str) -> str | None:
    return next((value for key, value in message.headers if key == name), None)


def subjects(person: Person) -> list[str]:
    listed = person.get(person.meetings).json().get("_embedded", {}).get("myOnlineMeeting", [])
    return sorted(person.get(one["_links"]["self"]["href"]).json()["subject"] for one in listed)


@contextmanager
def stopped(installation: Installation) -> Iterator[Callable[[], None]]:
    """The database writes nothing until it is told to go on."""
    gate = threading.Event()
    held = threading.Thread(target=installation.transact, args=[lambda tx: gate.wait(60)])
    held.start()
    try:
        yield gate.set
    finally:
        gate.set()
        held.join()


def waiting(installation: Installation) -> int:
    """How many writes wait for the database."""
    assert isinstance(installation.database, SQLite)
    return len(installation.database._writer._waiting)


class TestWire:
    def test_as_printed(self, dana: Person) -> None:
        """But for contacts, which this server does not have."""
        content = PRINTED.replace("103", dana.application["id"])
        contacts, me = answers_in(post(dana, content))
        assert (status(contacts), json.loads(contacts.body)["code"]) == (404, "NotFound")
        assert (me.start, me.body) == (
            b"HTTP/1.1 200 OK",
            dana.get(dana.href("me", "self")).content,
        )

    def test_form_of_the_answer(self, dana: Person) -> None:
        """Clients find their way by CRLF, the status line and Content-Type as the last header."""
        meeting = dana.schedule(subject="Weekly")
        answer = post_parts(dana, get(meeting["_links"]["self"]["href"]))
        boundary = answer.headers["Content-Type"].partition("boundary=")[2].strip('"')
        assert answer.headers["Content-Length"] == str(len(answer.content))
        assert answer.content.decode() == "\r\n".join(
            [
                f"--{boundary}",
                "Content-Type: application/http; msgtype=response",
                "",
                "HTTP/1.1 200 OK",
                f'ETag: "{meeting["etag"]}"',
                "Vary: Accept",
                "Cache-Control: no-cache, no-store",
                "X-MS-UcwaVersion: 2.0",
                "Content-Type: application/json; charset=utf-8",
                "",
                dana.get(meeting["_links"]["self"]["href"]).text,
                f"--{boundary}--",
                "",
            ]
        )

    def test_hundred_answers_in_the_order_of_the_requests(self, dana: Person) -> None:
        hrefs = [dana.href("me", "self"), dana.href("self"), dana.meetings, "/nowhere"] * 25
        found = ask(dana, *map(get, hrefs))
        expected = {href: dana.get(href) for href in hrefs}
        assert statuses(found) == [expected[href].status_code for href in hrefs]
        assert [one.body for one in found] == [expected[href].content for href in hrefs]

    @pytest.mark.parametrize("start", ["\r\n", "\n\n\n", "batch\r\n", ""])
    @pytest.mark.parametrize("end", [f"\r\n--{BOUNDARY}--", f"\n\n\n--{BOUNDARY}\n", "\r\n"])
    def test_start_and_end_of_the_body(self, dana: Person, start: str, end: str) -> None:
        request = get(dana.href("me", "self"))
        answer = post(dana, f"{start}--{BOUNDARY}\r\n{PART}{request}{end}")
        assert statuses(answers_in(answer)) == [200]

    def test_body_in_a_header(self, dana: Person) -> None:
        request = f'POST {dana.meetings} HTTP/1.1\r\n{JSON}\r\nData: {{"subject":"Größe"}}\r\n'
        (found,) = ask(dana, request)
        assert json.loads(found.body)["subject"] == "Größe"

    def test_absolute_target(self, dana: Person) -> None:
        (found,) = ask(dana, get("https://lyncweb.contoso.com" + dana.href("me", "self") + "?x=1"))
        assert status(found) == 200

    def test_empty_body_before_blank_lines(self, dana: Person) -> None:
        request = f"POST {dana.meetings} HTTP/1.1\r\nContent-Type: text/plain\r\n\r\n\r\n\r\n"
        assert statuses(ask(dana, request)) == [200]

    def test_head(self, dana: Person) -> None:
        (found,) = ask(dana, get(dana.href("me", "self")).replace("GET", "HEAD"))
        assert (status(found), found.body) == (200, b"")

    def test_lines_end_in_crlf_also_where_the_answer_is_text(self, dana: Person) -> None:
        """The oracle looks for them in every batch."""
        href = "http://testserver" + dana.href("me", "self")
        (found,) = ask(dana, get(href, "Authorization: Basic x"))
        assert (status(found), header(found, "Content-Type")) == (401, "text/plain; charset=utf-8")


class TestRequests:
    def test_every_verb(self, dana: Person) -> None:
        doomed, kept = dana.schedule(subject="doomed"), dana.schedule(subject="kept")
        href = doomed["_links"]["self"]["href"]
        deleted, changed, made = ask(
            dana,
            f"DELETE {href} HTTP/1.1\r\n",
            put(kept, subject="чай"),
            send("POST", dana.meetings, {"subject": "new"}),
        )
        assert (deleted.start, deleted.body) == (b"HTTP/1.1 204 No Content", b"")
        after = json.loads(changed.body)
        assert (status(changed), after["subject"]) == (200, "чай")
        assert header(changed, "ETag") == f'"{after["etag"]}"'
        assert header(made, "Location") == json.loads(made.body)["_links"]["self"]["href"]
        assert subjects(dana) == ["new", "чай"]

    def test_one_of_many_writers_wins(self, dana: Person) -> None:
        """The compare-and-set holds between the parts of a batch as between requests."""
        meeting = dana.schedule(subject="Weekly")
        for round in range(20):
            found = ask(dana, *(put(meeting, subject=f"{round} {one}") for one in range(5)))
            assert sorted(statuses(found)) == [200, 412, 412, 412, 412]
            (won,) = (json.loads(one.body) for one in found if status(one) == 200)
            meeting = dana.get(meeting["_links"]["self"]["href"]).json()
            assert meeting == won

    def test_conditions(self, dana: Person) -> None:
        meeting = dana.schedule(subject="Weekly")
        href, tag = meeting["_links"]["self"]["href"], f'"{meeting["etag"]}"'
        unchanged, unconditional, stale = ask(
            dana,
            get(href, f"If-None-Match: {tag}"),
            send("PUT", href, meeting),
            send("PUT", href, meeting, 'If-Match: "1"', "Prefer: return=representation"),
        )
        assert (status(unchanged), header(unchanged, "ETag")) == (304, tag)
        assert status(unconditional) == 428
        assert json.loads(stale.body)["_embedded"] == {"myOnlineMeeting": meeting}

    def test_other_users(self, dana: Person, chris: Person) -> None:
        """Dana neither reaches what is Chris's nor is stopped by trying."""
        meeting = chris.schedule(subject="Chris's")
        href = meeting["_links"]["self"]["href"]
        attempts = (get(href), put(meeting, subject="Dana's"), get(dana.href("me", "self")))
        assert statuses(ask(dana, *attempts)) == [404, 404, 200]
        theirs = dana.post(chris.href("batch"), content=b"", headers={"Content-Type": TYPE})
        assert (theirs.status_code, theirs.json()["subcode"]) == (404, "ApplicationNotFound")
        assert chris.get(href).json() == meeting

    def test_token_of_a_part(self, dana: Person, chris: Person) -> None:
        """A part without a token has the batch's, one that has its own is asked by its owner."""
        own = f"Authorization: Bearer {chris.token}"
        found = ask(
            dana,
            get(chris.href("me", "self"), own),
            get(dana.href("me", "self"), own),
            get(dana.href("me", "self"), "Authorization: Bearer cwt=forged"),
            get(dana.href("me", "self")),
        )
        assert statuses(found) == [200, 404, 403, 200]
        assert json.loads(found[0].body)["name"] == "Chris Barry"

    def test_host_is_that_of_the_batch(self, dana: Person) -> None:
        found = ask(dana, get("/", "Host: evil.example"), get("/", "Host: a b"))
        assert b"evil" not in found[0].body
        assert found[0].body == found[1].body == dana.get("/").content

    def test_it_keeps_the_application_alive(self, dana: Person, clock: Clock) -> None:
        for _ in range(3):
            clock.advance(DEPLOYMENT.lifetimes.application * 0.7)
            dana.token = dana.installation.sign_in().token
            assert statuses(ask(dana, get("/nowhere"))) == [404]
        clock.advance(DEPLOYMENT.lifetimes.application)
        dana.token = dana.installation.sign_in().token
        assert post_parts(dana, get("/nowhere")).json()["subcode"] == "InactiveApplicationExpired"


class TestWrongParts:
    @pytest.mark.parametrize(
        "part",
        [
            "",
            "nonsense",
            "GET /me",
            '{"subject": "x"}',
            "GET /a b HTTP/1.1",
            "GET /me HTTP/1.1\r\nno header\r\n",
            "GET /me HTTP/1.1\r\n" + "a: b\r\n" * 200,
        ],
    )
    def test_malformed(self, dana: Person, part: str) -> None:
        """It answers for itself, in its place; the others are carried out."""
        new = send("POST", dana.meetings, {"subject": "new"})
        first, wrong, last = ask(dana, new, part, new)
        assert (status(first), status(last)) == (200, 200)
        told = json.loads(wrong.body)
        assert (status(wrong), told["subcode"]) == (400, "DeserializationFailure")
        assert subjects(dana) == ["new", "new"]

    @pytest.mark.parametrize("method", ["GET", "POST"])
    @pytest.mark.parametrize(
        ("path", "told"),
        [
            ("batch", "another batch"),
            ("//BATCH/", "another batch"),
            ("%62atch", "another batch"),
            ("events?ack=1", "events"),
            ("photos/dana@contoso.com", "a photo"),
        ],
    )
    def test_not_in_a_batch(self, dana: Person, method: str, path: str, told: str) -> None:
        request = get(f"{dana.href('self')}/{path}").replace("GET", method)
        wrong, right = ask(dana, request, get(dana.href("me", "self")))
        assert (status(wrong), status(right)) == (400, 200)
        assert told in json.loads(wrong.body)["message"]

    def test_verb_that_is_not_there(self, dana: Person) -> None:
        (found,) = ask(dana, f"BREW {dana.href('me', 'self')} HTTP/1.1\r\n")
        assert (status(found), header(found, "Allow")) == (405, "GET, HEAD, OPTIONS")

    def test_body_that_is_wrong(self, dana: Person) -> None:
        found = ask(
            dana,
            send("POST", dana.meetings, {"subject": 7}),
            send("POST", dana.meetings, {}) + "}",
            send("POST", dana.meetings, {}).replace("application/json", "text/plain"),
            send("POST", dana.meetings, {}, "Content-Encoding: gzip"),
        )
        assert statuses(found) == [400, 400, 415, 415]

    def test_failure(self, dana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
        """A mistake of the server's own is one part's. It is logged under the id of the batch."""
        failing = dana.href("me", "self")
        perform: Callable[..., Any] = ResourceEndpoint._perform

        def fail(self: ResourceEndpoint, *given: Any) -> Any:
            if self.resource.rel == "me":
                raise RuntimeError
            return perform(self, *given)

        monkeypatch.setattr(ResourceEndpoint, "_perform", fail)
        with capture_logs() as logged:
            answer = post_parts(dana, get(failing), get(dana.href("self")))
        wrong, right = answers_in(answer)
        assert (status(wrong), status(right)) == (500, 200)
        assert answer.headers["X-Request-Id"] in json.loads(wrong.body)["message"]
        assert {line["request_id"] for line in logged} == {answer.headers["X-Request-Id"]}


class TestWrongBatches:
    def test_without_a_token(self, dana: Person) -> None:
        client = dana.installation.client
        answer = client.post(dana.href("batch"), content=PRINTED, headers={"Content-Type": TYPE})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("MsRtcOAuth")

    @pytest.mark.parametrize(
        "content_type", [None, "application/json", "multipart/mixed;boundary=b"]
    )
    def test_another_type(self, dana: Person, content_type: str | None) -> None:
        answer = post(dana, PRINTED, content_type)
        assert (answer.status_code, answer.json()["code"]) == (415, "UnsupportedMediaType")
        assert "multipart/batching" in answer.json()["message"]

    @pytest.mark.parametrize(
        "content_type", ["multipart/batching", "multipart/batching;boundary=x"]
    )
    def test_no_parts(self, dana: Person, content_type: str) -> None:
        answer = post(dana, PRINTED, content_type)
        told = answer.json()
        assert (answer.status_code, told["subcode"]) == (400, "DeserializationFailure")
        assert "oundary" in told["message"]

    @pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
    def test_another_verb(self, dana: Person, method: str) -> None:
        answer = dana.request(method, dana.href("batch"))
        assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")

    @pytest.mark.parametrize("content", ["\n--x" * 250_000, "\n--xy" * 200_000, "a:\n" * 300_000])
    def test_hostile(self, dana: Person, content: str) -> None:
        answer = post(dana, content, "multipart/batching;boundary=x")
        assert answer.status_code in (400, 429)


def test_log(dana: Person) -> None:
    """One line tells of a batch, with the number of its parts."""
    href = dana.schedule(subject="secret")["_links"]["self"]["href"]
    with capture_logs() as logged:
        ask(dana, get(href), get(href), "nonsense")
    (line,) = logged
    assert (line["event"], line["parts"], line["status"]) == ("request", 3, 200)
    assert line["route"].endswith("/applications/{application_id}/batch")
    assert href.rpartition("/")[2] not in str(line)


def large(person: Person, kib: int = 700) -> str:
    """A meeting that holds so many KiB. Returns where it is."""
    people = [f"sip:{number:05}{'x' * 200}@contoso.com" for number in range(kib * 1024 // 224)]
    meeting = person.schedule(attendees=people[:2000], leaders=people[2000:])
    return str(meeting["_links"]["self"]["href"])


class TestSize:
    """The answers of a batch have a limit together. What finds no room is not performed."""

    def test_answers_beyond_the_limit_are_left_out(self, dana: Person) -> None:
        href = large(dana)
        answer = post_parts(dana, *[get(href)] * 100)
        found = answers_in(answer)
        assert set(statuses(found)) == {200, 429}
        assert 4 <= statuses(found).count(200) <= 6
        assert len(answer.content) < LARGEST + 100 * 1024
        refused = found[-1]
        assert header(refused, "Retry-After") == "1"
        assert "alone or in a smaller batch" in json.loads(refused.body)["message"]

    def test_one_answer_is_never_too_large(
        self, dana: Person, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("openucwa.http.batch.LARGEST", 10)
        assert statuses(ask(dana, get(dana.href("self")))) == [200]

    def test_what_is_done_is_told_and_what_is_not_told_is_not_done(self, dana: Person) -> None:
        href = large(dana)
        found = ask(
            dana,
            *[get(href)] * 10,
            *[send("POST", dana.meetings, {"subject": str(number)}) for number in range(80)],
        )
        done = [json.loads(one.body)["subject"] for one in found[10:] if status(one) == 200]
        assert set(statuses(found[10:])) <= {200, 429}
        assert len(done) <= AT_ONCE  # those that were under way
        assert sorted(["", *done]) == subjects(dana)

    def test_few_are_performed_at_once(self, dana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
        under_way, most = 0, 0
        perform: Callable[..., Any] = BatchEndpoint._answer

        async def watch(*arguments: Any) -> Any:
            nonlocal under_way, most
            under_way += 1
            most = max(most, under_way)
            try:
                return await perform(*arguments)
            finally:
                under_way -= 1

        monkeypatch.setattr(BatchEndpoint, "_answer", watch)
        assert statuses(ask(dana, *[get(dana.href("self"))] * 50)) == [200] * 50
        assert most == AT_ONCE


class TestLimit:
    """Three requests a user at the same time."""

    @pytest.fixture
    def installation(self, tmp_path: Path, clock: Clock) -> Iterator[Installation]:
        with installed(tmp_path, clock, with_limits(requests_per_user=3)) as found:
            yield found

    def test_too_large_a_batch(self, dana: Person) -> None:
        """Nothing of it is executed."""
        new = send("POST", dana.meetings, {"subject": "new"})
        for count in (4, 500):
            answer = post_parts(dana, *[new] * count)
            assert (answer.status_code, answer.json()["code"]) == (429, "TooManyRequests")
            assert "Split" in answer.json()["message"]
            assert int(answer.headers["Retry-After"]) > 0
        assert subjects(dana) == []
        assert statuses(ask(dana, new, new, new)) == [200, 200, 200]

    @pytest.mark.skipif("config.getoption('--engine') != 'sqlite'", reason="it stops the writer")
    def test_batches_and_requests_together(self, installation: Installation, dana: Person) -> None:
        """While a batch waits, whatever else the same user sends, with whichever token, is refused.

        Others are not. When it has been answered, there is room again.
        """
        chris, elsewhere = installation.sign_in(CHRIS), installation.sign_in()
        assert all(one.application for one in (chris, elsewhere))  # so their tokens are known
        me, new = dana.href("me", "self"), send("POST", dana.meetings, {"subject": "new"})
        with ThreadPoolExecutor() as threads, stopped(installation) as go_on:
            batch = threads.submit(post_parts, dana, new, new)
            until(lambda: waiting(installation) == 2)
            assert post_parts(dana, get(me), get(me)).status_code == 429
            assert dana.get(me).status_code == 200
            assert elsewhere.get(elsewhere.href("self")).status_code == 200
            put = threads.submit(dana.post, dana.meetings, json={"subject": "alone"})
            until(lambda: waiting(installation) == 3)
            assert dana.get(me).status_code == 429
            refused = elsewhere.get(elsewhere.href("self"))
            assert (refused.status_code, refused.json()["code"]) == (429, "TooManyRequests")
            assert statuses(ask(chris, *[get(chris.href("me", "self"))] * 3)) == [200] * 3
            assert not batch.done()
            go_on()
            assert statuses(answers_in(batch.result())) == [200, 200]
            assert put.result().status_code == 200
        assert statuses(ask(dana, *[get(me)] * 3)) == [200] * 3
        assert subjects(dana) == ["alone", "new", "new"]
