"""Conditional requests (RFC 9110, section 13; PayloadFormat.md): nothing unseen is overwritten."""

import re
from collections.abc import Sequence

import msgspec

from openucwa.wire.errors import BadRequest, PreconditionFailed, PreconditionRequired
from openucwa.wire.etag import MOST_TAGS, Condition, parse_condition

_OWN_TAG = re.compile(r"[1-9][0-9]{0,17}(?![0-9])")
"""A tag of ours, alone or with what a proxy has put behind it, such as `-gzip`."""


class Preconditions(msgspec.Struct, frozen=True):
    """The conditions of a request: None where there is none, an error where it can't be read.

    `is_required` tells that an update without If-Match is refused.
    """

    if_match: Condition | BadRequest | None
    if_none_match: Condition | BadRequest | None
    is_required: bool
    is_update: bool

    @property
    def seen(self) -> Sequence[str]:
        """The tags that If-Match names."""
        condition = self.if_match
        return condition.strong + condition.weak if isinstance(condition, Condition) else ()

    def check(self, tag: str) -> bool:
        """Return whether the client of a GET has this version already.

        If-Match is checked first (RFC 9110, section 13.2.2). Only an update whose conditions hold
        is told that it lacks one. Raises PreconditionFailed, PreconditionRequired, and BadRequest
        for what can't be read.
        """
        if isinstance(self.if_match, BadRequest):
            raise self.if_match
        if self.if_match is not None and not self.if_match.matches_strongly(tag):
            raise PreconditionFailed(_mismatch(self.if_match, tag))
        if isinstance(self.if_none_match, BadRequest):
            raise self.if_none_match
        is_known = self.if_none_match is not None and self.if_none_match.matches_weakly(tag)
        if is_known and self.is_update:
            raise PreconditionFailed(
                f'If-None-Match excludes the current version, "{tag}". Leave If-None-Match out, '
                "and send the ETag of the version that you want to replace as If-Match."
            )
        if self.if_match is None and self.is_required:
            raise PreconditionRequired(
                "Send the ETag of the version that you want to replace, as If-Match."
            )
        return is_known


def parse(if_match: str | None, if_none_match: str | None, verb: str) -> Preconditions:
    """Read the conditions of a request."""
    return Preconditions(
        if_match=_parse("If-Match", if_match),
        if_none_match=_parse("If-None-Match", if_none_match),
        is_required=verb == "PUT",
        is_update=verb != "GET",
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


def _parse(name: str, value: str | None) -> Condition | BadRequest | None:
    if value is None or not value.strip():
        return None
    try:
        return parse_condition(value)
    except ValueError:
        return BadRequest(
            f'{name} can\'t be read. Send "*", or at most {MOST_TAGS} tags such as "3109609770", '
            "in quotes."
        )
