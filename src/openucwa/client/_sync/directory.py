# Made from _async/directory.py by `make synchronous`. Change that one.
"""The directory: the people of the organization (search_ref.md)."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlencode

from openucwa.client._sync.folder import offered
from openucwa.client._sync.session import Session
from openucwa.client.contact import Contact


class Directory:
    """The people whom the client's user can find."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def search(self, text: str, *, limit: int = 20) -> Sequence[Contact]:
        """Return those whom a text names: by the beginnings of names, an address or a number.

        Who has the text as an address comes first. A whole address of another domain is found, too.
        Raises BadInput for an empty text and a limit that is not from 1 to 100, and NotOffered.
        """
        href = offered(self._session.dashboard("people"), "search")
        asked = urlencode({"query": text, "limit": limit})
        found = self._session.get(f"{href}{'&' if '?' in href else '?'}{asked}")
        return [Contact(one) for one in found.embedded("contact")]
