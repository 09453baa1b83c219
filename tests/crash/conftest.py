"""Assertions in helpers tell as much as those in tests."""

import pytest

pytest.register_assert_rewrite("tests.crash.load")
