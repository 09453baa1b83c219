"""Profiles as administrators type them."""

import re
from collections.abc import Callable, Collection, Mapping
from functools import partial

from openucwa.domain.people import Profile
from openucwa.wire import sip
from openucwa.wire.text import is_writable

_LONGEST = 256
_NUMBER = re.compile(r"\+?[0-9]{3,20}")
_EXTENSION = re.compile(r"(?:;ext=| *(?:x|ext\.?) *)([0-9]{1,10})$", re.IGNORECASE)


class Wrong(ValueError):
    """Values that can't be used. `problems` maps the name of each to what is wrong with it."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__(str(problems))
        self.problems = dict(problems)


def members(typed: Mapping[str, str], *, domain: str, policies: Collection[str]) -> dict[str, str]:
    """The members of a Profile, in the form in which they are kept. Raises Wrong.

    `typed` has some of them, under the names of Profile.
    """
    forms: dict[str, Callable[[str], str]] = {
        "uri": partial(address, domain=domain),
        "name": name,
        "email": email,
        "policy": partial(policy, policies=policies),
        **{field: phone for field in Profile.__struct_fields__ if field.endswith("_phone")},
    }
    found: dict[str, str] = {}
    problems: dict[str, str] = {}
    for field, value in typed.items():
        try:
            found[field] = forms.get(field, str)(text(value))
        except ValueError as error:
            problems[field] = str(error)
    if problems:
        raise Wrong(problems)
    return found


def text(value: str) -> str:
    """One line of text, without spaces around it."""
    one_line = all(ord(one) >= 32 and ord(one) != 127 for one in value.strip())
    if len(value) > _LONGEST or not one_line or not is_writable(value):
        raise ValueError(f"must be one line, of at most {_LONGEST} characters")
    return value.strip()


def name(value: str) -> str:
    """A display name."""
    if not value:
        raise ValueError("must not be empty")
    return value


def address(value: str, *, domain: str | None = None) -> str:
    """The SIP address of a person, if need be one in `domain`; `sip:` may be left out."""
    full = value if value.lower().startswith(("sip:", "sips:")) else f"sip:{value}"
    try:
        key = sip.normalise(full)
    except ValueError:
        key = ""
    if full.lower() != key:  # also where it has a port, parameters or escapes
        example = f"sip:alex@{domain or 'contoso.com'}"
        raise ValueError(f"must be a SIP address such as {example}, not {value[:80]!r}")
    if domain and sip.host(key) != domain:
        raise ValueError(f"must be in {domain}, not {value}; --domain names another domain")
    return f"sip:{full[4:]}"


def email(value: str) -> str:
    """An e-mail address, or nothing."""
    if value and not re.fullmatch(r"[^@\s]+@[^@\s]+", value):
        raise ValueError(f"must be an e-mail address such as alex@contoso.com, not {value!r}")
    return value


def phone(value: str) -> str:
    """A telephone number as a `tel:` URI (RFC 3966), or nothing."""
    number = re.sub(r"^tel:", "", value, flags=re.IGNORECASE)
    extension = _EXTENSION.search(number)
    digits = re.sub(r"[ ().\-/]", "", number[: extension.start()] if extension else number)
    if not value:
        return ""
    if not _NUMBER.fullmatch(digits):
        raise ValueError(f"must be a telephone number such as +1 425 555 0100, not {value!r}")
    return f"tel:{digits}" + (f";ext={extension[1]}" if extension else "")


def policy(value: str, *, policies: Collection[str]) -> str:
    """The name of a policy of the configuration; nothing stands for the default one."""
    if value and value not in policies:
        raise ValueError(f"must be one of {', '.join(policies)}, not {value!r}")
    return value or "default"
