"""Sessions: what a user has signed in, and can end."""

from openucwa.resources.sessions import session, sessions

RESOURCES = (
    sessions.sessions,
    session.session,
)
