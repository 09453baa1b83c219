"""People and being available, through the client."""

from typing import Any

import pytest

from openucwa.client import BadInput, NotOffered, SourceNetwork
from openucwa.domain.people import Profile
from tests.client.conftest import Connect
from tests.client.watched import Watched
from tests.installation import CHRIS


@pytest.fixture
def dana(connect: Connect, server: Watched) -> Any:
    server.installation.add_user(CHRIS)
    with connect() as client:
        yield client


def test_people_are_found(dana: Any, server: Watched) -> None:
    server.installation.add_user(Profile(uri="sip:chr@contoso.com", name="Aron"))
    found = dana.people.search("chr")
    assert [(one.name, one.uri) for one in found] == [
        ("Aron", "sip:chr@contoso.com"),
        (CHRIS.name, CHRIS.uri),
    ]
    assert found[0].source_network is SourceNetwork.SAME_ENTERPRISE
    assert len(dana.people.search("chr", limit=1)) == 1
    assert dana.people.search("nobody & nobody") == []
    (other,) = dana.people.search("lee@fabrikam.com")
    assert (other.uri, other.source_network) == ("sip:lee@fabrikam.com", "Federated")
    with pytest.raises(BadInput, match="query is missing"):
        dana.people.search(" ")
    with pytest.raises(BadInput, match="from 1 to 100"):
        dana.people.search("chr", limit=0)


def test_the_user_becomes_available(dana: Any) -> None:
    with pytest.raises(NotOffered):
        dana.report_activity()
    with pytest.raises(BadInput, match="signInAs must be one of"):
        dana.make_available("Asleep")
    dana.make_available("Busy", formats=["Plain"])
    dana.make_available()
    dana.report_activity()
    me = dana.get(dana.me().resource.href)
    presence = dana.get(me.link("presence"))
    assert presence.properties["availability"] == "Busy"
    communication = dana.get(dana.follow(dana.application(), "communication").href)
    assert communication.properties["supportedModalities"] == ["Messaging"]
    assert communication.properties["supportedMessageFormats"] == ["Plain"]
