"""Lines that a person types in a room."""

from typing import Any

import pytest

from openucwa.cli.failure import Failure, WrongInput
from openucwa.cli.person.room import orders
from tests.cli.person.room.still import ALEX, ALEXA, GUSTAV, GWEN, Still


def obeyed(room: Still, typed: str) -> Any:
    return orders.obey(room, typed)  # type: ignore[arg-type] # it has what is needed


@pytest.mark.parametrize(
    ("typed", "said"),
    [("Hello\n", [("say", "Hello")]), ("//who\n", [("say", "/who")]), ("  \n", []), ("\n", [])],
)
def test_a_line_is_said(typed: str, said: list[Any]) -> None:
    room = Still(ALEX)
    assert obeyed(room, typed) == ""
    assert room.done == said


@pytest.mark.parametrize(
    ("typed", "done"),
    [
        ("/admit", ("admit", GUSTAV)),
        ("/admit gw", ("admit", GWEN)),
        ("/reject Gustav", ("reject", GUSTAV)),
        ("/eject alexa", ("eject", ALEXA)),
        ("/promote alex@contoso.com", ("promote", ALEX)),
        ("/demote Alex D", ("demote", ALEX)),
    ],
)
def test_somebody_is_meant_by_the_beginning_of_a_name(typed: str, done: Any) -> None:
    room = Still(ALEX, ALEXA, GUSTAV, GWEN)
    obeyed(room, typed)
    assert room.done == [done]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("/eject alex", "Several people are called alex: Alex Darrow, Alexa Bell"),
        ("/eject chris", "Nobody here is called chris. There are: Alex Darrow, Alexa Bell"),
        ("/eject", "Nobody here is called that"),
        ("/admit", "Nobody is waiting"),
    ],
)
def test_who_is_not_there(typed: str, why: str) -> None:
    room = Still(ALEX, ALEXA)
    with pytest.raises(Failure, match=why):
        obeyed(room, typed)
    assert room.done == []


def test_who_is_there() -> None:
    assert obeyed(Still(ALEX, GUSTAV), "/who") == (
        "Here: Dana Birkby (you, organizer), Alex Darrow. Waiting: Gustav (guest)."
    )


def test_what_is_no_command() -> None:
    with pytest.raises(WrongInput, match="There is no command /dance"):
        obeyed(Still(), "/dance")
    with pytest.raises(orders.Quit):
        obeyed(Still(), "/quit")
    assert "/admit" in obeyed(Still(), "/help")
