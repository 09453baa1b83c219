"""Failures of commands for the SDK's errors: the only place that gives exit statuses."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from openucwa.cli.failure import (
    Clash,
    Failure,
    NotThere,
    SignInNeeded,
    Unreachable,
    WrongInput,
)
from openucwa.cli.person import fields

_OPTIONS = {
    "pass its address (at=)": "name it with login --at URL",
    ': verify="ca.pem"': " with login --ca FILE",
}
"""Advice in the SDK's errors, and the command that replaces it here."""


@contextmanager
def told(address: str = "") -> Iterator[None]:
    """Raise what the SDK raises within as a Failure. `address` is whose sign-in it is."""
    from openucwa.client import ClientError

    try:
        yield
    except ClientError as error:
        raise failure(error, address) from None


def failure(error: Exception, address: str = "") -> Failure:
    """The failure that stands for an error of the SDK."""
    from openucwa import client

    text = str(error)
    for parameter, option in _OPTIONS.items():
        text = text.replace(parameter, option)
    match error:
        case client.MeetingNotMoved() if isinstance(error.__cause__, client.ClientError):
            return type(failure(error.__cause__, address))(text)
        case client.SignInRequired():
            again = f"openucwa login {address or 'ADDRESS'}"
            return SignInNeeded(f"You are no longer signed in. Use {again} to sign in again.")
        case client.SignInFailed():
            return SignInNeeded(text)
        case client.BadInput():
            return WrongInput(_wrong(error) or text)
        case client.BadEnvironment():
            return WrongInput(text)
        case client.MeetingGone() | client.MeetingNotFound() | client.NotFound() | client.Gone():
            return NotThere(text)
        case client.MeetingChanged() | client.PreconditionFailed():
            return Clash(text)
        case client.DiscoveryFailed() if error.tried:
            return Unreachable(_not_found(address or "that address", list(error.tried)))
        case (
            client.ConnectionFailed()
            | client.DiscoveryFailed()
            | client.MeetingBusy()
            | client.TooMany()
            | client.ServerFailed()
            | client.Unavailable()
        ):
            return Unreachable(text)
        case _:
            return Failure(text)


def _not_found(address: str, tried: Sequence[str]) -> str:
    hosts = ", ".join(tried) or "nothing"
    return (
        f"No server was found for {address}. Check the spelling and the network, or name the "
        f"server with --at URL. Tried {hosts}."
    )


def _wrong(error: "Exception") -> str:
    """A line for each property with which something is wrong."""
    parameters: dict[str, str] = dict(getattr(error, "parameters", {}))
    return "\n".join(f"{fields.label(name)} {why}." for name, why in parameters.items())
