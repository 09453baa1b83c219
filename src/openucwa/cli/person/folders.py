"""The folders of the command line, which only this user of the machine can read."""

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from openucwa.cli.failure import Failure

_OURS_ALONE = 0o700


def settings() -> Path:
    """Return the folder of the signed-in account, and of the token if the system has no keyring."""
    import platformdirs

    return platformdirs.user_config_path("openucwa", appauthor=False)


def state() -> Path:
    """Return the folder of data that can be lost: drafts, and the versions that were shown last."""
    import platformdirs

    return platformdirs.user_state_path("openucwa", appauthor=False)


def write(path: Path, text: str) -> None:
    """Replace a file, whole or not at all; nobody else may read it. Raises Failure."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True, mode=_OURS_ALONE)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".")  # made with mode 600
    except OSError as error:
        raise Failure(f"{path} can't be written: {error.strerror}.") from None
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(name)
        raise Failure(f"{path} can't be written: {error.strerror}.") from None


def read(path: Path) -> str | None:
    """The text of a file; None if there is none, or it can't be read."""
    try:
        return path.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return None


def remove(path: Path) -> None:
    """Remove a file that may be gone."""
    with suppress(OSError):
        path.unlink()
