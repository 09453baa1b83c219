"""People in live meetings, each at an application of her own, who hear what happens."""

from collections.abc import Iterator, Mapping
from typing import Any

from httpx2 import Response

from tests.installation import CHRIS, Installation, Person

COMMUNICATION = "communication"
GRANT = "urn:microsoft.rtc:anonmeeting"


def link(resource: Mapping[str, Any], rel: str) -> str:
    found: str = resource["_links"][rel]["href"]
    return found


class Seat:
    """A person at an application. `hear` returns the events since it was asked before."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.next = person.href("events")
        self.conversation = ""

    @property
    def is_guest(self) -> bool:
        return "people" not in self.person.application["_embedded"]

    def get(self, href: str) -> dict[str, Any]:
        answer = self.person.get(href)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def view(self) -> dict[str, Any]:
        """The conversation as this application sees it."""
        return self.get(self.conversation)

    def join(self, meeting: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        """Join a meeting; returns the invitation."""
        answer = self.try_to_join(meeting, **more)
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        assert answer.headers["Location"] == link(found, "self")
        self.conversation = link(found, "conversation")
        return found

    def try_to_join(self, meeting: Mapping[str, Any], **more: Any) -> Response:
        name = {"anonymousDisplayName": "Gwen"} if self.is_guest else {}
        wanted = {"onlineMeetingUri": meeting["onlineMeetingUri"], **name, **more}
        return self.person.post(self.person.href(COMMUNICATION, "joinOnlineMeeting"), json=wanted)

    def hear(self) -> list[str]:
        """The events, each on one line such as `added participant Chris Barry @leaders`."""
        package = self.get(self.next)
        self.next = link(package, "next")
        return [*_lines(package)]

    def participant(self, name: str) -> dict[str, Any]:
        """Somebody in the roster, or in the lobby."""
        for rel in ("participants", "lobby"):
            if rel not in self.view()["_links"]:
                continue
            listed = self.get(link(self.view(), rel))
            found = listed["_links"].get("participant", [])
            for one in [found] if isinstance(found, dict) else found:
                if one["title"] == name:
                    return self.get(one["href"])
            for one in listed.get("_embedded", {}).get("participant", []):
                if one["name"] == name:
                    return dict(one)
        raise AssertionError(f"{name} is nowhere")

    def do(self, name: str, rel: str) -> None:
        """Use a capability of a participant."""
        answer = self.person.post(link(self.participant(name), rel))
        assert answer.status_code == 204, answer.text

    def leave(self) -> None:
        assert self.person.delete(self.conversation).status_code == 204

    def names(self, rel: str = "participants") -> list[str]:
        """The names in a list of the conversation."""
        listed = self.get(link(self.view(), rel))
        found = listed["_links"].get("participant", [])
        found = [found] if isinstance(found, dict) else found
        return [
            *(one["title"] for one in found),
            *(one["name"] for one in listed.get("_embedded", {}).get("participant", [])),
        ]


def _lines(package: Mapping[str, Any]) -> Iterator[str]:
    for sender in package["sender"]:
        for event in sender["events"]:
            words = [event["type"], event["link"]["rel"]]
            if "title" in event["link"]:
                words.append(event["link"]["title"])
            if "in" in event:
                words.append(f"@{event['in']['rel']}")
            words += [event["status"]] if "status" in event else []
            for shown in event.get("_embedded", {}).values():
                words += [f"({shown['state']})"] if "state" in shown else []
                words += ["(in lobby)"] if shown.get("inLobby") else []
            if "reason" in event:
                words.append(event["reason"].get("subcode", event["reason"]["code"]))
            yield " ".join(words)


def guest(installation: Installation, meeting: Mapping[str, Any]) -> Seat:
    """A guest of a meeting."""
    answer = installation.client.post(
        "/WebTicket/oauthtoken",
        data={
            "grant_type": GRANT,
            "password": meeting["onlineMeetingId"],
            "ms_rtc_conferenceuri": meeting["onlineMeetingUri"],
        },
    )
    assert answer.status_code == 200, answer.text
    person = Person(installation, answer.json()["access_token"])
    registered = person.post(
        "/ucwa/oauth/v1/anonApplications", json={"userAgent": "test", "culture": "en-US"}
    )
    assert registered.status_code == 201, registered.text
    person._application = registered.json()
    return Seat(person)


def chris(installation: Installation) -> Seat:
    return Seat(installation.sign_in(CHRIS))
