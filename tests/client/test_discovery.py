"""Where a client looks for its server, and whom it believes."""

from collections.abc import Callable
from typing import Any

import httpx2
import pytest
from hypothesis import given
from hypothesis.strategies import from_regex, text

from openucwa.client import Client, ClientError, DiscoveryFailed, NotUcwa, SignInFailed
from tests.client.net import Answering, Net, challenge, guarded, page, redirect, show, token

Connect = Callable[..., Any]

INSIDE = "https://lyncdiscoverinternal.contoso.com/"
INSIDE_HTTP = "http://lyncdiscoverinternal.contoso.com/"
OUTSIDE = "https://lyncdiscover.contoso.com/"
OUTSIDE_HTTP = "http://lyncdiscover.contoso.com/"
USER = "https://pool.contoso.com/user"
TOKENS = "https://pool.contoso.com/token"
APPLICATIONS = "https://pool.contoso.com/applications"
POOL: dict[str, Any] = {
    USER: guarded(challenge(TOKENS), show(applications=APPLICATIONS)),
    TOKENS: token(),
}


def search(flavour: Connect, places: dict[str, Any], **more: Any) -> tuple[str, list[str]]:
    """Where discovery ends, and what was asked until then."""
    net = Net({**POOL, **places})
    with flavour("dana@contoso.com", "secret", transport=net, **more) as client:
        return client.root_url, net.seen[: net.seen.index(f"GET {USER}")]


def lost(flavour: Connect, places: dict[str, Any], **more: Any) -> tuple[DiscoveryFailed, Net]:
    """Why nothing is found."""
    net = Net({**POOL, **places})
    with pytest.raises(DiscoveryFailed) as failed:
        flavour("dana@contoso.com", "secret", transport=net, **more).application()
    return failed.value, net


def test_asks_inside_first(flavour: Connect) -> None:
    assert search(flavour, {INSIDE: show(user=USER)}) == (INSIDE, [f"GET {INSIDE}"])


@pytest.mark.parametrize(
    "answer", [httpx2.Response(404), page(), page(503), httpx2.ConnectTimeout("no"), show()]
)
def test_then_asks_outside(flavour: Connect, answer: Answering) -> None:
    places = {INSIDE: answer, INSIDE_HTTP: answer, OUTSIDE: show(user=USER)}
    root, seen = search(flavour, places, timeout=0.01)
    assert root == OUTSIDE
    # A place that fails may be asked again, while there is time.
    assert [*dict.fromkeys(seen)] == [f"GET {one}" for one in (INSIDE, INSIDE_HTTP, OUTSIDE)]


def test_follows_a_redirect_from_plain_http_into_the_domain(flavour: Connect) -> None:
    places = {
        INSIDE_HTTP: redirect("https://web.contoso.com/"),
        "https://web.contoso.com/": show(user=USER),
    }
    assert search(flavour, places)[0] == "https://web.contoso.com/"


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "http://web.contoso.com/", "https://127.0.0.1/"]
)
def test_follows_no_redirect_elsewhere(flavour: Connect, target: str) -> None:
    failed, net = lost(flavour, {OUTSIDE: redirect(target), target: show(user=target)})
    assert "does not follow it" in failed.tried[OUTSIDE]
    assert f"GET {target}" not in net.seen


@pytest.mark.parametrize("target", ["https://evil.example/", "http://pool.contoso.com/user"])
@pytest.mark.parametrize("rel", ["user", "redirect"])
def test_believes_no_link_of_plain_http_out_of_the_domain(
    flavour: Connect, target: str, rel: str
) -> None:
    failed, net = lost(flavour, {OUTSIDE_HTTP: show({rel: target}), target: show(user=target)})
    assert "does not follow it" in failed.tried[OUTSIDE_HTTP]
    assert f"GET {target}" not in net.seen


def test_believes_a_link_that_came_over_tls(flavour: Connect) -> None:
    places = {
        OUTSIDE: show(redirect="https://host.example/r"),
        "https://host.example/r": show(user=USER),
    }
    assert search(flavour, places)[0] == "https://host.example/r"


def test_a_circle_of_redirects_ends(flavour: Connect) -> None:
    failed, _ = lost(flavour, {OUTSIDE: show(redirect=OUTSIDE)})
    assert "more than 5 times" in failed.tried[OUTSIDE]


def test_tells_all_that_was_tried(flavour: Connect) -> None:
    failed, _ = lost(flavour, {INSIDE: page(title="Hotel \x1b[31mWLAN"), OUTSIDE: show()})
    assert list(failed.tried) == [INSIDE, INSIDE_HTTP, OUTSIDE, OUTSIDE_HTTP]
    assert "Hotel [31mWLAN" in str(failed)
    assert "not the root of a UCWA server" in str(failed)
    assert "contoso.com" in str(failed).splitlines()[0]


def test_a_known_address_is_all_that_is_asked(flavour: Connect) -> None:
    at = "https://ucwa.example/root"
    assert search(flavour, {at: show(user=USER)}, at=at) == (at, [f"GET {at}"])
    assert search(flavour, {"https://ucwa.example/": show(user=USER)}, at="ucwa.example")[0]


