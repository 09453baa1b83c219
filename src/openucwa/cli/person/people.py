"""People as a person types and reads them: addresses, and the names in them."""

import re
from collections.abc import Collection, Iterable
from difflib import get_close_matches

from openucwa.cli.failure import WrongInput
from openucwa.wire import sip

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:")


def address(typed: str, *, domain: str = "") -> str:
    """The SIP address that was typed; `sip:` may be left out. `domain` makes the example near.

    Raises WrongInput, which says what it has to look like.
    """
    text = typed.strip()
    full = text if _SCHEME.match(text) else f"sip:{text}"
    try:
        sip.normalise(full)
    except ValueError:
        raise WrongInput(_no_address(text, domain)) from None
    return full


def _no_address(text: str, domain: str) -> str:
    words = text.partition("@")[0].rpartition(":")[2].split()
    name = re.sub(r"[^A-Za-z0-9.\-_]", "", words[0] if words else "") or "alex"
    return (
        f"{text[:80]!r} is not a SIP address. Write it like "
        f"sip:{name.lower()}@{domain or 'contoso.com'}; sip: may be left out."
    )


def name(uri: str) -> str:
    """Return a name for an address: the part before the @."""
    return plain(uri).partition("@")[0] or uri


def plain(uri: str) -> str:
    """Return an address without its scheme, as people write it."""
    return re.sub(r"^sips?:", "", uri, flags=re.IGNORECASE)


def names(uris: Iterable[str]) -> str:
    """Several people in a sentence."""
    return ", ".join(map(name, uris)) or "nobody"


def member(typed: str, people: Collection[str], *, role: str) -> str:
    """Return the one of `people` that was meant: by address, or by the name in it.

    Raises WrongInput that names those who are near, or all.
    """
    text = typed.strip()
    matching = [one for one in people if _is(text, one)]
    if len(matching) == 1:
        return matching[0]
    if matching:
        raise WrongInput(
            f"{text!r} is ambiguous: it may be {' or '.join(matching)}. Write the full address."
        )
    near = _near(text, people)
    if near:
        hint = f"Did you mean {' or '.join(near)}?"
    elif people:
        shown = sorted(people, key=str.lower)[:10]
        more = f" and {len(people) - len(shown)} more" if len(people) > len(shown) else ""
        named = f"{role}s are" if len(people) > 1 else f"only {role} is"
        hint = f"The {named} {', '.join(shown)}{more}."
    else:
        hint = f"It has no {role}s."
    raise WrongInput(f"{text!r} is not among the {role}s of this meeting. {hint}")


def _is(text: str, uri: str) -> bool:
    full = text if _SCHEME.match(text) else f"sip:{text}"
    return key(full) == key(uri) or text.lower() == name(uri).lower()


def key(uri: str) -> str:
    """Return a key that all spellings of one address share; other text has one, too."""
    try:
        return sip.normalise(uri)
    except ValueError:
        return uri.strip().lower()


def distinct(addresses: Iterable[str]) -> tuple[str, ...]:
    """Each person once, as first spelled."""
    found: dict[str, str] = {}
    for one in addresses:
        found.setdefault(key(one), one)
    return tuple(found.values())


def _near(text: str, people: Iterable[str]) -> list[str]:
    """Those of whom the typed may be a misspelling."""
    keys = {key(one): one for one in people}
    by_name = {name(one).lower(): one for one in people}
    wanted = key(text if _SCHEME.match(text) else f"sip:{text}")
    found = [keys[one] for one in get_close_matches(wanted, keys, n=3, cutoff=0.92)]
    found += [by_name[one] for one in get_close_matches(name(wanted), by_name, n=3, cutoff=0.7)]
    return list(dict.fromkeys(found))


def domain(uri: str) -> str:
    """Return the domain of an address; empty if it is none."""
    try:
        return sip.host(uri)
    except ValueError:
        return ""
