# Made from _async/network.py by `make synchronous`. Change that one.
"""The network: requests go straight to their server, or through the environment's proxy."""

import ssl
from threading import Lock

import httpx2

from openucwa.client.options import authorities
from openucwa.client.proxies import PROXY, Proxies, Proxy

_REFUSED = 407
_UNREACHED = frozenset({502, 503, 504})


class Network(httpx2.BaseTransport):
    """A transport that knows for each request whether it goes through a proxy, and which.

    Certificates are checked against a context, or if there is none against the authorities of the
    environment. Those are read when they are first needed. Raises BadEnvironment, besides what the
    transports of httpx2 raise; the extension PROXY of a request names its proxy then.
    """

    def __init__(self, context: ssl.SSLContext | None, proxies: Proxies | None) -> None:
        self._context = context
        self._proxies = proxies
        self._transports: dict[tuple[bool, Proxy | None], httpx2.BaseTransport] = {}
        self._lock = Lock()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request. Raises ProxyError also where a proxy answers for the server."""
        proxy = self._proxies.of(request.url) if self._proxies is not None else None
        if proxy is not None:
            request.extensions[PROXY] = str(proxy)
        response = self._transport(request.url, proxy).handle_request(request)
        if proxy is not None and _is_of_proxy(request.url, response):
            response.close()
            raise httpx2.ProxyError(f"{response.status_code}", request=request)
        return response

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            transports = list(self._transports.values())
            self._transports.clear()
        for one in transports:
            one.close()

    def _transport(self, url: httpx2.URL, proxy: Proxy | None) -> httpx2.BaseTransport:
        needs_tls = url.scheme == "https" or (proxy is not None and proxy.url.scheme == "https")
        with self._lock:
            if (needs_tls, proxy) not in self._transports:
                context = self._tls() if needs_tls else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
                self._transports[needs_tls, proxy] = httpx2.HTTPTransport(
                    verify=context,
                    proxy=None if proxy is None else _known(proxy, context),
                )
            return self._transports[needs_tls, proxy]

    def _tls(self) -> ssl.SSLContext:
        if self._context is None:
            self._context = authorities(trust_env=self._proxies is not None)
        return self._context


def _known(proxy: Proxy, context: ssl.SSLContext) -> httpx2.Proxy:
    return httpx2.Proxy(proxy.url, ssl_context=context if proxy.url.scheme == "https" else None)


def _is_of_proxy(url: httpx2.URL, response: httpx2.Response) -> bool:
    """Return whether a proxy answers that it does not pass a request on.

    To https it gives a tunnel or none, so that all answers are the server's.
    """
    if url.scheme == "https":
        return False
    media_type = response.headers.get("Content-Type", "")
    return response.status_code == _REFUSED or (
        response.status_code in _UNREACHED and "json" not in media_type
    )
