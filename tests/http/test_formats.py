"""Formats over HTTP: which one an answer has, input in each, and all of it in XML.

That every resource and every error tells the same in both is tested with every other test: see
tests/installation.py. Sources: PayloadFormat.md, QueryParameters.md, RFC 9110, section 12.5.1.
"""

from datetime import UTC, datetime

import pytest
from httpx2 import Response

from openucwa.http.formats import accepted
from tests.conformance.bodies import Members, read_xml
from tests.conformance.formats import as_xml_tells
from tests.http import printed
from tests.inputs import in_query, in_xml
from tests.installation import Clock, Installation, Person

XML = "application/xml"
JSON = "application/json"
VENDOR_JSON = "application/vnd.microsoft.com.ucwa+json"
VENDOR_XML = "application/vnd.microsoft.com.ucwa+xml"
IN_XML = {"Accept": XML, "Content-Type": XML}


class TestAccept:
    @pytest.mark.parametrize(
        ("accept", "served"),
        [
            (None, JSON),
            ("", JSON),
            ("*/*", JSON),
            ("application/*", JSON),
            (JSON, JSON),
            (XML, XML),
            (VENDOR_JSON, VENDOR_JSON),
            (VENDOR_XML, VENDOR_XML),
            ("application/vnd.microsoft.ucwa+json", "application/vnd.microsoft.ucwa+json"),
            ("application/vnd.microsoft.ucwa+xml", "application/vnd.microsoft.ucwa+xml"),
            # What jQuery sends, and what a browser's address bar does.
            ("application/json, text/javascript, */*; q=0.01", JSON),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", XML),
            # Quality.
            ("application/json;q=0.5, application/xml", XML),
            ("application/xml;q=0.5, application/json;q=0.6", JSON),
            ("application/xml;q=0.123, application/json;q=0.122", XML),
            ("application/xml; q=0.2, */*; q=0.1", XML),
            ("application/xml;q=0.1, */*;q=0.2", JSON),
            ("application/json;q=0, application/xml;q=0.1", XML),
            ("application/json;q=0, */*", VENDOR_JSON),
            ("application/*;q=0.5, application/xml;q=0.4, */*", JSON),
            ("*/*, application/*;q=0, application/xml;q=0.001", XML),
            # What is wanted alike: what is named, and that in the client's order.
            ("application/xml, application/json", XML),
            ("application/json, application/xml", JSON),
            ("application/json;q=0.5, application/vnd.microsoft.com.ucwa+xml;q=0.5", JSON),
            ("*/*, application/xml", XML),
            # Letter case, space, parameters, extensions, empty elements.
            ("APPLICATION/XML", XML),
            ("application/xml;charset=utf-8", XML),
            ("application/xml ; charset='UTF-8' ; Q=0.9 , application/json;q=0.8", XML),
            ('application/json;x="a, b;q=1";q=0.1, application/xml;q=0.2', XML),
            ("application/xml;q=0.5;x=1;y, application/json;q=0.4", XML),
            (", ,application/xml,", XML),
            ("application/xml;", XML),
            # Nothing that is spoken here.
            ("text/html", JSON),
            ("application/json;q=0", JSON),
            ("application/xml;q=0.000", JSON),
            ("text/*, image/png", JSON),
            # Not to be read.
            ("xml", JSON),
            ("application/xml;q=2", JSON),
            ("application/xml;q=.5", JSON),
            ("application/xml;q=0.1234", JSON),
            ("application/xml;q=", JSON),
            ("application/xml application/json", JSON),
            ("text/html, image/gif, *; q=.2, */*; q=.2", JSON),
            ("application/xml, \xe9", JSON),
        ],
    )
    def test_decides(self, accept: str | None, served: str) -> None:
        assert accepted(accept).content_type == f"{served}; charset=utf-8"

    @pytest.mark.parametrize("piece", [" ", ";", "; ", "a/b;", ";a=b", '"', ';a="', "a", "\\", ","])
    def test_long_headers_take_no_time(self, piece: str) -> None:
        for accept in (piece * 20_000, "a/b" + piece * 20_000 + "\x00"):
            accepted(accept)

    def test_lines_count_as_one_list(self, dana: Person) -> None:
        answer = dana.installation.client.get(
            dana.meetings,
            headers=[
                *dana.authorization.items(),
                ("Accept", "application/json;q=0.5"),
                ("Accept", XML),
            ],
        )
        assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"

    def test_is_answered_as_asked(self, dana: Person) -> None:
        for media_type in (JSON, XML, VENDOR_JSON, VENDOR_XML):
            for href in (dana.meetings, dana.meetings + "/AAAAAAAA", "/nowhere"):
                answer = dana.get(href, Accept=media_type)
                assert answer.headers["Content-Type"] == f"{media_type}; charset=utf-8"

    @pytest.mark.parametrize("coding", ["identity", "gzip"])
    def test_answers_vary_with_it(self, dana: Person, coding: str) -> None:
        """As a 304 does, and a HEAD, and whether or not they are packed (RFC 9110, 15.4.5)."""
        meeting = dana.schedule()
        href = meeting["_links"]["self"]["href"]
        accepted = {"Accept-Encoding": coding}
        tag = f'"{meeting["etag"]}"'
        answers = [
            dana.get(href, **accepted),
            dana.request("HEAD", href, headers=accepted),
            dana.get(href, **accepted, **{"If-None-Match": tag}),
            dana.get(href, **accepted, **{"If-Match": '"1"'}),
            dana.get("/nowhere", **accepted),
            dana.get(href, **accepted, Authorization="Bearer none"),
        ]
        assert [answer.status_code for answer in answers] == [200, 200, 304, 412, 404, 403]
        assert {answer.headers["Vary"] for answer in answers} == {"Accept, Accept-Encoding"}
        assert dana.get(href, Authorization="").headers["Vary"] == "Accept-Encoding"
        assert dana.put(meeting).headers["Vary"] == "Accept"
        assert "Vary" not in dana.delete(href).headers

    def test_does_not_touch_what_has_one_format(self, installation: Installation) -> None:
        token = installation.client.post("/WebTicket/oauthtoken", headers={"Accept": XML}, data={})
        assert (token.status_code, token.headers["Content-Type"]) == (400, JSON)
        challenge = installation.client.get("/ucwa/oauth/v1/applications", headers={"Accept": XML})
        assert challenge.status_code == 401
        assert challenge.headers["Content-Type"].startswith("text/plain")


