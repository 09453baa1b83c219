"""The revocation endpoint: a client that signs out gives up its token (RFC 7009)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openucwa.domain.sessions import id_of
from openucwa.http.answer import Answer
from openucwa.http.authentication import REVOCATION_PATH as PATH
from openucwa.http.authentication import hash_of
from openucwa.http.forms import form_of
from openucwa.http.grants.grant import Refused, malformed
from openucwa.http.request import Call
from openucwa.http.tokens import refusal
from openucwa.store.database import Database
from openucwa.store.tables.sessions import Sessions
from openucwa.store.tables.tokens import Tokens

__all__ = ["PATH", "RevocationEndpoint"]


@dataclass(frozen=True)
class RevocationEndpoint:
    """Whoever has a token may end its session: it is no use to anybody else."""

    database: Database
    methods: Sequence[str] = ("POST",)

    async def answer(self, call: Call, keys: Mapping[str, str]) -> Answer:
        """Return 200, also for a token that is not known: it does not hold any more."""
        try:
            token = (await form_of(call)).get("token")
            if not token:
                raise malformed("token is missing")
            if token.count(".") == 2:
                raise Refused(
                    "unsupported_token_type",
                    "Another issuer issued this token. Revoke it there.",
                    28020,
                    "Bad request.",
                )
        except Refused as refused:
            return refusal(refused)
        hash = hash_of(token)
        # Strangers may send tokens, too: they must not keep the thread that writes busy.
        found = await self.database.read(lambda tx: tx.of(Tokens).get(hash))
        if found is not None:
            user, _ = found
            call.notes.user = user.uri
            await self.database.write(lambda tx: tx.of(Sessions).end(user.id, id_of(hash)))
        return Answer(200, cache="no-store")
