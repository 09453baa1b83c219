"""The oracle accepts what is documented, allows what the extensions page lists, no more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest

from tests.conformance import examples
from tests.conformance.asking import assert_found, findings, with_links
from tests.conformance.examples import (
    APPLICATION,
    CREATED_APPLICATION,
    LISTED_MEETINGS,
    ME,
    MEETING,
    MEETING_SENT,
    MEETING_SERVED,
    READ_MEETING,
    UPDATED_ME,
    UPDATED_MEETING,
    exchange,
    failed,
    served,
    serving,
    told,
    updating,
    with_body,
    with_header,
)
from tests.conformance.oracle import Exchange, Oracle

FINE: Mapping[str, Exchange] = {
    name: value for name, value in vars(examples).items() if isinstance(value, Exchange)
}


@pytest.mark.parametrize("name", FINE)
def test_accepts_what_is_documented(name: str) -> None:
    assert findings(FINE[name]) == []


def test_accepts_the_printed_update_of_a_meeting() -> None:
    """Byte for byte as the page shows it, with its line ends and its spaces."""
    printed = """{
"accessLevel":"SameEnterprise",
"entryExitAnnouncement":"Disabled",
"attendees": ["sip:Chris@contoso.com", "sip:Alex@contoso.com"],
"expirationTime":"\\/Date(1360199838000)\\/",
"leaders": [],
"56de7bbf-1081-43e6-bbf2-1cabf3224c83":"please pass this in a PUT request",
"_links":{
"self":{"href":"/ucwa/oauth/v1/applications/103985322388/onlineMeetings/myOnlineMeetings/PYC58WSY"}
},
"rel":"myOnlineMeeting",
"etag":"346579618"
}"""
    assert findings(with_body(UPDATED_MEETING, printed.encode())) == []


def test_a_finding_is_one_sentence_that_tells_what_where_and_how_to_allow_it() -> None:
    (finding,) = findings(serving(READ_MEETING, {**MEETING_SERVED, "colour": "red"}))
    assert finding == (
        f"GET {MEETING} -> 200: myOnlineMeeting has no documented property colour; "
        "if it is deliberate, list 'myOnlineMeeting | property | colour' in docs/extensions.md"
    )


def test_each_thing_is_found_once() -> None:
    spoilt = {**MEETING_SERVED, "colour": "red"}
    listed = {**served(LISTED_MEETINGS), "_embedded": {"myOnlineMeeting": [spoilt, spoilt]}}
    assert len(findings(serving(LISTED_MEETINGS, listed))) == 1


def allowing(*rows: str) -> Oracle:
    head = "| on | kind | name | what it is and why |\n|---|---|---|---|\n"
    return Oracle.with_extensions(head + "".join(f"| {row} | because |\n" for row in rows))


ALLOWED: dict[str, tuple[Exchange, str]] = {
    "a property": (
        serving(READ_MEETING, {**MEETING_SERVED, "colour": "red"}),
        "myOnlineMeeting | property | `colour` (String)",
    ),
    "an array of enumeration members": (
        serving(READ_MEETING, {**MEETING_SERVED, "waysIn": ["Audio", "Video"]}),
        "myOnlineMeeting | property | `waysIn` (ModalityType array)",
    ),
    "a link": (
        serving(READ_MEETING, with_links(MEETING_SERVED, history={"href": f"{MEETING}/history"})),
        "any | link | `history`",
    ),
    "an embedded resource": (
        serving(
            READ_MEETING,
            {
                **MEETING_SERVED,
                "_embedded": {"me": {"_links": {"self": {"href": ME}}, "rel": "me"}},
            },
        ),
        "myOnlineMeeting | embedded | `me`",
    ),
    "a parameter": (
        updating({**MEETING_SENT, "notify": True}),
        "PUT myOnlineMeeting | parameter | `notify` (Boolean)",
    ),
    "a header": (with_header(READ_MEETING, "X-Mood", "good"), "any | header | `X-Mood`"),
    "a status": (
        exchange("DELETE", ME, status=204),
        "DELETE me | status | `204`",
    ),
    "an error": (
        failed(409, {"code": "Conflict", "subcode": "Busy"}),
        "myOnlineMeeting | status | `409 Conflict Busy`",
    ),
    "an error member": (
        failed(404, {"code": "NotFound", "hint": "?"}),
        "any 404 | error member | `hint` (String)",
    ),
    "an event": (told({**UPDATED_ME, "type": "deleted"}), "me | event | `me deleted`"),
    "a path": (
        replace(READ_MEETING, url=f"{APPLICATION}/calendar/PYC58WSY"),
        "myOnlineMeeting | path | `/applications/{id}/calendar/{id}`",
    ),
    "a resource of ours": (
        exchange(
            "GET",
            f"{MEETING}/versions",
            served={"_links": {"self": {"href": f"{MEETING}/versions"}}, "rel": "versions"},
        ),
        "versions | path | `/applications/{id}/onlineMeetings/myOnlineMeetings/{id}/versions`",
    ),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_allows_what_the_extensions_page_lists_and_nothing_else(name: str) -> None:
    seen, row = ALLOWED[name]
    assert findings(seen, allowing()) != []
    assert findings(seen, allowing(row)) == []


def test_checks_the_type_of_an_extension() -> None:
    members = {**served(CREATED_APPLICATION), "expires": "tomorrow"}
    assert_found(
        serving(CREATED_APPLICATION, members),
        "expires of application must be of type DateTime, not 'tomorrow'",
    )
