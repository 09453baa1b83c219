"""user: the entry point for those who have credentials.

Source: user_ref.md, CreateAnApplication.md.
"""

from openucwa.resources.path import ROOT
from openucwa.wire.representation import Link, Representation

PATH = "/Autodiscover/AutodiscoverService.svc/root/oauth/user"


def represent(base_url: str, revision: int | None) -> Representation:
    """Where the signed-in user registers her application; `revision` is that of `applications`."""
    return Representation(
        rel="user",
        href=base_url + PATH,
        links={"applications": Link(f"{base_url}{ROOT}applications", revision)},
        titled=False,
    )
