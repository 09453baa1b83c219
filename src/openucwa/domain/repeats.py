"""Requests that may be repeated, each known by a key that its client has chosen for it."""

from collections.abc import Mapping
from datetime import timedelta

import msgspec

KEPT = timedelta(days=1)
"""How long a repetition is recognized, at least."""


class Made(msgspec.Struct, kw_only=True):
    """What a request has made: a hash of what was asked for, and the keys of the entity's path."""

    request: str
    keys: Mapping[str, str]
