"""Served resources: what the oracle finds in JSON and in XML."""

from __future__ import annotations

import pytest

from tests.conformance.asking import assert_found, findings, with_links, without
from tests.conformance.bodies import Members
from tests.conformance.examples import (
    APPLICATION,
    COMMUNICATION_SERVED,
    CREATED_APPLICATION,
    EVENTS,
    EVENTS_AS_XML,
    HOST,
    MEETING,
    MEETING_EXTENSION,
    MEETING_SERVED,
    PUT_MEMBER,
    READ_COMMUNICATION_AS_XML,
    READ_MEETING,
    ROOT,
    USER,
    exchange,
    served,
    serving,
    with_body,
    with_request_header,
)

SPOILT_MEETINGS: dict[str, tuple[Members, str]] = {
    "an unknown property": (
        {**MEETING_SERVED, "isOpen": True},
        "no documented property isOpen",
    ),
    "a property in another case": (
        {**without(MEETING_SERVED, "subject"), "Subject": "Important details"},
        "no documented property Subject",
    ),
    "a number for a string": ({**MEETING_SERVED, "subject": 5}, "must be of type String, not 5"),
    "null where none is documented": (
        {**MEETING_SERVED, "subject": None},
        "must be of type String, not None",
    ),
    "one string for an array": (
        {**MEETING_SERVED, "leaders": "sip:Dana@contoso.com"},
        "leaders of myOnlineMeeting must be an array",
    ),
    "a number in an array": ({**MEETING_SERVED, "leaders": [5]}, "must be of type String, not 5"),
    "no member of the enumeration": (
        {**MEETING_SERVED, "accessLevel": "Nobody"},
        "accessLevel of myOnlineMeeting must be a member of AccessLevel",
    ),
    "a date as ISO 8601": (
        {**MEETING_SERVED, "expirationTime": "2013-02-07T01:17:18Z"},
        "expirationTime of myOnlineMeeting must be of type DateTime",
    ),
    "a joinUrl of another form": (
        {**MEETING_SERVED, "joinUrl": "https://contoso.com/join?id=PYC58WSY"},
        "joinUrl must be",
    ),
    "no rel": (without(MEETING_SERVED, "rel"), "the resource has no rel"),
    "an unknown rel": ({**MEETING_SERVED, "rel": "meeting"}, "no page documents a resource"),
    "the rel of another resource": (
        {**MEETING_SERVED, "rel": "onlineMeeting"},
        "the URL is that of myOnlineMeeting, but the resource is a onlineMeeting",
    ),
    "no links": (without(MEETING_SERVED, "_links"), "has no _links"),
    "no self": ({**MEETING_SERVED, "_links": {}}, "has no link self"),
    "an unknown link": (
        with_links(MEETING_SERVED, history={"href": f"{MEETING}/history"}),
        "myOnlineMeeting has no documented link history",
    ),
    "an array of one link": (
        with_links(MEETING_SERVED, onlineMeetingExtensions=[{"href": f"{MEETING}/extensions"}]),
        "must be one object, not an array",
    ),
    "a link without href": (with_links(MEETING_SERVED, self={}), "has no href"),
    "a link as a string": (with_links(MEETING_SERVED, self=MEETING), "has no href"),
    "an attribute of a link": (
        with_links(MEETING_SERVED, self={"href": MEETING, "method": "GET"}),
        "has an attribute method",
    ),
    "a revision that is no number": (
        with_links(MEETING_SERVED, self={"href": MEETING, "revision": "v2"}),
        "has the revision 'v2'",
    ),
    "an absolute link": (with_links(MEETING_SERVED, self={"href": HOST}), "must be a path"),
    "an unknown embedded resource": (
        {**MEETING_SERVED, "_embedded": {"me": {"rel": "me"}}},
        "myOnlineMeeting has no documented embedded resource me",
    ),
    "one object for embedded resources": (
        {**MEETING_SERVED, "_embedded": {"onlineMeetingExtension": {}}},
        "must be an array",
    ),
    "an embedded resource that is none": (
        {**MEETING_SERVED, "_embedded": {"onlineMeetingExtension": ["1"]}},
        "is embedded, but is no object",
    ),
    "a fault in an embedded resource": (
        {**MEETING_SERVED, "_embedded": {"onlineMeetingExtension": [{"rel": "me"}]}},
        "onlineMeetingExtension must carry its rel, not 'me'",
    ),
    "embedded resources that are no object": (
        {**MEETING_SERVED, "_embedded": []},
        "_embedded of myOnlineMeeting is no object",
    ),
    "an etag in quotes": ({**MEETING_SERVED, "etag": '"346579618"'}, "is no decimal string"),
    "an etag as a number": ({**MEETING_SERVED, "etag": 346579618}, "is no decimal string"),
    "another etag than in the header": (
        {**MEETING_SERVED, "etag": "1"},
        'the member etag is 1, the header ETag "346579618"',
    ),
    "no random PUT member": (without(MEETING_SERVED, PUT_MEMBER), "has no random PUT member"),
    "two random PUT members": (
        {
            PUT_MEMBER[::-1]: "x",
            PUT_MEMBER.replace("5", "6"): MEETING_SERVED[PUT_MEMBER],
            **MEETING_SERVED,
        },
        "has 2 random PUT members",
    ),
    "another text of the random PUT member": (
        {**MEETING_SERVED, PUT_MEMBER: "please pass me in a PUT request"},
        "the random PUT member of myOnlineMeeting says",
    ),
    "members in another order": (
        {"subject": "first", **MEETING_SERVED},
        "must stand in the order of the original",
    ),
}


