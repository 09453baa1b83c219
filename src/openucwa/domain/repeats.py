"""Requests that may be repeated, each known by a key that its client has chosen for it."""

from collections.abc import Mapping
from datetime import timedelta

import msgspec

KEPT = timedelta(days=1)
"""The shortest time for which a repetition is recognized."""


class Made(msgspec.Struct, kw_only=True):
    """The result of a request: a hash of its content, and the keys of the entity's path."""

    request: str
    keys: Mapping[str, str]
