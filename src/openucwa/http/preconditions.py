"""Conditional requests (RFC 9110, section 13; PayloadFormat.md): nothing unseen is overwritten."""

import re

from openucwa.wire.errors import BadRequest, PreconditionFailed, PreconditionRequired
from openucwa.wire.etag import MOST_TAGS, Condition, parse_condition

_OWN_TAG = re.compile(r"[1-9][0-9]{0,17}(?![0-9])")
"""A tag of ours, alone or with what a proxy has put behind it, such as `-gzip`."""


def demanded(if_match: str | None) -> Condition | None:
    """Return the condition of `If-Match`, or None when it is left out.

    Raises BadRequest when it can't be read.
    """
    if if_match is None or not if_match.strip():
        return None
    return _parse("If-Match", if_match)


def require(condition: Condition | None) -> None:
    """Raise PreconditionRequired when `If-Match` was left out."""
    if condition is None:
        raise PreconditionRequired(
            "Send the ETag of the version that you want to replace, as If-Match."
        )


def check(condition: Condition | None, tag: str) -> None:
    """Raise PreconditionFailed when the current version is not one that `If-Match` names."""
    if condition is not None and not condition.matches_strongly(tag):
        raise PreconditionFailed(_mismatch(condition, tag))


def unchanged(if_none_match: str | None, tag: str) -> bool:
    """Return whether the client has this version. Raises BadRequest for an invalid header."""
    if if_none_match is None or not if_none_match.strip():
        return False
    return _parse("If-None-Match", if_none_match).matches_weakly(tag)


def check_none(if_none_match: str | None, tag: str) -> None:
    """Raise PreconditionFailed when `If-None-Match` forbids to change this version."""
    if unchanged(if_none_match, tag):
        raise PreconditionFailed(
            f'If-None-Match excludes the current version, "{tag}". Leave If-None-Match out, and '
            "send "
            "the ETag of the version that you want to replace as If-Match."
        )


def _mismatch(condition: Condition, tag: str) -> str:
    """Tell why `If-Match` does not hold, and what to send.

    A tag that a proxy has made of ours never matches. Fetching again through that proxy would only
    give the next one, so the client is told where it finds the tag that does.
    """
    for seen in condition.weak:
        if own := _OWN_TAG.match(seen):
            return (
                f'If-Match names W/"{seen}". A weak tag never matches in If-Match (RFC 9110, '
                "section 13.1.1). The tags of this server are strong: a proxy on the way, "
                f"probably one that compresses, has weakened this one. {_advice(own[0], tag)}"
            )
    for seen in condition.strong:
        if (own := _OWN_TAG.match(seen)) and own.end() < len(seen):
            return (
                f'If-Match names "{seen}", which is not a tag of this server: a proxy on the '
                f"way, probably one that compresses, has changed it. {_advice(own[0], tag)}"
            )
    return (
        "The resource has changed since the version that If-Match names. Fetch it again, show "
        "the user the changes, and repeat the request with the new ETag."
    )


def _advice(seen: str, tag: str) -> str:
    if seen != tag:
        return (
            "The resource has also changed since that version. Fetch it again, show the user the "
            'changes, and send the "etag" of its body, in quotes.'
        )
    return (
        f'The resource has not changed since that version. Send "{tag}", which is the "etag" of '
        "its body, or configure the proxy to leave ETag unchanged."
    )


def _parse(name: str, value: str) -> Condition:
    try:
        return parse_condition(value)
    except ValueError as error:
        raise BadRequest(
            f'{name} can\'t be read. Send "*", or at most {MOST_TAGS} tags such as "3109609770", '
            "in quotes."
        ) from error
