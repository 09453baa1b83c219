"""Authors as they are shown: nobody passes for somebody else."""

from datetime import datetime

import pytest

from openucwa.cli.person import device
from openucwa.cli.person.author import Authors, is_deceptive
from openucwa.cli.person.times import zone
from tests.cli.person.authors import DANA, by, change, here

CHRIS = "sip:Chris.Vance@contoso.com"
ME = "sip:dana@CONTOSO.com"


def today() -> datetime:
    return datetime.now(zone()).replace(hour=10, minute=42)


def test_somebody_else_is_named_with_the_time() -> None:
    chris = by(CHRIS, today(), changedByName="Chris Vance", changedWith="Calendar on tablet")
    assert chris.did("changed the subject") == "Chris Vance has changed the subject (10:42)"
    assert chris.heading == "Chris Vance, 10:42"
    assert chris.whole == "Chris Vance (10:42)"
    assert (chris.whose, chris.subject()) == ("Chris Vance's", "Chris Vance")


def test_oneself_is_known_by_the_device() -> None:
    mine = by(ME, today(), changedByName="Dana Birkby", changedWith="openucwa on laptop-2")
    aside = "(openucwa on laptop-2, 10:42)"
    assert mine.did("changed it") == f"You have changed it, on another device {aside}"
    assert mine.whole == "you, on another device (10:42)"
    assert mine.heading == "other device, 10:42"
    assert mine.subject(with_device=True) == "you, on another device (openucwa on laptop-2),"
    same = by(ME, today(), changedWith=here())
    assert same.did("changed it") == "You have changed it, on this device (10:42)"
    assert same.heading == "this device, 10:42"


@pytest.mark.parametrize(
    "agent", ["", "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36"]
)
def test_a_device_that_is_not_known_or_long_is_left_out(agent: str) -> None:
    mine = by(ME, today(), changedWith=agent)
    assert mine.did("changed it") == "You have changed it, on another device (10:42)"
    assert by(ME, changedWith=agent).did("changed it") == "You have changed it, on another device"


def test_a_delegate_is_named_with_the_organizer() -> None:
    told = {"changedByName": "Chris Vance", "changedOnBehalfOf": "sip:dana@contoso.com"}
    assert by(CHRIS, today(), **told).whole == "Chris Vance, for you (10:42)"
    told["changedOnBehalfOf"] = "sip:pat@contoso.com"
    assert by(CHRIS, today(), **told).did("moved it") == "Chris Vance has moved it, for pat (10:42)"
    assert by(CHRIS, None, **told).subject() == "Chris Vance, for pat,"


def test_another_server_tells_less() -> None:
    assert by(CHRIS).whole == "Chris.Vance"
    assert (by().whole, by().whose, by().heading) == ("Somebody", "the", "Somebody")
    assert Authors(DANA).of(None).did("changed it") == "Somebody has changed it"
    assert by(changedWith="Calendar", changedByName="Chris").name == "Somebody"


def test_two_people_of_one_name_are_told_apart() -> None:
    first = change(CHRIS, changedByName="Chris Vance")
    second = change("sip:cv@contoso.com", changedByName="chris  vance")
    authors = Authors(DANA, [first, second, None])
    assert authors.of(first).name == "Chris Vance (Chris.Vance@contoso.com)"
    assert authors.of(second).name == "chris  vance (cv@contoso.com)"
    assert by(CHRIS, changedByName="Dana Birkby").name == "Dana Birkby (Chris.Vance@contoso.com)"


@pytest.mark.parametrize(
    "name",
    [
        "you",
        "You, on another device",
        "\N{FULLWIDTH LATIN SMALL LETTER Y}ou",
        "Somebody",
        "D\N{CYRILLIC SMALL LETTER A}na",
        "[bold]Dana[/bold]",
        "<Dana>",
        "Dana (10:42)",
        "dana@contoso.com",
        "Da\N{ZERO WIDTH SPACE}na",
        "\x1b[31mDana",
        "anaD \N{RIGHT-TO-LEFT OVERRIDE}",
        "Dana\nUpdated.",
        " ",
        "D" * 300,
    ],
)
def test_a_name_that_may_pass_for_something_else_stands_with_its_address(name: str) -> None:
    shown = by(CHRIS, changedByName=name).name
    assert shown.endswith(" (Chris.Vance@contoso.com)")
    assert len(shown) < 80
    assert not {"\x1b", "\N{RIGHT-TO-LEFT OVERRIDE}"} & {*shown}


@pytest.mark.parametrize(
    "name",
    [
        "Chris Vance",
        "Vance, Chris",
        "O'Brien-Søndergård",
        "Яна Ёлкина",
        "दाना",
        "李小龍",
        "Yousef",
        "J. R.",
    ],
)
def test_other_names_stand_alone(name: str) -> None:
    assert not is_deceptive(name)
    assert by(CHRIS, changedByName=name).name == name


class TestDevice:
    @pytest.mark.parametrize(
        ("host", "name"),
        [
            ("laptop-2.corp.contoso.com", "laptop-2"),
            ("localhost", ""),
            ("", ""),
            ("Dana\N{RIGHT SINGLE QUOTATION MARK}s Mac", "DanasMac"),
        ],
    )
    def test_is_the_host_without_its_domain(
        self, monkeypatch: pytest.MonkeyPatch, host: str, name: str
    ) -> None:
        monkeypatch.delenv(device.VARIABLE, raising=False)
        monkeypatch.setattr("socket.gethostname", lambda: host)
        assert device.name() == name

    def test_is_what_the_variable_says(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv(device.VARIABLE, " Tablet\x1b \N{GRINNING FACE} " + "x" * 200)
        assert device.name().startswith("Tablet \N{GRINNING FACE} x")
        assert len(device.application_name()) <= 100
        monkeypatch.setenv(device.VARIABLE, "")
        assert device.name() == ""
        assert device.application_name().startswith("openucwa/")
