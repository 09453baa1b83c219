"""Which endpoint a path leads to. Letter case and repeated slashes do not matter."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import unquote

T = TypeVar("T")


@dataclass(slots=True)
class _Node(Generic[T]):
    literals: dict[str, "_Node[T]"] = field(default_factory=dict)
    key: "tuple[str, _Node[T]] | None" = None
    endpoint: T | None = None
    template: str = ""


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """An endpoint, the keys in the path, and the path without them, which is fit for a log."""

    endpoint: T
    keys: dict[str, str]
    template: str


class Routes(Generic[T]):
    """A tree of path segments; `{name}` in a template stands for any segment."""

    def __init__(self, endpoints: Iterable[tuple[Sequence[str], T]]) -> None:
        self._root: _Node[T] = _Node()
        for segments, endpoint in endpoints:
            node = self._root
            for segment in segments:
                node = _branch(node, segment)
            node.endpoint = endpoint
            node.template = "/" + "/".join(segments)

    def match(self, raw_path: bytes) -> Match[T] | None:
        """Find the endpoint of a path as it was sent, percent-encoded."""
        node = self._root
        keys: dict[str, str] = {}
        for segment in raw_path.decode("latin-1").split("/"):
            if not segment:
                continue
            if "%" in segment:
                segment = unquote(segment)
            found = node.literals.get(segment.lower())
            if found is None:
                if node.key is None:
                    return None
                name, found = node.key
                keys[name] = segment
            node = found
        return None if node.endpoint is None else Match(node.endpoint, keys, node.template)


def _branch(node: _Node[T], segment: str) -> _Node[T]:
    if segment.startswith("{"):
        if node.key is None:
            node.key = (segment.strip("{}"), _Node())
        return node.key[1]
    return node.literals.setdefault(segment.lower(), _Node())