@pytest.mark.parametrize("spoiling", SPOILT_MEETINGS)
def test_finds_in_a_served_meeting(spoiling: str) -> None:
    members, expected = SPOILT_MEETINGS[spoiling]
    assert_found(serving(READ_MEETING, members), expected)


def test_finds_a_random_put_member_where_there_is_no_put() -> None:
    members = {**served(CREATED_APPLICATION), PUT_MEMBER: "please pass this in a PUT request"}
    assert_found(serving(CREATED_APPLICATION, members), "application has the random PUT member")


def test_finds_a_random_put_member_that_is_not_the_first_of_communication() -> None:
    members = {"supportedModalities": [], **without(COMMUNICATION_SERVED, "supportedModalities")}
    seen = exchange(
        "GET", f"{APPLICATION}/communication", served=members, headers=[("ETag", '"3140562359"')]
    )
    assert_found(seen, "must be the first of communication")


@pytest.mark.parametrize("written", [b'"/Date(1360199838000)/"', b'"\\/Date(1360199838000)/"'])
def test_finds_a_date_with_plain_slashes(written: bytes) -> None:
    body = READ_MEETING.response_body.replace(b'"\\/Date(1360199838000)\\/"', written)
    assert_found(with_body(READ_MEETING, body), r"expirationTime of myOnlineMeeting must be writ")


def test_takes_a_text_about_dates_for_a_text() -> None:
    members = {**MEETING_SERVED, "subject": '"expirationTime":"/Date(1)/"'}
    assert findings(serving(READ_MEETING, members)) == []


def test_finds_a_member_that_stands_twice() -> None:
    body = READ_MEETING.response_body.replace(b'{"access', b'{"rel":"myOnlineMeeting","access', 1)
    assert_found(with_body(READ_MEETING, body), "the member 'rel' stands twice")


@pytest.mark.parametrize("body", [b'{"rel":', b"[]", b"\xff"])
def test_finds_a_body_that_is_not_what_it_says(body: bytes) -> None:
    assert_found(with_body(READ_MEETING, body), "the body is")


def test_finds_a_data_uri_that_is_a_path() -> None:
    body = EVENTS.response_body.replace(b"data:text/plain;charset=utf-8,", b"/messages/")
    assert_found(with_body(EVENTS, body), "the link plainMessage of message must be a data: URI")


def test_finds_an_external_resource_among_the_properties() -> None:
    body = EVENTS.response_body.replace(b'"direction":', b'"plainMessage":"Hi","direction":')
    assert_found(with_body(EVENTS, body), "plainMessage of message belongs under _links")


def test_finds_other_text_than_strings_in_a_meeting_extension() -> None:
    members = {**served(MEETING_EXTENSION), "seats": 12}
    assert_found(serving(MEETING_EXTENSION, members), "no documented property seats")


def test_finds_a_relative_link_in_the_discovery() -> None:
    members: Members = {"_links": {"self": {"href": "/"}, "user": {"href": USER}}}
    assert_found(serving(ROOT, members), "the link user of root must be absolute")
    assert_found(serving(ROOT, members), "root has no link xframe")


@pytest.mark.parametrize(
    ("printed", "spoilt", "expected"),
    [
        (b"supportedModalities", b"modalities", "no documented property modalities"),
        (b">Messaging<", b">Telepathy<", "must be a member of ModalityType"),
        (b">true<", b">yes<", "publishEndpointLocation of communication must be of type Boolean"),
        (b'rel="conversations"', b'rel="talks"', "no documented link talks"),
        (b"</resource>", b"", "the body is not XML"),
    ],
)
def test_finds_in_xml_too(printed: bytes, spoilt: bytes, expected: str) -> None:
    body = READ_COMMUNICATION_AS_XML.response_body.replace(printed, spoilt)
    assert_found(with_body(READ_COMMUNICATION_AS_XML, body), expected)


def test_finds_an_event_in_xml_that_no_page_documents() -> None:
    body = EVENTS_AS_XML.response_body.replace(b"<added ", b"<started ")
    body = body.replace(b"</added>", b"</started>")
    assert_found(with_body(EVENTS_AS_XML, body), "no page documents the event me -> note started")


def test_finds_xml_that_nobody_asked_for() -> None:
    for accept in ((), ("*/*",)):
        seen = with_request_header(READ_COMMUNICATION_AS_XML, "Accept", *accept)
        assert_found(seen, "without a wish for XML, JSON is served")
