"""The words by which people are found, and those of who looks for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openucwa.domain.directory import address_of, fold, wanted, words
from openucwa.domain.people import Profile
from openucwa.wire.text import is_writable

ZOE = Profile(
    uri="sip:Zoe.A@contoso.com",
    name="Zoë Ångström-Lee",
    email="z_a+x@contoso.com",
    work_phone="tel:+1(425)555-0101;ext=7",
    mobile_phone="tel:+14255550199",
)


def test_the_words_of_a_person() -> None:
    """Of what colleagues see: no mobile number."""
    assert words(ZOE) == {
        *("zoe", "angstrom", "lee", "a", "z_a", "x"),
        *("zoe.a", "zoe.a@contoso.com", "z_a+x", "z_a+x@contoso.com"),
        *("#14255550101", "~10105555241"),
    }
    assert words(Profile(uri="sip:q@contoso.com", name="")) == {"q", "q@contoso.com"}


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("Alex@Contoso.com", "alex@contoso.com"),
        (" SIP:alex@contoso.com;user=phone ", "alex@contoso.com"),
        ("alex", ""),
        ("alex@", ""),
        ("tel:+1@contoso.com", ""),
    ],
)
def test_an_address(text: str, address: str) -> None:
    assert address_of(text) == address
    assert wanted(text).address == address


def test_many_words_are_cut() -> None:
    assert len(wanted(" ".join(f"w{number}" for number in range(100))).beginnings) == 16


@given(name=st.text(max_size=40).filter(is_writable), end=st.integers(1, 40))
def test_everybody_is_found_by_the_beginning_of_her_name(name: str, end: int) -> None:
    profile = Profile(uri="sip:q@contoso.com", name=name)
    text = name[:end]
    if wanted(text).beginnings and not address_of(text) and "@" not in text:
        assert wanted(text).is_in(profile)
        assert wanted(text.upper()).is_in(profile) or fold(text.upper()) != fold(text)
