"""Conditional requests (RFC 9110, section 13; PayloadFormat.md): nothing unseen is overwritten."""

from openucwa.wire.errors import BadRequest, PreconditionFailed, PreconditionRequired
from openucwa.wire.etag import Condition, parse_condition


def demanded(if_match: str | None, *, required: bool) -> Condition | None:
    """What `If-Match` demands. None when it is left out.

    Raises PreconditionRequired when it is left out but required, BadRequest when it can't be read.
    """
    if if_match is None or not if_match.strip():
        if required:
            raise PreconditionRequired(
                "Send the ETag of the version that you want to replace, as If-Match."
            )
        return None
    return _parse("If-Match", if_match)


def check(condition: Condition | None, tag: str) -> None:
    """Raise PreconditionFailed when the current version is not one that the client knows."""
    if condition is not None and not condition.matches_strongly(tag):
        raise PreconditionFailed(
            "It has changed since the version that If-Match names. Fetch it again, show what has "
            "changed, and send what is wanted with the new ETag."
        )


def unchanged(if_none_match: str | None, tag: str) -> bool:
    """Whether the client has this version already. Raises BadRequest for what can't be read."""
    if if_none_match is None or not if_none_match.strip():
        return False
    return _parse("If-None-Match", if_none_match).matches_weakly(tag)


def _parse(name: str, value: str) -> Condition:
    try:
        return parse_condition(value)
    except ValueError as error:
        raise BadRequest(
            f'{name} can\'t be read. Send "*" or tags such as "3109609770", in quotes.'
        ) from error
