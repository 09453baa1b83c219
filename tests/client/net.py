"""A network for tests: what answers is a table of addresses."""

from collections.abc import Callable, Mapping
from typing import Any

import httpx2

Answering = httpx2.Response | Exception | Callable[[httpx2.Request], httpx2.Response]


class Net(httpx2.MockTransport):
    """Each address has an answer, an exception, or a list of them, the last of which stays.

    `seen` are the requests as "METHOD URL". An address that is not there has no host.
    """

    def __init__(self, places: Mapping[str, Answering | list[Answering]]) -> None:
        super().__init__(self._answer)
        self.places: dict[str, list[Answering]] = {
            url: list(one) if isinstance(one, list) else [one] for url, one in places.items()
        }
        self.seen: list[str] = []
        self.requests: list[httpx2.Request] = []

    def _answer(self, request: httpx2.Request) -> httpx2.Response:
        url = f"{request.url.scheme}://{request.url.netloc.decode()}{request.url.raw_path.decode()}"
        self.seen.append(f"{request.method} {url}")
        self.requests.append(request)
        answers = self.places.get(url)
        if answers is None:
            raise httpx2.ConnectError("Name or service not known")
        found = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(found, Exception):
            raise found
        return again(found) if isinstance(found, httpx2.Response) else found(request)


def again(found: httpx2.Response) -> httpx2.Response:
    """The same answer in another object, as a stream is read once."""
    return httpx2.Response(found.status_code, headers=found.headers, content=found.content)


def show(
    links: Mapping[str, str] | None = None, *, status: int = 200, **more: str
) -> httpx2.Response:
    """A resource with these links."""
    hrefs = {rel: {"href": href} for rel, href in {**(links or {}), **more}.items()}
    return httpx2.Response(status, json={"_links": hrefs})


def redirect(target: str) -> httpx2.Response:
    return httpx2.Response(302, headers={"Location": target})


def challenge(token_url: str, grants: str = "password", *more: str) -> httpx2.Response:
    lines = [f'MsRtcOAuth href="{token_url}",grant_type="{grants}"', *more]
    return httpx2.Response(401, headers=[("WWW-Authenticate", one) for one in lines])


def guarded(asking: httpx2.Response, shown: httpx2.Response) -> Answering:
    """What asks those for a token who bring none."""
    return lambda request: again(shown if "Authorization" in request.headers else asking)


def token(text: str = "cwt=1", **more: Any) -> httpx2.Response:
    return httpx2.Response(200, json={"access_token": text, "expires_in": 28800, **more})


def page(status: int = 200, title: str = "Sign in") -> httpx2.Response:
    """A web page, such as a proxy has."""
    return httpx2.Response(status, html=f"<html><head><title>{title}</title></head></html>")
