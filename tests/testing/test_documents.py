"""The guide to testing clients works as printed, and the reference names all that there is."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest

from openucwa.testing.controlled import controls
from openucwa.testing.controlled.faults import Fault, Kind, When

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "guide" / "testing-clients.md").read_text(encoding="utf-8")
REFERENCE = (DOCS / "reference" / "test-controls.md").read_text(encoding="utf-8")
PRINTED = "http://127.0.0.1:8080"
"""The address in the documents."""


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", text, re.DOTALL)


@contextmanager
def serving() -> Iterator[str]:
    """What the guide starts, at another port; its address."""
    command = [sys.executable, "-c", "from openucwa.cli.main import main; main()", "serve"]
    with subprocess.Popen(
        [*command, "--test-controls", "--demo", "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            said = next(line for line in process.stdout if "can control it at" in line)
            yield said.split()[-1].removesuffix(controls.PREFIX)
        finally:
            process.terminate()
    assert process.returncode == 0


@pytest.mark.slow
def test_the_tests_of_the_guide_pass(pytester: pytest.Pytester) -> None:
    tests = blocks(GUIDE, "python")
    pytester.makepyfile(**{f"test_{number}": one for number, one in enumerate(tests)})
    result = pytester.runpytest_subprocess("-p", "no:schemathesis", "-W", "error")
    result.assert_outcomes(passed=sum(one.count("def test_") for one in tests))


def test_the_first_one_has_ten_lines() -> None:
    lines = [line for line in blocks(GUIDE, "python")[0].splitlines() if line]
    assert len(lines) <= 10


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("curl") is None, reason="needs curl")
def test_the_commands_of_the_documents_work() -> None:
    (steps,), (example,) = blocks(GUIDE, "sh"), blocks(REFERENCE, "sh")
    with serving() as address:
        done = subprocess.run(
            ["bash", "-eu", "-c", f"{steps}\n{example}".replace(PRINTED, address)],
            capture_output=True,
            text=True,
            check=True,
        )
    reset, fault, status, time, again = done.stdout.splitlines()
    assert reset.startswith('{"now":')
    assert '"retryAfter":2' in fault
    assert status == "503"
    assert reset < time < again


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_the_tests_in_javascript_pass(tmp_path: Path) -> None:
    (tests,) = blocks(GUIDE, "js")
    file = tmp_path / "client.test.mjs"
    with serving() as address:
        file.write_text(tests.replace(PRINTED, address), encoding="utf-8")
        done = subprocess.run(
            ["node", "--test", str(file)], capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode == 0, done.stdout
    assert "pass 1" in done.stdout


def test_the_reference_names_every_member_and_every_kind() -> None:
    inputs = (controls.Advance, controls.Expire, controls.Change, controls.NewUser, Fault)
    members = {one.encode_name for type in inputs for one in msgspec.structs.fields(type)}
    names = {*members, *Kind, *When, *controls.Expired, *_shown()}
    assert {name for name in names if f"`{name}`" not in REFERENCE} == set()


def _shown() -> set[str]:
    """What GET tells."""
    return {"now", "users", "faults", "underWay"}


@pytest.mark.parametrize("name", ["time", "expire", "faults", "users", "meetings", "reset", "keep"])
def test_the_reference_names_every_control(name: str) -> None:
    assert f"`POST {controls.PREFIX}/{name}`" in REFERENCE
