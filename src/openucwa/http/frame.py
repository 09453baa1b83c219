"""The cross-domain frame: how pages of other origins reach a server without CORS.

A page embeds it and posts it requests, which it sends from its own origin, the server's
(Cross_domainIFRAME.md). The page itself is `browser/xframe.html`.
"""

import base64
import hashlib
import html
from collections.abc import Mapping, Sequence
from pathlib import Path

from openucwa.http.answer import PUBLIC, Answer
from openucwa.http.request import Call
from openucwa.resources.root import root, xframe

FRAME_PATHS = (xframe.PATH, root.PATH + "/xframe", "/xframe")

_PAGE = Path(__file__).parent / "browser" / "xframe.html"
_GAP = "ALLOWED_ORIGINS"


class FrameEndpoint:
    """The frame. Its policy, which browsers heed, and its script both know the allowed origins."""

    methods: Sequence[str] = ("GET",)

    def __init__(self, allowed_origins: Sequence[str]) -> None:
        page = _PAGE.read_text("utf-8")
        script = page.partition("<script>")[2].partition("</script>")[0]
        ancestors = " ".join(allowed_origins) or "'none'"
        digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
        self._body = page.replace(_GAP, html.escape(" ".join(allowed_origins))).encode()
        self._policy = "; ".join(
            (
                "default-src 'none'",
                f"script-src 'sha256-{digest}'",
                "connect-src 'self'",
                "base-uri 'none'",
                "form-action 'none'",
                f"frame-ancestors {ancestors}",
            )
        )

    async def answer(self, call: Call, keys: Mapping[str, str]) -> Answer:
        return Answer(
            200,
            self._body,
            media_type="text/html; charset=utf-8",
            headers=[("Content-Security-Policy", self._policy)],
            cache=PUBLIC,
        )
