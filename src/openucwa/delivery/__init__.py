"""The event channel: hands what has happened to those who wait for it (EventsInUCWA.md).

Facts are rows, written with the change that they tell of. A channel is a cursor into them, and
holds nothing else: a client that is slow, or gone, costs nothing but that row.
"""
