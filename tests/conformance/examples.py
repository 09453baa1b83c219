"""Exchanges that are as they should be, in the form that the task pages print them.

The tests of the oracle start from these and spoil one thing each.
"""

from __future__ import annotations

import json
from dataclasses import replace

from tests.conformance.bodies import Members
from tests.conformance.exchange import Exchange, Headers

HOST = "https://lyncweb.contoso.com"
APPLICATIONS = "/ucwa/oauth/v1/applications"
APPLICATION = f"{APPLICATIONS}/103985322388"
ME = f"{APPLICATION}/me"
MEETINGS = f"{APPLICATION}/onlineMeetings/myOnlineMeetings"
MEETING = f"{MEETINGS}/PYC58WSY"
CONVERSATION = f"{APPLICATION}/communication/conversations/eee0"
TOKEN = "/WebTicket/oauthtoken"
USER = "/Autodiscover/AutodiscoverService.svc/root/oauth/user"
PUT_MEMBER = "56de7bbf-1081-43e6-bbf2-1cabf3224c83"
JSON = ("Content-Type", "application/json; charset=utf-8")


def encoded(members: Members) -> bytes:
    """JSON with the dates as the protocol writes them, with escaped slashes."""
    text = json.dumps(members, separators=(",", ":"))
    return text.replace('"/Date(', '"\\/Date(').replace(')/"', ')\\/"').encode()


def exchange(
    method: str,
    url: str,
    sent: Members | None = None,
    status: int = 200,
    served: Members | None = None,
    headers: Headers = (),
    request_headers: Headers = (("Accept", "application/json"),),
) -> Exchange:
    """An exchange with the headers that every response has."""
    if sent is not None:
        request_headers = (*request_headers, ("Content-Type", "application/json"))
    body = b"" if served is None else encoded(served)
    own = {name.lower() for name, _ in headers}
    usual = [
        ("Content-Length", str(len(body))),
        *([JSON] if served is not None else []),
        ("Cache-Control", "no-cache"),
    ]
    return Exchange(
        method=method,
        url=url,
        request_headers=request_headers,
        request_body=b"" if sent is None else encoded(sent),
        status=status,
        response_headers=[*(pair for pair in usual if pair[0].lower() not in own), *headers],
        response_body=body,
    )


def serving(example: Exchange, members: Members) -> Exchange:
    """The same exchange with another body."""
    return with_body(example, encoded(members))


def with_body(example: Exchange, body: bytes) -> Exchange:
    changed = replace(example, response_body=body)
    return with_header(changed, "Content-Length", str(len(body)))


def with_header(example: Exchange, name: str, *values: str) -> Exchange:
    """The same exchange with these lines for a header; with none, without the header."""
    kept = [pair for pair in example.response_headers if pair[0].lower() != name.lower()]
    return replace(example, response_headers=[*kept, *((name, value) for value in values)])


def with_request_header(example: Exchange, name: str, *values: str) -> Exchange:
    kept = [pair for pair in example.request_headers if pair[0].lower() != name.lower()]
    return replace(example, request_headers=[*kept, *((name, value) for value in values)])


def served(example: Exchange) -> Members:
    members = json.loads(example.response_body)
    assert isinstance(members, dict)
    return members


MEETING_SENT: Members = {
    "accessLevel": "SameEnterprise",
    "entryExitAnnouncement": "Disabled",
    "attendees": ["sip:Chris@contoso.com", "sip:Alex@contoso.com"],
    "automaticLeaderAssignment": "Disabled",
    "description": "Weekly meeting",
    "expirationTime": "2013-02-07T01:17:18.000Z",
    "leaders": [],
    "onlineMeetingId": "PYC58WSY",
    "onlineMeetingUri": "sip:Dana@contoso.com;gruu;opaque=app:conf:focus:id:PYC58WSY",
    "onlineMeetingRel": "myOnlineMeetings",
    "organizerUri": "sip:Dana@contoso.com",
    "phoneUserAdmission": "Disabled",
    "lobbyBypassForPhoneUsers": "Disabled",
    "subject": "Important details",
    "joinUrl": "https://meet.contoso.com/danab/PYC58WSY",
    PUT_MEMBER: "please pass this in a PUT request",
    "_links": {
        "self": {"href": MEETING},
        "onlineMeetingExtensions": {"href": f"{MEETING}/extensions"},
    },
    "rel": "myOnlineMeeting",
    "etag": "3109609770",
    "attendanceAnnouncementsStatus": "Disabled",
}
MEETING_SERVED: Members = {
    **{name: MEETING_SENT[name] for name in list(MEETING_SENT)[:-1]},
    "expirationTime": "/Date(1360199838000)/",
    "etag": "346579618",
}

