"""How much a meeting may hold: what reads one from a request, and what merges two, keep to it."""

MOST_PEOPLE = 2000
"""In the attendees, and in the leaders."""
LONGEST_SUBJECT = 255
"""Characters."""
LONGEST_DESCRIPTION = 32_768
"""Characters."""
