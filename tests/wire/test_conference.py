"""The addresses of meetings."""

import pytest

from openucwa.wire.conference import designated, parsed, uri_of

MEET = "https://meet.contoso.com"
URI = "sip:dana@contoso.com;gruu;opaque=app:conf:focus:id:PYC58WSY"


def test_uri_names_the_organizer_and_the_meeting() -> None:
    assert uri_of("sip:dana@contoso.com", "PYC58WSY") == URI
    assert parsed(URI) == ("sip:dana@contoso.com", "PYC58WSY")


@pytest.mark.parametrize(
    ("address", "found"),
    [
        (URI, ("sip:dana@contoso.com", "PYC58WSY")),
        (f"{MEET}/danab/PYC58WSY", ("danab", "PYC58WSY")),
        (" HTTPS://Meet.Contoso.com/DanaB/pyc58wsy/ ", ("danab", "PYC58WSY")),
        (f"{MEET}/", None),
        (f"{MEET}/sip:dana@contoso.com/PYC58WSY", None),
        ("https://meet.fabrikam.com/danab/PYC58WSY", None),
        ("danab/PYC58WSY", None),
        ("", None),
    ],
)
def test_join_url_names_them_too(address: str, found: tuple[str, str] | None) -> None:
    assert designated(address, MEET) == found
