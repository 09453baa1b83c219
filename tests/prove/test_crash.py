"""The proof of what survives a crash finds what is lost, and what is answered wrongly."""

import json
import random
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from bench.http import Answer, NoAnswer, NotSent
from prove.client import Line, Request, Session
from prove.crash.scene import Scene
from prove.crash.writers import Writer
from prove.options import SQLITE, Place

HREF = "/meetings/1"
RETRY = {"Retry-After": "5"}


class Server(Line):
    """Answers what the test wants, request by request."""

    def __init__(self, *answers: object) -> None:
        super().__init__("http://127.0.0.1:1/", Session("dana", "token", {}))
        self.answers = list(answers)
        self.sent: list[Request] = []

    def ask(self, request: Request) -> Answer:
        self.sent.append(request)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        assert isinstance(answer, Answer)
        return answer


def meeting(number: int, etag: int) -> dict[str, Any]:
    subject = f"attempt {number}"
    return {"subject": subject, "etag": str(etag), "_links": {"self": {"href": HREF}}}


def answer(content: object, status: int = 200, headers: Mapping[str, str] = RETRY) -> Answer:
    return Answer(status, "", list(headers.items()), json.dumps(content).encode())


BUSY = answer({"message": "Try again in a few seconds."}, 503)


def writer(*answers: object) -> Writer:
    return Writer(Server(*answers), meeting(0, 10), random.Random(1))


def test_what_is_acknowledged_is_what_has_to_be_there() -> None:
    one = writer(answer(meeting(1, 11)), answer(meeting(1, 11)))
    assert one.step()
    assert one.settle()
    assert (one.wrong, one.acknowledged) == ([], 1)


@pytest.mark.parametrize("failure", [NoAnswer(), BUSY])
@pytest.mark.parametrize("found", [meeting(0, 10), meeting(1, 11)])
def test_an_attempt_in_doubt_may_have_happened_or_not(
    failure: object, found: Mapping[str, Any]
) -> None:
    one = writer(failure, answer(found), answer(meeting(2, 20)))
    assert not one.step()
    assert one.step()
    assert one.wrong == []


def test_an_attempt_that_was_not_sent_can_not_have_happened() -> None:
    one = writer(NotSent(), answer(meeting(1, 11)))
    assert not one.step()
    one.settle()
    assert len(one.wrong) == 1


@pytest.mark.parametrize(
    "found", [meeting(0, 10), meeting(1, 12), meeting(2, 12), {**meeting(1, 11), "subject": "x"}]
)
def test_what_was_acknowledged_and_is_lost(found: Mapping[str, Any]) -> None:
    one = writer(answer(meeting(1, 11)), answer(found))
    one.step()
    one.settle()
    assert len(one.wrong) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        answer({"message": "Try again."}, 500),
        answer({"message": "Try again."}, 503, {}),
        answer({"message": "It failed."}, 503),
        answer({"message": "It has changed."}, 412),
        answer(meeting(7, 11)),
        answer(meeting(1, 10)),
        answer(meeting(1, 9)),
    ],
)
def test_an_answer_that_there_may_not_be(wrong: Answer) -> None:
    one = writer(wrong)
    one.step()
    assert len(one.wrong) == 1


def test_a_file_that_is_damaged(tmp_path: Path) -> None:
    scene = Scene(tmp_path, Place(SQLITE, 1), 1, random.Random(1))
    path = tmp_path / "openucwa.sqlite3"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE rows (text TEXT)")
        connection.execute("INSERT INTO rows VALUES (zeroblob(20000))")
        connection.commit()
    scene.expect_whole(path)
    assert scene.violations == []
    content = bytearray(path.read_bytes())
    content[4096 : 4096 + 64] = b"\xff" * 64
    path.write_bytes(content)
    scene.expect_whole(path)
    assert len(scene.violations) == 1
