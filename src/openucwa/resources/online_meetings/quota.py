"""The quota: limits of what is stored for a user."""

from openucwa.domain import extensions
from openucwa.domain.extensions import Extension
from openucwa.resources.viewer import Me
from openucwa.store.belongings import Belongings
from openucwa.store.tables.extensions import Extensions
from openucwa.store.transaction import Transaction
from openucwa.wire.errors import EntityTooLarge

_SMALL = 4096
"""Bytes of a meeting that is not weighed: how many there may be is limited, too."""
_MIB = 1024 * 1024


def check_meeting(tx: Transaction, me: Me, owner_id: int, size: int, before: int = 0) -> None:
    """Raise EntityTooLarge when a meeting that grows to a size is too much for its organizer."""
    if size > max(before, _SMALL):
        check(tx, me, owner_id, size - before)


def check_extension(
    tx: Transaction, me: Me, wanted: Extension, before: Extension | None = None
) -> None:
    """Raise EntityTooLarge when an extension is too much for its meeting, or for a user."""
    size = extensions.size(wanted.members)
    more = size - (extensions.size(before.members) if before else 0)
    kept = tx.of(Extensions).bytes_of(wanted.organizer_id, wanted.online_meeting_id)
    if more > 0 and kept + more > extensions.LARGEST:
        raise EntityTooLarge(
            f"This would exceed the {extensions.LARGEST // _MIB} MiB that the extensions of a "
            "meeting may take together. Shorten or delete some."
        )
    check(tx, me, wanted.organizer_id, more)


def check(tx: Transaction, me: Me, owner_id: int, more: int) -> None:
    """Raise EntityTooLarge when so many bytes more are too much for an organizer."""
    most = me.deployment.limits.bytes_per_user
    whose = "your" if owner_id == me.user.id else "the organizer's"
    if more > 0 and tx.of(Belongings).bytes_of(owner_id) + more > most:
        raise EntityTooLarge(
            f"This would exceed the {most / _MIB:.3g} MiB that {whose} meetings and their "
            "extensions may take together. Shorten or delete some."
        )
