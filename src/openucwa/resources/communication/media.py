"""audioVideo, phoneAudio, applicationSharing, dataCollaboration: media that this server lacks.

Clients expect the resources all the same; nothing can be added to them. Source: audioVideo_ref.md,
phoneAudio_ref.md, applicationSharing_ref.md, dataCollaboration_ref.md.
"""

import msgspec

from openucwa.domain.conversations import View
from openucwa.resources.communication.views import PATH, find_view
from openucwa.resources.resource import Audience, Resource
from openucwa.resources.viewer import Me
from openucwa.wire.enums import CallState


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    state: CallState
    """Always Disconnected."""


def properties(me: Me, view: View) -> Properties:
    return Properties(state=CallState.DISCONNECTED)


def medium(rel: str) -> Resource[View]:
    """Declare a modality that is never in use."""
    resource = Resource[View](
        rel=rel, path=f"{PATH}/{rel}", properties=properties, audience=Audience.EVERYBODY
    )
    resource.find(find_view)
    resource.link("conversation")
    return resource


MEDIA = tuple(
    medium(rel) for rel in ("audioVideo", "phoneAudio", "applicationSharing", "dataCollaboration")
)
