"""Errors, against the documented ones."""

import pytest

from openucwa.wire import errors
from openucwa.wire.errors import BadRequest, ParameterValidationFailure, UcwaError
from tests.conformance.extensions import Extensions
from tests.conformance.tables import Failure, Tables

ANSWERS = [
    found
    for found in vars(errors).values()
    if isinstance(found, type) and issubclass(found, UcwaError) and found is not UcwaError
]


@pytest.mark.parametrize("answer", ANSWERS)
def test_status_code_and_subcode_are_documented_together(answer: type[UcwaError]) -> None:
    tables = Tables.load()
    documented = tables.failures_anywhere | tables.failures_of_operations
    ours = {one.name for one in Extensions.load().of_kind("status")}
    failure = Failure(answer.status, answer.code, answer.subcode)
    assert failure in documented or str(failure) in ours


def test_a_failure_of_parameters_names_each_in_its_message() -> None:
    failure = ParameterValidationFailure({"subject": "is missing", "leaders": "must be a list"})
    assert (
        failure.message == "Correct these parameters: subject is missing; leaders must be a list."
    )
    assert failure.parameters == {"subject": "is missing", "leaders": "must be a list"}


def test_an_error_keeps_its_own_parameters_and_headers() -> None:
    headers = {"Retry-After": "5"}
    error = BadRequest("No.", headers=headers)
    headers.clear()
    assert error.headers == {"Retry-After": "5"}
    assert error.parameters == {}
    assert str(error) == "No."
