"""The directory: the words of a person, and of who looks for people, in one form (search_ref.md).

Words are folded: without case and accents. A number is a word of its digits, in both directions, so
that its start and its end are beginnings of words alike.
"""

import re
import unicodedata
from collections.abc import Iterator

import msgspec

from openucwa.domain.people import Profile
from openucwa.wire import sip

_MOST_WORDS = 16
"""The words that a search takes into account, since each is looked up."""
_FEWEST_DIGITS = 4
_LONGEST = 256
"""Characters of a word that count."""
_PHONE_NUMBER = re.compile(r"(?:tel:)?[+0-9][0-9()./\s-]*(?:;ext=[0-9]+)?")
_WORDS = re.compile(r"\w+")
_FROM_START, _FROM_END = "#", "~"
"""The marks of numbers among words, none of which begins with them."""


def fold(text: str) -> str:
    """Return a text without case and accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(one for one in decomposed if not unicodedata.combining(one))


def words(profile: Profile) -> set[str]:
    """Return the words by which colleagues find a person: of what they see of her."""
    found = set(_WORDS.findall(fold(profile.name)))
    for address in (sip.key(profile.uri).removeprefix("sip:"), profile.email):
        folded = fold(address.strip())
        local, at, _ = folded.rpartition("@")
        found.update({folded, local, *_WORDS.findall(local)} if at else ())
    if number := _digits(profile.work_phone):
        found |= {_FROM_START + number, _FROM_END + number[::-1]}
    return {one[:_LONGEST] for one in found if one}


class Wanted(msgspec.Struct, frozen=True):
    """A text that somebody looks for: who has a word for each beginning, in one of its forms.

    `address` is the text as an address, in the form that words have, and empty where it is none.
    """

    beginnings: tuple[tuple[str, ...], ...]
    address: str = ""

    def is_in(self, profile: Profile) -> bool:
        """Return True if the words of a person have all of these beginnings."""
        own = words(profile)
        return bool(self.beginnings) and all(
            any(word.startswith(forms) for word in own) for forms in self.beginnings
        )


def wanted(text: str) -> Wanted:
    """Return what a text asks for."""
    text = text.strip()
    if _PHONE_NUMBER.fullmatch(text) and len(number := _digits(text)) >= _FEWEST_DIGITS:
        forms = {_FROM_START + number, _FROM_END + number[::-1], number}
        return Wanted((tuple(sorted(forms)),))
    if address := fold(address_of(text)):
        return Wanted(((address,),), address)
    folded = fold(text).removeprefix("sip:")
    beginnings = tuple((one,) for one in dict.fromkeys(_beginnings(folded)))
    return Wanted(beginnings[:_MOST_WORDS])


def address_of(text: str) -> str:
    """Return the address, without its scheme, that a text is; an empty text if it is none."""
    text = text.strip()
    if "@" not in text:
        return ""
    try:
        return sip.normalise(text if ":" in text else f"sip:{text}").removeprefix("sip:")
    except ValueError:
        return ""


def _beginnings(text: str) -> Iterator[str]:
    for part in text.split():
        yield from [part[:_LONGEST]] if "@" in part else _WORDS.findall(part)


def _digits(number: str) -> str:
    """Return the digits of a telephone number without its extension."""
    return re.sub(r"[^0-9]", "", number.partition(";")[0])