def told(answer: Response, status: int = 200) -> Members:
    """What an answer in XML says."""
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
    return read_xml(answer.content).members


def test_events_come_in_xml(dana: Person) -> None:
    other = dana.installation.sign_in()  # another application of hers
    href = other.href("events") + "&extended=true"
    meeting = dana.schedule(subject="Weekly")
    dana.put({**meeting, "subject": "Moved"})
    channel = told(other.get(href, Accept=XML))
    in_json = other.get(href).json()
    assert channel["_links"] == as_xml_tells({"_links": in_json["_links"]})["_links"]
    senders = channel["sender"]
    assert isinstance(senders, list)
    assert senders
    assert [one["href"] for one in senders] == [one["href"] for one in in_json["sender"]]


class TestMeetingInXml:
    """Schedule, update, conflict and extension, with not one word of JSON."""

    def test_schedule(self, dana: Person) -> None:
        answer = self.post(
            dana,
            dana.meetings,
            subject="Weekly",
            attendees=["sip:Chris@contoso.com", "sip:Alex@contoso.com"],
            leaders=[],
            expirationTime="2027-01-01T00:00:00.5+01:00",
            accessLevel="Everyone",
            description="a < b\r\n\t& c",
            phoneUserAdmission=None,
        )
        meeting = told(answer)
        assert meeting["subject"] == "Weekly"
        assert meeting["attendees"] == ["sip:Chris@contoso.com", "sip:Alex@contoso.com"]
        assert meeting["leaders"] == []
        assert meeting["expirationTime"] == "2026-12-31T23:00:00.500Z"
        assert meeting["description"] == "a < b\r\n\t& c"
        assert told(dana.get(answer.headers["Location"], Accept=XML)) == meeting

    def test_served_document_may_be_put_as_it_is(self, dana: Person) -> None:
        served = self.scheduled(dana, subject="Weekly", attendees=["sip:Chris@contoso.com"])
        moved = served.content.replace(b">Weekly<", b">Moved<")
        meeting = told(self.put(dana, served, moved))
        assert meeting["subject"] == "Moved"
        assert meeting["etag"] != told(served)["etag"]
        assert meeting == {**told(served), "subject": "Moved", "etag": meeting["etag"]}

    def test_request_of_the_reference_page(self, dana: Person, clock: Clock) -> None:
        """myOnlineMeeting_ref.md, with the random member that PayloadFormat.md demands."""
        clock.now = datetime(2016, 9, 26, tzinfo=UTC)
        dana = dana.installation.sign_in()
        served = self.scheduled(dana)
        meeting = told(self.put(dana, served, printed.XML_REQUEST_BODY.encode()))
        assert meeting["accessLevel"] == "Invited"
        assert meeting["attendees"] == ["sip:johndoe@contoso.com", "sip:janedoe@contoso.com"]
        assert meeting["leaders"] == [
            "sip:aikc@contoso.com",
            "sip:lenea@contoso.com",
            "sip:Dana@contoso.com",
        ]
        assert meeting["expirationTime"] == "2016-09-26T23:20:29.640Z"
        assert meeting["subject"] == "Quarterly sales numbers"

    def test_second_of_two_writers_is_told_what_the_first_did(
        self, dana: Person, clock: Clock
    ) -> None:
        served = self.scheduled(dana, subject="Weekly")
        current = told(self.put(dana, served, served.content.replace(b"Weekly", b"First")))
        late = served.content.replace(b"Weekly", b"Second")
        refused = told(self.put(dana, served, late), 412)
        assert refused["code"] == "PreconditionFailed"
        assert "_embedded" not in refused
        refused = told(self.put(dana, served, late, Prefer="return=representation"), 412)
        assert refused["changedBy"] == "sip:Dana@contoso.com"
        assert refused["changedAt"] == f"{clock.now:%Y-%m-%dT%H:%M:%S}.123Z"
        assert refused["changedProperties"] == ["subject"]
        assert refused["_embedded"] == {"myOnlineMeeting": current}

    def test_random_member_is_demanded(self, dana: Person) -> None:
        served = self.scheduled(dana)
        refused = told(self.put(dana, served, in_xml({"subject": "Moved"})), 400)
        assert refused["parameters"] == {
            "56de7bbf-1081-43e6-bbf2-1cabf3224c83": "is missing: send back every member that GET "
            "returned"
        }

    def test_wrong_values_are_named(self, dana: Person) -> None:
        refused = told(
            self.post(dana, dana.meetings, accessLevel="All", expirationTime="soon"), 400
        )
        parameters = refused["parameters"]
        assert isinstance(parameters, dict)
        assert set(parameters) == {"accessLevel", "expirationTime"}

    def test_extension_with_free_members(self, dana: Person) -> None:
        links = told(self.scheduled(dana))["_links"]
        assert isinstance(links, dict)
        href = links["onlineMeetingExtensions"][0]["href"]
        answer = self.post(dana, href, id="ticket", number="4711", Case="A&a", empty="", gone=None)
        extension = told(answer, 201)
        assert (extension["number"], extension["Case"], extension["empty"]) == ("4711", "A&a", "")
        assert "gone" not in extension
        updated = told(self.put(dana, answer, answer.content.replace(b"4711", b"4712")))
        assert (updated["number"], updated["Case"]) == ("4712", "A&a")
        refused = told(self.post(dana, href, number=["1", "2"]), 400)
        assert refused["parameters"] == {"number": "must be a string"}

    def test_application(self, dana: Person) -> None:
        """The smallest document, without declaration or namespace."""
        content = b"".join(
            f'<property name="{name}">{name}</property>'.encode()
            for name in ("UserAgent", "endpointId", "Culture")
        )
        answer = dana.post(
            "/ucwa/oauth/v1/applications", content=b"<input>%b</input>" % content, headers=IN_XML
        )
        assert told(answer, 201)["userAgent"] == "UserAgent"

    @staticmethod
    def post(person: Person, href: str, **members: object) -> Response:
        return person.post(href, content=in_xml(members), headers=IN_XML)

    def scheduled(self, person: Person, **members: object) -> Response:
        return self.post(person, person.meetings, **members)

    @staticmethod
    def put(person: Person, served: Response, content: bytes, **headers: str) -> Response:
        return person.request(
            "PUT",
            served.headers["Location"],
            content=content,
            headers={**IN_XML, "If-Match": served.headers["ETag"], **headers},
        )


