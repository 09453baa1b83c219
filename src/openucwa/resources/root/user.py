"""user: the entry point for those who have credentials.

Source: user_ref.md, CreateAnApplication.md.
"""

from openucwa.domain.people import User
from openucwa.resources.path import ROOT
from openucwa.wire.representation import Link, Representation

PATH = "/Autodiscover/AutodiscoverService.svc/root/oauth/user"


def represent(base_url: str, found: User) -> Representation:
    """Where the signed-in user registers her application.

    A guest's own entry point stands under the same rel: it is the only one that RootURL.md has, and
    what clients follow when they join a meeting.
    """
    entry = "anonApplications" if found.guest_of else "applications"
    return Representation(
        rel="user",
        href=base_url + PATH,
        links={"applications": Link(f"{base_url}{ROOT}{entry}")},
        titled=False,
    )
