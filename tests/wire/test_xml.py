"""XML: what is read, what is refused, and what is written."""

from contextlib import suppress
from datetime import UTC, datetime
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openucwa.wire import json, xml
from openucwa.wire.channel import Event, EventType, Package, Sender, Target
from openucwa.wire.errors import (
    AlreadyExists,
    DeserializationFailure,
    NotFound,
    ParameterValidationFailure,
)
from openucwa.wire.representation import Link, Representation
from openucwa.wire.text import is_writable
from tests.conformance.bodies import read_json, read_xml
from tests.conformance.formats import DATE, as_xml_tells
from tests.inputs import in_xml

NOON = datetime(2027, 1, 31, 12, 0, tzinfo=UTC)
XMLNS = 'xmlns="http://schemas.microsoft.com/rtc/2012/03/ucwa"'

writable = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffe\uffff")
kept = st.text(writable | st.sampled_from("\t\n\r<>&\"' \x7f\x85"))
names = kept.filter(lambda name: name not in ("rel", "etag", "_links", "_embedded"))
texts = kept.filter(lambda text: not DATE.fullmatch(text))
scalars = (
    texts | st.integers(-(2**63), 2**64 - 1) | st.booleans() | st.datetimes(timezones=st.just(UTC))
)
lists = st.lists(texts, max_size=3)
rels = st.text(writable, min_size=1).filter(lambda rel: rel != "self")
representations = st.recursive(
    st.builds(
        Representation,
        rel=rels,
        href=kept,
        properties=st.dictionaries(names, scalars | lists, max_size=4),
        links=st.dictionaries(rels, st.builds(Link, kept), max_size=3),
        etag=st.none() | st.from_regex("[0-9]{1,12}", fullmatch=True),
    ),
    lambda inner: st.builds(
        Representation,
        rel=rels,
        href=kept,
        properties=st.dictionaries(names, scalars, max_size=2),
        embedded=st.dictionaries(rels, inner | st.lists(inner, max_size=3), max_size=3),
    ),
    max_leaves=6,
)


class Colour(StrEnum):
    RED = "Red"


