"""The token endpoint: credentials for an access token (AuthenticationInUCWA.md, RFC 6749)."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import parse_qsl

import msgspec
import structlog
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException, MultiPartParser

from openucwa.domain.people import User
from openucwa.http.answer import PLAIN, Answer
from openucwa.http.authentication import diagnostics, hash_of, new_token
from openucwa.http.grants import anonymous_meeting, password, windows
from openucwa.http.grants.anonymous_meeting import AnonymousMeetingGrant
from openucwa.http.grants.grant import Grant, Refused, malformed
from openucwa.http.grants.password import PasswordGrant
from openucwa.http.grants.turns import Turns
from openucwa.http.grants.windows import Negotiate, WindowsGrant
from openucwa.http.request import Call
from openucwa.http.site import Site
from openucwa.store.database import Database
from openucwa.store.transaction import Transaction

_log = structlog.get_logger("openucwa.http.sign_in")

LARGEST_FORM = 16 * 1024
"""Bytes. A form has a name, a password or a token in it: none of them has a tenth of that."""
_LONGEST_TYPE = 1024
"""Characters of a Content-Type that are looked at."""


@dataclass(frozen=True)
class TokenEndpoint:
    """Where clients sign in."""

    site: Site
    database: Database
    grants: Mapping[str, Grant]
    methods: Sequence[str] = ("POST",)

    async def answer(self, call: Call, keys: Mapping[str, str]) -> Answer:
        """A token, or the reason why there is none: 400, which clients take as final.

        401 only asks for a ticket.
        """
        try:
            return await self._granted(call)
        except Refused as refused:
            self._note(call, refused)
            return self._refusal(call, refused)
        except Negotiate:
            return Answer(
                401,
                b"This grant needs a Kerberos ticket in the header Authorization: Negotiate.\n",
                media_type=PLAIN,
                headers=[("WWW-Authenticate", "Negotiate")],
                cache="no-store",
            )

    async def _granted(self, call: Call) -> Answer:
        form = await _form(call)
        grant = self._grant(form)
        holder = await grant.holder(form, call)
        token = new_token()

        def issue(tx: Transaction) -> User | None:
            user = holder.find(tx)
            if user is not None:
                tx.tokens.add(hash_of(token), user, tx.now + grant.lifetime)
            return user

        user = await self.database.write(issue)
        if user is None:
            raise grant.failure("changed meanwhile")
        call.user = user.uri
        answer = _answer(
            200,
            {
                "access_token": token,
                "expires_in": int(grant.lifetime.total_seconds()),
                "ms_rtc_identityscope": "local",
                "token_type": "Bearer",
            },
        )
        answer.headers += holder.headers
        return answer

    def _grant(self, form: Mapping[str, str]) -> Grant:
        grant_type = form.get("grant_type")
        if not grant_type:
            raise malformed("grant_type is missing")
        grant = self.grants.get(grant_type)
        if grant is None:
            raise Refused(
                "unsupported_grant_type",
                f"This server grants tokens for these: {', '.join(self.grants)}.",
                28029,
                "Authentication type not allowed.",
            )
        if form.get("scope", "all") != "all":
            raise Refused("invalid_scope", "The only scope is all.", 28020, "Invalid scope.")
        return grant

    def _note(self, call: Call, refused: Refused) -> None:
        """Log why a sign-in was refused: what the client is not told."""
        with suppress(OSError):
            _log.info(
                "sign_in_refused",
                request_id=call.id,
                client=call.client,
                account=call.account,
                why=refused.why,
            )

    def _refusal(self, call: Call, refused: Refused) -> Answer:
        answer = _answer(400, {"error": refused.error, "error_description": str(refused)})
        source = self.site.name(call)
        answer.headers.append(
            ("X-Ms-diagnostics", diagnostics(refused.code, source, refused.reason))
        )
        if refused.retry_after:
            answer.headers.append(("Retry-After", str(refused.retry_after)))
        return answer


def grants(site: Site, database: Database) -> Mapping[str, Grant]:
    """What this server takes, by grant type; `password` last, as clients want it."""
    turns = Turns()
    kerberos: Mapping[str, Grant] = (
        {windows.TYPE: WindowsGrant(site.deployment, site.kerberos, turns)} if site.kerberos else {}
    )
    return {
        **kerberos,
        anonymous_meeting.TYPE: AnonymousMeetingGrant(site.deployment, database),
        password.TYPE: PasswordGrant(site.deployment, database, turns),
    }


def _answer(status: int, members: dict[str, object]) -> Answer:
    return Answer(status, msgspec.json.encode(members), "application/json", cache="no-store")


async def _form(call: Call) -> dict[str, str]:
    """Return the parameters of the request, whose charset is UTF-8 whatever it names.

    What is too large is 400 as well: clients repeat a request after any other status.
    """
    if len(call.body) > LARGEST_FORM:
        raise malformed(f"the body has more than {LARGEST_FORM // 1024} KiB", "too large")
    content_type = (call.header("content-type") or "")[:_LONGEST_TYPE]
    if content_type.lower().startswith("multipart/form-data"):
        return await _multipart(content_type, call.body)
    try:
        pairs = parse_qsl(
            call.body.decode(), keep_blank_values=True, errors="strict", max_num_fields=100
        )
    except ValueError as error:
        raise malformed("the body is not a form in UTF-8") from error
    return dict(pairs)


async def _multipart(content_type: str, body: bytes) -> dict[str, str]:
    async def stream() -> AsyncGenerator[bytes]:
        yield body

    _, options = parse_options_header(content_type)
    boundary = options.get(b"boundary", b"").decode("latin-1")
    only = Headers({"content-type": f'multipart/form-data; boundary="{boundary}"'})
    parser = MultiPartParser(only, stream(), max_files=0)
    try:
        form = await parser.parse()
    except (MultiPartException, FormParserError, KeyError, UnicodeError) as error:
        raise malformed("the body is not multipart/form-data") from error
    return {name: value for name, value in form.items() if isinstance(value, str)}
