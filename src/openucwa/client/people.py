"""People of a meeting: a set of SIP addresses that remembers how they were spelled."""

from collections.abc import Iterable, Iterator, MutableSet

from openucwa.wire import sip


class People(MutableSet[str]):
    """SIP addresses, in the order in which they came.

    Two spellings of one address are one person: `SIP:Alex@Contoso.com` is `sip:alex@contoso.com`,
    and so is `alex@contoso.com`. The first spelling is kept. What is no address raises ValueError.

    >>> people = People(["sip:Alex@contoso.com"])
    >>> people.add("alex@contoso.com")
    >>> people
    People(['sip:Alex@contoso.com'])
    """

    def __init__(self, addresses: Iterable[str] = ()) -> None:
        self._spelled: dict[str, str] = {}
        for address in addresses:
            self.add(address)

    @classmethod
    def as_served(cls, addresses: Iterable[str]) -> "People":
        """Those whom a server names, whatever its addresses look like."""
        found = cls()
        for address in addresses:
            found._spelled.setdefault(_key(address), address)
        return found

    def __contains__(self, address: object) -> bool:
        return isinstance(address, str) and _key(address) in self._spelled

    def __iter__(self) -> Iterator[str]:
        return iter(self._spelled.values())

    def __len__(self) -> int:
        return len(self._spelled)

    def __repr__(self) -> str:
        return f"People({list(self)!r})"

    def add(self, value: str) -> None:
        """Add a person; nothing happens when she is there."""
        address = address_of(value)
        self._spelled.setdefault(_key(address), address)

    def discard(self, value: str) -> None:
        """Remove a person; nothing happens when she is not there."""
        self._spelled.pop(_key(value), None)

    def remove(self, value: str) -> None:
        """Remove a person. Raises KeyError that names her when she is not there."""
        if value not in self:
            raise KeyError(value)
        self.discard(value)


def address_of(text: str) -> str:
    """The SIP address that a person means: `alex@contoso.com` stands for `sip:alex@contoso.com`.

    Raises ValueError that says what an address looks like.
    """
    found = text.strip()
    if ":" not in found:
        found = f"sip:{found}"
    try:
        sip.normalise(found)
    except ValueError:
        raise ValueError(
            f"{text!r} is not an address of a person. Write it as alex@contoso.com."
        ) from None
    return found


def _key(address: str) -> str:
    """What equal addresses share. What a server calls an address is one, whatever it looks like."""
    found = address.strip()
    try:
        return sip.normalise(found if ":" in found else f"sip:{found}")
    except ValueError:
        return found.lower()
