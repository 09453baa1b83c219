"""The settings. docs/reference/settings.md describes every one.

`Settings(…)` holds what it is given and nothing else; openucwa.settings.sources gathers that from
the command line, the environment and a file.
"""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, model_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from openucwa.domain.deployment import Deployment, Lifetimes, Limits
from openucwa.domain.policies import Policy
from openucwa.settings import forms
from openucwa.settings.oidc import Oidc
from openucwa.settings.tables import Unfit, table, tables


def _policies(value: object) -> dict[str, Policy]:
    return {"default": Policy()} | tables(Policy, value)


def _redirects(value: object) -> dict[str, str]:
    """SIP domain → root URL of the server that hosts it."""
    if not isinstance(value, Mapping):
        raise ValueError("must be a table of domains, each with a URL")
    found: dict[str, str] = {}
    problems: dict[tuple[str, ...], str] = {}
    for name, address in value.items():
        try:
            found[forms.domain(name)] = forms.url(str(address))
        except ValueError as error:
            problems[(name,)] = str(error)
    if problems:
        raise Unfit(problems)
    return found


def _origins(value: object) -> tuple[str, ...]:
    """The origins of web pages; a text is a list with commas, as in environment variables."""
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, Collection) or isinstance(given, Mapping):
        raise ValueError("must be a list of origins such as https://app.contoso.com")
    return tuple(forms.allowed_origin(one) for one in map(str.strip, map(str, given)) if one)


def _file(value: Path) -> Path:
    return value.expanduser()


_File = Annotated[Path, AfterValidator(_file)]


class Settings(BaseSettings):
    """The settings of a server. Raises pydantic.ValidationError."""

    model_config = SettingsConfigDict(
        env_prefix="OPENUCWA_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
        arbitrary_types_allowed=True,
        extra="forbid",
        frozen=True,
    )

    host: Annotated[str, AfterValidator(forms.host)] = "127.0.0.1"
    port: Annotated[int, BeforeValidator(forms.port)] = 8080
    workers: Annotated[int, BeforeValidator(forms.count)] = 1
    data: _File = Path("openucwa-data")
    database: Annotated[str, AfterValidator(forms.database)] | None = None
    database_connections: Annotated[int, BeforeValidator(forms.count)] = 8
    domain: Annotated[str, AfterValidator(forms.domain)] = "contoso.com"
    public_url: Annotated[str, AfterValidator(forms.origin)] | None = None
    meet_url: Annotated[str, AfterValidator(forms.url)] = Field(
        default_factory=lambda given: f"https://meet.{given['domain']}"
    )
    tls_cert: _File | None = None
    tls_key: _File | None = None
    trusted_proxies: Annotated[str, BeforeValidator(forms.proxies)] = "127.0.0.1"
    allowed_origins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_origins)] = ()
    redirects: Annotated[dict[str, str], BeforeValidator(_redirects)] = {}
    limits: Annotated[Limits, BeforeValidator(lambda value: table(Limits, value))] = Limits()
    lifetimes: Annotated[Lifetimes, BeforeValidator(lambda value: table(Lifetimes, value))] = (
        Lifetimes()
    )
    kerberos_keytab: _File | None = None
    kerberos_principal: Annotated[str, AfterValidator(forms.service)] | None = None
    kerberos_realm: str | None = None
    oidc: Annotated[Oidc, BeforeValidator(lambda value: table(Oidc, value))] = Oidc()
    policies: Annotated[dict[str, Policy], BeforeValidator(_policies)] = {"default": Policy()}

    @model_validator(mode="after")
    def _certificate_with_key(self) -> "Settings":
        if (self.tls_cert is None) != (self.tls_key is None):
            given, lacking = ("tls_cert", "tls_key") if self.tls_cert else ("tls_key", "tls_cert")
            raise Unfit({(lacking,): f"is missing: {given} needs it"})
        return self

    @model_validator(mode="after")
    def _keytab_with_the_rest(self) -> "Settings":
        for name in ("kerberos_principal", "kerberos_realm"):
            if getattr(self, name) and self.kerberos_keytab is None:
                raise Unfit({("kerberos_keytab",): f"is missing: {name} needs it"})
        return self

    @model_validator(mode="after")
    def _workers_with_a_database_for_them(self) -> "Settings":
        if self.workers > 1 and self.database is None:
            raise Unfit(
                {
                    ("workers",): "can't be more than 1 with SQLite, which serves one process: "
                    "give --database postgresql://…"
                }
            )
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        *others: Any,
        **named: Any,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only the arguments: what a test is given does not depend on where it runs."""
        return (init_settings,)

    @property
    def database_location(self) -> Path | str:
        """The URL of the PostgreSQL database, or else the path of the SQLite file."""
        return self.database or self.data / "openucwa.sqlite3"

    def deployment(self) -> Deployment:
        """Return the settings that the rules need."""
        return Deployment(
            domain=self.domain,
            meet_url=self.meet_url,
            policies=self.policies,
            limits=self.limits,
            lifetimes=self.lifetimes,
        )
