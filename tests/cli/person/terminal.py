"""A person at a real terminal: what she types, and what she sees."""

import os
import pty
import re
import signal
import termios
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import pexpect
import pyte
from pexpect.fdpexpect import fdspawn

from tests.cli.person import forks
from tests.sockets.process import PATIENCE

_TICK = 0.05
_READING = 0.3
"""Seconds."""
_ROWS = 50


def environment(home: Path, **more: str) -> dict[str, str]:
    """That of a person with a home of her own, in Berlin, on a system without a keyring."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("OPENUCWA_", "XDG_", "COV_"))
        and name not in ("EDITOR", "VISUAL", "NO_COLOR", "COLUMNS", "LINES", "FORCE_COLOR")
    }
    return {
        **kept,
        "HOME": str(home),
        "TZ": "Europe/Berlin",
        "TERM": "xterm-256color",
        "LANG": "C.UTF-8",
        "UCWA_DEVICE": home.name,
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        **more,
    }


class Terminal:
    """A terminal in which a command of openucwa runs."""

    def __init__(self, home: Path, *arguments: str, columns: int = 80, **variables: str) -> None:
        self._screen = pyte.HistoryScreen(columns, _ROWS, history=1000)
        self._stream = pyte.ByteStream(self._screen)
        self.raw = b""
        terminal, its_end = pty.openpty()
        termios.tcsetwinsize(its_end, (_ROWS, columns))
        self._fork = forks.start(
            arguments, environment(home, **variables), home, [its_end] * 3, has_terminal=True
        )
        os.close(its_end)
        self._child = fdspawn(terminal, timeout=PATIENCE)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._fork.end()
        self._child.close()

    @property
    def lines(self) -> list[str]:
        """What stands on the screen, without the spaces and the empty lines at its end."""
        lines = [line.rstrip() for line in self._screen.display]
        while lines and not lines[-1]:
            del lines[-1]
        return lines

    @property
    def text(self) -> str:
        """The same in one."""
        return "\n".join(self.lines)

    def sees(self, wanted: str) -> str:
        """Wait until a text stands on the screen, also broken into lines; returns the screen."""
        pattern = re.compile(r"\s+".join(map(re.escape, wanted.split())))
        deadline = time.monotonic() + PATIENCE
        while not pattern.search(self.text):
            ended = not self._read()
            if ended and not pattern.search(self.text):
                raise AssertionError(f"the command ended, and {wanted!r} is not in\n{self.text}")
            assert time.monotonic() < deadline, f"{wanted!r} is not in\n{self.text}"
        return self.text

    def types(self, line: str) -> None:
        """Type something, and Enter."""
        time.sleep(_TICK)  # so that the echo is as the question has set it
        self._child.sendline(line)

    def presses(self, key: str) -> None:
        """Press Ctrl and a letter, no faster than a person can after reading.

        A signal that comes between a question and the waiting for its answer waits, too.
        """
        self.reads()
        self._child.send(chr(ord(key) - ord("`")))

    def sends(self, key: str) -> None:
        """Press a key, as the terminal encodes it."""
        self.reads()
        self._child.send(key)

    def ends(self) -> int:
        """Wait for the end of the command; returns its exit status."""
        deadline = time.monotonic() + PATIENCE
        while self._read():
            assert time.monotonic() < deadline, f"the command goes on after\n{self.text}"
        status = self._fork.wait()
        assert status >= 0, f"it ended by signal {-status}"
        return status

    def reads(self) -> None:
        """Let some time pass, as a person does who reads."""
        time.sleep(_READING)

    def hangs_up(self) -> None:
        """Close the window."""
        self._fork.end(signal.SIGHUP)

    def kill(self) -> None:
        """End the command as `kill -9` does."""
        self._fork.end()

    def _read(self) -> bool:
        """Take in what has come; False when nothing can come any more."""
        try:
            found = self._child.read_nonblocking(65536, timeout=_TICK)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += found
        self._stream.feed(found)
        return True


class Editor:
    """A program that stands for a person at her editor.

    It shows that the text is open, waits until it may go on, and changes the text by a script of
    sed. Then it ends with a status.
    """

    def __init__(self, folder: Path, *scripts: str, waits: bool = False, status: int = 0) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._go = folder / "go"
        self._opened = folder / "opened"
        program = folder / "editor.sh"
        for number, script in enumerate(scripts, start=1):
            (folder / f"{number}.sed").write_text(script)
        if not waits:
            self._go.touch()
        program.write_text(
            "#!/bin/sh\n"
            f"cd '{folder}'\n"
            "count=$(($(cat count 2>/dev/null || echo 0) + 1))\n"
            "echo $count > count\n"
            'cp "$1" page.$count\n'
            "touch opened\n"
            "while [ ! -e go ]; do sleep 0.05; done\n"
            '[ -e $count.sed ] && sed -i -f $count.sed "$1"\n'
            f"exit {status}\n"
        )
        program.chmod(0o700)
        self.folder = folder
        self.command = str(program)

    def opened(self) -> None:
        """Wait until the text is open."""
        deadline = time.monotonic() + PATIENCE
        while not self._opened.exists():
            assert time.monotonic() < deadline, "no editor was opened"
            time.sleep(_TICK)

    def go_on(self) -> None:
        """Let the person change the text, save it and close the editor."""
        self._go.touch()

    def page(self, number: int) -> str:
        """What stood in the editor when it was opened for the `number`th time."""
        return (self.folder / f"page.{number}").read_text()
