"""Web applications of other origins, in a real browser: Cross_domainIFRAME.md, and CORS."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Error, Page

from tests.passwords import PASSWORD
from tests.sockets.process import USERNAME, Server, logged

pytestmark = pytest.mark.slow

STATUSES = {
    "root": 200,
    "challenge": 401,
    "token": 200,
    "user": 200,
    "application": 201,
    "events": 200,
    "schedule": 200,
    "update": 200,
    "stale update": 412,
}
ANSWERED = re.compile(
    r"Failed to load resource: the server responded with a status of (401|404|412) "
)
"""Browsers count an answer of 400 and more as an error, whether or not it is expected."""
SHORT = 1000
"""Milliseconds in which an answer comes if there will be one."""


@pytest.fixture
def errors() -> list[str]:
    """What the browser complained of."""
    return []


@pytest.fixture
def page(browser: Browser, errors: list[str]) -> Iterator[Page]:
    def note(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not ANSWERED.match(message.text):
            errors.append(message.text)

    with browser.new_context() as context:
        context.on("console", note)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        yield context.new_page()


def visit(page: Page, origin: str, name: str, server: Server) -> None:
    page.goto(f"{origin}/{name}.html?server={address(server)}")


def address(server: Server) -> str:
    return f"{server.scheme}://{server.host}:{server.port}"


def ask(page: Page, request: dict[str, Any], *, wrapped: bool = True) -> dict[str, Any]:
    """Ask the frame, from a page that embeds it."""
    wrap = "" if wrapped else ", (request) => request"
    found: dict[str, Any] = page.evaluate(f"(request) => ask(request{wrap})", request)
    return found


@pytest.mark.parametrize("way", ["frame", "direct"])
def test_a_web_application_signs_in_and_updates_a_meeting(
    page: Page, errors: list[str], app: str, server: Server, way: str
) -> None:
    visit(page, app, way, server)
    told = page.evaluate("(user) => journey(send, ...user)", [USERNAME, PASSWORD])
    assert told["statuses"] == STATUSES
    assert (told["subject"], told["event"]) == ("Budget 2027", "added")
    photo = [one for one in logged(server) if str(one.get("route")).endswith("/{photo_id}")][-1]
    assert photo["application"] == told["application"]
    assert (photo["status"], photo["user"]) == (404, f"sip:{USERNAME}"), "there was no cookie"
    assert not errors


@pytest.mark.parametrize("wrapped", [True, False])
def test_the_frame_answers_in_the_documented_form(
    page: Page, errors: list[str], app: str, server: Server, wrapped: bool
) -> None:
    visit(page, app, "frame", server)
    with page.expect_request(f"{address(server)}/?originalDomain=contoso.com") as sent:
        request = {"url": "/", "data": {"originalDomain": "contoso.com"}, "cache": False}
        answer = ask(page, request, wrapped=wrapped)
    assert answer.keys() == {"status", "statusText", "responseText", "headers", "messageId"}
    assert (answer["status"], answer["statusText"]) == (200, "success")
    assert answer["messageId"]["callback"] == "answered"
    assert "originalDomain=contoso.com" in answer["responseText"]
    assert "\r\nContent-Type: application/json; charset=utf-8\r\n" in "\r\n" + answer["headers"]
    headers = sent.value.headers
    assert headers["x-ms-origin"] == app
    assert headers["x-requested-with"] == "XMLHttpRequest"
    assert headers["accept"] == "*/*"
    assert not errors


def test_the_frame_sends_an_object_as_a_form(page: Page, app: str, server: Server) -> None:
    visit(page, app, "frame", server)
    form = {"grant_type": "password", "username": USERNAME, "password": PASSWORD}
    answer = ask(page, {"type": "post", "url": "/WebTicket/oauthtoken", "data": form})
    assert (answer["status"], answer["statusText"]) == (200, "success")


def test_the_frame_tells_of_failures(page: Page, app: str, server: Server) -> None:
    visit(page, app, "frame", server)
    answer = ask(page, {"type": "delete", "url": "/"})
    assert (answer["status"], answer["statusText"]) == (405, "error")
    assert "\r\nX-Request-Id: " in answer["headers"]
    assert '"MethodNotAllowed"' in answer["responseText"]
    page.route("**/nowhere", lambda route: route.abort())
    answer = ask(page, {"url": "/nowhere"})
    assert (answer["status"], answer["statusText"], answer["headers"]) == (0, "error", "")


def test_the_frame_sends_nothing_to_other_hosts(
    page: Page, errors: list[str], app: str, server: Server
) -> None:
    visit(page, app, "frame", server)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    for url in (f"{app}/journey.js", f"//localhost:{server.port}/", "javascript:1"):
        answer = ask(page, {"url": url})
        assert (answer["status"], answer["statusText"]) == (0, "error")
        assert f"sends requests to {address(server)} only" in answer["responseText"]
    assert not asked
    assert not errors


def test_a_stranger_can_not_embed_the_frame(
    page: Page, errors: list[str], stranger: str, server: Server
) -> None:
    visit(page, stranger, "frame", server)
    page.evaluate("ready")
    assert any("frame-ancestors" in one for one in errors)
    with pytest.raises(Error, match="the frame does not answer"):
        page.evaluate("(short) => ask({url: '/'}, undefined, short)", SHORT)


def test_the_frame_heeds_no_stranger_who_opens_it_in_a_window(
    page: Page, app: str, stranger: str, server: Server
) -> None:
    """There the policy of the page says nothing: the script has to look who asks."""
    heard = {}
    for origin in (app, stranger):
        page.goto(f"{origin}/journey.js")
        with page.expect_popup() as opened:
            page.evaluate(
                "(url) => { window.frame = window.open(url) }", f"{address(server)}/xframe"
            )
        opened.value.wait_for_load_state()
        heard[origin] = page.evaluate(
            """(short) => new Promise((end) => {
                window.onmessage = (message) => end(JSON.parse(message.data).status);
                window.frame.postMessage('{"url": "/"}', "*");
                setTimeout(end, short);
            })""",
            SHORT,
        )
    assert heard == {app: 200, stranger: None}


def test_a_stranger_can_not_read_answers(
    page: Page, errors: list[str], stranger: str, server: Server
) -> None:
    visit(page, stranger, "direct", server)
    said = page.evaluate(
        "(url) => send({type: 'get', url}).catch((error) => error.message)", address(server)
    )
    assert said == "Failed to fetch"
    assert any("blocked by CORS policy" in one for one in errors)
