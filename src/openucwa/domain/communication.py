"""The conversation settings of an application, set by its client (communication_ref.md)."""

from typing import Annotated

import msgspec

from openucwa.wire.enums import AudioPreference, GenericPolicy, MessageFormat, ModalityType

_MOST = msgspec.Meta(max_length=16)
Modalities = Annotated[tuple[ModalityType, ...], _MOST]
MessageFormats = Annotated[tuple[MessageFormat, ...], _MOST]
PhoneNumber = Annotated[str, msgspec.Meta(max_length=100)]


class Preferences(msgspec.Struct, kw_only=True, frozen=True, rename="camel"):
    """The members that PUT replaces, in the order in which they are served."""

    supported_modalities: Modalities = ()
    supported_message_formats: MessageFormats = (MessageFormat.PLAIN,)
    audio_preference: AudioPreference | None = None
    conversation_history: GenericPolicy = GenericPolicy.DISABLED
    phone_number: PhoneNumber | None = None
    """The number at which the user takes calls."""


class Communication(msgspec.Struct, kw_only=True, frozen=True):
    """The preferences of one application in their current version."""

    user_id: int
    application_id: int
    version: int
    preferences: Preferences = Preferences()
