# Made from _async/extensions.py by `make synchronous`. Change that one.
"""Data that applications keep with meetings (onlineMeetingExtensions_ref.md)."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from openucwa.client._sync.session import Session
from openucwa.client.errors import (
    AnswerLost,
    Conflict,
    Gone,
    NotFound,
    NotOffered,
    NotUcwa,
    PreconditionFailed,
)
from openucwa.client.extension import Extension
from openucwa.client.resource import Resource
from openucwa.wire.enums import OnlineMeetingExtensionType

_REL = "onlineMeetingExtension"


class Extensions:
    """The extensions of meetings: a meeting is given as the resource that was served."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def of(self, meeting: Resource) -> Sequence[Extension]:
        """All extensions of a meeting. Raises NotOffered."""
        folder = self._session.get(_folder_of(meeting))
        found = [Extension(one) for one in folder.embedded(_REL)]
        known = {one.href for one in found}
        for href in folder.links(_REL):
            if href not in known:
                found.append(Extension(self._session.get(href)))
        return found

    def add(
        self,
        meeting: Resource,
        members: Mapping[str, str],
        *,
        id: str | None = None,
        type: OnlineMeetingExtensionType | str = OnlineMeetingExtensionType.UNDEFINED,
    ) -> Extension:
        """Keep something with a meeting, under an id that is given or a new one.

        It can be repeated after a lost answer: what is there under that id, with these members, is
        what was wanted. Raises NotOffered, BadInput, and Conflict for an id that is taken.
        """
        content = {**members, "id": id or uuid4().hex, "type": type}
        href = _folder_of(meeting)
        try:
            answer = self._session.send("POST", href, content)
        except (AnswerLost, Conflict):
            for one in self.of(meeting):
                if one.id == content["id"] and one.members == dict(members) and one.type == type:
                    return one
            raise
        if answer.resource is None:
            raise NotUcwa(
                "The server accepted the extension and did not return it. "
                "Check the list of extensions."
            )
        return Extension(answer.resource)

    def update(
        self,
        extension: Extension,
        changes: Mapping[str, str | None],
        *,
        type: OnlineMeetingExtensionType | str | None = None,
        if_match: str | None = None,
    ) -> Extension:
        """Change members of an extension; None removes one. All others stay as they were.

        Raises PreconditionFailed if it is no longer the version that it was got in (or `if_match`):
        then somebody else changed it, and nothing was done.
        """
        content = extension.changed(changes, type)
        tag = if_match or extension.etag
        try:
            answer = self._session.send("PUT", extension.href, content, if_match=tag)
        except PreconditionFailed as error:
            found = Extension(self._session.get(extension.href))
            if error.repeated and found.properties == content:  # by the try before
                return found
            raise
        if answer.resource is None:
            return Extension(self._session.get(extension.href))
        return Extension(answer.resource)

    def remove(self, extension: Extension, *, if_match: str | None = None) -> None:
        """Remove an extension, in whatever version it is unless `if_match` names one.

        It is no error if it is not there any more.
        """
        try:
            self._session.send("DELETE", extension.href, if_match=if_match, repeatable=True)
        except (NotFound, Gone):
            return


def _folder_of(meeting: Resource) -> str:
    href = meeting.link("onlineMeetingExtensions")
    if href is None:
        raise NotOffered("The server does not support extensions of that meeting.")
    return href
