"""makeMeAvailable, reportMyActivity: being reached by others in an application.

Source: makeMeAvailable_ref.md, reportMyActivity_ref.md, MeDashboard.md.
"""

from datetime import timedelta

import msgspec

from openucwa.domain.communication import MessageFormats, Modalities, PhoneNumber, Preferences
from openucwa.resources.me.me import is_available, is_unavailable, me
from openucwa.resources.resource import Audience
from openucwa.resources.viewer import Me
from openucwa.store.tables.applications import Applications
from openucwa.store.tables.communications import Communications
from openucwa.store.tables.presences import Presences
from openucwa.store.transaction import Transaction
from openucwa.wire.enums import AudioPreference, PreferredAvailability
from openucwa.wire.errors import AlreadyExists, AnonymousNotAllowed, MakeMeAvailableRequired
from openucwa.wire.given import Given

_APPLICATION = "applications/{application_id}"


class Input(msgspec.Struct, kw_only=True, rename="camel"):
    """The input of makeMeAvailable."""

    sign_in_as: PreferredAvailability | None = None
    """The availability to choose. Without it, the one that the user has chosen before is kept."""
    supported_modalities: Modalities | None = None
    """The modalities for which invitations come to this application."""
    supported_message_formats: MessageFormats | None = None
    """The message formats that this application shows."""
    phone_number: PhoneNumber | None = None
    """The number at which the user takes calls."""
    audio_preference: AudioPreference | None = None
    """The audio that the user prefers."""
    inactive_timeout: timedelta | None = None
    """The time without activity after which the user is inactive; 5 minutes by default."""
    voip_fallback_to_phone_audio_time_out: timedelta | None = None
    """Accepted, and not used: this server has no audio."""


def already_available() -> AlreadyExists:
    return AlreadyExists(
        "The user is available in this application already. Use presence to change how, and PUT "
        "communication to change for what."
    )


def available_first() -> MakeMeAvailableRequired:
    return MakeMeAvailableRequired(
        "The user is not available in this application. POST to makeMeAvailable, a link of me, "
        "first."
    )


@me.capability(
    "makeMeAvailable",
    Input,
    when=is_unavailable,
    refusal=already_available,
    audience=Audience.USERS,
    aliases=[f"{_APPLICATION}/communication/makeMeAvailable"],
    errors=(AnonymousNotAllowed,),
)
def make_available(tx: Transaction, viewer: Me, _: Me, given: Given[Input]) -> None:
    """Let others reach the user in this application, and see that she is available.

    Invitations come to it for the modalities that it supports. What is given here replaces the same
    settings in communication. Raises AnonymousNotAllowed.
    """
    application = viewer.application
    settings = {
        name: value for name, value in given.values.items() if name in Preferences.__struct_fields__
    }
    found = tx.of(Communications).get(application)
    tx.of(Communications).replace(found, msgspec.structs.replace(found.preferences, **settings))
    tx.of(Applications).make_available(application, given.values.get("inactive_timeout"))
    chosen = given.values.get("sign_in_as")
    if chosen is not None:
        tx.of(Presences).choose(application.user_id, chosen)


@me.capability(
    "reportMyActivity",
    when=is_available,
    refusal=available_first,
    audience=Audience.USERS,
    aliases=[f"{_APPLICATION}/reportMyActivity"],
    errors=(AnonymousNotAllowed,),
)
def report_activity(tx: Transaction, viewer: Me, _: Me) -> None:
    """Tell that the user is active in this application just now. Raises AnonymousNotAllowed."""
    tx.of(Applications).active(viewer.application)