UPDATED_MEETING = replace(
    exchange(
        "PUT",
        HOST + MEETING,
        sent=MEETING_SENT,
        served=MEETING_SERVED,
        request_headers=[("Accept", "application/json"), ("If-Match", '"3109609770"')],
        headers=[
            ("Connection", "Keep-Alive"),
            ("Date", "Thu, 17 Jan 2013 00:00:00 GMT"),
            ("ETag", '"346579618"'),
            ("Server", "Microsoft-IIS/7.5"),
            ("X-AspNet-Version", "4.0.30319"),
            ("X-MS-Server-Fqdn", "W15-LYNC-SE1.contoso.com"),
            ("X-Powered-By", "ASP.NET"),
        ],
    ),
    raw_header_case=True,
)
"""The exchange that the page "Update an online meeting" prints."""

READ_MEETING = exchange("GET", MEETING, served=MEETING_SERVED, headers=[("ETag", '"346579618"')])
UNCHANGED_MEETING = exchange(
    "GET", MEETING, status=304, request_headers=[("If-None-Match", '"346579618"')]
)
DELETED_MEETING = exchange("DELETE", MEETING, status=204)
SCHEDULED_MEETING = exchange(
    "POST",
    MEETINGS,
    sent={
        "subject": "holiday party",
        "leaders": [],
        "expirationTime": "0001-01-01T00:00:00",
        "onlineMeetingRel": "myAssignedOnlineMeeting",
        "isReadOnly": None,
        "colour": "red",
    },
    served=MEETING_SERVED,
    headers=[("ETag", '"346579618"')],
)
LISTED_MEETINGS = exchange(
    "GET",
    MEETINGS,
    served={
        "_links": {"self": {"href": MEETINGS}},
        "_embedded": {"myOnlineMeeting": [MEETING_SERVED], "myAssignedOnlineMeeting": []},
        "rel": "myOnlineMeetings",
    },
)
GROUPS = f"{APPLICATION}/people/groups"
LISTED_GROUPS = exchange(
    "GET",
    GROUPS,
    served={
        "_links": {"self": {"href": GROUPS}},
        "_embedded": {
            "defaultGroup": {
                "id": "1",
                "name": "Other Contacts",
                "_links": {"self": {"href": f"{GROUPS}/1"}},
                "rel": "defaultGroup",
            },
            "group": [],
        },
        "rel": "myGroups",
    },
)
STALE_MEETING = exchange(
    "PUT",
    MEETING,
    sent=MEETING_SENT,
    status=412,
    served={
        "code": "PreconditionFailed",
        "message": "The meeting has changed.",
        "changedBy": "sip:Alex@contoso.com",
        "changedAt": "/Date(1358380800000)/",
        "changedProperties": ["subject"],
        "_embedded": {"myOnlineMeeting": MEETING_SERVED},
    },
    headers=[("Preference-Applied", "return=representation"), ("X-Request-Id", "7f3a")],
)
MEETING_EXTENSION = exchange(
    "POST",
    f"{MEETING}/extensions",
    sent={"id": "1", "type": "RoamedOrganizerData", "room": "Blue"},
    status=201,
    served={
        "id": "1",
        "type": "RoamedOrganizerData",
        "room": "Blue",
        PUT_MEMBER: "please pass this in a PUT request",
        "_links": {"self": {"href": f"{MEETING}/extensions/1"}},
        "rel": "onlineMeetingExtension",
        "etag": "7",
    },
    headers=[("Location", f"{MEETING}/extensions/1"), ("ETag", '"7"')],
)

