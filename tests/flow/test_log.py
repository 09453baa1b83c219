"""What is logged: a line of JSON for every request, and nothing that is a secret."""

import json
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from tests.passwords import PASSWORD
from tests.sockets.line import Line, Session, request, sign_in
from tests.sockets.process import USERNAME, Server, add_user, logged, serving

pytestmark = pytest.mark.slow

WRONG = "Tr0ub4dor"
SUBJECT = "Takeover"
ATTENDEE = "sip:mallory@fabrikam.com"
FORGED = "cwt=Rm9yZ2Vk"


def sign_ins() -> list[bytes]:
    """Sign-ins that fail, each in another way."""
    good = {"grant_type": "password", "username": USERNAME, "password": PASSWORD}
    forms = (
        {**good, "password": WRONG},
        {**good, "username": "nobody@contoso.com"},
        {**good, "username": f"{USERNAME} {WRONG}"},
        {**good, "grant_type": WRONG},
        {**good, "scope": PASSWORD},
        {
            "grant_type": "urn:microsoft.rtc:anonmeeting",
            "password": PASSWORD,
            "ms_rtc_conferenceuri": f"sip:{USERNAME};gruu;opaque=app:conf:focus:id:{WRONG}",
            "ms_rtc_renew": FORGED,
        },
        {"username": USERNAME, "password": PASSWORD},
    )
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    multipart = {"Content-Type": f"multipart/form-data; boundary={WRONG}"}
    tokens = "/WebTicket/oauthtoken"
    return [
        *(request("POST", tokens, form, urlencode(one).encode()) for one in forms),
        request("POST", f"{tokens}?password={quote(PASSWORD)}", form),
        request("GET", f"{tokens}?password={quote(PASSWORD)}"),
        request("POST", tokens, form, f"password={WRONG}\xff".encode("latin-1")),
        request("POST", tokens, multipart, f"--{WRONG}\r\n{PASSWORD}".encode()),
    ]


def wrong_requests(dana: Session, meeting: dict[str, Any]) -> list[bytes]:
    """Requests of somebody who is signed in, or pretends to be, that can't be carried out."""
    href = meeting["_links"]["self"]["href"]
    put = dana.put(meeting, subject=SUBJECT, attendees=[ATTENDEE])
    bearer = f"Authorization: Bearer {dana.token}".encode()
    return [
        dana.put({**meeting, "etag": "1"}, subject=SUBJECT),
        dana.put(meeting, subject=SUBJECT * 100),
        dana.put(meeting, attendees=[ATTENDEE, SUBJECT]),
        dana.put(meeting, leaders=[ATTENDEE]),
        dana.put(meeting, accessLevel=SUBJECT),
        put.replace(b"}", b"]"),
        put.replace(b"application/json", b"text/plain"),
        put.replace(b"If-Match", b"If-None-Match"),
        put.replace(b'If-Match: "', b'If-Match: "' + meeting["onlineMeetingId"].encode()),
        put.replace(b"Host: localhost", f"Host: {meeting['onlineMeetingId']}/".encode()),
        put.replace(bearer, f"Authorization: Bearer {FORGED}".encode()),
        put.replace(bearer, f"Authorization: {dana.token}".encode()),
        dana.post(href, {"subject": SUBJECT}),
        dana.get(f"{href}/{SUBJECT}?attendee={ATTENDEE}&token={dana.token}"),
        dana.get(f"{href}{SUBJECT}"),
        dana.get(f"/{meeting['onlineMeetingId']}/{dana.token}"),
        request("GET", href),
    ]


def test_every_request_has_its_line_and_no_line_has_a_secret(tmp_path: Path) -> None:
    """Whatever is wrong with a request, what is secret in it goes nowhere but into the answer."""
    add_user(tmp_path)
    with serving(tmp_path) as server:
        dana = sign_in(server)
        with Line(server) as line:
            wanted = {"subject": SUBJECT, "attendees": [ATTENDEE]}
            meeting = line.ask(dana.post(dana.meetings, wanted)).json
            malformed = f"GET /{dana.token} {WRONG}\r\n\r\n".encode()
            sent = [*sign_ins(), *wrong_requests(dana, meeting), malformed]
            refused = [line.ask(one) for one in sent]
        assert server.stop() == 0
        log = logged(server)

    assert all(400 <= answer.status < 500 for answer in refused)
    assert len({answer.header("X-Request-Id") for answer in refused}) == len(refused)
    asked = [line for line in log if line["event"] == "request"][-len(refused) :]
    assert [(line["request_id"], line["status"]) for line in asked] == [
        (answer.header("X-Request-Id"), answer.status) for answer in refused
    ]
    written = json.dumps(log).lower()
    for secret in (PASSWORD, WRONG, SUBJECT, ATTENDEE, "mallory", FORGED, dana.token):
        assert secret.lower() not in written
        assert quote(secret).lower() not in written
    assert meeting["onlineMeetingId"].lower() not in written


@pytest.mark.parametrize("sent", ["a", "f81d4fae-7dec-11d0-a765-00a0c91e6bf6", "T_1.2", "x" * 64])
def test_request_id_of_the_client_is_kept(server: Server, line: Line, sent: str) -> None:
    assert line.ask(request("GET", "/", {"X-Request-Id": sent})).header("X-Request-Id") == sent
    assert line.ask(request("GET", "/")).header("X-Request-Id") != sent
    assert sent in [one.get("request_id") for one in logged(server)]


def test_what_was_asked_is_logged_as_it_was_asked(server: Server) -> None:
    plain = HTTPConnection(server.host, server.port)
    plain.request("HEAD", "/", headers={"X-Request-Id": "only-the-head"})
    plain.getresponse().read()
    plain.request("GET", "/")  # when this is answered, the line of the other is there
    plain.getresponse().read()
    plain.close()
    (line,) = (one for one in logged(server) if one.get("request_id") == "only-the-head")
    assert line["method"] == "HEAD"


@pytest.mark.parametrize(
    "sent", ["", "x" * 65, "two words", 'a"b', "a/b", "{}", "\\n", "cwt=a", "ü"]
)
def test_request_id_that_is_not_fit_for_a_log_is_replaced(
    server: Server, line: Line, sent: str
) -> None:
    given = line.ask(request("GET", "/", {"X-Request-Id": sent})).header("X-Request-Id")
    assert given
    assert given != sent
    assert line.ask(request("GET", "/")).status == 200
    assert given in [one.get("request_id") for one in logged(server)]
