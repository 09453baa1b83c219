# Made from _async/delegates.py by `make synchronous`. Change that one.
"""Delegates: who acts for the user, and for whom the user acts.

Sources: delegatesGroup_ref.md, delegatorsGroup_ref.md, myGroupMemberships2_ref.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlencode

from openucwa.client._sync.folder import offered
from openucwa.client._sync.session import Session
from openucwa.client.answer import Answer
from openucwa.client.contact import Contact
from openucwa.client.errors import AnswerLost, Gone, NotFound, NotOffered
from openucwa.client.people import address_of
from openucwa.client.resource import Resource
from openucwa.wire import sip

_SECOND = {"X-MS-RequiresMinResourceVersion": "2"}


class Delegates:
    """Those who act for the client's user, and those for whom she acts.

    All methods raise NotOffered at a server that has no delegates.
    """

    def __init__(self, session: Session) -> None:
        self._session = session

    def list(self) -> Sequence[Contact]:
        """Return the people who act for the user."""
        return self._contacts(self._delegates_group())

    def delegators(self) -> Sequence[Contact]:
        """Return the people for whom the user acts."""
        group = self._group("delegatorsGroup")
        return [] if group is None else self._contacts(group)

    def add(self, address: str) -> Contact:
        """Let somebody act for the user from now on.

        Raises ValueError for what is no address, BadInput for somebody who can't be a delegate,
        Conflict for who is one, and Forbidden for one more than there may be.
        """
        uri = address_of(address)
        memberships = self._link("myGroupMemberships")
        group = self._delegates_group()
        wanted = {"contactUri": uri, "groupId": _id_of(group)}
        try:
            answer = self._session.send("POST", _with_query(memberships, wanted), headers=_SECOND)
        except AnswerLost:
            if (found := self._one(group, uri)) is None:
                raise
            return found
        return self._added(answer, group, uri)

    def remove(self, address: str) -> None:
        """Let somebody act for the user no more. It is no error if she does not act for her.

        Raises ValueError for what is no address.
        """
        uri = address_of(address)
        memberships = self._link("myGroupMemberships")
        group = self._delegates_group()
        contact = self._one(group, uri)
        if contact is None:
            return
        found = self._session.get(_with_query(memberships, {"groupId": _id_of(group)}))
        for one in self._all(found, "myGroupMembership"):
            if one.link("delegatesGroup") and one.link("contact") == contact.resource.href:
                with suppress(NotFound, Gone):  # or by a try whose answer was lost
                    self._session.send("DELETE", one.href, repeatable=True)

    def _added(self, answer: Answer, group: Resource, uri: str) -> Contact:
        """Return the contact to whose membership an answer leads."""
        membership = answer.resource
        if membership is not None and (href := membership.link("contact")):
            return Contact(self._session.get(href))
        found = self._one(group, uri)
        if found is None:
            raise AnswerLost(
                "The server accepted the delegate and did not return it. Check the list of your "
                "delegates."
            )
        return found

    def _one(self, group: Resource, uri: str) -> Contact | None:
        """Return the contact with an address, if there is one in the group."""
        key = sip.key(uri)
        found = self._contacts(group)
        return next((one for one in found if sip.key(one.uri) == key), None)

    def _contacts(self, group: Resource) -> Sequence[Contact]:
        contacts = self._session.get(offered(group, "groupContacts"))
        return [Contact(one) for one in self._all(contacts, "contact")]

    def _all(self, folder: Resource, rel: str) -> Sequence[Resource]:
        """Return what a collection embeds, or leads to."""
        found = [*folder.embedded(rel)]
        known = {one.href for one in found}
        for href in folder.links(rel):
            if href not in known:
                with suppress(NotFound, Gone):  # removed meanwhile
                    found.append(self._session.get(href))
        return found

    def _delegates_group(self) -> Resource:
        group = self._group("delegatesGroup")
        if group is None:
            raise _not_offered("delegatesGroup")
        return group

    def _group(self, rel: str) -> Resource | None:
        """Return one of the user's groups, None where she has no such one."""
        groups = self._session.get(self._link("myGroups"))
        for embedded in groups.embedded(rel):
            return embedded
        href = groups.link(rel)
        return None if href is None else self._session.get(href)

    def _link(self, rel: str) -> str:
        href = (self._session.dashboard("people")).link(rel)
        if href is None:
            raise _not_offered(rel)
        return href


def _not_offered(rel: str) -> NotOffered:
    return NotOffered(f"This server does not support delegates: it offers no {rel} to this user.")


def _id_of(group: Resource) -> str:
    return str(group.properties.get("id", ""))


def _with_query(href: str, parameters: dict[str, str]) -> str:
    return f"{href}{'&' if '?' in href else '?'}{urlencode(parameters)}"
