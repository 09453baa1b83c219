"""Asking of a history whether everybody has heard everything, once, and in one order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import msgspec

from prove.verdict import Violation


class Sent(msgspec.Struct, kw_only=True, frozen=True):
    """A message that somebody has sent. `number` is the one that was acknowledged, if one was.

    `is_unknown` is True where no answer came: it may have been sent or not.
    """

    sender: str
    text: str
    number: int | None = None
    is_unknown: bool = False


class Heard(msgspec.Struct, kw_only=True, frozen=True):
    """A message of which somebody was told; `text` is None of her own."""

    member: str
    number: int
    text: str | None


def check(sent: Sequence[Sent], heard: Mapping[str, Sequence[Heard]]) -> list[Violation]:
    """Return what is wrong with a history of a meeting."""
    return [*_texts(sent, heard), *_orders(heard), *_gaps(sent, heard)]


def _texts(sent: Sequence[Sent], heard: Mapping[str, Sequence[Heard]]) -> Iterator[Violation]:
    """A number is one text, for all who hear it, and for its sender."""
    texts = {one.number: one.text for one in sent if one.number is not None}
    known = {one.text for one in sent}
    for said in heard.values():
        for one in said:
            if one.text is None:
                continue
            if texts.setdefault(one.number, one.text) != one.text:
                yield Violation(f"number {one.number} is another text to {one.member}", [one])
            if one.text not in known:
                yield Violation(f"{one.member} has heard what nobody has sent", [one])


def _orders(heard: Mapping[str, Sequence[Heard]]) -> Iterator[Violation]:
    """Everybody hears in the order of the numbers, and each once."""
    for said in heard.values():
        for before, after in pairwise(said):
            if after.number <= before.number:
                what = "twice" if after.number == before.number else "too late"
                yield Violation(f"{after.member} has heard {after.number} {what}", [before, after])


def _gaps(sent: Sequence[Sent], heard: Mapping[str, Sequence[Heard]]) -> Iterator[Violation]:
    """Each message that was acknowledged, or that one has heard, has been heard by all."""
    everything = {one.number for one in sent if one.number is not None}
    everything |= {one.number for said in heard.values() for one in said}
    for member, said in heard.items():
        lacking = sorted(everything - {one.number for one in said})
        if lacking:
            shown = [one for one in sent if one.number in lacking][:3]
            yield Violation(f"{member} has not heard {len(lacking)}, such as {lacking[0]}", shown)
