"""Applications: their ids and their ends."""

from datetime import UTC, datetime, timedelta

from openucwa.domain.applications import Application, new_id


def test_an_id_is_a_number_of_twelve_digits_and_never_the_same() -> None:
    ids = {new_id() for _ in range(100)}
    assert len(ids) == 100
    assert {len(str(id)) for id in ids} == {12}


def test_an_application_expires_when_it_has_made_no_request_for_its_lifetime() -> None:
    seen = datetime(2026, 11, 22, 12, tzinfo=UTC)
    application = Application(
        id=1,
        user_id=1,
        version=1,
        last_seen_at=seen,
        user_agent="test",
        endpoint_id="1",
        culture="en-US",
    )
    assert application.expires_at(timedelta(hours=4)) == seen + timedelta(hours=4)
