"""Questions to a person."""

import pytest

from openucwa.cli.asking import ask

ANSWERS = {"mine": "save your value", "quit": "save nothing"}


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a person types at each question, to be filled in."""
    typed: list[str] = []

    def read(_: str) -> str:
        if not typed:
            raise EOFError
        return typed.pop(0)

    monkeypatch.setattr("builtins.input", read)
    return typed


def test_a_question_mark_explains_the_answers(
    asked: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    asked[:] = ["?", "x", " MI "]
    assert ask("Whose?", ANSWERS, otherwise="quit") == "mine"
    question = "Whose? [m]ine [q]uit "
    out, err = capsys.readouterr()
    assert err == (
        f"{question}  m  save your value\n"
        "  q  save nothing\n"
        f"{question}Type one of m, q, then Enter; ? explains them.\n"
        f"{question}"
    )
    assert not out, "which may be read by a program"


def test_the_end_of_input_is_an_answer(asked: list[str]) -> None:
    assert ask("Whose?", ANSWERS, otherwise="quit") == "quit"
    asked[:] = ["", "m"]
    assert ask("Whose?", ANSWERS, otherwise="quit") == "mine"
