"""Writes src/openucwa/client/_sync/ from _async/, as `make synchronous`.

With `--check` it writes nothing, and fails if a file is not as it has to be.

Names lose their `Async`, coroutines become functions, and what awaits, blocks. `concurrency.py` and
`waiting.py` are written by hand on both sides: they are where the two differ.
"""

import argparse
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from difflib import unified_diff
from pathlib import Path
from tempfile import TemporaryDirectory

import unasync

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "openucwa" / "client"
BY_HAND = frozenset({"concurrency.py", "waiting.py"})
HEADER = "# Made from _async/{name} by `make synchronous`. Change that one.\n"

_NAMES = {
    "_async": "_sync",
    "aclose": "close",
    "aiter": "iter",
    "aiter_bytes": "iter_bytes",
    "anext": "next",
    "aread": "read",
    "AsyncExitStack": "ExitStack",
    "AsyncContextManager": "ContextManager",
    "AbstractAsyncContextManager": "AbstractContextManager",
    "enter_async_context": "enter_context",
    "push_async_callback": "callback",
    "handle_async_request": "handle_request",
}
_PREFIXED = re.compile(r"\bAsync(?=[A-Z])(\w+)")
# What docstrings and comments say of it.
_WORDS = {
    r"\basync (?=with\b|for\b|def\b)": "",
    r"\bawait (?=[\w(])": "",
    r"\baclose\b": "close",
    r"\b[Aa]synchronous client\b": "synchronous client",
    r"\bTasks may\b": "Threads may",
}


def synchronous(sources: Mapping[str, str]) -> dict[str, str]:
    """The synchronous text of each source, by the name of its file."""
    names = {found[0]: found[1] for text in sources.values() for found in _PREFIXED.finditer(text)}
    with TemporaryDirectory() as folder:
        here, there = Path(folder, "_async"), Path(folder, "_sync")
        here.mkdir()
        for name, text in sources.items():
            (here / name).write_text(text, encoding="utf-8")
        rule = unasync.Rule(f"{here}/", f"{there}/", {**names, **_NAMES})
        unasync.unasync_files([str(here / name) for name in sources], [rule])
        return {path.name: _finished(path) for path in there.iterdir()}


def _finished(path: Path) -> str:
    """A file that unasync has made, as it is kept."""
    text = HEADER.format(name=path.name) + _reworded(path.read_text(encoding="utf-8"))
    for command in (("check", "--fix-only", "--select", "I"), ("format",)):
        text = _through_ruff(text, path.name, *command)
    return text


def _through_ruff(text: str, name: str, *command: str) -> str:
    """The text as ruff would have it in its place, where the project's rules hold."""
    ruff = Path(sys.executable).with_name("ruff")
    place = PACKAGE / "_sync" / name
    arguments = [str(ruff), *command, "--quiet", "--stdin-filename", str(place), "-"]
    return subprocess.run(
        arguments, input=text, stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT
    ).stdout


def _reworded(text: str) -> str:
    for pattern, word in _WORDS.items():
        text = re.sub(pattern, word, text)
    return _PREFIXED.sub(r"\1", text)


def _texts(folder: Path) -> dict[str, str]:
    return {
        path.name: path.read_text(encoding="utf-8")
        for path in sorted(folder.glob("*.py"))
        if path.name not in BY_HAND
    }


def _differences(wanted: Mapping[str, str], found: Mapping[str, str]) -> Iterable[str]:
    for name in sorted({*wanted, *found}):
        one, other = (texts.get(name, "").splitlines(keepends=True) for texts in (found, wanted))
        yield from unified_diff(one, other, f"_sync/{name}", f"made from _async/{name}")


def main() -> int:
    """Write what has to be, or tell what is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    is_check = parser.parse_args().check
    wanted, found = synchronous(_texts(PACKAGE / "_async")), _texts(PACKAGE / "_sync")
    if wanted == found:
        return 0
    if is_check:
        sys.stderr.writelines(_differences(wanted, found))
        sys.stderr.write("The synchronous client is not up to date: run make synchronous.\n")
        return 1
    for name in found.keys() - wanted.keys():
        (PACKAGE / "_sync" / name).unlink()
    for name, text in wanted.items():
        (PACKAGE / "_sync" / name).write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
