"""Several instances of one application, each with a channel of its own: MultiTabSupport.md."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from httpx2 import Response

from tests.installation import Clock, Person, installed, with_limits

APPLICATIONS = "/ucwa/oauth/v1/applications"
ODD = ["a b", "a&b=c", "ä/ö?#", "100%", "+", "{6f-1}", " x ", "'; --", "\U0001f600", "x" * 100]


def href(answer: Response, rel: str = "events") -> str:
    found: str = answer.json()["_links"][rel]["href"]
    return found


def heard(dana: Person, href: str) -> list[tuple[str, str]]:
    answer = dana.get(f"{href}&extended=true")
    assert answer.status_code == 200, answer.text
    return [
        (event["type"], event["link"]["rel"])
        for sender in answer.json()["sender"]
        for event in sender["events"]
    ]


def bare(registered: Response) -> str:
    """The address of the application, in which no instance is named."""
    return href(registered, "self").partition("?")[0]


def test_one_application(dana: Person) -> None:
    """201 for an instance that is new, with a channel that is; 200 for one that is known."""
    tabs = [dana.register(instanceId=name) for name in ("a", "b")]
    known = dana.register(instanceId="a")
    assert [answer.status_code for answer in (*tabs, known)] == [201, 201, 200]
    assert len({answer.json()["id"] for answer in (*tabs, known)}) == 1
    assert href(known) == href(tabs[0]) != href(tabs[1])


def test_every_address_names_the_instance(dana: Person) -> None:
    for _ in range(2):
        answer = dana.register(instanceId="a")
        application = f"{APPLICATIONS}/{answer.json()['id']}"
        assert answer.json()["instanceId"] == "a"
        assert answer.headers["Location"] == href(answer, "self") == f"{application}?instanceId=a"
        assert href(answer) == f"{application}/events?ack=1&instanceId=a"
        assert href(answer, "batch") == f"{application}/batch"
        again = dana.get(href(answer, "self"))
        assert again.json() == answer.json()
        links = dana.get(href(answer)).json()["_links"]
        assert links["self"] == {"href": href(answer)}
        assert links["next"] == {"href": href(answer).replace("=1", "=2")}


def test_each_hears_everything(dana: Person) -> None:
    """At its own pace."""
    tabs = [href(dana.register(instanceId=name)) for name in ("a", "b", "")]
    dana.schedule()
    added = [("added", "myOnlineMeeting")]
    assert heard(dana, tabs[0]) == added
    assert heard(dana, tabs[0].replace("=1", "=2", 1)) == []
    assert [heard(dana, tab) for tab in tabs[1:]] == [added, added]


def test_a_new_one_hears_what_comes_after_it(dana: Person) -> None:
    dana.schedule()
    tab = href(dana.register(instanceId="a"))
    assert heard(dana, tab) == []


class TestDelete:
    def test_one_of_several(self, dana: Person) -> None:
        tabs = [dana.register(instanceId=name) for name in ("a", "b")]
        assert dana.delete(href(tabs[0], "self")).status_code == 204
        for gone in (href(tabs[0], "self"), href(tabs[0])):
            answer = dana.get(gone)
            assert (answer.status_code, answer.json()["subcode"]) == (404, "ApplicationNotFound")
        dana.schedule()
        assert len(heard(dana, href(tabs[1]))) == 1
        assert dana.delete(href(tabs[0], "self")).status_code == 404

    def test_the_last(self, dana: Person) -> None:
        tabs = [dana.register(instanceId=name) for name in ("a", "b")]
        for tab in tabs:
            assert dana.delete(href(tab, "self")).status_code == 204
        assert dana.get(href(tabs[0], "self").partition("?")[0]).status_code == 404
        assert "_embedded" not in dana.get(APPLICATIONS).json()
        again = dana.register(instanceId="a")
        assert (again.status_code, again.json()["id"] == tabs[0].json()["id"]) == (201, False)

    def test_one_comes_back(self, dana: Person) -> None:
        """With a channel that starts anew."""
        dana.register(instanceId="a")
        tab = dana.register(instanceId="b")
        dana.schedule()
        assert len(heard(dana, href(tab))) == 1
        dana.delete(href(tab, "self"))
        again = dana.register(instanceId="b")
        assert (again.status_code, again.json()["id"]) == (201, tab.json()["id"])
        assert heard(dana, href(again)) == []

    def test_the_list_names_one_that_is_there(self, dana: Person) -> None:
        """So that who looks for an application to end finds how."""
        tabs = [dana.register(**named) for named in ({}, {"instanceId": "a"}, {"instanceId": "b"})]
        for tab in tabs:
            (listed,) = dana.get(APPLICATIONS).json()["_embedded"]["application"]
            address = listed["_links"]["self"]["href"]
            assert address == href(tab, "self")
            assert dana.get(address).json() == listed
            assert dana.delete(address).status_code == 204
        assert "_embedded" not in dana.get(APPLICATIONS).json()


class TestWithoutInstance:
    def test_it_is_one_of_its_own(self, dana: Person) -> None:
        plain, tab = dana.register(), dana.register(instanceId="a")
        assert (plain.status_code, tab.status_code) == (201, 201)
        assert "instanceId" not in plain.json()
        assert href(plain).endswith("/events?ack=1")
        assert dana.delete(href(plain, "self")).status_code == 204
        assert dana.get(href(tab, "self")).status_code == 200

    def test_who_names_none_is_led_to_the_first(self, dana: Person, clock: Clock) -> None:
        """Some clients drop the query of an address."""
        first = dana.register(instanceId="b")
        clock.advance(timedelta(seconds=1))
        dana.register(instanceId="a")
        assert href(dana.get(bare(first))) == href(first)

    def test_it_takes_no_others_place_when_it_has_ended(self, dana: Person) -> None:
        """A request that comes late, or once more, is not for the tabs that are left."""
        plain, tab = dana.register(), dana.register(instanceId="a")
        for status in (204, 404):
            assert dana.delete(href(plain, "self")).status_code == status
        assert dana.get(href(plain)).json()["subcode"] == "ApplicationNotFound"
        assert heard(dana, href(tab)) == []


def test_instance_that_is_not_there(dana: Person) -> None:
    application = href(dana.register(instanceId="a"), "self").partition("?")[0]
    for path in ("", "/me", "/events"):
        for name in ("b", "A", "a%20"):
            answer = dana.get(f"{application}{path}?ack=1&instanceId={name}")
            assert (answer.status_code, answer.json()["subcode"]) == (404, "ApplicationNotFound")


@pytest.mark.parametrize("name", ODD)
def test_odd_names(dana: Person, name: str) -> None:
    dana.register()
    answer = dana.register(instanceId=name)
    assert (answer.status_code, answer.json()["instanceId"]) == (201, name)
    for rel in ("self", "events"):
        assert parse_qs(urlsplit(href(answer, rel)).query)["instanceId"] == [name]
    assert dana.get(href(answer, "self")).json() == answer.json()
    dana.schedule()
    assert len(heard(dana, href(answer))) == 1
    assert dana.delete(href(answer, "self")).status_code == 204
    assert dana.get(href(answer, "self")).status_code == 404


@pytest.mark.parametrize("name", ["x" * 101, 7, ["a"], {}, True])
def test_names_that_are_none(dana: Person, name: Any) -> None:
    answer = dana.register(instanceId=name)
    assert (answer.status_code, list(answer.json()["parameters"])) == (400, ["instanceId"])


def test_the_limit_counts_instances(tmp_path: Path, clock: Clock) -> None:
    with installed(tmp_path, clock, with_limits(applications_per_user=3)) as installation:
        dana = installation.sign_in()
        tabs = [dana.register(instanceId=name) for name in ("a", "b", "c")]
        answer = dana.register(instanceId="d")
        assert (answer.status_code, answer.json()["subcode"]) == (410, "TooManyApplications")
        assert dana.register(instanceId="c").status_code == 200
        dana.delete(href(tabs[0], "self"))
        assert dana.register(instanceId="d").status_code == 201