COMMUNICATION_SERVED: Members = {
    PUT_MEMBER: "please pass this in a PUT request",
    "supportedModalities": [],
    "supportedMessageFormats": ["Plain"],
    "_links": {
        "self": {"href": f"{APPLICATION}/communication"},
        "startMessaging": {
            "href": f"{APPLICATION}/communication/messagingInvitations",
            "revision": "2",
        },
    },
    "rel": "communication",
    "etag": "3140562359",
}
CREATED_APPLICATION = exchange(
    "POST",
    APPLICATIONS,
    sent={
        "UserAgent": "UCWA Samples",
        "EndpointId": "a917c6f4",
        "Culture": "en-US",
        "instanceId": None,
    },
    status=201,
    served={
        "culture": "en-US",
        "userAgent": "UCWA Samples",
        "endpointId": "a917c6f4",
        "id": "103985322388",
        "type": "Browser",
        "expires": "/Date(1360199838000)/",
        "_links": {
            "self": {"href": APPLICATION},
            "events": {"href": f"{APPLICATION}/events?ack=1"},
        },
        "_embedded": {
            "me": {
                "name": "Lene Aaling",
                "uri": "sip:lenea@contoso.com",
                "_links": {"self": {"href": f"{APPLICATION}/me"}},
                "rel": "me",
            },
            "communication": COMMUNICATION_SERVED,
        },
        "rel": "application",
    },
    headers=[("Location", APPLICATION)],
)
PUT_COMMUNICATION = exchange(
    "PUT", f"{APPLICATION}/communication", sent=COMMUNICATION_SERVED, status=204
)
MADE_AVAILABLE = exchange(
    "POST",
    f"{APPLICATION}/me/makeMeAvailable",
    sent={"SupportedModalities": ["Messaging"]},
    status=204,
)
REPLIED_TO_MESSAGE = exchange(
    "POST",
    f"{CONVERSATION}/messaging/messages/2?operationContext=5",
    status=201,
    headers=[("Location", f"{CONVERSATION}/messaging/messages/3")],
)

INVITATION = f"{APPLICATION}/communication/messagingInvitations/6408"
READ_INVITATION = exchange(
    "GET",
    INVITATION,
    served={
        "direction": "Incoming",
        "importance": "Normal",
        "state": "Connecting",
        "_links": {
            "self": {"href": INVITATION},
            "accept": {"href": f"{INVITATION}/accept"},
            "message": {"href": "data:text/plain;charset=utf-8,Hi+Tosh%0d%0a"},
        },
        "_embedded": {
            "from": {
                "name": "Lene Aaling",
                "_links": {"self": {"href": f"{CONVERSATION}/participants/lenea@contoso.com"}},
                "rel": "participant",
            }
        },
        "rel": "messagingInvitation",
    },
)
ACCEPTED_INVITATION = exchange("POST", f"{INVITATION}/accept?sessionContext=1", status=204)

ROOT = exchange(
    "GET",
    "/",
    served={
        "_links": {
            "self": {"href": f"{HOST}/Autodiscover/AutodiscoverService.svc/root"},
            "user": {"href": HOST + USER},
            "xframe": {"href": f"{HOST}/Autodiscover/XFrame/XFrame.html"},
        }
    },
)
CHALLENGE = replace(
    exchange("GET", USER, status=401),
    response_headers=[
        ("WWW-Authenticate", f'MsRtcOAuth href="{HOST}{TOKEN}",grant_type="password"'),
        (
            "WWW-Authenticate",
            'Bearer trusted_issuers="00000002-0000-0ff1-ce00-000000000000@*", '
            'client_id="00000004-0000-0ff1-ce00-000000000000", '
            f'authorization_uri="{HOST}/oauth2/authorize"',
        ),
        ("Content-Length", "0"),
    ],
)
TOKEN_GIVEN = exchange(
    "POST",
    TOKEN.lower(),
    served={
        "access_token": "cwt=AAEB",
        "expires_in": 28289,
        "ms_rtc_identityscope": "local",
        "token_type": "Bearer",
    },
    headers=[("Cache-Control", "no-store")],
)
TOKEN_REFUSED = exchange(
    "POST",
    TOKEN,
    status=400,
    served={"error": "invalid_grant", "error_description": "The password is wrong."},
    headers=[("Cache-Control", "no-store")],
)

