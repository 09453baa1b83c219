"""The token endpoint: a password for an access token (AuthenticationInUCWA.md, RFC 6749)."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

import msgspec
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException, MultiPartParser

from openucwa.domain import passwords, sip
from openucwa.domain.people import User
from openucwa.http.answer import Answer
from openucwa.http.authentication import diagnostics, hash_of, new_token
from openucwa.http.request import Call
from openucwa.http.site import Site
from openucwa.http.throttle import Throttle
from openucwa.store.database import Database
from openucwa.store.transaction import Transaction

_AT_ONCE = 2
"""Passwords that are checked at the same time: each takes 19 MiB and a core for a moment."""


class _Refused(Exception):
    """A token request that is not granted. `error` is one of AuthenticationInUCWA.md."""

    def __init__(
        self, error: str, description: str, code: int, reason: str, retry_after: int = 0
    ) -> None:
        super().__init__(description)
        self.error = error
        self.code = code
        self.reason = reason
        self.retry_after = retry_after


@dataclass(frozen=True)
class TokenEndpoint:
    """Where clients sign in."""

    site: Site
    database: Database
    throttle: Throttle = field(default_factory=Throttle)
    methods: Sequence[str] = ("POST",)
    _turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))

    async def answer(self, call: Call, keys: Mapping[str, str]) -> Answer:
        """A token, or the reason why there is none: always 400, which clients take as final."""
        try:
            form = await _form(call)
            user = await self._user(form, call.client)
        except _Refused as refused:
            return self._refusal(call, refused)
        call.user = user.uri
        token = new_token()
        lifetime = self.site.deployment.lifetimes.token

        def issue(tx: Transaction) -> bool:
            # The password was checked outside of this transaction: it must still be the one.
            now = tx.users.get(user.id)
            if now is None or now.disabled or now.password_hash != user.password_hash:
                return False
            tx.tokens.add(hash_of(token), user.id, tx.now + lifetime)
            return True

        if not await self.database.write(issue):
            return self._refusal(call, _no_credentials())
        return _answer(
            200,
            {
                "access_token": token,
                "expires_in": int(lifetime.total_seconds()),
                "ms_rtc_identityscope": "local",
                "token_type": "Bearer",
            },
        )

    async def _user(self, form: Mapping[str, str], address: str) -> User:
        grant_type = form.get("grant_type")
        if not grant_type:
            raise _malformed("grant_type is missing")
        if grant_type != "password":
            raise _Refused(
                "unsupported_grant_type",
                "This server grants tokens for grant_type=password.",
                28029,
                "Authentication type not allowed.",
            )
        if form.get("scope", "all") != "all":
            raise _Refused("invalid_scope", "The only scope is all.", 28020, "Invalid scope.")
        for name in ("username", "password"):
            if not form.get(name):
                raise _malformed(f"{name} is missing")
        return await self._signed_in(form["username"], form["password"], address)

    async def _signed_in(self, username: str, password: str, address: str) -> User:
        """The user of these credentials. A user who does not exist costs the same time."""
        account = _address_of(username, self.site.deployment.domain)
        async with self._turn:  # guesses that come together are counted one by one
            if wait := self.throttle.wait(account, address):
                raise _Refused(
                    "invalid_grant",
                    f"Too many failed sign-ins. Try again in {wait} seconds.",
                    28020,
                    "Too many failed sign-ins.",
                    retry_after=wait,
                )
            user = await self.database.read(lambda tx: _user_of(tx, account))
            known = user.password_hash if user and not user.disabled else ""
            matches = await asyncio.to_thread(passwords.verify, known, password)
            if user is None or not matches:
                self.throttle.failed(account, address)
                raise _no_credentials()
        return user

    def _refusal(self, call: Call, refused: _Refused) -> Answer:
        answer = _answer(400, {"error": refused.error, "error_description": str(refused)})
        source = self.site.name(call)
        answer.headers.append(
            ("X-Ms-diagnostics", diagnostics(refused.code, source, refused.reason))
        )
        if refused.retry_after:
            answer.headers.append(("Retry-After", str(refused.retry_after)))
        return answer


def _answer(status: int, members: dict[str, object]) -> Answer:
    return Answer(status, msgspec.json.encode(members), "application/json", cache="no-store")


def _no_credentials() -> _Refused:
    return _Refused(
        "invalid_grant",
        "The user name or the password is wrong.",
        28020,
        "No valid security token.",
    )


def _malformed(reason: str) -> _Refused:
    return _Refused("invalid_request", f"Correct the request: {reason}.", 28020, "Bad request.")


def _user_of(tx: Transaction, account: str) -> User | None:
    try:
        return tx.users.by_uri(account)
    except ValueError:
        return None


def _address_of(username: str, domain: str) -> str:
    r"""The SIP address of `user@domain`, `sip:user@domain`, `DOMAIN\user` or `user`."""
    name = username.strip().rpartition("\\")[2].lower()
    if "@" not in name:
        name = f"{name}@{domain}"
    name = name if name.startswith("sip:") else f"sip:{name}"
    try:
        return sip.normalise(name)
    except ValueError:
        return name[:256]


async def _form(call: Call) -> dict[str, str]:
    """The parameters of the request. The charset that it names is not looked up: it is UTF-8."""
    content_type = call.header("content-type") or ""
    if content_type.lower().startswith("multipart/form-data"):
        return await _multipart(content_type, call.body)
    try:
        pairs = parse_qsl(
            call.body.decode(), keep_blank_values=True, errors="strict", max_num_fields=100
        )
    except ValueError as error:
        raise _malformed("the body is not a form in UTF-8") from error
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
        raise _malformed("the body is not multipart/form-data") from error
    return {name: value for name, value in form.items() if isinstance(value, str)}
