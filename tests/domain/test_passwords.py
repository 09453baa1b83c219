"""Passwords and their hashes."""

import time

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


def test_a_long_password_is_refused_before_it_is_composed() -> None:
    """Composing a hundred thousand accents in the wrong order takes seconds."""
    accents = "a" + "\u0316\u0301" * 50_000
    started = time.process_time()
    assert not passwords.verify("", accents)
    with pytest.raises(ValueError, match="at most 1024 characters"):
        passwords.hash(accents)
    assert time.process_time() - started < 0.1


def test_the_longest_password_is_composed_in_no_time() -> None:
    longest = ("a" + "\u0316\u0301" * passwords.LONGEST)[: passwords.LONGEST]
    started = time.process_time()
    assert passwords.verify(passwords.hash(longest), longest)
    assert time.process_time() - started < 1