class TestWriting:
    @given(representations)
    def test_xml_tells_what_json_tells(self, shown: Representation) -> None:
        in_json, in_xml = read_json(json.write(shown)), read_xml(xml.write(shown))
        assert in_xml.members == as_xml_tells(in_json.members)

    @given(
        kept,
        st.dictionaries(kept, kept, max_size=3),
        st.dictionaries(names, scalars | lists, max_size=3).filter(
            lambda more: not more.keys() & {"code", "subcode", "message", "parameters"}
        ),
        st.none() | representations,
    )
    def test_xml_tells_of_an_error_what_json_tells(
        self,
        message: str,
        parameters: dict[str, str],
        more: dict[str, object],
        embedded: Representation | None,
    ) -> None:
        error = AlreadyExists(message, parameters=parameters)
        in_json = read_json(json.write_error(error, more, embedded))
        in_xml = read_xml(xml.write_error(error, more, embedded))
        assert in_xml.members == as_xml_tells(in_json.members)

    @given(representations)
    def test_a_document_stands_on_one_line(self, shown: Representation) -> None:
        assert not set(xml.write(shown)) & set(b"\t\n\r")

    @given(st.text(st.characters(categories=None) | st.sampled_from("\x00\x1b\ud83d\uffff")))
    def test_every_document_can_be_read(self, text: str) -> None:
        written = xml.write(Representation(text, text, {text: text}, {text: Link(text)}))
        members = read_xml(written).members
        assert len(str(members["_links"])) >= len(text)
        error = read_xml(xml.write_error(NotFound(text, parameters={text: text}))).members
        assert len(str(error["message"])) >= len(text)

    def test_a_resource_has_the_form_of_the_samples(self) -> None:
        """EventChannelDetails.md and batch_ref.md: links, properties, etag, embedded resources."""
        inner = Representation("phone", "/phones/work", {"number": "1"}, etag="5")
        outer = Representation(
            "phones",
            "/phones",
            properties={
                "included": True,
                "count": 2,
                "at": NOON,
                "colours": (Colour.RED,),
                "nobody": (),
                "text": 'a < b & "c"\n',
            },
            links={"next": Link("/next?a=1&b=2")},
            embedded={"phone": [inner, inner], "mine": inner, "none": []},
            etag="3109609770",
        )
        phone = '<property name="number">1</property><property name="etag">5</property></resource>'
        assert xml.write(outer).decode() == (
            '<?xml version="1.0" encoding="utf-8"?>'
            f'<resource rel="phones" href="/phones" {XMLNS}>'
            '<link rel="next" href="/next?a=1&amp;b=2"/>'
            '<property name="included">true</property>'
            '<property name="count">2</property>'
            '<property name="at">2027-01-31T12:00:00Z</property>'
            '<propertyList name="colours"><item>Red</item></propertyList>'
            '<propertyList name="nobody"></propertyList>'
            '<property name="text">a &lt; b &amp; &quot;c&quot;&#10;</property>'
            '<property name="etag">3109609770</property>'
            f'<resource rel="phone" href="/phones/work">{phone}'
            f'<resource rel="phone" href="/phones/work">{phone}'
            # Under a rel that is not its own, as participants are in audioVideoInvitation_ref.md.
            f'<resource rel="mine" href="/phones/work"><property name="rel">phone</property>{phone}'
            "</resource>"
        )

    def test_an_error_has_the_form_of_the_sample(self) -> None:
        """ErrorsAndInformationalMessages.md."""
        assert xml.write_error(AlreadyExists("Wait.")).decode() == (
            f'<?xml version="1.0" encoding="utf-8"?><reason {XMLNS}>'
            "<code>Conflict</code><subcode>AlreadyExists</subcode><message>Wait.</message></reason>"
        )

    def test_parameters_of_an_error_may_have_any_name(self) -> None:
        error = ParameterValidationFailure({"56de7bbf-1081": "is missing", "a b": "<is> wrong"})
        written = xml.write_error(error).decode()
        assert (
            '<parameters><property name="56de7bbf-1081">is missing</property>'
            '<property name="a b">&lt;is&gt; wrong</property></parameters>'
        ) in written

    def test_the_event_channel_has_the_form_of_the_sample(self) -> None:
        """EventChannelDetails.md."""
        me, note = Target("me", "/me"), Target("note", "/me/note")
        inner = Representation("me", "/me", {"name": "Dana"}, etag="5")
        package = Package(
            "/events?ack=1",
            {"next": Link("/events?ack=2&x=1")},
            [
                Sender(
                    "me",
                    "/me",
                    [
                        Event(EventType.UPDATED, me, embedded=inner),
                        Event(EventType.ADDED, note, within=me),
                    ],
                ),
                Sender("communication", "/communication"),
            ],
        )
        assert xml.write_package(package).decode() == (
            f'<?xml version="1.0" encoding="utf-8"?><events href="/events?ack=1" {XMLNS}>'
            '<link rel="next" href="/events?ack=2&amp;x=1"/><sender rel="me" href="/me">'
            '<updated rel="me" href="/me"><resource rel="me" href="/me">'
            '<property name="name">Dana</property><property name="etag">5</property></resource>'
            '</updated><added rel="note" href="/me/note"><in rel="me" href="/me"/></added></sender>'
            '<sender rel="communication" href="/communication"></sender></events>'
        )


