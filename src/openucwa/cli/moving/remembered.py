"""What this machine has copied: so that a copy that somebody has cancelled does not come back.

The meetings themselves say what they were copied from; what is not there any more can't.
"""

import hashlib
import json

from openucwa.cli.moving.marks import Origin
from openucwa.cli.person import folders


class Remembered:
    """The copies of one person's meetings at one place: source → id of the copy."""

    def __init__(self, whose: str) -> None:
        name = hashlib.sha256(whose.lower().encode()).hexdigest()[:16]
        self._path = folders.state() / "import" / f"{name}.json"
        self._copies = _copies(folders.read(self._path))

    def copy_of(self, origin: Origin) -> str | None:
        """The id that the copy has, or had."""
        return self._copies.get(str(origin))

    def add(self, origin: Origin, id: str) -> None:
        """Remember a copy. Raises Failure when that is impossible."""
        if self._copies.get(str(origin)) != id:
            self._copies[str(origin)] = id
            folders.write(self._path, json.dumps(self._copies, indent=0))


def _copies(text: str | None) -> dict[str, str]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    if not isinstance(found, dict):
        return {}
    return {str(origin): id for origin, id in found.items() if isinstance(id, str)}
