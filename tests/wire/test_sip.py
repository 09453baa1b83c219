"""SIP addresses and their normal form."""

from contextlib import suppress
from time import process_time
from timeit import repeat

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from openucwa.wire import sip
from openucwa.wire.sip import host, normalise

ESCAPES = [f"%{byte:02{letter}}" for byte in range(256) for letter in "xX"]

users = st.lists(st.sampled_from([*"abzAZ019-_.!~*'()&=+$,;?/", *ESCAPES]), min_size=1).map("".join)
hosts = st.sampled_from(["contoso.com", "Contoso.COM", "a-1.b", "10.0.0.1", "x"])
addresses = st.builds(
    "{}:{}@{}{}{}".format,
    st.sampled_from(["sip", "SIP", "sips"]),
    users,
    hosts,
    st.sampled_from(["", ":5060"]),
    st.sampled_from(["", ";transport=tls", ";gruu;opaque=app:conf:focus:id:ABC"]),
)


@given(addresses)
def test_the_normal_form_is_an_address_in_normal_form(address: str) -> None:
    assume(len(address) <= sip.LONGEST)
    assert normalise(normalise(address)) == normalise(address)


@pytest.mark.parametrize(
    ("address", "normal"),
    [
        ("sip:Dana@Contoso.com", "sip:dana@contoso.com"),
        ("SIP:dana@contoso.com", "sip:dana@contoso.com"),
        ("sips:dana@contoso.com", "sip:dana@contoso.com"),
        (" sip:dana@contoso.com\n", "sip:dana@contoso.com"),
        ("sip:dana@contoso.com:5061", "sip:dana@contoso.com"),
        ("sip:dana@contoso.com;transport=tls;gruu", "sip:dana@contoso.com"),
        ("sip:d%61na@contoso.com", "sip:dana@contoso.com"),
        ("sip:%44ana@contoso.com", "sip:dana@contoso.com"),
        ("sip:o'brien@contoso.com", "sip:o'brien@contoso.com"),
        ("sip:o%27brien@contoso.com", "sip:o'brien@contoso.com"),
        ("sip:+14255550101;ext=7@contoso.com", "sip:+14255550101;ext=7@contoso.com"),
        ("sip:dana%20b@contoso.com", "sip:dana%20b@contoso.com"),
        ("sip:dana%C3%A9@contoso.com", "sip:dana%c3%a9@contoso.com"),
    ],
)
def test_spellings_of_one_address(address: str, normal: str) -> None:
    assert normalise(address) == normal


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("sip:dana@contoso.com", "sip:dan@contoso.com"),
        ("sip:dana@contoso.com", "sip:dana@fabrikam.com"),
        ("sip:a%40b@contoso.com", "sip:a%2540b@contoso.com"),
        ("sip:a%FE@contoso.com", "sip:a%FF@contoso.com"),
    ],
)
def test_different_addresses_stay_different(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "sip:",
        "dana@contoso.com",
        "tel:+14255550101",
        "mailto:dana@contoso.com",
        "sip:contoso.com",
        "sip:@contoso.com",
        "sip:dana@",
        "sip:dana@contoso..com",
        "sip:dana@-contoso.com",
        "sip:dana@contoso.com?subject=x",
        "sip:dana:secret@contoso.com",
        "sip:dana b@contoso.com",
        "sip:dana%2@contoso.com",
        "sip:dana%@contoso.com",
        "sip:dana%%41@contoso.com",
        "sip:dana%+1@contoso.com",
        "sip:dana%4g@contoso.com",
        "sip:dana@contoso.com:port",
        "<sip:dana@contoso.com>",
        "Dana <sip:dana@contoso.com>",
        "sip:dana@contoso.com,sip:chris@contoso.com",
        "sip:dan\u00e9@contoso.com",
        "sip:\u212aelvin@contoso.com",  # its small letter is an ASCII k
        "sip:dana@conto\u017fo.com",  # its capital is an ASCII S
        f"sip:{'a' * sip.LONGEST}@contoso.com",
    ],
)
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - nobody reads the message
        normalise(address)


@given(st.text() | st.text("sip:@%.; aA1-"))
def test_nonsense_raises_value_error_only(address: str) -> None:
    with suppress(ValueError):
        normalise(address)


@pytest.mark.parametrize("between", ["", "a"])
@pytest.mark.parametrize("first", [0x30, 0x90], ids=["unneeded", "needed"])
def test_escapes_take_little_time(first: int, between: str) -> None:
    """A merge compares the addresses of 12,000 people, and nobody is served meanwhile."""

    def took(address: str) -> float:
        return min(repeat(lambda: uncached(address), timer=process_time, repeat=9, number=200))

    uncached = normalise.__wrapped__
    user = between.join(f"%{byte:02x}" for byte in range(first, first + 55))
    plain = "a" * len(user)
    assert took(f"sip:{user}@contoso.com") < 8 * took(f"sip:{plain}@contoso.com")


def test_the_host_is_in_lower_case_and_without_its_port() -> None:
    assert host("sip:dana%40home@Contoso.COM:5060;transport=tls") == "contoso.com"
