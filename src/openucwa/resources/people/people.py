"""people: the hub for contacts, groups and presence. Its links come with what they lead to.

Source: people_ref.md.
"""

from openucwa.resources.dashboard import dashboard, viewer

people = dashboard("people", "applications/{application_id}/people")
people.link("myGroups")
people.link("myGroupMemberships", viewer)  # which is there without a look at the memberships
