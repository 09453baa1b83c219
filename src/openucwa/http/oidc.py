"""Bearer tokens of an OpenID Connect issuer: JWTs, verified with the issuer's published keys.

Sources: RFC 7519, RFC 8725, OpenID Connect Discovery 1.0.
"""

import asyncio
import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import msgspec
import structlog
from joserfc import jwk, jws, jwt
from joserfc.errors import JoseError

from openucwa.http.authentication import InvalidToken, bearer_token
from openucwa.http.request import Assertion
from openucwa.settings.oidc import Oidc, is_url
from openucwa.wire import sip
from openucwa.wire.errors import ServiceUnavailable

DISCOVERY = "/.well-known/openid-configuration"

_FETCHED_AT_MOST_EVERY = 30.0
"""Seconds. Tokens that name keys nobody has must not make the server ask for each of them."""
_FRESH = 3600.0
"""Seconds until keys are fetched again, so that one which the issuer has withdrawn is let go."""
_PATIENCE = 5.0
"""Seconds that the issuer may take for anything."""
_LONGEST = 1024 * 1024

_ASYMMETRIC = ("RSA", "EC", "OKP")

_log = structlog.get_logger("openucwa.http.oidc")

Keys = Mapping[str | None, jwk.Key]
"""By their ids."""


class NoKeys(Exception):
    """The issuer's keys can't be had. The message says why."""


class _Claims(msgspec.Struct):
    """The claims that every token must have, in the types of RFC 7519."""

    iss: str
    aud: str | list[str]
    exp: float
    nbf: float = 0.0


class Issuer:
    """Verifies the tokens of one issuer, whose keys it keeps."""

    def __init__(self, settings: Oidc) -> None:
        self._settings = settings
        self._registry = jws.JWSRegistry(
            algorithms=list(settings.algorithms),
            strict_check_header=False,  # what is not known is to be ignored (RFC 7515, section 4)
        )
        self._keys: Keys = {}
        self._problem: str | None = None
        self._asked_at = -math.inf
        self._asking = asyncio.Lock()

    @property
    def name(self) -> str:
        return self._settings.issuer

    async def assertion(
        self, authorization: str | None
    ) -> Assertion | InvalidToken | ServiceUnavailable | None:
        """Return the assertion of a request's token, or its error; None for a token that is no JWT.

        The reasons are returned, not raised, because not every resource asks who somebody is.
        """
        token = bearer_token(authorization)
        if token is None or token.count(".") != 2:
            return None
        try:
            return await self._verified(token)
        except (InvalidToken, ServiceUnavailable) as error:
            return error

    async def _verified(self, token: str) -> Assertion:
        with _refusing_nonsense():
            header = jws.extract_compact(token.encode(), registry=self._registry).headers()
        id = header.get("kid")
        key = await self._key(id if isinstance(id, str) else None)
        with _refusing_nonsense():
            claims = jwt.decode(token, key, list(self._settings.algorithms), self._registry).claims
            said = msgspec.convert(claims, _Claims)
        if said.iss != self._settings.issuer or not self._is_meant(said.aud):
            raise InvalidToken
        if not (math.isfinite(said.exp) and math.isfinite(said.nbf)):
            raise InvalidToken
        leeway = self._settings.leeway.total_seconds()
        return Assertion(
            address=self._address(claims),
            valid_from=said.nbf - leeway,
            expires_at=said.exp + leeway,
        )

    def _is_meant(self, audience: str | list[str]) -> bool:
        return self._settings.audience in ([audience] if isinstance(audience, str) else audience)

    def _address(self, claims: Mapping[str, Any]) -> str:
        """The SIP address of whom the token is about. Raises InvalidToken when it names none."""
        address = claims.get(self._settings.claim)
        if self._settings.claim == "email" and claims.get("email_verified") is not True:
            raise InvalidToken  # anybody may have typed it
        if not isinstance(address, str):
            raise InvalidToken
        address = address if address.lower().startswith("sip:") else f"sip:{address}"
        try:
            return sip.normalise(address)
        except ValueError:
            raise InvalidToken from None

    async def _key(self, id: str | None) -> jwk.Key:
        """The key of that id; without an id, the only one. Raises InvalidToken.

        Raises ServiceUnavailable when it is not known and the issuer can't be asked.
        """
        key = self._known(id)
        is_stale = time.monotonic() - self._asked_at > _FRESH
        if key is None or (is_stale and not self._asking.locked()):  # one request asks for all
            async with self._asking:
                if time.monotonic() - self._asked_at > _FETCHED_AT_MOST_EVERY:
                    await self._refresh()
                key = self._known(id)
        if key is None and self._problem:
            raise ServiceUnavailable(
                "The keys of this token's issuer can't be fetched at the moment. Try again later.",
                headers={"Retry-After": str(round(_FETCHED_AT_MOST_EVERY))},
            )
        if key is None:
            raise InvalidToken
        return key

    def _known(self, id: str | None) -> jwk.Key | None:
        if id is None and len(self._keys) == 1:
            return next(iter(self._keys.values()))
        return self._keys.get(id)

    async def _refresh(self) -> None:
        """Ask for the keys again; those from before stay when that fails."""
        try:
            self._keys = await asyncio.to_thread(self.load)
            self._problem = None
        except NoKeys as error:
            self._problem = str(error)
            _log.warning("no_keys", issuer=self.name, problem=self._problem)
        finally:
            self._asked_at = time.monotonic()

    def load(self) -> Keys:
        """The keys as they are published now. It waits for the issuer. Raises NoKeys."""
        where = self._settings.jwks
        if where and not is_url(where):
            try:
                return _keys(Path(where).expanduser().read_bytes())
            except OSError as error:
                raise NoKeys(f"{where} can't be read: {error.strerror}") from None
        with httpx2.Client(timeout=_PATIENCE) as client:
            return _keys(_get(client, where or self._published(client)))

    def _published(self, client: httpx2.Client) -> str:
        """Return the URL of the issuer's keys, from its discovery document."""
        where = self.name.rstrip("/") + DISCOVERY
        try:
            said = msgspec.json.decode(_get(client, where), type=_Configuration)
        except msgspec.DecodeError as error:
            raise NoKeys(f"{where} is not a configuration: {error}") from None
        if said.issuer != self.name:
            raise NoKeys(f"{where} belongs to another issuer, {said.issuer}")
        if said.jwks_uri.partition("://")[0] not in ("https", where.partition("://")[0]):
            raise NoKeys(f"the jwks_uri in {where} does not start with https://")
        return said.jwks_uri


