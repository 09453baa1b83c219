"""phoneDialInInformation and its dialInRegions: the numbers that callers dial.

Source: phoneDialInInformation_ref.md, dialInRegion_ref.md.
"""

import msgspec

from openucwa.domain.policies import DialInRegion
from openucwa.resources.resource import Resource
from openucwa.resources.viewer import Me
from openucwa.store.transaction import Transaction


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    """There is no audio conference provider beside the server, nor what belongs to one."""

    default_region: str | None
    """The region to show first."""
    external_directory_uri: str | None
    """The page with all numbers, from outside."""
    internal_directory_uri: str | None
    """The page with all numbers, within the company."""
    is_audio_conference_provider_enabled: bool = False
    """Always false: no audio conferencing provider takes calls."""


def properties(me: Me, _: Me) -> Properties:
    dial_in = me.policy.dial_in
    return Properties(
        default_region=dial_in.default_region or None,
        external_directory_uri=dial_in.external_directory_uri or None,
        internal_directory_uri=dial_in.internal_directory_uri or None,
    )


phone_dial_in_information = Resource[Me](
    rel="phoneDialInInformation",
    path="applications/{application_id}/onlineMeetings/phoneDialInInformation",
    properties=properties,
)


@phone_dial_in_information.find
def find(tx: Transaction, me: Me) -> Me | None:
    """Present if the policy has numbers."""
    return me if me.policy.dial_in.regions else None


def regions(tx: Transaction, me: Me, _: Me) -> tuple[DialInRegion, ...]:
    return me.policy.dial_in.regions


phone_dial_in_information.embed("dialInRegion", regions)


class RegionProperties(msgspec.Struct, kw_only=True, rename="camel"):
    languages: tuple[str, ...]
    """The languages in which callers are addressed."""
    name: str
    """The region."""
    number: str
    """The number, as a tel URI."""


def region_properties(me: Me, found: DialInRegion) -> RegionProperties:
    return RegionProperties(languages=found.languages, name=found.name, number=found.number)


dial_in_region = Resource[DialInRegion](
    rel="dialInRegion",
    path="applications/{application_id}/onlineMeetings/phoneDialInInformation/{name}",
    properties=region_properties,
)


@dial_in_region.find
def find_region(tx: Transaction, me: Me, name: str) -> DialInRegion | None:
    return next((one for one in me.policy.dial_in.regions if one.name == name), None)
