"""The forms of values."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from openucwa.settings import forms


@pytest.mark.parametrize(
    ("form", "given", "expected"),
    [
        (forms.host, "localhost", "localhost"),
        (forms.host, "::1", "::1"),
        (forms.port, "8080", 8080),
        (forms.port, 0, 0),
        (forms.port, 65535, 65535),
        (forms.count, "4", 4),
        (forms.count, 1, 1),
        *(
            (forms.database, url, url)
            for url in (
                "postgresql://",
                "postgres://openucwa@db.contoso.com",
                "postgresql://open%40ucwa:p%2Fq@db.contoso.com:5432/openucwa",
                "postgresql://openucwa@db1.contoso.com:5432,[2001:db8::1]:5433,db3/openucwa",
                "postgresql://%2Fvar%2Frun%2Fpostgresql/openucwa",
                "postgresql:///openucwa?host=/run/postgresql&port=5432",
                "postgresql://db/ucwa?sslmode=verify-full&sslrootcert=/etc/ca.pem&passfile=~/.p",
            )
        ),
        (forms.domain, "Contoso.COM", "contoso.com"),
        (forms.domain, "localhost", "localhost"),
        (forms.origin, "https://ucwa.contoso.com/", "https://ucwa.contoso.com"),
        (forms.origin, "http://[::1]:8080", "http://[::1]:8080"),
        (forms.allowed_origin, "https://App.contoso.com/", "https://app.contoso.com"),
        (forms.allowed_origin, "https://app.contoso.com:443", "https://app.contoso.com"),
        (forms.allowed_origin, "http://localhost:443", "http://localhost:443"),
        (forms.allowed_origin, "http://[::1]:80", "http://[::1]"),
        (forms.allowed_origin, "*", "*"),
        (forms.url, "https://meet.contoso.com/a/", "https://meet.contoso.com/a"),
        (forms.proxies, "127.0.0.1, 10.0.0.0/8,::1", "127.0.0.1, 10.0.0.0/8,::1"),
        (forms.proxies, ["127.0.0.1", "10.0.0.0/8"], "127.0.0.1,10.0.0.0/8"),
        (forms.proxies, [], ""),
        (forms.proxies, "*", "*"),
        (forms.proxies, "", ""),
        (forms.duration, "90s", timedelta(seconds=90)),
        (forms.duration, "1h30m", timedelta(minutes=90)),
        (forms.duration, "14D", timedelta(days=14)),
        (forms.duration, "PT8H", timedelta(hours=8)),
        (forms.duration, 3600, timedelta(hours=1)),
        (forms.duration, "3600", timedelta(hours=1)),
    ],
)
def test_takes(form: Callable[[object], object], given: object, expected: object) -> None:
    assert form(given) == expected


@pytest.mark.parametrize(
    ("form", "given"),
    [
        (forms.host, ""),
        (forms.host, "http://localhost"),
        (forms.host, "[::1]"),
        (forms.host, "two words"),
        (forms.port, "http"),
        (forms.port, -1),
        (forms.port, 65536),
        (forms.port, 80.5),
        (forms.port, True),
        (forms.port, None),
        (forms.count, 0),
        (forms.count, "0"),
        (forms.count, -1),
        (forms.count, 1001),
        (forms.count, "many"),
        (forms.count, 1.5),
        (forms.count, True),
        (forms.domain, ""),
        (forms.domain, "contoso_com"),
        (forms.domain, "-contoso.com"),
        (forms.domain, "contoso..com"),
        (forms.domain, "sip:dana@contoso.com"),
        (forms.domain, "a" * 64 + ".com"),
        (forms.origin, "ucwa.contoso.com"),
        (forms.allowed_origin, "app.contoso.com"),
        (forms.allowed_origin, "https://app.contoso.com/page"),
        (forms.allowed_origin, "https://*.contoso.com"),
        (forms.allowed_origin, "https://app.contoso.com; script-src *"),
        (forms.allowed_origin, "null"),
        (forms.allowed_origin, ""),
        (forms.origin, "https://ucwa.contoso.com/base"),
        (forms.origin, "https://user@ucwa.contoso.com"),
        (forms.origin, "https://ucwa.contoso.com:port"),
        (forms.origin, "https://ucwa contoso.com"),
        (forms.origin, "https://"),
        (forms.url, "ftp://meet.contoso.com"),
        (forms.url, "https://meet.contoso.com/?a=b"),
        (forms.url, 'https://meet.contoso.com/"'),
        (forms.url, "https://[meet"),
        (forms.proxies, "proxy"),
        (forms.proxies, ["127.0.0.1", "proxy"]),
        (forms.proxies, [1]),
        (forms.proxies, 1),
        (forms.proxies, "10.0.0.1/8"),
        (forms.duration, "8 hours"),
        (forms.duration, "0s"),
        (forms.duration, -1),
        (forms.duration, "3651d"),
        (forms.duration, "999999999d999999999d"),
        (forms.duration, 1e300),
        (forms.duration, None),
        (forms.duration, []),
    ],
)
def test_says_what_a_value_must_be(form: Callable[[object], object], given: object) -> None:
    with pytest.raises(ValueError, match=r"^must be "):
        form(given)


@pytest.mark.parametrize(
    "form",
    [forms.host, forms.port, forms.domain, forms.origin, forms.url, forms.proxies, forms.duration],
)
@given(st.text())
@example("http://[")
@example("http://a:99999")
@example("http://\u2100")
def test_any_text_is_taken_or_refused(form: Callable[[object], object], text: str) -> None:
    """What is taken is in its final spelling: the form changes it no more."""
    try:
        value = form(text)
    except ValueError:
        return
    assert form(value) == value


@given(st.integers(1, 3650 * 24 * 3600))
def test_a_duration_is_shown_as_it_is_read(seconds: int) -> None:
    span = timedelta(seconds=seconds)
    assert forms.duration(forms.as_text(span)) == span
