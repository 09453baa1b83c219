"""The limits of a meeting, which hold for requests and for merges."""

MOST_PEOPLE = 2000
"""In the attendees, and in the leaders."""
LONGEST_SUBJECT = 255
"""Characters."""
LONGEST_DESCRIPTION = 32_768
"""Characters."""
