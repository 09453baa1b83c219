"""Conversations as they stand: states that events change, and what can be told of a change.

Nothing in this folder sends a request. `conversation` is the state, `reducer` applies events and
resources to it, `happening` says what has happened from one state to the next.
"""
