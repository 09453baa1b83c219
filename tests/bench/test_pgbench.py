"""What an update sent, as PostgreSQL logged it, becomes pgbench's script."""

import pytest

from bench.pgbench import Statement, Update, script, statements
from bench.servers import ServerFailed

LOG = """\
2026-11-22 19:28:31.233 UTC [20] LOG:  execute <unnamed>: BEGIN
2026-11-22 19:28:31.233 UTC [30] LOG:  execute _pg3_0: SELECT pg_notify($1, $2)
2026-11-22 19:28:31.233 UTC [30] DETAIL:  Parameters: $1 = 'openucwa', $2 = '77'
2026-11-22 19:28:31.234 UTC [20] LOG:  execute 3: UPDATE meetings SET version = $1 WHERE id = $2
2026-11-22 19:28:31.234 UTC [20] DETAIL:  Parameters: $1 = '700', $2 = 'ABCD2345'
2026-11-22 19:28:31.235 UTC [20] LOG:  execute 4: INSERT INTO facts VALUES ($1, $2)
2026-11-22 19:28:31.235 UTC [20] DETAIL:  Parameters: $1 = 'it''s $2, = ''so''', $2 = NULL
2026-11-22 19:28:31.235 UTC [20] LOG:  statement: COMMIT
"""


def test_the_statements_are_those_of_the_connection_that_wrote_the_version() -> None:
    assert statements(LOG.splitlines(), "700") == [
        Statement("BEGIN"),
        Statement("UPDATE meetings SET version = $1 WHERE id = $2", {1: "700", 2: "ABCD2345"}),
        Statement("INSERT INTO facts VALUES ($1, $2)", {1: "it's $2, = 'so'", 2: None}),
        Statement("COMMIT"),
    ]


def test_a_log_that_does_not_show_the_update_is_refused() -> None:
    with pytest.raises(ServerFailed):
        statements(LOG.splitlines(), "701")


def test_the_script_updates_its_own_meeting_and_nothing_else_is_changed() -> None:
    update = Statement(
        "UPDATE m SET v = $1, n = $2 WHERE u = $3 AND i = $4 AND v = $5",
        {1: "700", 2: "120", 3: "1", 4: "ABCD2345", 5: "600"},
    )
    fact = Statement("INSERT INTO f VALUES ($1, $2, $3)", {1: '{"id":"ABCD2345"}', 2: None, 3: ""})
    forget = Statement("DELETE FROM v WHERE n <= $1", {1: "20"})
    usual = Update([update, fact], 600, 700, "ABCD2345", 121)
    tenth = Update([update, fact, forget], 600, 700, "ABCD2345", 120)
    text, variables = script(usual, tenth, together=False)
    assert (
        "UPDATE m SET v = :version, n = :ordinal WHERE u = :v0_3 AND i = :own_v0_4 AND v = :seen;\n"
        "INSERT INTO f VALUES (:own_v1_1, NULL, '');\n"
        "\\if :ordinal > :kept and :ordinal % :every = 0\n"
        "DELETE FROM v WHERE n <= :forgotten;\n"
        "\\endif\n"
    ) in text
    assert "pipeline" not in text
    assert "replace(:v1_1, :logged_meeting, online_meeting_id) AS own_v1_1" in text
    assert variables == {
        "v0_3": "1",
        "v0_4": "ABCD2345",
        "v1_1": '{"id":"ABCD2345"}',
        "logged_meeting": "ABCD2345",
        "kept": "100",
        "every": "10",
    }


def test_a_script_can_send_all_of_an_update_together() -> None:
    update = Update([Statement("BEGIN"), Statement("COMMIT")], 600, 700, "ABCD2345", 120)
    text, _ = script(update, update, together=True)
    assert "\\startpipeline\nBEGIN;\nCOMMIT;\n\\endpipeline\n" in text
