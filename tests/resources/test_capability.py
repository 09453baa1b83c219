"""A capability: one declaration of a link, a route, its guard, and what is written of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
import pytest

from openucwa.http.openapi.document import document
from openucwa.resources import application, communication, me, online_meetings, people, sessions
from openucwa.resources.registry import Registry
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.transaction import Transaction
from openucwa.wire.errors import BadRequest
from openucwa.wire.given import Given
from tests.installation import DANA, Clock, Installation, Person, installed
from tools import reference


@dataclass
class Door:
    """A door that its keeper opens; everybody sees it."""

    door_id: str
    keeper: str
    is_open: bool = False
    knocks: int = 0


class Key(msgspec.Struct, kw_only=True):
    teeth: int


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    knocks: int
    """How often somebody has knocked."""


def properties(me: Me, found: Door) -> Properties:
    return Properties(knocks=found.knocks)


def is_keeper(me: Me, found: Door) -> bool:
    """For its keeper."""
    return me.user.uri == found.keeper


def is_closed(me: Me, found: Door) -> bool:
    """While it is closed."""
    return not found.is_open


def is_open(me: Me, found: Door) -> bool:
    return found.is_open


DOORS: dict[str, Door] = {}
door = Resource[Door](
    rel="door", path="applications/{application_id}/doors/{door_id}", properties=properties
)


@door.find
def find(tx: Transaction, me: Me, door_id: str) -> Door | None:
    return DOORS.get(door_id)


@door.capability("openDoor", when=is_closed, role=is_keeper, done=is_open)
def open_door(tx: Transaction, me: Me, found: Door) -> None:
    """Open it."""
    found.is_open = True


@door.capability("knock", when=is_closed, answers="door")
def knock(tx: Transaction, me: Me, found: Door) -> Door:
    """Knock, so that somebody opens."""
    found.knocks += 1
    return found


@door.capability("unlock", Key, when=is_closed, errors=(BadRequest,))
def unlock(tx: Transaction, me: Me, found: Door, given: Given[Key]) -> None:
    """Open it with a key. Raises BadRequest for a wrong one."""
    if given.values.get("teeth") != 7:
        raise BadRequest("The key does not fit. Take another one.")
    found.is_open = True


@door.post()
def ring(tx: Transaction, me: Me, found: Door) -> None:
    """Ring, which nobody hears."""


REGISTRY = Registry(
    [
        door,
        *(
            resource
            for folder in (application, communication, me, online_meetings, people, sessions)
            for resource in folder.RESOURCES
        ),
    ]
)


@pytest.fixture
def installation(tmp_path: Path, clock: Clock) -> Iterator[Installation]:
    DOORS["front"] = Door("front", DANA.uri)
    with installed(tmp_path, clock, registry=REGISTRY) as found:
        yield found


def links_of(person: Person) -> dict[str, Any]:
    path = person.href("self").partition("?")[0]
    found: dict[str, Any] = person.get(f"{path}/doors/front").json()["_links"]
    return found


def test_is_a_link_for_those_whose_role_has_it(dana: Person, chris: Person) -> None:
    assert links_of(dana).keys() == {"self", "openDoor", "knock", "unlock"}
    assert links_of(chris).keys() == {"self", "knock", "unlock"}
    assert links_of(dana)["openDoor"]["href"] == links_of(dana)["self"]["href"] + "/openDoor"


def test_is_done_by_post_and_answers_204(dana: Person) -> None:
    answer = dana.post(links_of(dana)["openDoor"]["href"])
    assert (answer.status_code, answer.content) == (204, b"")
    assert DOORS["front"].is_open


def test_goes_with_the_state_that_it_depends_on(dana: Person, chris: Person) -> None:
    dana.post(links_of(dana)["openDoor"]["href"])
    assert links_of(dana).keys() == links_of(chris).keys() == {"self"}


def test_is_forbidden_to_others(dana: Person, chris: Person) -> None:
    href = links_of(chris)["self"]["href"]
    answer = chris.post(f"{href}/openDoor")
    assert answer.status_code == 403
    assert answer.json()["code"] == "Forbidden"
    assert "subcode" not in answer.json()
    assert not DOORS["front"].is_open


def test_conflicts_with_another_state(dana: Person) -> None:
    href = links_of(dana)["knock"]["href"]
    DOORS["front"].is_open = True
    answer = dana.post(href)
    assert answer.status_code == 409
    assert answer.json()["code"] == "Conflict"
    assert "subcode" not in answer.json()
    assert DOORS["front"].knocks == 0


def test_that_has_been_done_already_is_done(dana: Person, chris: Person) -> None:
    """It changes nothing; and to others it is forbidden still."""
    href = links_of(dana)["openDoor"]["href"]
    assert [dana.post(href).status_code for _ in range(2)] == [204, 204]
    assert chris.post(links_of(chris)["self"]["href"] + "/openDoor").status_code == 403


def test_may_answer_a_resource(dana: Person) -> None:
    answer = dana.post(links_of(dana)["knock"]["href"])
    assert (answer.status_code, answer.json()["rel"], answer.json()["knocks"]) == (201, "door", 1)


def test_may_take_an_input(dana: Person) -> None:
    href = links_of(dana)["unlock"]["href"]
    assert dana.post(href, json={"teeth": 6}).status_code == 400
    assert dana.post(href, json={"teeth": 7}).status_code == 204


def test_is_refused_before_its_input_is_looked_at(dana: Person) -> None:
    href = links_of(dana)["unlock"]["href"]
    DOORS["front"].is_open = True
    assert dana.post(href, json={"teeth": "many"}).status_code == 409


def test_of_what_is_not_there_is_not_found(dana: Person) -> None:
    href = links_of(dana)["knock"]["href"].replace("front", "back")
    assert dana.post(href).status_code == 404


def test_takes_post_alone(dana: Person) -> None:
    answer = dana.get(links_of(dana)["knock"]["href"])
    assert (answer.status_code, answer.headers["Allow"]) == (405, "OPTIONS, POST")


def test_post_without_an_answer_is_204(dana: Person) -> None:
    answer = dana.post(links_of(dana)["self"]["href"])
    assert (answer.status_code, answer.content) == (204, b"")


def test_is_described() -> None:
    described: Any = document(REGISTRY)
    path = "/ucwa/oauth/v1/applications/{application_id}/doors/{door_id}/openDoor"
    item = described["paths"][path]
    assert item.keys() == {"parameters", "post"}
    assert item["post"]["summary"] == "Open it."
    assert {"204", "403", "404", "409"} <= item["post"]["responses"].keys()
    links = described["components"]["schemas"]["door"]["properties"]["_links"]
    assert "openDoor" in links["properties"]
    assert "openDoor" not in links["required"]
    assert "openDoor" not in described["components"]["schemas"]


def test_stands_in_the_reference() -> None:
    page = reference.page(REGISTRY)
    assert "| [openDoor](#opendoor) | For its keeper. While it is closed. |" in page
    assert "### openDoor\n\nOpen it.\n" in page
    assert "#### POST openDoor\n" in page
    assert "Answers 204, without a body." in page
