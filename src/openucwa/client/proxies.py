"""The proxies that the environment names, and which requests go through one.

The rules, which decision 0043 explains:

- Requests to this very machine go through none, whatever the environment says.
- `HTTP_PROXY`, `HTTPS_PROXY` and `ALL_PROXY` are read as `urllib.request` reads them, with the
  settings of the system on macOS and Windows.
- `NO_PROXY` lists hosts, domains and networks that are asked without a proxy.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from ipaddress import ip_address, ip_network
from urllib.request import getproxies

import httpx2

from openucwa.client.addresses import is_loopback, url_of
from openucwa.client.errors import BadEnvironment

__all__ = ["PROXY", "Proxies", "Proxy"]

PROXY = "openucwa.proxy"
"""The extension of a request that names the proxy through which it went."""

_HTTP = frozenset({"http", "https"})
_SOCKS = frozenset({"socks5", "socks5h"})


@dataclass(frozen=True)
class Proxy:
    """A proxy: its address, which may have a password in it, and the variable that names it."""

    url: httpx2.URL = field(repr=False)
    variable: str

    def __str__(self) -> str:
        return f"{self.url.scheme}://{self.url.netloc.decode('ascii', 'replace')} ({self.variable})"


class Proxies:
    """The proxies of the environment as it is now."""

    def __init__(self) -> None:
        self._found: Mapping[str, str] = getproxies()
        self._without = [
            one for part in self._found.get("no", "").split(",") if (one := part.strip().lower())
        ]

    def of(self, url: httpx2.URL) -> Proxy | None:
        """The proxy for a request to a URL, if there is one.

        Raises BadEnvironment for one that can't be used.
        """
        if is_loopback(url) or self._is_without(url):
            return None
        for scheme in (url.scheme, "all"):
            if named := self._found.get(scheme, "").strip():
                return _proxy(named, _variable(scheme))
        return None

    def _is_without(self, url: httpx2.URL) -> bool:
        host = url.host.rstrip(".").lower()
        return any(_matches(one, url, host) for one in self._without)


def _matches(entry: str, url: httpx2.URL, host: str) -> bool:
    """Return whether an entry of NO_PROXY applies to a URL, as for curl and httpx."""
    if entry == "*":
        return True
    if "://" in entry:
        scheme, _, entry = entry.partition("://")
        if scheme not in (url.scheme, "all"):
            return False
    try:
        return ip_address(host) in ip_network(entry.replace("[", "").replace("]", ""), strict=False)
    except ValueError:  # one of the two is a name
        pass
    name, colon, port = entry.rpartition(":")
    if colon and port.isdigit():
        if int(port) != (url.port or {"http": 80, "https": 443}.get(url.scheme)):
            return False
        entry = name
    domain = entry.strip("[]").removeprefix("*")
    if domain.startswith("."):
        return host.endswith(domain)
    return host == domain or host.endswith(f".{domain}")


def _variable(scheme: str) -> str:
    """The variable that names the proxy of a scheme, spelled as it is set."""
    name = f"{scheme}_proxy"
    for spelling in (name, name.upper()):
        if os.environ.get(spelling):
            return spelling
    for spelling in os.environ:
        if spelling.lower() == name:
            return spelling
    return "the proxy in the settings of this system"


def _proxy(named: str, variable: str) -> Proxy:
    url = url_of(named if "://" in named else f"http://{named}")
    if url is None or not url.host or url.scheme not in _HTTP | _SOCKS:
        raise BadEnvironment(
            f"{variable} is not the address of a proxy that can be used. Write it as "
            "http://HOST:PORT, or unset it; NO_PROXY lists hosts that need no proxy.",
            variable,
        )
    if url.scheme in _SOCKS and find_spec("socksio") is None:
        raise BadEnvironment(
            f"{variable} names a SOCKS proxy, for which the package socksio is missing. Run: "
            "pip install 'httpx2[socks]'. Or unset the variable, or list the server in NO_PROXY.",
            variable,
        )
    return Proxy(url, variable)
