"""Operations of tests on the data, each in one transaction, by the rules of requests."""

from collections.abc import Mapping

from openucwa.domain import meetings
from openucwa.domain.applications import Application, new_id
from openucwa.domain.deployment import Deployment
from openucwa.domain.meetings import Details, Meeting
from openucwa.domain.people import Profile, User
from openucwa.domain.versions import first_version
from openucwa.store.tables.applications import Applications
from openucwa.store.tables.channels import Channels
from openucwa.store.tables.meetings import Meetings
from openucwa.store.tables.tokens import Tokens
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.testing.controlled.wrong import Wrong
from openucwa.wire.given import Given


def address(typed: str) -> str:
    """A SIP address, which may have been written without its scheme."""
    return typed if typed.lower().startswith(("sip:", "sips:")) else f"sip:{typed}"


def find(tx: Transaction, typed: str) -> User:
    """The user of an address. Raises Wrong."""
    try:
        found = tx.of(Users).by_uri(address(typed))
    except ValueError:
        raise Wrong(f"{typed[:100]!r} is not an address such as dana@contoso.com.") from None
    if found is None:
        raise Wrong(f"There is no user {typed}. Add one first.", 404)
    return found


def add_user(tx: Transaction, profile: Profile, password_hash: str) -> User:
    """Add a user. Raises Wrong."""
    try:
        added = tx.of(Users).add(profile, password_hash)
    except ValueError:
        raise Wrong(
            f"{profile.uri[:100]!r} is not an address such as sip:dana@contoso.com."
        ) from None
    if added is None:
        raise Wrong(f"The user {profile.uri} already exists.", 409)
    return added


def expire_tokens(tx: Transaction, typed: str | None) -> int:
    """Let the tokens of a user expire, or everybody's. Returns how many. Raises Wrong."""
    return sum(tx.of(Tokens).expire(user.id, tx.now) for user in _users(tx, typed))


def expire_applications(tx: Transaction, typed: str | None, deployment: Deployment) -> int:
    """Let the applications of a user expire, or everybody's. Returns how many. Raises Wrong.

    Who waits for events in one is told at once.
    """
    long_ago = tx.now - deployment.lifetimes.application
    expired = [one for user in _users(tx, typed) for one in tx.of(Applications).of(user.id)]
    for application in expired:
        for channel in tx.of(Channels).of(application):
            tx.of(Channels).close(channel)
        tx.of(Applications).seen(application, long_ago)
    return len(expired)


def expire_meeting(tx: Transaction, meeting_id: str) -> Meeting:
    """Remove a meeting, as happens when its grace period is over. Raises Wrong."""
    meeting, _ = _meeting(tx, meeting_id)
    tx.of(Meetings).delete(meeting)
    return meeting


def change_meeting(
    tx: Transaction,
    meeting_id: str,
    changes: Given[Details],
    *,
    by: str | None,
    deployment: Deployment,
) -> Meeting:
    """Change a meeting from another application, and as another user if one is named.

    Raises Wrong, and ParameterValidationFailure for what the organizer's policy does not allow.
    """
    meeting, organizer = _meeting(tx, meeting_id)
    return _revise(tx, meeting, organizer, changes, by, deployment)


def compete(
    tx: Transaction,
    keys: Mapping[str, str],
    changes: Given[Details],
    *,
    by: str | None,
    deployment: Deployment,
) -> None:
    """Change the meeting that a request is about, if there is one.

    `keys` are those in the request's path. Raises what change_meeting raises.
    """
    for user in tx.of(Users).all():
        if tx.of(Applications).get(user.id, _number(keys["application_id"])):
            meeting = tx.of(Meetings).get(user.id, keys["online_meeting_id"].upper())
            if meeting is not None:
                _revise(tx, meeting, user, changes, by, deployment)


def _revise(
    tx: Transaction,
    meeting: Meeting,
    organizer: User,
    changes: Given[Details],
    by: str | None,
    deployment: Deployment,
) -> Meeting:
    details = meetings.validated(
        changes.over(meeting.details),
        deployment.policy(organizer.policy),
        organizer_uri=organizer.uri,
        domain=deployment.domain,
        now=tx.now,
    )
    author = find(tx, by) if by else organizer
    return tx.of(Meetings).revise(
        meeting,
        details,
        by=_application(tx, author),
        keep=deployment.limits.versions_per_meeting,
    )


def _application(tx: Transaction, author: User) -> Application:
    """The application that a meeting's history names; it is not registered."""
    return Application(
        id=new_id(),
        user_id=author.id,
        version=first_version(),
        last_seen_at=tx.now,
        user_agent="OpenUCWA test controls",
        endpoint_id="test-controls",
        culture="en-US",
    )


def _users(tx: Transaction, typed: str | None) -> list[User]:
    return [find(tx, typed)] if typed else tx.of(Users).all()


def _meeting(tx: Transaction, meeting_id: str) -> tuple[Meeting, User]:
    """The meeting of an id, or of an address that ends with it, and who organizes it."""
    wanted = meeting_id.partition("?")[0].rstrip("/").rpartition("/")[2].upper()
    for user in tx.of(Users).all():
        if found := tx.of(Meetings).get(user.id, wanted):
            return found, user
    raise Wrong(f"There is no meeting {meeting_id[:200]}.", 404)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0
