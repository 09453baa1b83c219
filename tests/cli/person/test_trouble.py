"""Exit statuses, and the sentences that belong to them."""

import inspect

import pytest

from openucwa import client
from openucwa.cli.failure import Failure
from openucwa.cli.person import trouble

STATUSES = {
    client.AnswerLost: 6,
    client.BadEnvironment: 2,
    client.BadInput: 2,
    client.CertificateRefused: 6,
    client.ChangesIgnored: 1,
    client.Conflict: 1,
    client.ConnectionFailed: 6,
    client.DiscoveryFailed: 6,
    client.Forbidden: 1,
    client.Gone: 5,
    client.LockedOut: 3,
    client.MeetingBusy: 6,
    client.MeetingChanged: 4,
    client.MeetingGone: 5,
    client.MeetingNotFound: 5,
    client.NotFound: 5,
    client.NotOffered: 1,
    client.NotUcwa: 6,
    client.PreconditionFailed: 4,
    client.ProxyRefused: 6,
    client.ServerFailed: 6,
    client.SignInFailed: 3,
    client.SignInRequired: 3,
    client.TooMany: 6,
    client.Unavailable: 6,
    client.WrongPassword: 3,
}


def made(kind: type[client.ClientError], text: str) -> client.ClientError:
    """An error of a kind, whatever it takes to make one."""
    error = kind.__new__(kind)
    Exception.__init__(error, text)
    if isinstance(error, client.DiscoveryFailed):
        error.tried = {"https://lyncdiscover.contoso.com/": "there is no such host"}
    return error


@pytest.mark.parametrize(("kind", "status"), STATUSES.items())
def test_each_error_has_its_exit_status(kind: type[client.ClientError], status: int) -> None:
    with pytest.raises(Failure) as told, trouble.told("dana@contoso.com"):
        raise made(kind, "What happened.")
    assert told.value.status == status
    if kind is client.DiscoveryFailed:
        assert str(told.value).startswith("No server was found for dana@contoso.com.")
    elif kind is client.SignInRequired:
        assert "openucwa login dana@contoso.com" in str(told.value)
    else:
        assert str(told.value) == "What happened."


def test_no_kind_of_error_is_left_out() -> None:
    """Those that are missing here are told as any other failure, with status 1."""
    kinds = {
        one
        for one in vars(client).values()
        if inspect.isclass(one) and issubclass(one, client.ClientError)
    }
    others = kinds - STATUSES.keys()
    assert {one.__name__ for one in others} <= {
        "ClientError",
        "ConversationEnded",
        "EventsTaken",
        "ForeignLink",
        "MeetingConflict",
        "MeetingDeleted",
        "MeetingNotMoved",
        "Refused",
    }


def test_wrong_properties_are_named_as_the_options_are() -> None:
    refused = client.BadInput(
        "No.", status=400, parameters={"expirationTime": "must lie ahead", "zeal": "is odd"}
    )
    told = trouble.failure(refused)
    assert str(told) == "expires must lie ahead.\nzeal is odd."
