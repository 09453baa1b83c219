"""A body that is text as it is: sent alone or in a batch, and described."""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import msgspec
import pytest
from httpx2 import Response

from openucwa.http.openapi.document import document
from openucwa.resources import application, communication, me, online_meetings, people, sessions
from openucwa.resources.registry import Registry
from openucwa.resources.resource import Resource
from openucwa.resources.verb import RawBody
from openucwa.resources.viewer import Me
from openucwa.store.transaction import Transaction
from openucwa.wire import message
from openucwa.wire.given import Given
from openucwa.wire.message import MessageBody
from tests.installation import Clock, Installation, Person, installed
from tools import reference

PATH = "applications/{application_id}/pillar"


class Sent(msgspec.Struct, kw_only=True, rename="camel"):
    operation_id: Annotated[str, msgspec.Meta(max_length=50)] = ""
    """The name that the client has for it."""


class Pillar(msgspec.Struct):
    """A pillar, on which everybody may put a notice."""

    notices: list[tuple[str, MessageBody]] = []


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    notices: tuple[str, ...]
    """The texts on it."""


def properties(me: Me, found: Pillar) -> Properties:
    return Properties(notices=tuple(body.text for _, body in found.notices))


def has_room(me: Me, found: Pillar) -> bool:
    """While it has room."""
    return len(found.notices) < 3


pillar = Resource[Pillar](rel="pillar", path=PATH, properties=properties)
PILLARS: dict[str, Pillar] = {}


@pillar.find
def find(tx: Transaction, me: Me) -> Pillar:
    return PILLARS.setdefault("", Pillar())


@pillar.capability(
    "putUp",
    Sent,
    raw=RawBody(media_types=[*message.MEDIA_TYPES], longest=message.LONGEST, read=message.read),
    when=has_room,
    at="notices",
    answers="pillar",
    repeatable=True,
)
def put_up(tx: Transaction, me: Me, found: Pillar, given: Given[Sent], body: MessageBody) -> Pillar:
    """Put up a notice."""
    found.notices.append((given.over(Sent()).operation_id, body))
    return found


REGISTRY = Registry(
    [
        pillar,
        *(
            resource
            for folder in (application, communication, me, online_meetings, people, sessions)
            for resource in folder.RESOURCES
        ),
    ]
)


@pytest.fixture
def installation(tmp_path: Path, clock: Clock) -> Iterator[Installation]:
    PILLARS.clear()
    with installed(tmp_path, clock, registry=REGISTRY) as found:
        yield found


def href(person: Person) -> str:
    return person.href("self").partition("?")[0] + "/pillar/notices"


def send(person: Person, body: bytes, type: str | None = None, query: str = "") -> Response:
    headers = {"Content-Type": type} if type else {}
    return person.post(href(person) + query, content=body, headers=headers)


def notices() -> list[tuple[str, str, str]]:
    return [(id, body.format, body.text) for id, body in PILLARS[""].notices]


def test_the_link_leads_to_another_name(dana: Person) -> None:
    found = dana.get(href(dana).removesuffix("/notices")).json()
    assert found["_links"]["putUp"]["href"] == href(dana)


def test_the_body_is_what_it_is_and_the_query_has_the_members(dana: Person) -> None:
    sent = send(dana, b'{"operationId": "1"}\r\n', "text/plain", "?OperationId=7&SessionContext=8")
    assert sent.status_code == 201
    assert send(dana, b"<b>gr\xfcn</b>", "text/html; charset=iso-8859-1").status_code == 201
    assert send(dana, "grün".encode()).status_code == 201
    assert notices() == [
        ("7", "Plain", '{"operationId": "1"}\r\n'),
        ("", "Html", "<b>grün</b>"),
        ("", "Plain", "grün"),
    ]


@pytest.mark.parametrize(
    ("body", "type", "query", "status", "subcode"),
    [
        (b'"Hi"', "application/json", "", 415, None),
        (b"<Hi/>", "application/xml", "", 415, None),
        (b"a" * (message.LONGEST + 1), "text/plain", "", 413, None),
        (b"\xff" * 4 * (message.LONGEST + 9), "text/plain", "", 413, None),
        (b"", "text/plain", "", 400, None),
        (b" \r\n", None, "", 400, None),
        (b"\xff", "text/plain", "", 400, None),
        (b"Hi", "text/plain;charset=klingon", "", 400, None),
        (b"Hi", "text/plain", f"?operationId={'7' * 51}", 400, "ParameterValidationFailure"),
    ],
)
@pytest.mark.parametrize("accept", ["application/json", "application/xml"])
def test_what_is_no_message_is_refused(
    dana: Person, body: bytes, type: str | None, query: str, status: int, subcode: str, accept: str
) -> None:
    headers = {"Accept": accept} | ({"Content-Type": type} if type else {})
    answer = dana.post(href(dana) + query, content=body, headers=headers)
    assert answer.status_code == status
    assert accept in answer.headers["Content-Type"]
    assert (subcode or "") in answer.text
    assert notices() == []


def test_what_is_not_offered_is_refused_before_the_body_is_looked_at(dana: Person) -> None:
    for _ in range(3):
        send(dana, b"Hi")
    assert send(dana, b"").status_code == 409


def test_one_that_is_repeated_is_done_once(dana: Person) -> None:
    def again(body: bytes) -> int:
        headers = {"Idempotency-Key": "abc"}
        return dana.post(href(dana), content=body, headers=headers).status_code

    assert [again(b"Hi"), again(b"Hi"), again(b"Hello")] == [201, 200, 422]
    assert len(notices()) == 1


def test_it_is_taken_in_a_batch(dana: Person) -> None:
    parts = [
        (f"{href(dana)}?operationId=7", "text/html", "<b>grün</b>\r\nHi", ""),
        (href(dana), "text/plain", "", "Data: in a header\r\n"),
        (href(dana), "application/json", "{}", ""),
        (href(dana), "text/plain", " ", ""),
    ]
    whole = "".join(
        "--b\r\nContent-Type: application/http; msgtype=request\r\n\r\n"
        f"POST {path} HTTP/1.1\r\nHost: x\r\n{header}Content-Type: {type}\r\n\r\n{body}\r\n"
        for path, type, body, header in parts
    )
    answer = dana.post(
        dana.href("batch"),
        content=f"{whole}--b--\r\n".encode(),
        headers={"Content-Type": 'multipart/batching; boundary="b"'},
    )
    lines = [line for line in answer.text.splitlines() if line.startswith("HTTP/")]
    assert [int(line.split()[1]) for line in lines] == [201, 201, 415, 400]
    assert sorted(notices()) == [
        ("", "Plain", "in a header"),
        ("7", "Html", "<b>grün</b>\r\nHi"),
    ]


def test_it_is_described() -> None:
    described: Any = document(REGISTRY)
    post = described["paths"][f"/ucwa/oauth/v1/{PATH}/notices"]["post"]
    assert post["requestBody"]["required"]
    text = {"schema": {"type": "string", "minLength": 1, "maxLength": 8000}}
    assert post["requestBody"]["content"] == {"text/plain": text, "text/html": text}
    assert "operationId" in [one.get("name") for one in post["parameters"]]
    assert {"400", "413", "415"} <= post["responses"].keys()
    page = reference.page(REGISTRY)
    assert "Its body is `text/plain` or `text/html`, 8,000 characters at most." in page
    assert "| `operationId` | string, at most 50 characters | The name" in page
