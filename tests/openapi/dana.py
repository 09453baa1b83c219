"""Dana, who has one of everything, and starts over whenever she likes."""

from dataclasses import dataclass
from typing import Any, Self

from httpx2 import Client

_APPLICATIONS = "/ucwa/oauth/v1/applications"


@dataclass(frozen=True)
class Dana:
    """A signed-in user of a server."""

    client: Client
    token: str

    @classmethod
    def signed_in(cls, client: Client, username: str, password: str) -> Self:
        credentials = {"grant_type": "password", "username": username, "password": password}
        token = client.post("/WebTicket/oauthtoken", data=credentials).json()["access_token"]
        client.headers["Authorization"] = f"Bearer {token}"
        return cls(client, token)

    @property
    def url(self) -> str:
        return str(self.client.base_url).rstrip("/")

    def start_over(self) -> dict[str, str]:
        """Give up all that she has; the keys of what she has then."""
        meetings = self._meetings(self._application())
        for meeting in self._embedded(meetings, "myOnlineMeeting"):
            self._delete(meeting)
        for application in self._embedded(_APPLICATIONS, "application"):
            self._delete(application)
        application = self._application()
        meeting = self._post(self._meetings(application), {"subject": "Weekly meeting"})
        extensions = meeting["_links"]["onlineMeetingExtensions"]["href"]
        return {
            "application_id": application["id"],
            "online_meeting_id": meeting["onlineMeetingId"],
            "id": self._post(extensions, {"colour": "red"})["id"],
            "name": "Berlin",
        }

    def _application(self) -> dict[str, Any]:
        registration = {"userAgent": "test", "endpointId": "1", "culture": "en-US"}
        return self._post(_APPLICATIONS, registration)

    def _meetings(self, application: dict[str, Any]) -> str:
        found = application["_embedded"]["onlineMeetings"]["_links"]["myOnlineMeetings"]["href"]
        assert isinstance(found, str)
        return found

    def _embedded(self, href: str, rel: str) -> list[dict[str, Any]]:
        found = self.client.get(href).json().get("_embedded", {}).get(rel, [])
        assert isinstance(found, list)
        return found

    def _post(self, href: str, body: object) -> dict[str, Any]:
        answer = self.client.post(href, json=body)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def _delete(self, resource: dict[str, Any]) -> None:
        answer = self.client.delete(resource["_links"]["self"]["href"])
        assert answer.status_code == 204, (
            answer.text,
            resource["_links"]["self"],
            answer.request.url,
        )
