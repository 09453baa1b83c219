"""sessions: what the user has signed in. Ours (docs/extensions.md)."""

from openucwa.domain.sessions import Session
from openucwa.resources.dashboard import dashboard
from openucwa.resources.viewer import Me
from openucwa.store.tables.sessions import Sessions
from openucwa.store.transaction import Transaction


def all_of(tx: Transaction, me: Me, _: Me) -> list[Session]:
    """Return the user's sessions, the newest first."""
    return tx.of(Sessions).of(me.user.id)


sessions = dashboard("sessions", "sessions")
sessions.embed("session", all_of)