@pytest.mark.parametrize(
    "at", ["http://ucwa.example/", "ftp://ucwa.example/", "https://", "https://a:b/"]
)
def test_an_address_that_can_not_be_used_is_told(flavour: Connect, at: str) -> None:
    failed, net = lost(flavour, {}, at=at)
    assert at.rstrip("/") in str(failed)
    assert net.seen == []


def test_a_web_page_at_a_known_address_is_told(flavour: Connect) -> None:
    net = Net({"https://ucwa.example/": page(title="Welcome to nginx!")})
    with pytest.raises(NotUcwa, match=r"ucwa\.example answered with a web page"):
        flavour("dana@contoso.com", "x", at="https://ucwa.example", transport=net).application()


def test_finds_the_server_once(flavour: Connect) -> None:
    net = Net(
        {
            **POOL,
            INSIDE: show(user=USER),
            APPLICATIONS: show(status=201, self="/applications/1"),
            "https://pool.contoso.com/applications/1": show(self="/applications/1"),
        }
    )
    with flavour("dana@contoso.com", "secret", transport=net) as client:
        for _ in range(3):
            client.get("/applications/1")
    assert net.seen.count(f"GET {INSIDE}") == 1


def test_looks_again_after_a_failure_that_says_that_the_server_moved(flavour: Connect) -> None:
    there = "https://new.contoso.com"
    net = Net(
        {
            INSIDE: [show(user=USER), show(user=f"{there}/user")],
            USER: guarded(challenge(TOKENS), show(applications=APPLICATIONS)),
            TOKENS: token(),
            APPLICATIONS: show(status=201, self="/applications/1"),
            "https://pool.contoso.com/applications/1": httpx2.Response(403),
            f"{there}/user": show(applications=f"{there}/applications"),
            f"{there}/applications": show(status=201, self="/applications/2"),
            f"{there}/applications/2": show(self="/applications/2"),
        }
    )
    with flavour("dana@contoso.com", "secret", transport=net) as client:
        with pytest.raises(Exception, match="403"):
            client.get("/applications/1")
        assert client.get("https://pool.contoso.com/applications/1").href == "/applications/2"


@pytest.mark.parametrize(
    "token_url",
    [
        "https://evil.example/token",
        "http://pool.contoso.com/token",
        "https://contoso.com.evil.example/",
    ],
)
def test_sends_the_password_nowhere_else(flavour: Connect, token_url: str) -> None:
    net = Net({INSIDE: show(user=USER), USER: challenge(token_url), token_url: token()})
    with pytest.raises(SignInFailed, match="not sent"):
        flavour("dana@contoso.com", "secret", transport=net).application()
    assert not any(one.content for one in net.requests)


def test_sends_the_password_into_the_domain(flavour: Connect) -> None:
    there = "https://sts.contoso.com/token"
    places = {
        INSIDE: show(user=USER),
        USER: guarded(challenge(there), show(applications=APPLICATIONS)),
    }
    net = Net({**places, there: token()})
    with flavour("dana@contoso.com", "secret", transport=net):
        assert net.requests[2].content.startswith(b"grant_type=password")


def test_works_with_a_server_on_this_machine_over_plain_http(flavour: Connect) -> None:
    here = "http://localhost:8080"
    net = Net(
        {
            f"{here}/": show(user=f"{here}/user"),
            f"{here}/user": guarded(challenge(f"{here}/token"), show(applications="/applications")),
            f"{here}/token": token(),
            f"{here}/applications": show(status=201, self="/applications/1"),
        }
    )
    with flavour("dana@contoso.com", "secret", at=f"{here}/", transport=net) as client:
        assert client.application().href == "/applications/1"


def test_believes_no_link_to_plain_http_for_applications(flavour: Connect) -> None:
    places = {
        INSIDE: show(user=USER),
        USER: guarded(challenge(TOKENS), show(applications="http://a.b/c")),
    }
    with pytest.raises(NotUcwa, match="could be read"):
        flavour("dana@contoso.com", "x", transport=Net({**POOL, **places})).application()


@given(text(max_size=80) | from_regex(r"[^@]{0,9}@[\w.ü-]{0,80}", fullmatch=True))
def test_any_address_has_an_answer_for_people(address: str) -> None:
    client = Client.discover(address, "x", transport=Net({}))
    with pytest.raises(ClientError):
        client.application()


@given(text(max_size=80) | from_regex(r"(https?://)?[\w.:\[\]ü%-]{0,80}/?", fullmatch=True))
def test_any_address_of_a_server_has_an_answer_for_people(at: str) -> None:
    client = Client.discover("dana@contoso.com", "x", at=at, transport=Net({}))
    with pytest.raises(ClientError):
        client.application()


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..example", "xn--a.example", "."])
def test_a_host_that_can_not_be_is_told(flavour: Connect, host: str) -> None:
    client = flavour("dana@contoso.com", "x", at=f"https://{host}/", trust_env=False)
    with pytest.raises(ClientError, match=r"no host named|no address"):
        client.application()
    client.close()


@given(text(max_size=80) | from_regex(r"(https?://|//)?[\w.:/\[\]ü%-]{0,80}", fullmatch=True))
def test_any_link_is_believed_or_not(href: str) -> None:
    net = Net({INSIDE: show(user=href)})
    with pytest.raises(ClientError):
        Client.discover("dana@contoso.com", "secret", transport=net, timeout=0.01).application()
    assert not any(one.content for one in net.requests)
