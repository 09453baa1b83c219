"""The addresses of servers, and the redirects that a client trusts (RootURL.md).

The rules, which decision 0025 explains:

- A password or a token goes out over https alone, or to this very machine.
- A redirect of HTTP is followed only to https, and only within the domain of the sign-in address or
  on the same host.
- A link is followed where it leads if the answer with it came over https; what came over http is
  believed as little as a redirect.
- The password goes to the host of the resource that asked for it, or into the domain of the
  sign-in address.
"""

from ipaddress import ip_address

import httpx2

from openucwa.client.errors import DiscoveryFailed

__all__ = [
    "below",
    "domain_of",
    "is_confidential",
    "is_loopback",
    "is_within",
    "may_redirect",
    "path_of",
    "roots",
    "same_origin",
    "url_of",
]


def domain_of(address: str) -> str:
    """The domain of a sign-in address like `dana@contoso.com`, in lower case.

    Raises DiscoveryFailed if it has none.
    """
    _, _, domain = address.strip().rpartition("@")
    domain = domain.rstrip(".").lower()
    if "@" not in address or not domain or any(one in domain for one in "/?#:\\ "):
        url = None
    else:
        url = url_of(f"https://lyncdiscoverinternal.{domain}/")
    if url is None:
        raise DiscoveryFailed(
            f"{address!r} is not a sign-in address. Write it like dana@contoso.com, or give the "
            "address of the server."
        )
    return domain


def url_of(text: str, base: httpx2.URL | None = None) -> httpx2.URL | None:
    """An address, which may be relative to a base; None if it can't be read."""
    try:
        return httpx2.URL(text) if base is None else base.join(text)
    except (httpx2.InvalidURL, ValueError):  # of a host that can't be, UnicodeError is one
        return None


def roots(domain: str) -> list[str]:
    """Return the possible roots of a domain, in the documented order: internal, then external.

    Plain http is asked last of each, as a server may only redirect from there.
    """
    return [
        f"{scheme}://{host}.{domain}/"
        for host in ("lyncdiscoverinternal", "lyncdiscover")
        for scheme in ("https", "http")
    ]


def is_loopback(url: httpx2.URL) -> bool:
    """Return whether the URL is one of this machine."""
    host = url.host.rstrip(".").lower()
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def is_confidential(url: httpx2.URL) -> bool:
    """Return whether a password may be sent there, since nobody on the way can read it."""
    return url.scheme == "https" or (url.scheme == "http" and is_loopback(url))


def is_within(url: httpx2.URL, domain: str) -> bool:
    """Return whether the URL's host is the domain, or one below it."""
    host = url.host.rstrip(".").lower()
    return host == domain or host.endswith(f".{domain}")


def may_redirect(origin: httpx2.URL, target: httpx2.URL, domain: str) -> bool:
    """Return whether to trust `origin` that the server is at `target`."""
    if not is_confidential(target):
        return False
    if is_loopback(target) and not is_loopback(origin):
        return False  # nobody elsewhere knows what listens here
    return target.host.lower() == origin.host.lower() or is_within(target, domain)


def same_origin(one: httpx2.URL, other: httpx2.URL) -> bool:
    """Return whether two addresses have the same origin (RFC 6454, section 4)."""
    return (one.scheme, one.host, one.port) == (other.scheme, other.host, other.port)


def below(base: httpx2.URL, url: httpx2.URL) -> str | None:
    """Return the path and query of an address relative to another one above it."""
    path = path_of(base)
    whole = url.raw_path.decode("ascii")
    rest = whole.removeprefix(path)
    return rest if whole.startswith(path) and (not rest or rest[0] in "/?") else None


def path_of(url: httpx2.URL) -> str:
    """The path of an address, as it is sent, without a slash at its end."""
    return url.raw_path.decode("ascii").partition("?")[0].rstrip("/")
