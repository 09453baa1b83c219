"""user: the entry point for those who have credentials.

Source: user_ref.md, CreateAnApplication.md.
"""

from openucwa.domain.people import User
from openucwa.resources.path import ROOT
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.wire.representation import Link, Representation

PATH = "/Autodiscover/AutodiscoverService.svc/root/oauth/user"


def entry_of(asking: User) -> str:
    """The rel of the entry point where somebody registers her application."""
    return "anonApplications" if asking.guest_of else "applications"


def represent(
    base_url: str, entry: Resource[Me], sessions: Resource[Me] | None, revocation: str
) -> Representation:
    """The link by which the signed-in user registers an application.

    `sessions` are what she has signed in, and `revocation` is the path where a token is given up.

    A guest's own entry point stands under the same rel: it is the only one that RootURL.md has, and
    what clients follow when they join a meeting.
    """
    return Representation(
        rel="user",
        href=base_url + PATH,
        links={
            "applications": Link(f"{base_url}{ROOT}{entry.path}", entry.revision),
            **({"sessions": Link(f"{base_url}{ROOT}{sessions.path}")} if sessions else {}),
            "tokenRevocation": Link(base_url + revocation),
        },
        titled=False,
    )