class TestReading:
    @given(
        st.dictionaries(kept, st.none() | kept | st.lists(kept), max_size=5),
        st.sampled_from(["input", "resource"]),
    )
    def test_every_input_is_read(self, members: dict[str, object], root: str) -> None:
        members.pop("_links", None)
        assert xml.read(in_xml(members, root)) == members

    @given(representations)
    def test_a_resource_may_be_sent_back_as_it_was_served(self, shown: Representation) -> None:
        served = read_xml(xml.write(shown)).members
        for beside in ("rel", "_links", "_embedded"):
            del served[beside]
        assert xml.read(xml.write(shown)) == served

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "UTF-16"])
    @pytest.mark.parametrize("mark", [True, False])
    def test_encodings(self, encoding: str, mark: bool) -> None:
        declaration = f'<?xml version="1.0" encoding="{encoding}"?>'
        text = f'{declaration}<input><property name="é">ü</property></input>'
        body = text.encode("utf-8-sig" if mark else "utf-8")
        if "16" in encoding:
            body = text.encode("utf-16" if mark else "utf-16-le")
        assert xml.read(body) == {"é": "ü"}

    def test_namespace_may_be_left_out_or_have_a_prefix(self) -> None:
        for body in (
            '<input><property name="a">1</property></input>',
            f'<input {XMLNS}><property name="a">1</property></input>',
            f'<u:input {XMLNS.replace("xmlns", "xmlns:u")}><u:property name="a">1</u:property>'
            "</u:input>",
        ):
            assert xml.read(body.encode()) == {"a": "1"}

    def test_null(self) -> None:
        body = (
            '<input xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><property name="a" '
            'i:nil="true"/><propertyList name="b" i:nil="1"/><propertyList name="c">'
            '<item i:nil="true"/></propertyList><property name="d" i:nil="false"/></input>'
        )
        assert xml.read(body.encode()) == {"a": None, "b": None, "c": [None], "d": ""}

    def test_comments_sections_and_references_are_no_part_of_text(self) -> None:
        body = (
            b'<input><!-- no --><property name="a">1<!-- no --><![CDATA[<2>]]>&#51;<?no no?>'
            b"</property></input>"
        )
        assert xml.read(body) == {"a": "1<2>3"}

    def test_links_and_embedded_resources_are_ignored(self) -> None:
        body = (
            b'<resource rel="a" href="/a"><link rel="b" href="/b"/><property name="a">1</property>'
            b'<resource rel="c"><property name="a">2</property>text<other/></resource></resource>'
        )
        assert xml.read(body) == {"a": "1"}


def laughs(inner: str) -> bytes:
    """The billion laughs: ten entities, each ten times the one before."""
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "ha"}">' for n in range(10))
    return f"<!DOCTYPE input [{entities}]><input>{inner}</input>".encode()


@pytest.mark.usefixtures("at_once")
class TestHostileDocuments:
    @pytest.mark.parametrize(
        "body",
        [
            laughs('<property name="a">&l9;</property>'),
            laughs('<property name="&l9;"/>'),
            b'<!DOCTYPE input [<!ENTITY a "'
            + b"a" * 100_000
            + b'">]><input><property name="a">'
            + b"&a;" * 100_000
            + b"</property></input>",
            b'<!DOCTYPE input [<!ENTITY a SYSTEM "file:///etc/passwd">]><input>&a;</input>',
            b'<!DOCTYPE input SYSTEM "http://127.0.0.1/input.dtd"><input/>',
            b'<!DOCTYPE input PUBLIC "a" "http://127.0.0.1/input.dtd" [%a;]><input/>',
            b'<!DOCTYPE input [<!ENTITY % a SYSTEM "http://127.0.0.1/a"> %a;]><input/>',
            b'<!DOCTYPE input [<!ATTLIST property name CDATA "a">]><input><property/></input>',
            b"<!DOCTYPE input><input/>",
            "<!DOCTYPE input><input/>".encode("utf-16"),
        ],
        ids=lambda body: body[:40],
    )
    def test_a_document_type_is_refused(self, body: bytes) -> None:
        with pytest.raises(DeserializationFailure, match="document type"):
            xml.read(body)

    @pytest.mark.parametrize("tag", ["resource", "input", "property", "a"])
    def test_depth_is_limited(self, tag: str) -> None:
        opening, closing = f"<{tag} name='a'>", f"</{tag}>"
        body = f"<input>{opening * 80_000}{closing * 80_000}</input>"
        with pytest.raises(DeserializationFailure):
            xml.read(body.encode())

    def test_embedded_resources_may_nest_as_deep_as_json(self) -> None:
        def nested(depth: int) -> bytes:
            return f"{'<resource>' * depth}{'</resource>' * depth}".encode()

        assert xml.read(nested(json.DEEPEST)) == {}
        with pytest.raises(DeserializationFailure, match="nested deeper than 32 levels"):
            xml.read(nested(json.DEEPEST + 1))

    @pytest.mark.parametrize(
        "body",
        [
            b"<input>" + b"<link/>" * 140_000 + b"</input>",
            b"<input " + b" ".join(b"a%d='1'" % n for n in range(80_000)) + b"/>",
            b"<input " + b" ".join(b"xmlns:a%d='%d'" % (n, n) for n in range(40_000)) + b"/>",
            b"<input>"
            + b"".join(b'<property name="%d"/>' % n for n in range(40_000))
            + b"</input>",
            b'<input><property name="a">' + b"&#10;<!---->" * 80_000 + b"</property></input>",
            b"<input><!--" + b"-" * 10**6,
            b"<input>" + b"<a" * 500_000,
            b"<input a='" + b"<" * 10**6,
        ],
        ids=lambda body: body[-40:],
    )
    def test_what_is_long_takes_no_time(self, body: bytes) -> None:
        with suppress(DeserializationFailure):
            xml.read(body)