PARTICIPANT = f"{CONVERSATION}/participants/lenea@contoso.com"
EVENTS = exchange(
    "GET",
    f"{APPLICATION}/events?ack=1",
    served={
        "_links": {
            "self": {"href": f"{APPLICATION}/events?ack=1"},
            "next": {"href": f"{APPLICATION}/events?ack=2"},
        },
        "sender": [
            {
                "rel": "communication",
                "href": f"{APPLICATION}/communication",
                "events": [
                    {
                        "link": {"rel": "communication", "href": f"{APPLICATION}/communication"},
                        "_embedded": {"communication": COMMUNICATION_SERVED},
                        "type": "updated",
                    }
                ],
            },
            {
                "rel": "conversation",
                "href": CONVERSATION,
                "events": [
                    {
                        "link": {
                            "rel": "localParticipant",
                            "href": PARTICIPANT,
                            "title": "Lene Aaling",
                        },
                        "_embedded": {
                            "localParticipant": {
                                "name": "Lene Aaling",
                                "anonymous": False,
                                "_links": {"self": {"href": PARTICIPANT}},
                                "rel": "participant",
                            }
                        },
                        "type": "added",
                    },
                    {
                        "link": {"rel": "messaging", "href": f"{CONVERSATION}/messaging"},
                        "reason": {"code": "Informational", "subcode": "Removed"},
                        "type": "updated",
                    },
                    {
                        "link": {
                            "rel": "message",
                            "href": f"{CONVERSATION}/messaging/messages/2",
                        },
                        "_embedded": {
                            "message": {
                                "direction": "Incoming",
                                "timeStamp": "/Date(1383784870271)/",
                                "_links": {
                                    "self": {"href": f"{CONVERSATION}/messaging/messages/2"},
                                    "plainMessage": {
                                        "href": "data:text/plain;charset=utf-8,Hi+Tosh%0d%0a"
                                    },
                                },
                                "rel": "message",
                            }
                        },
                        "status": "Success",
                        "type": "completed",
                    },
                ],
            },
        ],
    },
)
RESYNC = exchange(
    "GET",
    f"{APPLICATION}/events?ack=1",
    served={"_links": {"resync": {"href": f"{APPLICATION}/events?ack=2"}}},
)

BATCH_TYPE = 'multipart/batching; boundary="3968fb75"'
ME_ON_ONE_LINE = encoded(
    {"name": "Dana Birkby", "_links": {"self": {"href": f"{APPLICATION}/me"}}, "rel": "me"}
)
BATCH = with_body(
    replace(
        exchange(
            "POST",
            f"{APPLICATION}/batch",
            request_headers=[("Content-Type", "multipart/batching;boundary=77f2569d")],
            headers=[("Content-Type", BATCH_TYPE)],
        ),
        request_body="\n".join(
            [
                "",
                "--77f2569d",
                "Content-Type: application/http; msgtype=request",
                "",
                f"GET {APPLICATION}/me HTTP/1.1",
                "Accept: application/json",
                "",
                "--77f2569d",
                "Content-Type: application/http; msgtype=request",
                "",
                f"POST {APPLICATION}/me/makeMeAvailable HTTP/1.1",
                "Content-Type: application/json",
                'Data: {"signInAs":"Online"}',
                "",
                "",
                "--77f2569d--",
            ]
        ).encode(),
    ),
    b"\r\n".join(
        [
            b"--3968fb75",
            b"Content-Type: application/http; msgtype=response",
            b"",
            b"HTTP/1.1 200 OK",
            b"Cache-Control: no-cache",
            b"Content-Type: application/json; charset=utf-8",
            b"",
            ME_ON_ONE_LINE,
            b"--3968fb75",
            b"Content-Type: application/http; msgtype=response",
            b"",
            b"HTTP/1.1 204 No Content",
            b"",
            b"",
            b"--3968fb75--",
            b"",
        ]
    ),
)

