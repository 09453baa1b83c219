"""The token endpoint: credentials for an access token (AuthenticationInUCWA.md, RFC 6749)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import structlog

from openucwa.domain.people import User
from openucwa.http.answer import PLAIN, Answer
from openucwa.http.authentication import diagnostics, hash_of, new_token
from openucwa.http.forms import form_of
from openucwa.http.grants import anonymous_meeting, password, windows
from openucwa.http.grants.anonymous_meeting import AnonymousMeetingGrant
from openucwa.http.grants.grant import Grant, Refused, malformed
from openucwa.http.grants.password import PasswordGrant
from openucwa.http.grants.sign_in_queue import SignInQueue
from openucwa.http.grants.windows import Negotiate, WindowsGrant
from openucwa.http.request import Call
from openucwa.http.site import Site
from openucwa.store.database import Database
from openucwa.store.tables.tokens import Tokens
from openucwa.store.transaction import Transaction

_log = structlog.get_logger("openucwa.http.sign_in")


@dataclass(frozen=True)
class TokenEndpoint:
    """The path at which clients sign in."""

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
            answer = refusal(refused)
            reason = diagnostics(refused.code, self.site.name(call), refused.reason)
            answer.headers.append(("X-Ms-diagnostics", reason))
            return answer
        except Negotiate:
            return Answer(
                401,
                b"This grant needs a Kerberos ticket in the header Authorization: Negotiate.\n",
                media_type=PLAIN,
                headers=[("WWW-Authenticate", "Negotiate")],
                cache="no-store",
            )

    async def _granted(self, call: Call) -> Answer:
        form = await form_of(call)
        grant = self._grant(form)
        holder = await grant.holder(form, call)
        token = new_token()

        def issue(tx: Transaction) -> User | None:
            user = holder.find(tx)
            if user is not None:
                tx.of(Tokens).add(
                    hash_of(token),
                    user,
                    tx.now + grant.lifetime,
                    client=call.header("user-agent") or "",
                    address=call.client,
                )
            return user

        user = await self.database.write(issue)
        if user is None:
            raise grant.failure("changed meanwhile")
        call.notes.user = user.uri
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
                f"This server supports these grant types: {', '.join(self.grants)}.",
                28029,
                "Authentication type not allowed.",
            )
        if form.get("scope", "all") != "all":
            raise Refused("invalid_scope", "The only valid scope is all.", 28020, "Invalid scope.")
        return grant

    def _note(self, call: Call, refused: Refused) -> None:
        """Log why a sign-in was refused: what the client is not told."""
        _log.info(
            "sign_in_refused",
            request_id=call.id,
            client=call.client,
            account=call.notes.account,
            why=refused.why,
        )


def refusal(refused: Refused) -> Answer:
    """Return the answer that tells why a form is refused (RFC 6749, section 5.2)."""
    answer = _answer(400, {"error": refused.error, "error_description": str(refused)})
    if refused.retry_after:
        answer.headers.append(("Retry-After", str(refused.retry_after)))
    return answer


def grants(site: Site, database: Database) -> Mapping[str, Grant]:
    """Return the grants of this server by type; `password` last, as clients expect."""
    queue = SignInQueue()
    kerberos: Mapping[str, Grant] = (
        {windows.TYPE: WindowsGrant(site.deployment, site.kerberos, queue)} if site.kerberos else {}
    )
    return {
        **kerberos,
        anonymous_meeting.TYPE: AnonymousMeetingGrant(site.deployment, database),
        password.TYPE: PasswordGrant(site.deployment, database, queue),
    }


def _answer(status: int, members: dict[str, object]) -> Answer:
    return Answer(status, msgspec.json.encode(members), "application/json", cache="no-store")
