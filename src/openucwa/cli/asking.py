"""Questions to a person at a terminal, each with a few answers."""

import sys
from collections.abc import Mapping

from openucwa.cli import streams


def ask(question: str, answers: Mapping[str, str], *, otherwise: str) -> str:
    """Return one of `answers`, of which a beginning is enough, or `otherwise` at the end of input.

    Each answer is mapped to what it does, which a question mark prints. Raises KeyboardInterrupt
    for Ctrl+C, which is no answer.
    """
    output = sys.stdout if streams.output_is_terminal() else sys.stderr
    choices = " ".join(f"[{one[0]}]{one[1:]}" for one in answers)
    while True:
        try:
            typed = _typed(f"{question} {choices} ".lstrip()).strip().lower()
        except EOFError:
            output.write("\n")
            return otherwise
        except KeyboardInterrupt:
            output.write("\n")
            raise
        if typed == "?":
            output.writelines(f"  {one[0]}  {meaning}\n" for one, meaning in answers.items())
            continue
        matching = [one for one in answers if typed and one.startswith(typed)]
        if len(matching) == 1:
            return matching[0]
        letters = ", ".join(one[0] for one in answers)
        output.write(f"Type one of {letters}, then Enter; ? explains them.\n")


def _typed(question: str) -> str:
    """Read a line. The question goes to standard error where a program reads standard output."""
    if streams.output_is_terminal():
        return input(question)
    sys.stderr.write(question)
    sys.stderr.flush()
    return input("")