XML_NAMESPACE = "http://schemas.microsoft.com/rtc/2012/03/ucwa"
READ_COMMUNICATION_AS_XML = with_body(
    exchange(
        "GET",
        f"{APPLICATION}/communication",
        request_headers=[("Accept", "application/vnd.microsoft.com.ucwa+xml")],
        headers=[("Content-Type", "application/xml"), ("ETag", '"29"')],
    ),
    f"""<?xml version="1.0" encoding="utf-8"?>
<resource rel="communication" href="{APPLICATION}/communication" xmlns="{XML_NAMESPACE}">
<link rel="conversations" href="{APPLICATION}/communication/conversations?filter=active"/>
<property name="{PUT_MEMBER}">please pass this in a PUT request</property>
<propertyList name="supportedModalities"><item>Messaging</item></propertyList>
<property name="publishEndpointLocation">true</property>
<property name="etag">29</property>
</resource>""".encode(),
)
STALE_MEETING_AS_XML = with_body(
    exchange(
        "PUT",
        MEETING,
        status=412,
        request_headers=[("Accept", "application/xml"), ("Prefer", "return=representation")],
        headers=[("Content-Type", "application/xml")],
    ),
    f"""<reason xmlns="{XML_NAMESPACE}">
<code>PreconditionFailed</code>
<message>The meeting has changed.</message>
<changedBy>sip:Alex@contoso.com</changedBy>
<changedAt>2013-01-17T00:00:00Z</changedAt>
<changedProperties><item>subject</item></changedProperties>
<debugInfo/>
</reason>""".encode(),
)
EVENTS_AS_XML = with_body(
    exchange(
        "GET",
        f"{APPLICATION}/events?ack=1",
        request_headers=[("Accept", "application/xml")],
        headers=[("Content-Type", "application/xml")],
    ),
    f"""<events href="{APPLICATION}/events?ack=1" xmlns="{XML_NAMESPACE}">
<link rel="next" href="{APPLICATION}/events?ack=2"/>
<sender rel="me" href="{APPLICATION}/me">
<updated rel="me" href="{APPLICATION}/me"/>
<added rel="note" href="{APPLICATION}/me/note">
<resource rel="note" href="{APPLICATION}/me/note">
<property name="type">Personal</property>
</resource>
</added>
</sender>
<sender rel="conversation" href="{CONVERSATION}">
<updated rel="messaging" href="{CONVERSATION}/messaging">
<reason><code>Informational</code><subcode>Removed</subcode></reason>
</updated>
<added rel="participantMessaging" href="{PARTICIPANT}/messaging" status="Success">
<in rel="participant" href="{PARTICIPANT}" title="Lene Aaling"/>
</added>
</sender>
</events>""".encode(),
)


UPDATED_ME: Members = {"link": {"rel": "me", "href": ME}, "type": "updated"}
"""The plainest event."""


def failed(status: int, members: Members, method: str = "PUT", url: str = MEETING) -> Exchange:
    """A request that failed with this error."""
    return exchange(method, url, status=status, served=members)


def updating(members: Members) -> Exchange:
    """An update of the meeting that succeeded with this input."""
    return replace(UPDATED_MEETING, request_body=encoded(members))


def told(event: Members) -> Exchange:
    """A response of the event channel with this one event, sent by `me`."""
    sender = {"rel": "me", "href": ME, "events": [event]}
    return serving(EVENTS, {**served(EVENTS), "sender": [sender]})
