"""Ending sessions."""

from datetime import timedelta

import pytest

from openucwa.domain.people import MeetingKey
from openucwa.store.connection import Connection, Turn
from openucwa.store.tables.applications import Applications
from openucwa.store.tables.channels import Channels
from openucwa.store.tables.sessions import Sessions
from openucwa.store.tables.tokens import Tokens
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from tests.store.memory import DANA, NOW, application


def test_the_turns_of_all_guests_are_asked_for_at_once(
    tx: Transaction, connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL starts a transaction anew for each turn that it does not have yet."""
    meeting = MeetingKey(organizer_id=DANA, online_meeting_id="PYC58WSY")
    for number in range(5):
        guest = tx.of(Users).add_guest(meeting)
        tx.of(Tokens).add(f"token {number}", guest, NOW + timedelta(hours=1))
        theirs = application(guest.id, id=number + 1)
        tx.of(Applications).add(theirs)
        tx.of(Channels).open(theirs)
    taken: set[Turn] = set()
    starts = 0

    def alone(_: Connection, *turns: Turn) -> None:
        nonlocal starts
        starts += not taken.issuperset(turns)
        taken.update(turns)

    monkeypatch.setattr(type(connection), "alone", alone)
    tx.of(Sessions).end_of_guests(DANA)
    assert starts == 2
    assert not any(tx.of(Tokens).get(f"token {number}") for number in range(5))
