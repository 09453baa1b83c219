"""The attacks, by their names: coroutines that are given a target, and count the answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping

from prove.hostile.attacks import bodies, connections, history, packages, signing_in
from prove.hostile.target import Answers, Target

Attack = Callable[[Target, Answers], Awaitable[None]]

ATTACKS: Mapping[str, Attack] = {
    "combining": signing_in.combining,
    "forms": signing_in.forms,
    "sign-ins": signing_in.sign_ins,
    "passwords": signing_in.passwords,
    "guests": signing_in.guests,
    "lists": packages.lists,
    "packages": packages.packages,
    "versions": history.versions,
    "merges": history.merges,
    "tags": history.tags,
    "updates": history.updates,
    "megabytes": bodies.megabytes,
    "nesting": bodies.nesting,
    "members": bodies.members,
    "texts": bodies.texts,
    "heads": connections.heads,
    "slow-bodies": connections.slow_bodies,
    "slow-readers": connections.slow_readers,
}


def account(name: str) -> str:
    """The attacker's account for an attack: one for all that need the same long history."""
    module = ATTACKS[name].__module__
    return "history" if module == history.__name__ else name