class TestInput:
    @pytest.mark.parametrize(
        "content",
        [
            b"{}",
            b"<input>",
            b"<subject>Weekly</subject>",
            b"<!DOCTYPE input><input/>",
            b'<!DOCTYPE a [<!ENTITY b "c">]><input><property name="subject">&b;</property></input>',
            b'<?xml version="1.0" encoding="latin1"?><input/>',
            b'<input><property name="subject"/><property name="subject"/></input>',
            b'<input><property name="subject"/><property name="Subject"/></input>',
            b"<resource>" * 100_000,
        ],
        ids=lambda content: content[:30],
    )
    def test_body_that_is_no_usable_xml(self, dana: Person, content: bytes) -> None:
        answer = dana.post(dana.meetings, content=content, headers=IN_XML)
        refused = told(answer, 400)
        assert refused["subcode"] == "DeserializationFailure"

    def test_formats_of_body_and_answer_are_free(self, dana: Person) -> None:
        content = in_xml({"subject": "Weekly"})
        for content_type in (XML, VENDOR_XML, "application/vnd.microsoft.ucwa+xml; charset=utf-8"):
            answer = dana.post(
                dana.meetings, content=content, headers={"Content-Type": content_type}
            )
            assert answer.json()["subject"] == "Weekly"
        answer = dana.post(dana.meetings, json={"subject": "Weekly"}, headers={"Accept": XML})
        assert told(answer)["subject"] == "Weekly"

    def test_utf_16(self, dana: Person) -> None:
        text = '<?xml version="1.0" encoding="utf-16"?><input><property name="subject">é</property>'
        content = f"{text}</input>".encode("utf-16")
        assert told(dana.post(dana.meetings, content=content, headers=IN_XML))["subject"] == "é"

    @pytest.mark.parametrize(
        ("content_type", "encoding", "declared"),
        [
            # A byte order mark goes first, then the parameter, then the declaration.
            ("application/xml; charset=utf-8", "utf-8", "utf-16"),  # as .NET writes a string
            ('application/xml;charset="UTF-8"', "utf-8", "utf-16"),
            ("application/xml; charset='UTF-8'", "utf-8", "utf-16"),
            ("application/vnd.microsoft.com.ucwa+xml; x=1; charset=utf8", "utf-8", "utf-16"),
            ("text/xml; charset=utf-8", "utf-8", "iso-8859-1"),
            ("text/xml", "utf-8", "utf-8"),
            ("application/xml; charset=utf-8", "utf-16", "utf-16"),
            ("application/xml; charset=utf-16", "utf-16", "utf-8"),
            ("application/xml; charset=utf-16", "utf-8-sig", "utf-16"),
            ("application/xml; charset=utf-16", "utf-16-be", "utf-16"),
            ("application/xml; charset=utf-16le", "utf-16-le", "utf-8"),
            ("application/xml; charset=UTF-16BE", "utf-16-be", "utf-8"),
            ("application/xml", "utf-8-sig", "utf-16"),
            ("application/xml", "utf-16", "utf-8"),
        ],
    )
    def test_encoding_of_xml(
        self, dana: Person, content_type: str, encoding: str, declared: str
    ) -> None:
        subject = "Besprechung für Zoë \N{WAVING HAND SIGN}"
        text = (
            f'<?xml version="1.0" encoding="{declared}"?>'
            f'<input><property name="subject">{subject}</property></input>'
        )
        headers = {"Content-Type": content_type}
        answer = dana.post(dana.meetings, content=text.encode(encoding), headers=headers)
        assert answer.status_code == 200, answer.text
        assert answer.json()["subject"] == subject
        dana.installation.findings.clear()  # the oracle goes by what is declared

    @pytest.mark.parametrize(
        ("content_type", "encoding"),
        [
            ("application/xml; charset=utf-16", "utf-8"),
            ("application/xml; charset=utf-8", "iso-8859-1"),
            ("application/xml; charset=us-ascii", "utf-8"),
            ("application/xml; charset=utf-16le", "utf-16-be"),
            ("application/json; charset=iso-8859-1", "iso-8859-1"),
            ("application/json; charset=utf-16", "utf-16"),
        ],
    )
    def test_body_in_another_encoding_than_it_must_be(
        self, dana: Person, content_type: str, encoding: str
    ) -> None:
        is_json = content_type.startswith(JSON)
        text = (
            '{"subject": "é"}'
            if is_json
            else '<input><property name="subject">é</property></input>'
        )
        headers = {"Content-Type": content_type}
        answer = dana.post(dana.meetings, content=text.encode(encoding), headers=headers)
        assert (answer.status_code, answer.json()["subcode"]) == (400, "DeserializationFailure")

    @pytest.mark.parametrize("charset", ["iso-8859-1", "idna", "zip", "utf-7", "x" * 500])
    def test_charset_that_is_not_read(self, dana: Person, charset: str) -> None:
        headers = {"Content-Type": f"application/xml; charset={charset}"}
        answer = dana.post(dana.meetings, content=b"<input/>", headers=headers)
        assert answer.status_code == 415
        assert answer.json()["message"] == (
            f"The charset {charset[:100]!r} of the body is not supported. Send it as UTF-8."
        )

    @pytest.mark.parametrize("charset", ["utf-8", "UTF-16", "iso-8859-1", "nonsense"])
    @pytest.mark.parametrize("mark", ["", "\N{BYTE ORDER MARK}"])
    def test_json_is_utf_8_whatever_it_is_called(
        self, dana: Person, charset: str, mark: str
    ) -> None:
        """RFC 8259, sections 8.1 and 11."""
        headers = {"Content-Type": f"application/json; charset={charset}"}
        content = (mark + '{"subject": "Zoë"}').encode()
        assert dana.post(dana.meetings, content=content, headers=headers).json()["subject"] == "Zoë"

    @pytest.mark.parametrize("content_type", [JSON, XML, "text/plain", "nonsense", None])
    def test_empty_body_may_have_any_type(self, dana: Person, content_type: str | None) -> None:
        headers = {"Content-Type": content_type} if content_type else {}
        assert dana.post(dana.meetings, headers=headers).status_code == 200

    def test_form_is_not_spoken(self, dana: Person) -> None:
        assert dana.post(dana.meetings, data={"subject": "Weekly"}).status_code == 415


