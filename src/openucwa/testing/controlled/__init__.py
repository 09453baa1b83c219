"""The test controls, in front of a server and beneath it, not in it."""
