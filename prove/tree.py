"""A client that keeps all that its application leads to, and follows the events about it.

It does what the simplest client can do: it takes the resource that an event carries, or else
fetches that one again, and nothing else. *The old tree with the events applied equals the new tree*
says that the events tell of everything that changes.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

Get = Callable[[str], Mapping[str, Any] | None]
"""A function that returns the resource at an address, or None."""
Tree = dict[str, dict[str, Any]]
"""Resources by their address. What one embeds, it has as addresses."""

_ASIDE = ("expires", "etag")
"""The members of an application that every request changes."""
_NOT_FOLLOWED = (
    *("events", "batch", "search"),
    *("onlineMeetingVersions", "onlineMeetingAttendance", "conversationLogs"),
)
_LISTED = ("conversation", "participant")
"""The rels of what comes to a list, and leaves it, without an `in` that says so."""

_LINKED = ("participantMessaging",)
"""The rels of what comes `in` a resource as a link of it."""


class Follower:
    """A client's tree, from its application on."""

    def __init__(self, get: Get, application: str) -> None:
        self._get = get
        self._application = application
        self._tree: Tree = {}

    @property
    def tree(self) -> Tree:
        """The resources that the application leads to. Unknown ones are fetched first."""
        found: Tree = {}
        waiting = [self._application]
        while waiting:
            href = waiting.pop()
            if href not in found:
                if href not in self._tree:
                    self._fetch(href)
                found[href] = self._tree[href]
                waiting += leads_to(found[href])
        self._tree = found  # what nothing leads to any more is seen anew when something does again
        return {href: _comparable(one) for href, one in found.items()}

    def apply(self, package: Mapping[str, Any]) -> None:
        """Take note of a package of events, in their order."""
        for sender in package["sender"]:
            for event in sender["events"]:
                self._apply(event)

    def _apply(self, event: Mapping[str, Any]) -> None:
        rel, href = event["link"]["rel"], event["link"]["href"]
        if event["type"] == "deleted":
            self._tree.pop(href, None)
        elif "_embedded" in event:
            self._keep(event["_embedded"][rel])
        else:
            self._fetch(href)
        within = event["in"]["href"] if "in" in event else None
        if within is None and rel in _LISTED:
            within = href.rpartition("/")[0]
        collection = self._tree.get(within) if within else None
        if collection and rel in _LINKED:
            collection["_links"].pop(rel, None)
            if event["type"] == "added":
                collection["_links"][rel] = {"href": href}
        elif collection and rel not in collection.get("_links", {}):
            members = collection.setdefault("_embedded", {}).setdefault(rel, [])
            if event["type"] == "deleted" and href in members:
                members.remove(href)
            elif event["type"] == "added" and href not in members:
                members.append(href)

    def _fetch(self, href: str) -> None:
        found = self._get(href)
        if found is None:
            self._tree[href] = {}
        else:
            self._tree[self._keep(found)] = self._tree[href] = self._tree[self._keep(found)]

    def _keep(self, resource: Mapping[str, Any]) -> str:
        href: str = resource["_links"]["self"]["href"]
        embedded = resource.get("_embedded", {})
        links = resource["_links"]
        self._tree[href] = {
            **{name: value for name, value in resource.items() if name != "_embedded"},
            "_links": {rel: one for rel, one in links.items() if not isinstance(one, list)},
            "_embedded": {
                # A list of links is one of resources, which are fetched when they are looked at.
                **{
                    rel: [one["href"] for one in found]
                    for rel, found in links.items()
                    if isinstance(found, list)
                },
                **{
                    rel: [
                        self._keep(one) for one in (found if isinstance(found, list) else [found])
                    ]
                    for rel, found in embedded.items()
                },
            },
        }
        return href


def leads_to(resource: Mapping[str, Any]) -> Iterator[str]:
    """Yield the addresses that it links to or embeds, without the channels.

    A meeting's history and its attendance, and logs, have no events of their own.
    """
    for rel, link in resource.get("_links", {}).items():
        if rel not in _NOT_FOLLOWED:
            yield link["href"]
    for one in resource.get("_embedded", {}).values():
        yield from one


def _comparable(resource: Mapping[str, Any]) -> dict[str, Any]:
    """Without what does not count: how members of a collection are ordered; and see _ASIDE."""
    found = dict(resource)
    if found.get("rel") == "application":
        found = {name: value for name, value in found.items() if name not in _ASIDE}
        found["_links"] = {rel: link for rel, link in found["_links"].items() if rel != "events"}
    if "_embedded" in found:
        found["_embedded"] = {rel: sorted(one) for rel, one in found["_embedded"].items() if one}
    return found
