"""Header names on the wire: some clients mind their case."""

import pytest

from openucwa.http.spelling import spelled


@pytest.mark.parametrize("name", ["ETag", "WWW-Authenticate", "X-Ms-diagnostics", "Content-Length"])
def test_case_survives_lowering(name: str) -> None:
    assert bytes(spelled(name).lower()) == name.encode()


def test_framing_is_found_in_lower_case() -> None:
    assert spelled("Content-Length") == b"content-length"
    assert spelled("Connection") == b"connection"
    assert spelled("Content-Length") != b"connection"
