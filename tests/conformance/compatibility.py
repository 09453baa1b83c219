"""What deployed clients depend on, where the tables tell less or tell otherwise.

These facts stand over the tables. Each was read in the source of a client, or seen when a client
was run and broke; a few are what a task page shows, which counts more than a reference page.
"""

from __future__ import annotations

import re

STATUSES = {
    # The second POST with one endpointId returns the application that is there already.
    ("applications", "POST"): {200, 201},
    ("communication", "PUT"): {204},
    ("makeMeAvailable", "POST"): {204},
    # The task page that schedules a meeting is answered with 200, the reference page with 201.
    ("myOnlineMeetings", "POST"): {200, 201},
    # The task page that extends a subscription is answered with 200, the reference page with 201.
    ("presenceSubscription", "POST"): {200, 201},
}
"""The success statuses of (rel, verb), in the place of the tables' own."""

ALSO_DOES = {("message", "POST"): "sendMessage"}
"""An operation on one resource that is documented on the page of another: a POST to a message is
the reply to it."""

PUT_MEMBER_NAME = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.I)
PUT_MEMBER_VALUE = "please pass this in a PUT request"
PUT_MEMBER_COMES_FIRST = frozenset({"communication"})

IGNORED_INPUT = frozenset(
    ["_links", "_embedded", "rel", "etag", "href", "title", "attendanceannouncementsstatus"]
)
"""Members (in lower case) that clients send along and no server may stumble over."""

IGNORES_UNKNOWN_INPUT = frozenset({("myOnlineMeetings", "POST")})
"""Clients schedule a meeting with members that no page knows."""

NOT_REQUIRED = frozenset({("sendMessage", "operationid"), ("message", "operationid")})
"""Required by the reference page, yet the task page and the clients leave it out."""

FREE_MEMBERS = frozenset({"onlineMeetingExtension", "onlineMeetingExtensions"})
"""Resources that keep any text under any name that an application chooses."""

ALSO_SERVED_AS = {"localParticipant": "participant", "acceptedByParticipant": "participant"}
"""Rels that the concept pages print in the place of a page's own."""

ALSO_EMBEDS = {("myGroups", "defaultGroup"), ("myGroups", "pinnedGroup")}
"""(rel, embedded rel) that only a task page shows, one object each."""

MEETING_MEMBER_ORDER = (
    "accessLevel",
    "entryExitAnnouncement",
    "attendees",
    "automaticLeaderAssignment",
    "description",
    "expirationTime",
    "leaders",
    "onlineMeetingId",
    "onlineMeetingUri",
    "onlineMeetingRel",
    "organizerUri",
    "conferenceId",
    "phoneUserAdmission",
    "lobbyBypassForPhoneUsers",
    "subject",
    "joinUrl",
    PUT_MEMBER_VALUE,
    "_links",
    "rel",
    "etag",
)
"""The random PUT member stands here under its value, which is the same everywhere."""
MEMBER_ORDER = {
    "myOnlineMeeting": MEETING_MEMBER_ORDER,
    "myAssignedOnlineMeeting": MEETING_MEMBER_ORDER,
}

JOIN_URL = re.compile(r"https?://meet\.[^/]+/[^/]+/[A-Za-z0-9]+")

ROOT_LINKS = ("self", "user", "xframe")
CLIENT_ID = "00000004-0000-0ff1-ce00-000000000000"