@given(st.data())
def test_whatever_comes_only_the_documented_failure_is_raised(data: st.DataObject) -> None:
    body = in_xml(data.draw(st.dictionaries(kept, kept | st.lists(kept, max_size=2), max_size=3)))
    start = data.draw(st.integers(0, len(body)))
    end = data.draw(st.integers(start, len(body)))
    pieces = [b"<", b"&", b"]]>", b"<!DOCTYPE a [", b"<![CDATA[", b"<a", b"\xff\xfe", b"&#0;"]
    inserted = data.draw(st.binary(max_size=3) | st.sampled_from(pieces))
    for changed in (body[:start] + inserted + body[end:], inserted):
        with suppress(DeserializationFailure):
            xml.read(changed)


@given(st.text(st.characters(categories=None) | st.sampled_from("\x00\x1f\uffff"), min_size=1))
def test_text_that_no_xml_can_write_is_refused_as_a_reference_too(text: str) -> None:
    body = "".join(f"&#{ord(character)};" for character in text)
    document = f'<input><property name="a">{body}</property></input>'.encode()
    if is_writable(text):
        assert xml.read(document) == {"a": text}
    else:
        with pytest.raises(DeserializationFailure, match="is not XML"):
            xml.read(document)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"{}", "not XML: .* line 1, column 1"),
        (b"<input>", "no element found at line 1, column 8"),
        (b"<input/><input/>", "junk after document element"),
        (b"<input>&nbsp;</input>", "undefined entity"),
        (b"<a:input/>", "unbound prefix"),
        (b'<input a="1" a="2"/>', "duplicate attribute"),
        (b'<input><property name="a">\x1b</property></input>', "invalid token"),
        (b'<input><property name="a">\xff</property></input>', "invalid token"),
        (b'<?xml version="1.0" encoding="utf-16"?><input/>', "encoding specified"),
        (b'<?xml version="1.0" encoding="iso-8859-1"?><input/>', "Send it as UTF-8"),
        (b'<?xml version="1.0" encoding="shift-jis"?><input/>', "Send it as UTF-8"),
        (b'<?xml version="1.0" encoding="nonsense"?><input/>', "Send it as UTF-8"),
        (b"<subject>Weekly</subject>", "root is <subject>. Send <input>"),
        (b"<input><subject>Weekly</subject></input>", "a <subject> in its <input>"),
        (b"<input><item>1</item></input>", "a <item> in its <input>"),
        (b'<input><property name="a"><b/></property></input>', "a <b> in its <property>"),
        (b'<input><propertyList name="a"><b/></propertyList></input>', "a <b> in its <prop"),
        (b'<input xmlns="urn:other"/>', "of another namespace"),
        (b"<input>Weekly</input>", "text in its <input>"),
        (b'<input><propertyList name="a">b</propertyList></input>', "text in its <propertyList>"),
        (b"<input><property>Weekly</property></input>", "without a name"),
        (b'<input><property name="a"/><propertyList name="a"/></input>', "the property 'a' twice"),
    ],
)
def test_another_form_is_refused_with_the_reason(body: bytes, reason: str) -> None:
    with pytest.raises(DeserializationFailure, match=reason):
        xml.read(body)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize(
    ("piece", "why"),
    [
        (b"<propertyList name='a'>" + b"<item/>" * 100_000 + b"</propertyList>", "20000 tags"),
        (b"<resource/>" * 90_000, "20000 tags"),
        (b"<?a?>" * 150_000, "20000 tags"),
        (
            b"<property " + b" ".join(b'a%06d=""' % number for number in range(80_000)) + b"/>",
            "a tag or a text of more than 524288 bytes",
        ),
    ],
    ids=["items", "resources", "instructions", "attributes"],
)
def test_more_than_a_resource_has_is_refused(piece: bytes, why: str) -> None:
    with pytest.raises(DeserializationFailure, match=why):
        xml.read(b"<input>" + piece + b"</input>")
