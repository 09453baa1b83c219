"""Dashboards: resources that show a user what applies to her, and have no entity of their own."""

from collections.abc import Callable, Mapping

from openucwa.resources.resource import Audience, Properties, Resource, no_properties
from openucwa.resources.viewer import Me
from openucwa.store.transaction import Transaction


def viewer(tx: Transaction, me: Me, entity: object) -> Me:
    """The target of an embedded resource that is a dashboard."""
    return me


def dashboard(
    rel: str,
    path: str,
    properties: Callable[[Me, Me], Properties] = no_properties,
    *,
    kinds: Mapping[str, str] | None = None,
    revision: int | None = None,
    audience: Audience = Audience.USERS,
    readable: bool = True,
    is_long: bool = False,
) -> Resource[Me]:
    """Declare a dashboard. Everybody finds her own."""
    resource = Resource[Me](
        rel=rel,
        path=path,
        properties=properties,
        kinds=kinds or {},
        revision=revision,
        audience=audience,
        readable=readable,
        is_long=is_long,
    )
    resource.find(lambda tx, me: me)
    return resource
