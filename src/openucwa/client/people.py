"""People of a meeting: a set of SIP addresses that remembers how they were spelled."""

from collections.abc import Iterable, Iterator, MutableSet, Set

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
        found.become(addresses)
        return found

    _from_iterable = as_served  # type: ignore[assignment] # of texts alone
    """The constructor of what `|`, `&` and `-` return, in which addresses keep their spelling."""

    def become(self, addresses: Iterable[str]) -> None:
        """Have those whom a server names, whatever its addresses look like, in the place of all."""
        found: dict[str, str] = {}
        for address in addresses:
            found.setdefault(sip.key(address), address)
        self._spelled = found

    def replace(self, addresses: Iterable[str]) -> None:
        """Have these people in the place of all. Who was there before keeps her spelling.

        Raises ValueError for what is no address, unless it was there; then nothing is replaced.
        """
        found: dict[str, str] = {}
        for address in list(addresses):
            key = self._key(address)
            found.setdefault(key, self._spelled.get(key) or address_of(address))
        self._spelled = found

    def __contains__(self, address: object) -> bool:
        return isinstance(address, str) and self._key(address) in self._spelled

    def __iter__(self) -> Iterator[str]:
        return iter(self._spelled.values())

    def __len__(self) -> int:
        return len(self._spelled)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Set):
            return NotImplemented
        return len(self) == len(other) and all(one in self for one in other)

    def __sub__(self, other: Set[object]) -> "People":
        found = People.as_served(self)
        found -= other
        return found

    def __repr__(self) -> str:
        return f"People({list(self)!r})"

    def add(self, value: str) -> None:
        """Add a person; nothing happens when she is there."""
        if value not in self:
            self._spelled[self._key(value)] = address_of(value)

    def discard(self, value: str) -> None:
        """Remove a person; nothing happens when she is not there."""
        self._spelled.pop(self._key(value), None)

    def remove(self, value: str) -> None:
        """Remove a person. Raises KeyError that names her when she is not there."""
        if value not in self:
            raise KeyError(value)
        self.discard(value)

    def _key(self, text: str) -> str:
        """Return the key of a person, the same for all spellings of her address."""
        key = sip.key(text)
        if key in self._spelled or ":" in key:
            return key
        return sip.key(f"sip:{text.strip()}")


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
