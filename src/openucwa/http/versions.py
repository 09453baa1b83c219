"""Which version of UCWA is asked for, and which is served (Versioning.md)."""

import re

from openucwa.http.request import Call
from openucwa.wire.errors import APIVersionNotSupported, BadRequest

SERVED = "2.0"
"""The value of `X-MS-UcwaVersion`: the highest revision of a resource here."""

_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})?")


def check_version(call: Call) -> None:
    """Raise APIVersionNotSupported for a client that needs a later version than this server has.

    Clients demand 2 of every resource, also of those that never had a second revision. Raises
    BadRequest for what is no number.
    """
    asked = call.header("x-ms-requiresminresourceversion")
    if not asked:
        return
    if not _NUMBER.fullmatch(asked):
        raise BadRequest(
            "X-MS-RequiresMinResourceVersion can't be read. Send a number, such as 2 or 2.0, or "
            "leave it out."
        )
    if float(asked) > float(SERVED):
        raise APIVersionNotSupported(
            f"This server has no resource in version {asked}: its highest version is {SERVED}. If "
            "that is enough, request it."
        )
