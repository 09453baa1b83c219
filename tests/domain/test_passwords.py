"""Passwords and their hashes."""

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type

from openucwa.domain import passwords


def test_only_the_password_itself_matches() -> None:
    hash = passwords.hash("correct horse")
    assert passwords.verify(hash, "correct horse")
    assert not passwords.verify(hash, "correct horse ")
    assert not passwords.verify(hash, "")


def test_equal_passwords_have_different_hashes() -> None:
    assert passwords.hash("demo") != passwords.hash("demo")


@pytest.mark.parametrize("hash", [passwords.hash("a"), passwords._NOBODYS], ids=["new", "nobody's"])
def test_hashing_costs_what_owasp_recommends(hash: str) -> None:
    """The hash that nobody has costs the same, so that time doesn't tell who is known."""
    found = extract_parameters(hash)
    assert found.type is Type.ID
    assert found.memory_cost == 19 * 1024
    assert found.time_cost == 2
    assert found.parallelism == 1


def test_without_a_hash_no_password_matches() -> None:
    assert not passwords.verify("", "")
    assert not passwords.verify("", "demo")


def test_the_way_a_letter_is_composed_does_not_matter() -> None:
    assert passwords.verify(passwords.hash("caf\u00e9"), "cafe\u0301")


@pytest.mark.parametrize("hash", ["demo", "$argon2id$v=19$m=1,t=1,p=1$", "$2b$12$é", "\0"])
def test_no_password_matches_a_hash_that_is_none(hash: str) -> None:
    assert not passwords.verify(hash, "demo")


def test_a_password_that_is_no_text_matches_nothing() -> None:
    assert not passwords.verify(passwords.hash("demo"), "demo\ud800")
