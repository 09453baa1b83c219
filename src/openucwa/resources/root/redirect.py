"""redirect: a pointer to the server that the application should use.

Source: redirect_ref.md.
"""

from openucwa.resources.root import user
from openucwa.wire.representation import Link, Representation

PATH = "/Autodiscover/AutodiscoverService.svc/root/user/redirect"


def represent(base_url: str) -> Representation:
    """The server to use is this one."""
    return Representation(
        rel="redirect",
        href=base_url + PATH,
        links={"user": Link(base_url + user.PATH)},
        titled=False,
    )
