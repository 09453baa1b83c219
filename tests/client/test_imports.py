"""What comes along when a program imports the client."""

import subprocess
import sys

ALIASES = ("Happening", "OnConflict", "Side")
"""The names of types that are no classes."""


def modules(statement: str) -> set[str]:
    """The modules that there are after a statement, in an interpreter of its own."""
    listing = f"{statement}; import sys; sys.stdout.write(' '.join(sys.modules))"
    return set(
        subprocess.run(
            [sys.executable, "-c", listing], capture_output=True, text=True, check=True
        ).stdout.split()
    )


def test_importing_the_client_brings_little_but_its_http_library() -> None:
    brought = modules("import openucwa.client") - modules("import httpx2, dataclasses")
    own = {name for name in brought if name.partition(".")[0] == "openucwa"}
    assert brought - own == set()
    assert not any(name.startswith("openucwa.client._async") for name in own)
    assert "openucwa.client._sync.sign_in" not in own


def test_the_asynchronous_client_is_imported_when_it_is_asked_for() -> None:
    assert "openucwa.client._async.client" in modules("from openucwa.client import AsyncClient")


def test_what_is_public_is_there() -> None:
    import openucwa.client

    for name in openucwa.client.__all__:
        found = getattr(openucwa.client, name)
        assert name in ALIASES or found.__name__ == name
    assert not hasattr(openucwa.client, "Nothing")
