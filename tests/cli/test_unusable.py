"""A PostgreSQL database that can't be used: what commands tell, and that no password is told."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from tests.cli.conftest import Run
from tests.patience import until
from tests.sockets.process import add_user, launch
from tools.postgres import FORGETFUL, Postgres, running

PASSWORD = "s3cr3t"
REFUSED = "127.0.0.1:1"
COMMANDS = [
    ["serve", "--port", "0", "--database"],
    ["serve", "--demo", "--port", "0", "--database"],
    ["user", "list", "--database"],
    ["migrate", "--database"],
    ["database", "copy", "data"],
]
"""All that connect. The URL comes last."""


@pytest.fixture(scope="module")
def strict() -> Iterator[Postgres]:
    """A server that lets in who has a password, and gives her no rights."""
    with running(FORGETFUL) as found:
        with psycopg.connect(found.url(), autocommit=True) as connection:
            connection.execute(f"CREATE ROLE low LOGIN PASSWORD '{PASSWORD}'".encode())
            found.create("there")
            connection.execute(
                "CREATE DATABASE latin OWNER low TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'"
            )
            rules = "host all low 127.0.0.1/32 scram-sha-256\nhost all postgres 127.0.0.1/32 trust"
            (found.folder / "pg_hba.conf").write_text(rules)
            connection.execute("SELECT pg_reload_conf()")
        until(lambda: not lets_in(found, "low:wrong"))
        yield found


def lets_in(server: Postgres, who: str) -> bool:
    try:
        psycopg.connect(server.url("there").replace("postgres@", f"{who}@")).close()
    except psycopg.OperationalError:
        return False
    return True


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_each_command_says_what_to_do(
    run: Run, strict: Postgres, command: list[str], folder: Path
) -> None:
    add_user(folder)  # whose database can be copied
    done = run(*command, f"{strict.url('there').replace('postgres@', f'low:{PASSWORD}@')}")
    assert done.status == 1
    assert "permission denied for schema public" in done.err
    assert len(done.err.splitlines()) == 1
    assert PASSWORD not in done.out + done.err


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"low:{PASSWORD}@HERE/nowhere", 'database "nowhere" does not exist. Create the database'),
        (f"low:{PASSWORD}x@HERE/there", "Set the right password in the file that PGPASSFILE"),
        ("low@HERE/there", "Set the right password in the file that PGPASSFILE"),
        (
            f"low:{PASSWORD}@HERE/there",
            "permission denied for schema public. Grant this user the right",
        ),
        (f"low:{PASSWORD}@HERE/latin", "Create it again with TEMPLATE template0 ENCODING 'UTF8'"),
        (f"other:{PASSWORD}@HERE/there", "Allow this user in pg_hba.conf of PostgreSQL"),
        (f"low:{PASSWORD}@{REFUSED}/there", "Check that PostgreSQL runs, and that the host and"),
        (f"low:{PASSWORD}@{REFUSED},{REFUSED}/there", "Check that PostgreSQL runs, and that the"),
        (f"low:{PASSWORD}@nowhere.invalid/there", "Check the host in the URL."),
        (f"low:{PASSWORD}@HERE/there?sslmode=require", "Check sslmode and sslrootcert in the URL"),
        (f"low:{PASSWORD}@HERE/there?sslmod=require", "can't be read: it has no setting sslmod."),
        (f"HERE/there?user=other&password={PASSWORD}", "Allow this user in pg_hba.conf"),
    ],
)
def test_says_what_to_do(run: Run, strict: Postgres, url: str, said: str) -> None:
    done = run(
        "migrate", "--database", "postgresql://" + url.replace("HERE", f"127.0.0.1:{strict.port}")
    )
    assert done.status == 1
    assert said in done.err
    assert len(done.err.splitlines()) == 1
    assert PASSWORD not in done.out + done.err


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_tells_a_password(run: Run, command: list[str], folder: Path) -> None:
    add_user(folder)
    done = run(*command, f"postgresql://low:x@{PASSWORD}@host/name")
    assert done.status == 2
    assert PASSWORD not in done.out + done.err


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://low:{PASSWORD}%@host/name",
        f"postgresql://low:{PASSWORD}%zz@host/name",
        f"postgresql://low:x@{PASSWORD}@host/name",
        f"postgresql://low:x/{PASSWORD}@host/name",
        f"postgresql://low:x?{PASSWORD}@host/name",
        f"postgresql://low:x#{PASSWORD}@host/name",
        f"postgresql://low:x:{PASSWORD}@host/name",
        f"postgresql://low:1/{PASSWORD}@host/name",
        f"postgresql://low:{PASSWORD} x@host/name",
        f"postgresql://[{PASSWORD}/name",
        f"mysql://low:{PASSWORD}@host/name",
    ],
)
def test_a_password_that_looks_like_another_part_is_not_told(run: Run, url: str) -> None:
    done = run("migrate", "--database", url)
    assert done.status == 2
    assert PASSWORD not in done.out + done.err


def test_the_configuration_shows_no_password(
    run: Run, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    url = f"postgresql://low:{PASSWORD}@host/name?sslpassword={PASSWORD}&sslmode=require"
    (folder / "openucwa.toml").write_text(f'database = "{url}"')
    shown = "postgresql://low:***@host/name?sslpassword=***&sslmode=require"
    for form in ([], ["--json"]):
        for source in ("openucwa.toml", "OPENUCWA_DATABASE", "--database"):
            if source == "OPENUCWA_DATABASE":
                monkeypatch.setenv(source, url)
            done = run("config", *form, *(["--database", url] if source == "--database" else []))
            assert shown in done.out
            assert PASSWORD not in done.out + done.err
        monkeypatch.delenv("OPENUCWA_DATABASE")


@pytest.mark.slow
def test_a_server_that_loses_its_database_tells_no_password(tmp_path: Path) -> None:
    """Neither in what it prints nor in what it logs."""
    with running(FORGETFUL) as own:
        url = own.create("own").replace("postgres@", f"postgres:{PASSWORD}@")
        with launch(tmp_path, "--demo", "--database", url) as process:
            assert process.stdout
            printed = ""
            while "/own" not in printed:
                printed += process.stdout.readline()
            own.stop()
            log = tmp_path / "server.log"
            until(lambda: '"notices"' in log.read_text())
            process.terminate()
            printed += process.stdout.read()
    assert PASSWORD not in printed + log.read_text()
