"""Autodiscovery over HTTP: the only resources with absolute links, and without an application."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from openucwa.http.answer import Answer, showing
from openucwa.http.authentication import REVOCATION_PATH, authenticate, credentials
from openucwa.http.request import Call
from openucwa.http.site import Site
from openucwa.resources.all import REGISTRY
from openucwa.resources.root import redirect, root, user
from openucwa.store.database import Database


@dataclass(frozen=True)
class RootEndpoint:
    """The root, which anybody may ask."""

    site: Site
    methods: Sequence[str] = ("GET",)

    async def answer(self, call: Call, keys: Mapping[str, str]) -> Answer:
        domain = call.parameters().get("originaldomain")
        found = root.represent(self.site.base_url(call), domain, self.site.redirects)
        return showing(call.format, found)


@dataclass(frozen=True)
class UserEndpoint:
    """The user resource: the challenge for those without a token."""

    site: Site
    database: Database
    methods: Sequence[str] = ("GET",)

    async def answer(self, call: Call, keys: Mapping[str, str]) -> Answer:
        shown = credentials(call)
        asking, _ = await self.database.read(lambda tx: authenticate(tx, shown))
        call.notes.user = asking.uri
        entry = REGISTRY.of(user.entry_of(asking))
        sessions = None if asking.guest_of else REGISTRY.of("sessions")
        found = user.represent(self.site.base_url(call), entry, sessions, REVOCATION_PATH)
        return showing(call.format, found)


@dataclass(frozen=True)
class RedirectEndpoint:
    """The redirect resource."""

    site: Site
    methods: Sequence[str] = ("GET",)

    async def answer(self, call: Call, keys: Mapping[str, str]) -> Answer:
        return showing(call.format, redirect.represent(self.site.base_url(call)))
