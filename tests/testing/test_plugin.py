"""The pytest plugin, in runs of pytest of their own, as developers of clients have them."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.patience import until

pytestmark = pytest.mark.slow

ARGUMENTS = ("-p", "no:schemathesis", "-p", "no:cacheprovider", "-W", "error")


@pytest.fixture(autouse=True)
def _as_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a developer has configured for a server of his own is not for the one under test."""
    monkeypatch.setenv("OPENUCWA_HOST", "192.0.2.1")


def run(pytester: pytest.Pytester, *arguments: str) -> pytest.RunResult:
    return pytester.runpytest_subprocess(*ARGUMENTS, *arguments)


def test_a_run_without_its_fixtures_loads_nothing_for_them() -> None:
    """The run of every project pays for it in whose environment OpenUCWA is."""
    script = (
        "import sys, pytest; before = set(sys.modules); import openucwa.testing.plugin;"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["openucwa", "openucwa.testing", "openucwa.testing.plugin"]


def test_each_test_has_a_server_with_fresh_data(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import ssl
        import urllib.request

        import pytest


        def fetch(server, **trusting):
            with urllib.request.urlopen(server.url, **trusting) as answer:
                return answer.status


        def test_it_speaks_tls(ucwa_server):
            trusting = ssl.create_default_context(cafile=ucwa_server.ca_file)
            assert fetch(ucwa_server, context=trusting) == 200
            assert fetch(ucwa_server, context=ucwa_server.ssl_context) == 200
            with pytest.raises(OSError, match="certificate verify failed"):
                fetch(ucwa_server)


        def test_it_is_changed(ucwa_server, record_property):
            ucwa_server.controls.add_user("eve@contoso.com", "secret")
            ucwa_server.controls.advance(days=1)
            assert len(ucwa_server.controls.users()) == 4


        def test_it_is_fresh_again(ucwa_server):
            assert ucwa_server.controls.users() == sorted(
                f"sip:{one}" for one in ucwa_server.addresses
            )


        def test_it_is_killed(ucwa_server):
            ucwa_server.controls.kill()


        def test_it_is_there_again(ucwa_server):
            assert fetch(ucwa_server, context=ucwa_server.ssl_context) == 200
            ucwa_server.kill()
            assert not ucwa_server.is_running


        def test_it_is_there_once_more(ucwa_server):
            assert fetch(ucwa_server, context=ucwa_server.ssl_context) == 200
        """
    )
    run(pytester).assert_outcomes(passed=6)


def test_one_client_or_two_are_signed_in(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest

        from openucwa.client import Client, MeetingConflict


        def subjects(meetings):
            return [one.subject for one in meetings if one.subject]


        @pytest.mark.parametrize("number", [1, 2])
        def test_blocking(ucwa_client, number):
            assert subjects(ucwa_client.meetings.list()) == []
            ucwa_client.meetings.schedule(subject="Weekly")
            assert subjects(ucwa_client.meetings.list()) == ["Weekly"]


        @pytest.mark.anyio
        async def test_awaiting(ucwa_async_client):
            async with ucwa_async_client as client:
                assert subjects(await client.meetings.list()) == []


        def test_as_somebody_else(ucwa_server):
            with ucwa_server.client("chris@contoso.com", user_agent="Phone") as chris:
                assert chris.application().properties["userAgent"] == "Phone"
                assert chris.meetings.schedule().organizer == "sip:chris@contoso.com"


        @pytest.fixture
        def anyio_backend():
            return "asyncio"


        def test_of_different_properties_both_are_kept(two_editors):
            first, second, meeting = two_editors
            first.meetings.update(meeting, subject="Theirs")
            saved = second.meetings.update(meeting, description="Mine")
            assert (saved.subject, saved.description) == ("Theirs", "Mine")


        def test_of_one_property_the_second_is_told(two_editors):
            meeting = two_editors.meeting
            two_editors.first.meetings.update(meeting, subject="Theirs")
            with pytest.raises(MeetingConflict) as conflict:
                two_editors.second.meetings.update(meeting, subject="Mine")
            assert list(conflict.value.conflicting) == ["subject"]
        """
    )
    run(pytester).assert_outcomes(passed=6)


def test_a_test_that_fails_shows_what_the_server_has_logged(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import httpx2


        def test_it_passes(ucwa_client): ...


        def test_it_fails(ucwa_server):
            httpx2.get(f"{ucwa_server.url}/ucwa", verify=ucwa_server.ssl_context)
            raise AssertionError
        """
    )
    result = run(pytester)
    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["*Captured ucwa_server teardown*", '*"status":404*'])
    result.stdout.no_fnmatch_line("*oauthtoken*")  # which was in the other test


def test_processes_of_xdist_have_servers_of_their_own(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest


        @pytest.mark.parametrize("number", range(4))
        def test_many(ucwa_server, number):
            assert len(ucwa_server.controls.users()) == 3
            ucwa_server.controls.add_user("eve@contoso.com", "secret")
        """
    )
    run(pytester, "-n", "2").assert_outcomes(passed=4)


def test_what_is_not_installed_is_named(pytester: pytest.Pytester) -> None:
    pytester.makeconftest("import sys; sys.modules['trustme'] = None")
    pytester.makepyfile("def test_it(ucwa_server): ...")
    result = run(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        "ucwa_server needs a package that is not installed (trustme). Run: pip install "
        "'openucwa[[]test[]]'"
    )
    result.stdout.no_fnmatch_line("*Traceback*")


def test_a_server_that_is_not_installed_is_named(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = pytester.mkdir("without")
    (folder / "uvicorn.py").write_text("raise ModuleNotFoundError(name='uvicorn')")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    pytester.makepyfile("def test_it(ucwa_server): ...")
    result = run(pytester)
    result.assert_outcomes(errors=1)
    result.stdout.re_match_lines(
        [r"ucwa_server could not .*not installed \(uvicorn\).*pip install 'openucwa\[server\]'"]
    )


def test_the_server_ends_with_the_run_however_that_ends(tmp_path: Path) -> None:
    script = (
        "import sys, time, pathlib\n"
        "from openucwa.testing.server import Server\n"
        "with Server(pathlib.Path(sys.argv[1])) as server:\n"
        "    print(server._process.pid, flush=True)\n"
        "    time.sleep(1000)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        number = int(process.stdout.readline())
        assert _lives(number)
        process.send_signal(signal.SIGKILL)
    until(lambda: not _lives(number))


def _lives(number: int) -> bool:
    try:
        status = Path(f"/proc/{number}/stat").read_text()
    except FileNotFoundError:
        return False
    return re.sub(r".*\) ", "", status)[0] != "Z" and os.getpgid(number) > 0


def test_a_fault_that_never_happens_fails_its_test(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest


        def test_that_misspells_it(ucwa_client, ucwa_server):
            ucwa_server.controls.drop(method="PUT", rel="me", times=2)
            assert ucwa_client.me().name == "Dana Birkby"


        def test_that_meets_it(ucwa_client, ucwa_server):
            ucwa_client.application()
            ucwa_server.controls.drop(method="GET", rel="myOnlineMeetings")
            assert ucwa_client.meetings.list() is not None


        def test_that_clears_it(ucwa_client, ucwa_server):
            ucwa_server.controls.drop(rel="batch")
            ucwa_server.controls.clear_faults()


        @pytest.mark.ucwa_unmet_faults
        def test_that_may_leave_it(ucwa_server):
            ucwa_server.controls.drop(rel="batch")


        def test_that_kills_the_server(ucwa_server):
            ucwa_server.controls.drop(rel="batch")
            ucwa_server.kill()


        @pytest.mark.xfail(raises=ZeroDivisionError, strict=True)
        def test_that_fails_for_another_reason(ucwa_server):
            ucwa_server.controls.drop(rel="batch")
            1 / 0
        """
    )
    result = run(pytester, "--strict-markers")
    result.assert_outcomes(passed=4, failed=1, xfailed=1)
    result.stdout.fnmatch_lines(
        [
            "*Faults did not happen before the test ended: drop after PUT me, 2 times. Make*",
            "FAILED *::test_that_misspells_it*",
        ]
    )