@contextmanager
def _refusing_nonsense() -> Iterator[None]:
    """The libraries raise many kinds of errors on what strangers send; it is all InvalidToken."""
    try:
        yield
    except Exception as error:
        raise InvalidToken from error


class _Configuration(msgspec.Struct):
    """The members that are needed of OpenID Connect Discovery 1.0, section 3."""

    issuer: str
    jwks_uri: str


class _KeySet(msgspec.Struct):
    """RFC 7517, section 5."""

    keys: list[dict[str, Any]]


def _get(client: httpx2.Client, url: str) -> bytes:
    """Return the document at a URL, if it comes in time and is not too large. Raises NoKeys."""
    body, until = b"", time.monotonic() + _PATIENCE
    try:
        with client.stream("GET", url, headers={"Accept": "application/json"}) as answer:
            answer.raise_for_status()
            for part in answer.iter_bytes():
                body += part
                if len(body) > _LONGEST or time.monotonic() > until:
                    raise NoKeys(f"{url} is too large, or too slow")
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise NoKeys(f"{url} does not answer: {error}") from None
    return body


def _keys(document: bytes) -> Keys:
    """The keys of a document that verify signatures; others are passed over. Raises NoKeys."""
    try:
        published = msgspec.json.decode(document, type=_KeySet).keys
    except msgspec.DecodeError as error:
        raise NoKeys(f"the keys are not a set of JSON Web Keys: {error}") from None
    found: dict[str | None, jwk.Key] = {}
    for one in published:
        if one.get("kty") not in _ASYMMETRIC or one.get("use", "sig") != "sig":
            continue
        try:
            key = jwk.import_key(one)
        except (JoseError, ValueError, TypeError, KeyError):
            continue  # of a kind that is not known here
        found[key.kid] = key
    if not found:
        raise NoKeys("none of the keys can verify signatures")
    return found
