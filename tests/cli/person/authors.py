"""Authors of changes, as Dana's command line reads of them."""

from datetime import datetime
from typing import Any

from openucwa.cli.person import device
from openucwa.cli.person.author import Author, Authors
from openucwa.client.change import Change, change_in
from openucwa.client.resource import encode


class Dana:
    """A session of hers, as far as authors need one."""

    def own_name(self) -> tuple[str, str]:
        return "sip:Dana@contoso.com", "Dana Birkby"


DANA: Any = Dana()


def change(uri: str = "", at: datetime | None = None, **told: str) -> Change:
    """A change, of which a server tells the address of the author, the time, and more."""
    known = {"changedBy": uri or None, "changedAt": at, **told}
    return change_in(encode({name: value for name, value in known.items() if value is not None}))


def by(uri: str = "", at: datetime | None = None, **told: str) -> Author:
    """The author of such a change."""
    found = change(uri, at, **told)
    return Authors(DANA, [found]).of(found)


def here() -> str:
    """The user agent of the commands on this machine."""
    return device.application_name()
