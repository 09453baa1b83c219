"""The reference of the Python client."""

import inspect

import pytest

from openucwa import client
from tools import sdk_reference, sdk_source

TWINS = [name for name in client.__all__ if f"Async{name}" in client.__all__]
RENAMED = {"aclose": "close"}


def test_the_reference_is_up_to_date() -> None:
    """Where this fails, `make reference` mends it."""
    assert sdk_reference.PAGE.read_text(encoding="utf-8") == sdk_reference.page()


def test_every_public_name_has_its_place() -> None:
    """In a section of `tools/sdk_source.py`."""
    assert sdk_source.unplaced() == set()


def test_everything_public_says_what_it_is() -> None:
    """In its docstring, or an attribute in a text below it or in the docstring of its class."""
    assert list(sdk_source.undocumented()) == []


@pytest.mark.parametrize("name", TWINS)
def test_both_clients_have_the_same_names(name: str) -> None:
    """With the same parameters: the reference tells of one of the two."""

    def shown(owner: type) -> dict[str, list[str]]:
        return {
            RENAMED.get(member, member): list(inspect.signature(value).parameters)
            if inspect.isfunction(value)
            else []
            for member, value in inspect.getmembers(owner)
            if not member.startswith("_")
        }

    assert shown(getattr(client, name)) == shown(getattr(client, f"Async{name}"))


def test_the_reference_shows_a_name_as_it_is_used() -> None:
    page = sdk_reference.page()
    assert "Client.sign_out() -> None" in page
    assert "| `attendees` | `tuple[str, ...]` | SIP addresses of those who are invited. |" in page
    assert "| `attendees` | `People` | SIP addresses of those who are invited. |" in page
    assert "| `status` | `int` |" in page
    assert '`SAME_ENTERPRISE` ("SameEnterprise")' in page
