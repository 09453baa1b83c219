# Made from _async/discovery.py by `make synchronous`. Change that one.
"""The discovery of a user's server (RootURL.md). `addresses` has the rules of trust."""

import httpx2

from openucwa.client._sync.connection import Connection
from openucwa.client.addresses import (
    domain_of,
    is_confidential,
    is_loopback,
    may_redirect,
    roots,
    url_of,
)
from openucwa.client.errors import (
    BadEnvironment,
    ClientError,
    ConnectionFailed,
    DiscoveryFailed,
    NotUcwa,
    ProxyRefused,
)
from openucwa.client.failures import content_of, refusal
from openucwa.client.resource import Resource

_MOST_HOPS = 5
ACCEPT = {"Accept": "application/json"}


class Discovery:
    """The search for a server: `root_url` is where it ended, `user_url` what it led to.

    `at` names the root, where it is known; else the documented places are asked in their order.
    """

    def __init__(self, connection: Connection, address: str, at: str | None) -> None:
        self._connection = connection
        self._address = address
        self._at = at
        self.root_url: httpx2.URL
        self.user_url: httpx2.URL

    def search(self) -> None:
        """Find the server. Raises DiscoveryFailed; ConnectionFailed or Refused where `at` is.

        Raises ProxyRefused if no place can be asked through the proxy, and BadEnvironment.
        """
        if self._at is not None:
            self._ask(_root_of(self._at), _domain_at(self._at, self._address))
            return
        domain = domain_of(self._address)
        tried: dict[str, str] = {}
        refused: list[ProxyRefused] = []
        for root in roots(domain):
            try:
                self._ask(httpx2.URL(root), domain)
            except BadEnvironment:
                raise
            except ClientError as error:
                tried[root] = str(error)
                refused += [error] if isinstance(error, ProxyRefused) else []
            else:
                return
        if len(refused) == len(tried):  # then nothing was found out about the server
            raise refused[-1]
        reasons = "\n".join(f"  {root}: {reason}" for root, reason in tried.items())
        raise DiscoveryFailed(
            f"No server was found for {domain}. If you know where it is, pass its address (at=). "
            f"Tried:\n{reasons}",
            tried,
        )

    def _ask(self, root: httpx2.URL, domain: str) -> None:
        """Follow a root to the `user` resource, over as many hops as are allowed."""
        seen = root
        for _ in range(_MOST_HOPS):
            request = self._connection.request("GET", seen, headers=dict(ACCEPT))
            response = self._connection.send(request, safe=True)
            if 300 <= response.status_code < 400:
                target = _resolved(seen, response.headers.get("Location", ""))
                if not may_redirect(seen, target, domain):
                    raise _stray(seen, target, domain)
                seen = target
                continue
            if not response.is_success:
                raise refusal(response)
            found = Resource.parse(content_of(response) or {})
            if user := found.link("user"):
                self.root_url, self.user_url = seen, _believed(seen, user, domain)
                return
            if redirect := found.link("redirect"):
                seen = _believed(seen, redirect, domain)
                continue
            raise NotUcwa(f"{seen} has no link to a user, so it is not the root of a UCWA server.")
        raise DiscoveryFailed(f"{root} redirects more than {_MOST_HOPS} times.")


def _root_of(at: str) -> httpx2.URL:
    url = url_of(at if "://" in at else f"https://{at}")
    if url is None or url.scheme not in ("http", "https") or not url.host:
        raise DiscoveryFailed(f"{at!r} is not the address of a server. Start it with https://.")
    if not is_confidential(url):
        raise DiscoveryFailed(
            f"{at} is plain http, and a password or token could be read on its way to "
            f"{url.host}. Use https://, or http:// for a server on this machine."
        )
    return url


def _domain_at(at: str, address: str) -> str:
    """Return the trusted origin of redirects: the user's domain if her address has one."""
    return domain_of(address) if "@" in address else _root_of(at).host


def _resolved(base: httpx2.URL, href: str) -> httpx2.URL:
    found = url_of(href, base)
    if found is None:
        raise NotUcwa(f"{base} links to {href!r}, which is not an address.")
    return found


def _believed(base: httpx2.URL, href: str, domain: str) -> httpx2.URL:
    """Return the address of a link. One that did not come over TLS is trusted like a redirect."""
    target = _resolved(base, href)
    trusted = is_confidential(target) and (base.scheme == "https" and not is_loopback(target))
    if not (trusted or may_redirect(base, target, domain)):
        raise _stray(base, target, domain)
    return target


def _stray(base: httpx2.URL, target: httpx2.URL, domain: str) -> ConnectionFailed:
    if not is_confidential(target):
        return NotUcwa(
            f"{base} leads to {target}, which is not https. The client does not follow it."
        )
    place = "this machine" if is_loopback(target) else f"{target.host}, which is not in {domain}"
    return NotUcwa(
        f"{base} leads to {place}. The client does not follow it, because the answer may have "
        "been changed in transit. If your server is there, pass its address (at=)."
    )
