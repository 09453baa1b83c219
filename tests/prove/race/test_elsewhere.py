"""The command line names a document of any server."""

from pathlib import Path

import pytest

from prove.race.elsewhere import UsageError, document

URL = "https://dav.example.com/dana/weekly.ics"


def test_options_make_a_document() -> None:
    found = document(URL, ["Authorization: Bearer a:b", "Content-Type:text/plain"], "by {serial}")
    assert found.url == URL
    assert found.headers == {"Authorization": "Bearer a:b", "Content-Type": "text/plain"}
    assert found.update("7") == b"by 7"


def test_a_body_can_be_in_a_file_and_keeps_its_line_ends(tmp_path: Path) -> None:
    file = tmp_path / "weekly.ics"
    file.write_bytes(b"SUMMARY:{serial}\r\n")
    assert document(URL, [], f"@{file}").update("7") == b"SUMMARY:7\r\n"


@pytest.mark.parametrize(
    ("url", "header", "body", "said"),
    [
        ("dav.example.com/weekly.ics", "A: b", "{serial}", "does not begin with http"),
        (URL, "Bearer", "{serial}", "not of the form"),
        (URL, "A: b", "always the same", "has no {serial}"),
        (URL, "A: b", "@/nowhere/weekly.ics", "can't be read"),
    ],
)
def test_what_is_wrong_with_them_is_said(url: str, header: str, body: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        document(url, [header], body)
