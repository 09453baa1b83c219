"""An application whose exchanges go past the conformance oracle."""

from starlette.types import Message, Receive, Scope, Send

from openucwa.http.app import App
from tests.conformance.oracle import Exchange, Oracle


class Watched:
    """The application, and what passed."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._exchanges: list[Exchange] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        sent: list[Message] = []
        received: list[Message] = []

        async def receiving() -> Message:
            received.append(await receive())
            return received[-1]

        async def sending(message: Message) -> None:
            sent.append(message)
            await send(message)

        await self.app(scope, receiving, sending)
        self._exchanges.append(_exchange(scope, received, sent))

    def findings(self) -> list[str]:
        """What is undocumented in the answers, each thing once.

        Requests have members that were made up: a server ignores them.
        """
        oracle = Oracle.load()
        found = (str(one) for each in self._exchanges for one in oracle.check(each))
        return list(dict.fromkeys(one for one in found if " took a member " not in one))


def _exchange(scope: Scope, received: list[Message], sent: list[Message]) -> Exchange:
    start, *rest = sent
    query = b"?" + scope["query_string"] if scope["query_string"] else b""
    return Exchange(
        method=scope["method"],
        url=(scope["raw_path"] + query).decode("latin-1"),
        request_headers=_headers(scope),
        request_body=b"".join(one.get("body", b"") for one in received),
        status=start["status"],
        response_headers=_headers(start),
        response_body=b"".join(one.get("body", b"") for one in rest),
        raw_header_case=True,
    )


def _headers(of: Message | Scope) -> list[tuple[str, str]]:
    return [(name.decode("latin-1"), value.decode("latin-1")) for name, value in of["headers"]]
