"""root: the entry point to the API.

Source: root_ref.md, RootURL.md.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

from openucwa.resources.root import xframe
from openucwa.wire.representation import Link, Representation

PATH = "/Autodiscover/AutodiscoverService.svc/root"


def represent(
    base_url: str, original_domain: str | None, redirects: Mapping[str, str]
) -> Representation:
    """The root for a client that looks for the server of `original_domain`.

    It leads to the user resource here, or to the other server where `redirects` names one. It leads
    there with a single link, since a client follows whichever it meets first.
    """
    query = "?" + urlencode({"originalDomain": original_domain}) if original_domain else ""
    elsewhere = redirects.get((original_domain or "").lower())
    return Representation(
        rel="root",
        href=f"{base_url}{PATH}{query}",
        links=(
            {"redirect": Link(elsewhere)}
            if elsewhere
            else {
                "user": Link(f"{base_url}{PATH}/oauth/user{query}"),
                "xframe": Link(base_url + xframe.PATH),
            }
        ),
        titled=False,
    )
