"""people: the hub for contacts, groups and presence. Its links come with what they lead to.

Source: people_ref.md.
"""

from openucwa.resources.dashboard import dashboard, viewer

people = dashboard("people", "applications/{application_id}/people")
for rel in ("myGroups", "myGroupMemberships", "search"):
    people.link(rel, viewer)  # without a look at what is in there
