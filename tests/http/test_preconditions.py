"""If-Match and If-None-Match on all that has versions: RFC 9110, section 13."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.installation import Person

OTHER = '"999"'
"""The tag of no version. (An application's communication starts with 1.)"""

Kind = Callable[[Person], dict[str, Any]]


def _meeting(dana: Person) -> dict[str, Any]:
    return dana.schedule(subject="Weekly")


def _extension(dana: Person) -> dict[str, Any]:
    href = dana.schedule()["_links"]["onlineMeetingExtensions"]["href"]
    found: dict[str, Any] = dana.post(href, json={"id": "ticket", "number": "4711"}).json()
    return found


def _communication(dana: Person) -> dict[str, Any]:
    found: dict[str, Any] = dana.get(dana.href("communication", "self")).json()
    return found


@pytest.fixture(params=[_meeting, _extension, _communication], ids=lambda kind: kind.__name__)
def current(request: pytest.FixtureRequest, dana: Person) -> dict[str, Any]:
    """A resource as it is now."""
    kind: Kind = request.param
    return kind(dana)


def _href(resource: dict[str, Any]) -> str:
    href: str = resource["_links"]["self"]["href"]
    return href


def _put(dana: Person, resource: dict[str, Any], **headers: str) -> Any:
    return dana.request("PUT", _href(resource), json=resource, headers=headers)


class TestIfNoneMatch:
    @pytest.mark.parametrize("form", ["*", '"{etag}"', 'W/"{etag}"', '"999", "{etag}"', "{etag}"])
    def test_refuses_to_change_a_version_that_it_names(
        self, dana: Person, current: dict[str, Any], form: str
    ) -> None:
        tags = {"If-None-Match": form.format(**current)}
        answer = _put(dana, current, **{"If-Match": f'"{current["etag"]}"'}, **tags)
        assert (answer.status_code, answer.json()["code"]) == (412, "PreconditionFailed")
        assert "If-None-Match" in answer.json()["message"]
        if current["rel"] != "communication":
            assert dana.delete(_href(current), **tags).status_code == 412
        assert dana.get(_href(current)).json() == current

    def test_lets_other_versions_be_changed(self, dana: Person, current: dict[str, Any]) -> None:
        answer = _put(dana, current, **{"If-Match": "*", "If-None-Match": OTHER})
        assert answer.status_code in (200, 204)

    def test_carries_the_representation(self, dana: Person, current: dict[str, Any]) -> None:
        answer = _put(
            dana,
            current,
            **{"If-Match": "*", "If-None-Match": "*", "Prefer": "return=representation"},
        )
        assert answer.status_code == 412
        assert answer.json()["_embedded"][current["rel"]] == current
        assert "changedProperties" not in answer.json()

    @pytest.mark.parametrize("form", ["*", '"{etag}"'])
    def test_holds_without_if_match(self, dana: Person, current: dict[str, Any], form: str) -> None:
        """A PUT that is only to create something fails on what exists (RFC 9110, 13.1.2)."""
        answer = _put(dana, current, **{"If-None-Match": form.format(**current)})
        assert (answer.status_code, answer.json()["code"]) == (412, "PreconditionFailed")
        for headers in ({"If-None-Match": OTHER}, {}):
            answer = _put(dana, current, **headers)
            assert (answer.status_code, answer.json()["code"]) == (428, "PreconditionRequired")

    def test_that_can_not_be_read(self, dana: Person, current: dict[str, Any]) -> None:
        assert _put(dana, current, **{"If-Match": "*", "If-None-Match": '"'}).status_code == 400

    def test_counts_for_nothing_when_empty(self, dana: Person, current: dict[str, Any]) -> None:
        answer = _put(dana, current, **{"If-Match": "*", "If-None-Match": " "})
        assert answer.status_code in (200, 204)


class TestIfMatchOfReading:
    def test_refuses_a_version_that_is_not_current(
        self, dana: Person, current: dict[str, Any]
    ) -> None:
        for method in ("GET", "HEAD"):
            answer = dana.request(method, _href(current), headers={"If-Match": OTHER})
            assert answer.status_code == 412

    def test_comes_before_if_none_match(self, dana: Person, current: dict[str, Any]) -> None:
        """RFC 9110, section 13.2.2."""
        tag = f'"{current["etag"]}"'
        stale = {"If-Match": OTHER, "If-None-Match": tag}
        assert dana.get(_href(current), **stale).status_code == 412
        unchanged = {"If-Match": tag, "If-None-Match": tag}
        assert dana.get(_href(current), **unchanged).status_code == 304
        known = {"If-Match": tag, "If-None-Match": OTHER}
        assert dana.get(_href(current), **known).json() == current

    def test_is_not_minded_where_nothing_has_versions(self, dana: Person) -> None:
        assert dana.get(dana.meetings, **{"If-Match": OTHER}).status_code == 200


class TestTagsThatAProxyHasChanged:
    """nginx weakens tags of what it compresses; Apache and Jetty write behind them."""

    FORMS = ('W/"{0}"', '"{0}-gzip"', '"{0};gzip"', '"{0}--gzip"', 'W/"{0}-gzip"', '"{0}/br"')

    @pytest.mark.parametrize("form", FORMS)
    @pytest.mark.parametrize("prefer", ["return=representation", "return=minimal"])
    def test_are_told_from_a_change(
        self, dana: Person, current: dict[str, Any], form: str, prefer: str
    ) -> None:
        seen = form.format(current["etag"])
        answer = _put(dana, current, **{"If-Match": seen, "Prefer": prefer})
        assert answer.status_code == 412
        message = answer.json()["message"]
        assert f"If-Match names {seen}" in message
        assert "has not changed" in message
        assert f'Send "{current["etag"]}"' in message

    @pytest.mark.parametrize("form", FORMS)
    def test_may_be_of_an_earlier_version(self, dana: Person, form: str) -> None:
        meeting = _meeting(dana)
        later = dana.put({**meeting, "subject": "Moved"}).json()
        answer = _put(dana, meeting, **{"If-Match": form.format(meeting["etag"])})
        message = answer.json()["message"]
        assert "has also changed since" in message
        assert later["etag"] not in message

    def test_tell_what_has_changed(self, dana: Person) -> None:
        meeting = _meeting(dana)
        told = {"If-Match": f'W/"{meeting["etag"]}"', "Prefer": "return=representation"}
        assert _put(dana, meeting, **told).json()["changedProperties"] == []
        dana.put({**meeting, "subject": "Moved"})
        assert _put(dana, meeting, **told).json()["changedProperties"] == ["subject"]

    def test_never_hide_a_change(self, dana: Person, current: dict[str, Any]) -> None:
        for tag in (OTHER, '"x-gzip"', 'W/"x"', '""'):
            message = _put(dana, current, **{"If-Match": tag}).json()["message"]
            assert message.startswith("The resource has changed since")
