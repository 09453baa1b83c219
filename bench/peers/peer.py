"""A server beside which OpenUCWA is shown, as it runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bench.document import Document
from bench.servers import Server


@dataclass(frozen=True)
class Peer:
    """A peer that answers. `setup` says how it is run; its documents are each in a collection of
    their own, since some peers let no two writers into one collection at a time.
    """

    name: str
    version: str
    setup: str
    server: Server
    documents: Sequence[Document]
