"""For those who write UCWA clients: a server to test them with, whose time and luck they control.

`plugin` has the fixtures for pytest, `server` starts a server, `controls` steers it, `participant`
is somebody else in a meeting. `controlled` is what `openucwa serve --test-controls` adds to the
server.

pytest imports this package and `plugin` in every run. Neither imports anything before a fixture is
used.
"""
