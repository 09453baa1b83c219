"""Delegates: who acts for the user, and for whom the user acts.

Sources: delegatesGroup_ref.md, delegatorsGroup_ref.md, myGroupMemberships2_ref.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlencode

from openucwa.client._async.folder import offered
from openucwa.client._async.session import AsyncSession
from openucwa.client.answer import Answer
from openucwa.client.contact import Contact
from openucwa.client.errors import AnswerLost, Gone, NotFound, NotOffered
from openucwa.client.people import address_of
from openucwa.client.resource import Resource
from openucwa.wire import sip

_SECOND = {"X-MS-RequiresMinResourceVersion": "2"}


class AsyncDelegates:
    """Those who act for the client's user, and those for whom she acts.

    All methods raise NotOffered at a server that has no delegates.
    """

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def list(self) -> Sequence[Contact]:
        """Return the people who act for the user."""
        return await self._contacts(await self._delegates_group())

    async def delegators(self) -> Sequence[Contact]:
        """Return the people for whom the user acts."""
        group = await self._group("delegatorsGroup")
        return [] if group is None else await self._contacts(group)

    async def add(self, address: str) -> Contact:
        """Let somebody act for the user from now on.

        Raises ValueError for what is no address, BadInput for somebody who can't be a delegate,
        Conflict for who is one, and Forbidden for one more than there may be.
        """
        uri = address_of(address)
        memberships = await self._link("myGroupMemberships")
        group = await self._delegates_group()
        wanted = {"contactUri": uri, "groupId": _id_of(group)}
        try:
            answer = await self._session.send(
                "POST", _with_query(memberships, wanted), headers=_SECOND
            )
        except AnswerLost:
            if (found := await self._one(group, uri)) is None:
                raise
            return found
        return await self._added(answer, group, uri)

    async def remove(self, address: str) -> None:
        """Let somebody act for the user no more. It is no error if she does not act for her.

        Raises ValueError for what is no address.
        """
        uri = address_of(address)
        memberships = await self._link("myGroupMemberships")
        group = await self._delegates_group()
        contact = await self._one(group, uri)
        if contact is None:
            return
        found = await self._session.get(_with_query(memberships, {"groupId": _id_of(group)}))
        for one in await self._all(found, "myGroupMembership"):
            if one.link("delegatesGroup") and one.link("contact") == contact.resource.href:
                with suppress(NotFound, Gone):  # or by a try whose answer was lost
                    await self._session.send("DELETE", one.href, repeatable=True)

    async def _added(self, answer: Answer, group: Resource, uri: str) -> Contact:
        """Return the contact to whose membership an answer leads."""
        membership = answer.resource
        if membership is not None and (href := membership.link("contact")):
            return Contact(await self._session.get(href))
        found = await self._one(group, uri)
        if found is None:
            raise AnswerLost(
                "The server accepted the delegate and did not return it. Check the list of your "
                "delegates."
            )
        return found

    async def _one(self, group: Resource, uri: str) -> Contact | None:
        """Return the contact with an address, if there is one in the group."""
        key = sip.key(uri)
        found = await self._contacts(group)
        return next((one for one in found if sip.key(one.uri) == key), None)

    async def _contacts(self, group: Resource) -> Sequence[Contact]:
        contacts = await self._session.get(offered(group, "groupContacts"))
        return [Contact(one) for one in await self._all(contacts, "contact")]

    async def _all(self, folder: Resource, rel: str) -> Sequence[Resource]:
        """Return what a collection embeds, or leads to."""
        found = [*folder.embedded(rel)]
        known = {one.href for one in found}
        for href in folder.links(rel):
            if href not in known:
                with suppress(NotFound, Gone):  # removed meanwhile
                    found.append(await self._session.get(href))
        return found

    async def _delegates_group(self) -> Resource:
        group = await self._group("delegatesGroup")
        if group is None:
            raise _not_offered("delegatesGroup")
        return group

    async def _group(self, rel: str) -> Resource | None:
        """Return one of the user's groups, None where she has no such one."""
        groups = await self._session.get(await self._link("myGroups"))
        for embedded in groups.embedded(rel):
            return embedded
        href = groups.link(rel)
        return None if href is None else await self._session.get(href)

    async def _link(self, rel: str) -> str:
        href = (await self._session.dashboard("people")).link(rel)
        if href is None:
            raise _not_offered(rel)
        return href


def _not_offered(rel: str) -> NotOffered:
    return NotOffered(f"This server does not support delegates: it offers no {rel} to this user.")


def _id_of(group: Resource) -> str:
    return str(group.properties.get("id", ""))


def _with_query(href: str, parameters: dict[str, str]) -> str:
    return f"{href}{'&' if '?' in href else '?'}{urlencode(parameters)}"
