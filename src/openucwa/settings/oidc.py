"""The issuer of tokens that the organization has already, by OpenID Connect."""

import ipaddress
from datetime import timedelta
from enum import StrEnum
from urllib.parse import urlsplit

import msgspec

from openucwa.settings import forms


class Algorithm(StrEnum):
    """The algorithms of signatures: always with a key that only the issuer has."""

    RS256 = "RS256"
    RS384 = "RS384"
    RS512 = "RS512"
    PS256 = "PS256"
    PS384 = "PS384"
    PS512 = "PS512"
    ES256 = "ES256"
    ES384 = "ES384"
    ES512 = "ES512"
    ED25519 = "Ed25519"


class Oidc(msgspec.Struct, kw_only=True, frozen=True):
    """The issuer of accepted tokens, and the claim with the user. Without issuer there are none."""

    issuer: str = ""
    audience: str = ""
    jwks: str = ""
    """A file or a URL; else what the issuer's own configuration names."""
    claim: str = "upn"
    algorithms: tuple[Algorithm, ...] = (Algorithm.RS256, Algorithm.ES256)
    leeway: timedelta = timedelta(minutes=1)

    def __post_init__(self) -> None:
        if not self.issuer:
            for name in ("audience", "jwks"):
                if getattr(self, name):
                    raise ValueError(f"issuer is missing: {name} needs it")
            return
        _check("issuer", self.issuer)
        if is_url(self.jwks):
            _check("jwks", self.jwks.partition("?")[0])  # some have a query
        if not self.audience:
            raise ValueError(
                "audience is missing: issuer needs it, or tokens for other services would be "
                "accepted"
            )
        if not self.claim:
            raise ValueError("claim must name the claim that contains a person's address")
        if not self.algorithms:
            raise ValueError("algorithms must name at least one")


def is_url(value: str) -> bool:
    return value.lower().startswith(("http://", "https://"))


def _check(name: str, value: str) -> None:
    """Raise ValueError unless it is a URL whose answers nobody on the way can change."""
    try:
        forms.url(value)
    except ValueError as error:
        raise ValueError(f"{name} {error}") from None
    parts = urlsplit(value)
    if parts.scheme == "http" and not _is_loopback(parts.hostname or ""):
        raise ValueError(f"{name} must start with https://")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