class TestQuery:
    """QueryParameters.md: POST takes its input from the query, too."""

    def test_schedules_a_meeting(self, dana: Person) -> None:
        attendees = ["sip:Chris@contoso.com", "sip:Alex@contoso.com"]
        members = {
            "Subject": "Weekly & more",
            "attendees": attendees,
            "expirationTime": "2027-01-01T00:00:00Z",
            "SessionContext": "x",
            "leaders": "",
        }
        answer = dana.post(f"{dana.meetings}?{in_query(members)}")
        assert answer.status_code == 200, answer.text
        meeting = answer.json()
        assert meeting["subject"] == "Weekly & more"
        assert meeting["attendees"] == attendees
        assert meeting["expirationTime"] == "/Date(1798761600000)/"

    def test_completes_a_body_of_either_format(self, dana: Person) -> None:
        href = f"{dana.meetings}?description=Query&SUBJECT=Query"
        for answer in (
            dana.post(href, json={"Subject": "Body"}),
            dana.post(href, content=in_xml({"subject": "Body"}), headers={"Content-Type": XML}),
        ):
            assert answer.json()["subject"] == "Body"
            assert answer.json()["description"] == "Query"

    def test_registers_an_application(self, dana: Person) -> None:
        query = in_query({"UserAgent": "test", "endpointId": "tab", "culture": "en-US"})
        answer = dana.post(f"/ucwa/oauth/v1/applications?{query}")
        assert answer.status_code == 201, answer.text
        assert answer.json()["endpointId"] == "tab"

    def test_unknown_names_never_become_members(self, dana: Person) -> None:
        extensions = dana.schedule()["_links"]["onlineMeetingExtensions"]["href"]
        answer = dana.post(f"{extensions}?id=ticket&operationContext=x&a", json={"b": "1"})
        assert answer.json()["id"] == "ticket"
        assert not {"operationContext", "operationcontext", "a"} & answer.json().keys()

    def test_put_takes_its_body_alone(self, dana: Person) -> None:
        meeting = dana.schedule(subject="Weekly")
        meeting["_links"]["self"]["href"] += "?subject=Query"
        del meeting["subject"]
        assert dana.put(meeting).json()["subject"] == ""

    @pytest.mark.parametrize(
        ("query", "subcode"),
        [
            ("subject=%FF", "DeserializationFailure"),
            ("subject=%00", "DeserializationFailure"),
            ("&".join(["a=1"] * 1001), None),
            ("subject=a&Subject=b", "ParameterValidationFailure"),
            ("accessLevel=Anyone", "ParameterValidationFailure"),
        ],
        ids=lambda text: str(text)[:20],
    )
    def test_what_is_wrong_is_refused(self, dana: Person, query: str, subcode: str | None) -> None:
        answer = dana.post(f"{dana.meetings}?{query}")
        assert (answer.status_code, answer.json().get("subcode")) == (400, subcode)

    def test_what_is_ignored_may_be_anything(self, dana: Person) -> None:
        assert dana.post(f"{dana.meetings}?SessionContext=%FF%00&&;=&a=b=c").status_code == 200
