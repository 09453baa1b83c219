"""Dashboards: resources that show a user what she can do, and have nothing of their own."""

from openucwa.resources.resource import Of
from openucwa.resources.viewer import Me
from openucwa.store.transaction import Transaction


def viewer(tx: Transaction, me: Me, entity: object) -> Me:
    """The target of a link or an embedded resource that is a dashboard."""
    return me


def found_by_anybody(tx: Transaction, me: Me) -> Me:
    """What a dashboard's path leads to: the user's own view."""
    return me


def dashboard(rel: str, path: str) -> Of[Me]:
    """Declare a dashboard."""
    resource = Of[Me](rel=rel, path=path)
    resource.find(found_by_anybody)
    return resource
