"""openucwa import: a person's meetings, copied from another UCWA server.

`marks` says how a copy is known again, `wanted` what a copy is to be, `places` speaks to the two
servers, `copying` does it, `report` tells of it. docs/decisions/0030-moving-in.md has the reasons.
"""
