"""Authentication: the challenge, and the bearer token that answers it (AuthenticationInUCWA.md)."""

import hashlib
import secrets
from collections.abc import Iterable

import msgspec

from openucwa.domain.applications import Application
from openucwa.domain.people import User
from openucwa.domain.sessions import id_of
from openucwa.http.answer import PLAIN, Answer, refusal
from openucwa.http.formats import Format
from openucwa.http.request import Assertion, Call
from openucwa.store.tables.applications import Applications
from openucwa.store.tables.tokens import Tokens
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.wire.errors import Forbidden

REVOCATION_PATH = "/oauth/revoke"
TOKEN_PATH = "/WebTicket/oauthtoken"  # noqa: S105 - a path
_PREFIX = "cwt="
_COOKIE = "cwt_ucwa"
_BITS = 256
# The identifiers of the original, which clients look for (compatibility of deployed clients).
_TRUSTED_ISSUERS = "00000001-0000-0000-c000-000000000000@*"
_CLIENT_ID = "00000004-0000-0ff1-ce00-000000000000"


class Unauthenticated(Exception):
    """The request carries no token, or one that has expired. The message tells which."""


class InvalidToken(Exception):
    """The request carries a token that does not hold here: unknown, revoked or forged."""


def new_token() -> str:
    """An opaque token that can't be guessed."""
    return _PREFIX + secrets.token_urlsafe(_BITS // 8)


def hash_of(token: str) -> str:
    """Return the stored hash of a token. Tokens can't be guessed, so a plain hash is enough.

    There are two, one over the other: what lies between them is the ticket for photos. It ends with
    its token, it can't be made from what is stored, and no token can be made from it.
    """
    return _sha256(_photos_ticket(token))


class Credentials(msgspec.Struct, frozen=True):
    """The hash of a token, or the assertion of a token of the organization's issuer.

    `ticket` is that of the token for photos. A cookie for photos has the hash alone.
    """

    hash: str | None = None
    ticket: str | None = None
    assertion: Assertion | Exception | None = None

    @property
    def session(self) -> str:
        """The id of the session whose token it is; the empty string where there is none."""
        return id_of(self.hash) if self.hash and self.ticket else ""


def credentials(call: Call, *, for_photos: bool = False) -> Credentials:
    """Read who asks. The cookie for photos counts `for_photos`, where there is no token."""
    ticket = _cookie(call.header("cookie") or "") if for_photos else None
    if ticket and not call.header("authorization"):
        return Credentials(_sha256(ticket))
    if call.assertion is not None:
        return Credentials(assertion=call.assertion)
    token = bearer_token(call.header("authorization"))
    if token is None:
        return Credentials()
    ticket = _photos_ticket(token)
    return Credentials(_sha256(ticket), ticket)


def photos_cookie(credentials: Credentials, application: str) -> str | None:
    """The `Set-Cookie` by which a page can show photos: its browser sends no token for an `<img>`.

    `application` is the path of the application. The page is of another site, hence SameSite; and
    browsers that block the cookies of other sites keep those that are Partitioned. There is none
    for a token of the organization's issuer: nothing is stored that it could be compared with.
    """
    if credentials.ticket is None:
        return None
    return (
        f"{_COOKIE}={credentials.ticket}; path={application}/photos; "
        "secure; HttpOnly; SameSite=None; Partitioned"
    )


def bearer_token(authorization: str | None) -> str | None:
    """The token that an `Authorization` header carries."""
    scheme, _, token = (authorization or "").strip().partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token else None


def authenticate(
    tx: Transaction, credentials: Credentials, application_id: int | None = None
) -> tuple[User, Application | None]:
    """Return the user whose token a request carries, and her application of that id, if any.

    Raises Unauthenticated and InvalidToken; ServiceUnavailable when the issuer can't be asked.
    """
    if credentials.assertion is not None:
        user = _asserted(tx, credentials.assertion)
        if application_id is None:
            return user, None
        return user, tx.of(Applications).get(user.id, application_id)
    if credentials.hash is None:
        raise Unauthenticated("This request needs a token.")
    found = tx.of(Tokens).holder(credentials.hash, application_id)
    if found is None or found.user.disabled:
        raise InvalidToken
    if found.expires_at <= tx.now:
        raise Unauthenticated("The token has expired.")
    return found.user, found.application


def _cookie(header: str) -> str | None:
    """Return the value of our cookie: it has no escapes, which http.cookies takes seconds for."""
    pairs = (pair.strip().partition("=") for pair in header.split(";"))
    return next((value for name, _, value in pairs if name == _COOKIE), None)


def _photos_ticket(token: str) -> str:
    return _sha256("photos" + token)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _asserted(tx: Transaction, assertion: Assertion | Exception) -> User:
    if isinstance(assertion, Exception):
        raise assertion
    now = tx.now.timestamp()
    if now >= assertion.expires_at:
        raise Unauthenticated("The token has expired.")
    user = tx.of(Users).by_uri(assertion.address)
    if now < assertion.valid_from or user is None or user.disabled:
        raise InvalidToken
    return user


def challenge(base_url: str, grant_types: Iterable[str], issuer: str | None, reason: str) -> Answer:
    """The answer that tells a client how to authenticate.

    MsRtcOAuth comes first, and before any other header with a URL in it: clients depend on both.
    `issuer` is the organization's, which has tokens, too.
    """
    token_url = base_url + TOKEN_PATH
    types = ",".join(grant_types)
    trusted = f"{issuer}@*" if issuer else _TRUSTED_ISSUERS
    return Answer(
        401,
        f"{reason} Get one with POST {token_url} and grant_type=password.\n".encode(),
        media_type=PLAIN,
        headers=[
            ("WWW-Authenticate", f'MsRtcOAuth href="{token_url}",grant_type="{types}"'),
            (
                "WWW-Authenticate",
                f'Bearer trusted_issuers="{trusted}", client_id="{_CLIENT_ID}", '
                f'authorization_uri="{issuer or token_url}"',
            ),
        ],
    )


def rejection(format: Format, source: str) -> Answer:
    """The answer to an invalid token: 403, as the original's. `source` is this server's name."""
    error = Forbidden("The token is invalid or was revoked. Get a new one.")
    answer = refusal(format, error)
    reason = diagnostics(28055, source, "The OAuth token is invalid.", "wsse:FailedAuthentication")
    answer.headers.append(("X-Ms-diagnostics", reason))
    return answer


def diagnostics(code: int, source: str, reason: str, faultcode: str | None = None) -> str:
    """The value of `X-Ms-diagnostics`, which tells support staff what went wrong."""
    value = f'{code};source="{source}";reason="{reason}"'
    return f'{value};faultcode="{faultcode}"' if faultcode else value
