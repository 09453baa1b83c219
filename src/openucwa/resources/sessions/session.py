"""session: one sign-in of the user, which she can end. Ours (docs/extensions.md)."""

from datetime import datetime

import msgspec

from openucwa.domain.sessions import Session
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.tables.sessions import Sessions
from openucwa.store.transaction import Transaction


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    """In the order in which they are served."""

    id: str
    """The last part of its path."""
    client: str
    """The name that the client gave at sign-in."""
    address: str
    """The network address from which the client signed in."""
    signed_in_at: datetime
    """The time of the sign-in."""
    expires_at: datetime
    """The time at which its token expires."""
    is_current: bool
    """True for the session of this request."""
    applications: tuple[str, ...]
    """The names of the applications that were last used in it and that end with it."""


def properties(me: Me, found: Session) -> Properties:
    return Properties(**msgspec.structs.asdict(found), is_current=found.id == me.session)


session = Resource[Session](rel="session", path="sessions/{id}", properties=properties)


@session.find
def find(tx: Transaction, me: Me, id: str) -> Session | None:
    """A session of the user."""
    return next((one for one in tx.of(Sessions).of(me.user.id) if one.id == id.lower()), None)


@session.delete()
def delete(tx: Transaction, me: Me, found: Session) -> None:
    """End it: its token holds no more, and its applications end."""
    tx.of(Sessions).end(me.user.id, found.id)
