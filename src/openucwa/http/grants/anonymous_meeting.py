"""The grant `urn:microsoft.rtc:anonmeeting`: a meeting's URI and key (AuthenticationInUCWA.md)."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from openucwa.domain.deployment import Deployment
from openucwa.domain.networks import network_of
from openucwa.domain.people import MeetingKey, User
from openucwa.domain.sign_ins import GUESTS
from openucwa.http.authentication import hash_of
from openucwa.http.grants.grant import Holder, Refused, demand, wrong
from openucwa.http.grants.throttle import Attempt, key
from openucwa.http.request import Call
from openucwa.store.database import Database
from openucwa.store.tables.meetings import Meetings
from openucwa.store.tables.throttle import Throttle
from openucwa.store.tables.tokens import Tokens
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.wire import conference

TYPE = "urn:microsoft.rtc:anonmeeting"


@dataclass(frozen=True)
class AnonymousMeetingGrant:
    """Whoever knows a meeting's key becomes a guest of it; one who renews a token stays the same.

    What is wrong is not told apart, so that nobody learns from it who there is, or which meetings.
    """

    deployment: Deployment
    database: Database

    @property
    def lifetime(self) -> timedelta:
        return self.deployment.lifetimes.anonymous_token

    def failure(self, why: str) -> Refused:
        return wrong("The URI of the meeting or its key is wrong.", why)

    async def holder(self, form: Mapping[str, str], call: Call) -> Holder:
        demand(form, "password", "ms_rtc_conferenceuri")
        meet_url = self.deployment.meet_url
        organizer, id = conference.designated(form["ms_rtc_conferenceuri"], meet_url) or ("", "")
        if form["password"].strip().upper() != id:  # the key of our meetings is their id
            id = ""
        renewed = form.get("ms_rtc_renew")
        # Not the organizer's own account: she can sign in while somebody guesses at her meetings.
        attempt = Attempt(f"{TYPE} {organizer}", call.client, is_guessable=False)

        def admit(tx: Transaction) -> User | None:
            attempt.check(tx)
            meeting = _meeting(tx, organizer, id)
            if meeting is None:
                return None
            if renewed:
                return _guest(tx, meeting, renewed)
            if tx.of(Users).guests(meeting, tx.now) >= self.deployment.limits.guests_per_meeting:
                raise _full(60)
            here = key("guests", meeting.online_meeting_id, network_of(call.client))
            if not tx.of(Throttle).add(here, GUESTS):
                raise _full(math.ceil(tx.of(Throttle).wait(here, GUESTS).total_seconds()))
            return tx.of(Users).add_guest(meeting)

        def is_right(tx: Transaction) -> bool:
            if organizer and tx.of(Users).organizer(organizer):
                call.notes.account = organizer
            attempt.check(tx)
            meeting = _meeting(tx, organizer, id)
            return meeting is not None and (not renewed or _guest(tx, meeting, renewed) is not None)

        if not await self.database.read(is_right):
            await self.database.write(attempt.fail)
            raise self.failure("wrong")
        return Holder(admit)


def _full(wait: int) -> Refused:
    return Refused(
        "invalid_grant",
        f"The meeting has reached its limit of guests. Try again in {wait} seconds.",
        28020,
        "Too many guests.",
        retry_after=wait,
        why="too many guests",
    )


def _meeting(tx: Transaction, organizer: str, id: str) -> MeetingKey | None:
    """The meeting of that id, if that organizer has it. It takes the same steps if not."""
    user = tx.of(Users).organizer(organizer) if organizer else None
    organizer_id = user.id if user and not user.disabled else 0
    meeting = tx.of(Meetings).get(organizer_id, id)
    if meeting is None:
        return None
    return MeetingKey(organizer_id=organizer_id, online_meeting_id=id)


def _guest(tx: Transaction, meeting: MeetingKey, token: str) -> User | None:
    """The guest of that meeting who has, or had, that token.

    It may have expired: the key has just been shown again, and the token only says who shows it.
    """
    found = tx.of(Tokens).get(hash_of(token))
    return found[0] if found and found[0].guest_of == meeting else None
