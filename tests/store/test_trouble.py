"""What is said of a database that can't be used, and how often."""

import sqlite3

import psycopg
import pytest
from psycopg import errors
from structlog.testing import capture_logs

from openucwa.store import trouble
from openucwa.store.trouble import QUIET_FOR, SAY_EVERY, Trouble


class Time:
    now = 100.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    time = Time()
    monkeypatch.setattr(trouble, "time", time)
    return time


def error(name: str, text: str = "it fails") -> sqlite3.Error:
    made = sqlite3.OperationalError(text)
    made.sqlite_errorname = name
    return made


FULL = error("SQLITE_FULL", "database or disk is full")


def test_who_asks_is_told_what_it_is_and_when_to_come_back() -> None:
    told = Trouble().met(FULL)
    assert "disk is full" in told.message
    assert int(told.headers["Retry-After"]) > 0


@pytest.mark.parametrize(
    ("failure", "advice"),
    [
        (FULL, "Make room"),
        (error("SQLITE_READONLY_DBMOVED"), "same files"),
        (error("SQLITE_READONLY_DIRECTORY"), "writable"),
        (error("SQLITE_IOERR_WRITE"), "system's log"),
        (error("SQLITE_CANTOPEN"), "how many files"),
        (error("SQLITE_BUSY_SNAPSHOT"), "locked"),
        (error("SQLITE_CORRUPT"), "backup"),
        (error("SQLITE_NOTADB"), "backup"),
        (error("SQLITE_NOLFS"), "Restart"),
        (sqlite3.ProgrammingError("of Python"), "Restart"),
        (psycopg.OperationalError("connection lost"), "promote"),
        (errors.ReadOnlySqlTransaction(), "promote"),
        (errors.AdminShutdown(), "promote"),
        (errors.DiskFull(), "Make room"),
        (errors.TooManyConnections(), "max_connections"),
        (psycopg.OperationalError("FATAL:  sorry, too many clients already"), "max_connections"),
        (psycopg.OperationalError('too many connections for role "openucwa"'), "max_connections"),
        (psycopg.OperationalError("password authentication failed"), "pg_hba.conf"),
        (psycopg.OperationalError('FATAL:  database "openucwa" does not exist'), "backup"),
        (errors.UndefinedTable(), "backup"),
        (errors.OutOfMemory(), "memory"),
        (errors.LockNotAvailable(), "pg_stat_activity"),
        (errors.QueryCanceled(), "pg_stat_activity"),
        (errors.IoError(), "its log"),
        (errors.DataCorrupted(), "its log"),
    ],
)
def test_the_log_says_what_to_do(failure: Exception, advice: str) -> None:
    with capture_logs() as said:
        Trouble().met(failure)
    assert [(one["event"], one["error"]) for one in said] == [("database", str(failure))]
    assert advice in said[0]["advice"]


def test_what_nobody_has_foreseen_is_said_too() -> None:
    with capture_logs() as said:
        Trouble().met(errors.UndefinedTable("no such table"))
    assert said[0]["error"] == "no such table"


def test_what_goes_on_is_said_now_and_then(time: Time) -> None:
    found = Trouble()
    with capture_logs() as said:
        for _ in range(100):
            found.met(FULL)
            found.overcome()  # what is small still fits
            time.now += 0.25 * SAY_EVERY / 10
    assert [one["log_level"] for one in said] == ["error"] * 3


def test_another_failure_is_said_at_once(time: Time) -> None:
    found = Trouble()
    with capture_logs() as said:
        found.met(FULL)
        found.met(error("SQLITE_IOERR"))
    assert [one["error"] for one in said] == ["database or disk is full", "it fails"]


def test_when_it_is_over_that_is_said_once(time: Time) -> None:
    found = Trouble()
    with capture_logs() as said:
        found.overcome()
        found.met(FULL)
        time.now += QUIET_FOR
        found.overcome()
        found.overcome()
        found.met(FULL)
    assert [one["event"] for one in said] == ["database", "database_works_again", "database"]
