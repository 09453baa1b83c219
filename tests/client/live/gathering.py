"""The server of `tests.client.elsewhere` with conversations, told of by addresses only.

It has one conversation, which tests lead: they say who is there, and have the channel tell of it.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, quote_plus

from starlette.responses import Response

from tests.client.elsewhere import APPS, Elsewhere, _failure, _links, _resource

Raw = dict[str, Any]
COLLECTIONS = ("leaders", "attendees", "lobby")


@dataclass
class Gathering(Elsewhere):
    """The server. `place` is where Dana is; `people` are the places of others by name."""

    place: str = "leaders"
    state: str = "Conferenced"
    is_meeting: bool = True
    is_gone: bool = False
    may_talk: bool = True
    people: dict[str, str] = field(default_factory=dict)
    posted: list[tuple[str, Raw]] = field(default_factory=list)
    """The POST requests: the end of the path, and the JSON or the text."""
    said: int = 1

    # What tests do.

    def happens(self, *events: Raw) -> None:
        """Have the channel tell of it to the latest application."""
        self.tell(*({"rel": "conversation", "href": self.talk, "events": [one]} for one in events))

    def person(self, name: str, type: str, collection: str = "") -> Raw:
        within = {"in": {"rel": collection, "href": f"{self.talk}/{collection}"}}
        return {
            "link": {"rel": "participant", "href": f"{self.talk}/p/{name}"},
            "type": type,
            **(within if collection else {}),
        }

    def changed(self, rel: str, path: str = "", type: str = "updated", **more: Any) -> Raw:
        return {"link": {"rel": rel, "href": f"{self.talk}{path}"}, "type": type, **more}

    def words(self, name: str, text: str) -> Raw:
        self.said += 1
        href = f"{self.talk}/words/{self.said}"
        links = {
            **_links({"self": href, "participant": f"{self.talk}/p/{name}"}),
            "plainMessage": {"href": f"data:text/plain;charset=utf-8,{quote_plus(text)}"},
        }
        found = {"direction": "Incoming", "rel": "message", "_links": links}
        return self.changed(
            "message", f"/words/{self.said}", "completed", _embedded={"message": found}
        )

    def ends(self, subcode: str) -> None:
        self.state = "Disconnected"
        reason = {"code": "RemoteFailure", "subcode": subcode}
        self.happens(self.changed("conversation", reason=reason))

    @property
    def here(self) -> str:
        return f"{APPS}/{list(self.applications)[-1]}"

    @property
    def talk(self) -> str:
        return f"{self.here}/talk/21"

    # What it answers.

    def _application(self, number: str) -> Raw:
        found = super()._application(number)
        here = f"{APPS}/{number}"
        me = {
            "rel": "me",
            "_links": _links({"self": f"{here}/self", "makeMeAvailable": f"{here}/on"}),
        }
        found["_links"] |= _links({"communication": f"{here}/comm"})
        return {**found, "_embedded": {"me": me}}

    async def _below(
        self, method: str, path: list[str], query: str, headers: Mapping[str, str], body: bytes
    ) -> Response:
        here = f"{APPS}/{path[0]}" if path else ""
        if not path or path[0] not in self.applications or path[1:2] in ([], ["channel"], ["many"]):
            return await super()._below(method, path, query, headers, body)
        if method == "POST":
            content = headers.get("content-type", "")
            given = {"text": body.decode(), "type": content, **parse_qs(query)}
            self.posted.append(
                ("/".join(path[1:]), json.loads(body or b"{}") if "json" in content else given)
            )
        match (method, *path[1:]):
            case ("POST", "on"):
                return Response(status_code=204)
            case ("GET", "comm"):
                rels = {"joinOnlineMeeting": "joins", "startMessaging": "calls"}
                links = {rel: f"{here}/comm/{end}" for rel, end in rels.items()}
                return _resource(
                    {"rel": "communication", "_links": _links({"self": f"{here}/comm", **links})}
                )
            case ("POST", "comm", "joins") if b"https:" in body:
                return _failure(404)
            case ("POST", "comm", "joins" | "calls" as kind):
                return Response(status_code=201, headers={"Location": f"{here}/comm/{kind}/1"})
            case ("GET", "comm", "joins" | "calls" as kind, _):
                return _resource(self.invitation(kind))
            case ("POST", "comm", "calls", _, "accept" | "decline"):
                return Response(status_code=204)
            case (_, "talk", *rest) if not self.is_gone:
                return self._talk(method, rest[1:], query)
            case ("GET", "book", name):
                return _resource(
                    {
                        "rel": "contact",
                        "name": name.title(),
                        "_links": _links({"self": f"{here}/book/{name}"}),
                    }
                )
        return _failure(404)

    def invitation(self, kind: str, **more: Any) -> Raw:
        rel = {"joins": "onlineMeetingInvitation", "calls": "messagingInvitation"}[kind]
        place = f"{self.here}/comm/{kind}/1"
        links = {"self": place, "conversation": self.talk}
        return {
            "rel": rel,
            "state": "Connecting",
            **more,
            "_links": _links(links) | more.get("_links", {}),
        }

    def _talk(self, method: str, path: list[str], query: str) -> Response:
        match (method, *path):
            case ("GET",):
                rels = ["messaging", "localParticipant"]
                if self.is_meeting and self.state == "Conferenced":
                    rels += [
                        "leaders",
                        "attendees",
                        *(["lobby"] if self.place == "leaders" else []),
                    ]
                elif self.state == "Connected":
                    rels.append("participants")
                links = {rel: f"{self.talk}/{rel}" for rel in rels}
                return _resource(
                    {
                        "rel": "conversation",
                        "state": self.state,
                        "subject": "Weekly",
                        "_links": _links({"self": self.talk, **links}),
                    }
                )
            case ("DELETE",):
                return Response(status_code=204)
            case ("GET", "messaging"):
                ends = (
                    {"sendMessage": "words", "setIsTyping": "typing"}
                    if self.may_talk
                    else {"addMessaging": "im"}
                )
                links = {rel: f"{self.talk}/{end}" for rel, end in ends.items()}
                return _resource(
                    {
                        "rel": "messaging",
                        "_links": _links({"self": f"{self.talk}/messaging", **links}),
                    }
                )
            case ("GET", "localParticipant"):
                return _resource(self._participant("localParticipant", "Dana", self.place))
            case ("GET", "participants"):
                return self._collection("participants", list(self.people))
            case ("GET", collection) if collection in COLLECTIONS:
                return self._collection(
                    collection, [one for one, place in self.people.items() if place == collection]
                )
            case ("GET", "p", name) if name in self.people:
                found = self._participant(
                    f"p/{name}", name.title() if self.is_meeting else "", self.people[name]
                )
                actions = {"lobby": ["admit", "reject"], "attendees": ["eject", "promote"]}
                rels = (
                    actions.get(self.people[name], [])
                    if self.place == "leaders" and self.is_meeting
                    else []
                )
                links = {rel: f"{self.talk}/p/{name}/{rel}" for rel in rels}
                found["_links"] |= _links({"contact": f"{self.here}/book/{name}", **links})
                return _resource(found)
            case ("POST", "words"):
                self.said += 1
                href = f"{self.talk}/words/{self.said}"
                found = {
                    "direction": "Outgoing",
                    "operationId": parse_qs(query)["operationId"][0],
                    "_links": _links({"self": href}),
                }
                self.happens(
                    self.changed(
                        "message",
                        f"/words/{self.said}",
                        "completed",
                        status="Success",
                        _embedded={"message": found},
                    )
                )
                return Response(status_code=201, headers={"Location": href})
            case ("POST", "im"):
                self.may_talk = True
                self.happens(self.changed("messaging", "/messaging"))
                return Response(status_code=201, headers={"Location": f"{self.here}/comm/calls/2"})
            case ("POST", *_):
                return Response(status_code=204)
        return _failure(404)

    def _participant(self, path: str, name: str, place: str) -> Raw:
        return {
            "rel": "participant",
            "name": name,
            "uri": f"sip:{name.lower() or path[2:]}@fabrikam.com",
            "inLobby": place == "lobby",
            **({"role": "Leader" if place == "leaders" else "Attendee"} if self.is_meeting else {}),
            "_links": _links({"self": f"{self.talk}/{path}"}),
        }

    def _collection(self, rel: str, names: list[str]) -> Response:
        found: Raw = _links({"self": f"{self.talk}/{rel}"})
        if names:
            found["participant"] = [{"href": f"{self.talk}/p/{one}"} for one in names]
        return _resource({"rel": rel, "_links": found})
