"""Requests that may be repeated (draft-ietf-httpapi-idempotency-key-header).

A client names a request by a key of its own. When it has lost the answer it sends the same again,
and gets what was made the first time.
"""

import re
from collections.abc import Callable
from hashlib import sha256
from typing import Any

import msgspec

from openucwa.domain.repeats import Made
from openucwa.resources.resource import Resource
from openucwa.resources.verb import Existing
from openucwa.resources.viewer import Me
from openucwa.store.tables.idempotency_keys import IdempotencyKeys
from openucwa.store.transaction import Transaction
from openucwa.wire.errors import BadRequest, Conflict, IdempotencyKeyReused, UcwaError
from openucwa.wire.given import Given

# A string of a structured field (RFC 9651), or the same without its quotes, as clients send it.
_KEY = re.compile(r'"([\x20\x21\x23-\x5b\x5d-\x7e]{1,255})"|([\x21\x23-\x2b\x2d-\x7e]{1,255})')


def once(
    tx: Transaction,
    me: Me,
    made: Resource[Any],
    key: str | UcwaError | None,
    given: Given[Any],
    make: Callable[[], Any],
) -> Any:
    """Return what `make` makes, or as Existing what the same request has made before.

    `made` is the resource of what is made. Raises BadRequest for a key that can't be read,
    IdempotencyKeyReused when it named another request, and Conflict when what was made is not there
    any more.
    """
    if key is None:
        return make()
    if isinstance(key, UcwaError):
        raise key
    request = _request(made, given)
    before = tx.of(IdempotencyKeys).get(me.user.id, key)
    if before is None:
        entity = make()
        tx.of(IdempotencyKeys).add(
            me.user.id, key, Made(request=request, keys=made.template.keys_of(entity))
        )
        return entity
    if before.request != request:
        raise IdempotencyKeyReused(
            "This Idempotency-Key was used for another request. Use a new key for each request."
        )
    found = made.found(tx, me, **before.keys)
    if found is None:
        raise Conflict(
            "What was created with this Idempotency-Key is not there for you any more. Use a new "
            "key to create another."
        )
    return Existing(found)


def key_of(header: str | None) -> str | UcwaError | None:
    """Return the hash of the value of Idempotency-Key, or the error if it can't be read."""
    if header is None or not header.strip():
        return None
    found = _KEY.fullmatch(header.strip())
    if found is None:
        return BadRequest(
            "Idempotency-Key can't be read. Send a string of at most 255 characters, in quotes."
        )
    return _hash((found[1] or found[2]).encode())


def _request(made: Resource[Any], given: Given[Any]) -> str:
    """A hash of what is asked for, in whichever format and order."""
    asked = [made.rel, dict(given.values), *([given.body] if given.body else [])]
    return _hash(msgspec.json.encode(asked, order="deterministic"))


def _hash(content: bytes) -> str:
    return sha256(content).hexdigest()
