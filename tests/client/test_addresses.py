"""Whom a client believes about where a server is."""

import httpx2
import pytest

from openucwa.client import DiscoveryFailed
from openucwa.client.addresses import domain_of, is_confidential, may_redirect, roots


def test_asks_inside_first_and_over_https_first() -> None:
    assert roots("contoso.com") == [
        "https://lyncdiscoverinternal.contoso.com/",
        "http://lyncdiscoverinternal.contoso.com/",
        "https://lyncdiscover.contoso.com/",
        "http://lyncdiscover.contoso.com/",
    ]


@pytest.mark.parametrize(
    "address", ["dana@contoso.com", "sip:Dana@Contoso.COM", " a@contoso.com. "]
)
def test_an_address_has_a_domain(address: str) -> None:
    assert domain_of(address) == "contoso.com"


@pytest.mark.parametrize("address", ["", "dana", "dana@", "dana@evil.com/x", "a@b c", "a@b:80"])
def test_what_has_no_domain_is_told(address: str) -> None:
    with pytest.raises(DiscoveryFailed, match="sign-in address"):
        domain_of(address)


@pytest.mark.parametrize(
    ("url", "is_so"),
    [
        ("https://contoso.com", True),
        ("http://contoso.com", False),
        ("http://localhost:8080", True),
        ("http://ucwa.localhost", True),
        ("http://127.0.0.1", True),
        ("http://127.9.9.9", True),
        ("http://[::1]:80", True),
        ("http://128.0.0.1", False),
        ("http://localhost.contoso.com", False),
        ("ftp://localhost", False),
    ],
)
def test_passwords_go_out_over_https_or_stay_here(url: str, is_so: bool) -> None:
    assert is_confidential(httpx2.URL(url)) is is_so


@pytest.mark.parametrize(
    ("target", "is_so"),
    [
        ("https://contoso.com/root", True),
        ("https://pool.CONTOSO.com/root", True),
        ("https://lyncdiscover.contoso.com:444/root", True),
        ("http://pool.contoso.com/root", False),
        ("https://notcontoso.com/root", False),
        ("https://contoso.com.evil.example/root", False),
        ("https://evil.example/contoso.com", False),
        ("https://contoso.com@evil.example/", False),
        ("https://localhost/root", False),
        ("http://127.0.0.1/root", False),
    ],
)
def test_redirects_stay_in_the_domain(target: str, is_so: bool) -> None:
    origin = httpx2.URL("http://lyncdiscover.contoso.com/")
    assert may_redirect(origin, httpx2.URL(target), "contoso.com") is is_so
