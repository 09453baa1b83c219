"""How servers ask for a token, in every form in which they write it."""

import pytest
from hypothesis import given
from hypothesis.strategies import lists, text

from openucwa.client.challenge import Challenge

URL = "https://contoso.com/WebTicket/oauthtoken"
GRANTS = ("urn:microsoft.rtc:windows", "urn:microsoft.rtc:anonmeeting", "password")
JOINED = ",".join(GRANTS)


@pytest.mark.parametrize(
    "lines",
    [
        [f'MsRtcOAuth href="{URL}",grant_type="{JOINED}"', 'Bearer trusted_issuers="a@*"'],
        [
            'Bearer trusted_issuers="a@b", client_id="0"',
            f'MsRtcOAuth href="{URL}",grant_type="{JOINED}"',
        ],
        [f'MsRtcOAuth href={URL},grant_type="{JOINED}"'],
        [f'Bearer client_id="b", MsRtcOAuth href={URL}, grant_type="{JOINED}"'],
        [
            f'MsRtcOAuth grant_type = "{JOINED}" , href = "{URL}"',
            "Negotiate",
            "NTLM TlRMTVNTUAAC==",
        ],
        [f'Negotiate, MsRtcOAuth href="{URL}",grant_type="{JOINED}"'],
        [f'msrtcoauth HREF="{URL}",Grant_Type="{JOINED.replace(",", ", ")}"'],
    ],
)
def test_finds_where_tokens_are_and_for_what(lines: list[str]) -> None:
    found = Challenge.parse(lines)
    assert (found.token_url, found.grants) == (URL, GRANTS)
    assert found.takes("password")
    assert not found.takes("urn:microsoft.rtc:passive")


def test_finds_the_issuer_of_the_organization() -> None:
    found = Challenge.parse(['Bearer authorization_uri="https://login.contoso.com/a\\"b"'])
    assert found.authorization_uri == 'https://login.contoso.com/a"b'
    assert found.token_url is None


def test_a_server_that_names_no_grants_may_take_any() -> None:
    assert Challenge.parse([f"MsRtcOAuth href={URL}"]).takes("password")


@given(lists(text()))
def test_survives_whatever_is_written(lines: list[str]) -> None:
    found = Challenge.parse(lines)
    assert found.token_url is None or isinstance(found.token_url, str)
