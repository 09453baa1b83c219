"""The server against its own description: schemathesis makes requests of all kinds from that.

No answer may be a 500, have a status, a type or a form that the document does not name, or take
what the document rules out.
"""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import hypothesis
import pytest
import schemathesis

from openucwa.wire.text import is_writable
from tests.openapi.dana import Dana

PROGRAM = Path(sys.executable).with_name("schemathesis")
ROOT = Path(__file__).parents[2]
SETTINGS = Path(__file__).with_name("schemathesis.toml")
OPTIONS = ("--continue-on-failure", "--no-color")
PATIENCE = 300
"""Seconds."""


def only_json(document: dict[str, Any]) -> None:
    """Leave out the formats of bodies that the document names without their form."""
    for path in document["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict) and "requestBody" in operation:
                content = operation["requestBody"]["content"]
                for media_type in [name for name, described in content.items() if not described]:
                    del content[media_type]


def storable(value: Any) -> Any:
    """Return a body whose texts can be stored and are not empty, which its schema doesn't say.

    Else chance alone would decide whether anything is ever made.
    """
    match value:
        case dict():
            kept = value.keys() - {"instanceId"}  # an application outlives one of its instances
            return {storable(name): storable(value[name]) for name in value if name in kept}
        case list():
            return [storable(one) for one in value]
        case str():
            return "".join(one for one in value if is_writable(one)) or "-"
    return value


@pytest.mark.slow
def test_each_operation_for_itself(dana: Dana) -> None:
    """Requests that are right, wrong, and at the limits, to what is there."""
    found = {"TOKEN": dana.token, **{name.upper(): key for name, key in dana.start_over().items()}}
    done = subprocess.run(
        [PROGRAM, f"--config-file={SETTINGS}", "run", f"{dana.url}/openapi.json", *OPTIONS],
        cwd=ROOT,
        env=os.environ | {f"DANA_{name}": value for name, value in found.items()},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.slow
def test_one_operation_after_another(dana: Dana) -> None:
    """Sequences that follow the links of the document, from what one answers to the next."""
    config = schemathesis.Config.from_dict(
        {
            "base-url": dana.url,
            "auth": {"openapi": {"token": {"bearer": dana.token}}},
            "generation": {"mode": "positive", "deterministic": True},
            "checks": {"positive_data_acceptance": {"enabled": False}},
            # A meeting that was just made is there, and yet may not have the version to merge with.
            "operations": [
                {
                    "include-path-regex": "/merge$",
                    "checks": {"ensure_resource_availability": {"enabled": False}},
                }
            ],
            # What it would learn on the way makes no two runs alike.
            "phases": {
                "stateful": {"link-calibration": False, "inference": {"algorithms": []}},
                "fuzzing": {
                    "extra-data-sources": {"responses": False},
                    "error-feedback": {"enabled": False},
                },
            },
        }
    )
    document = dana.client.get("/openapi.json").json()
    only_json(document)
    described = schemathesis.openapi.from_dict(document, config=config)
    schema = described.exclude(path_regex="/sessions|/revoke").exclude(  # end her session
        method="DELETE",
        path_regex="/attendance$",  # leaves a list that is empty
    )
    done: set[tuple[str, int]] = set()

    class Scenario(schema.as_state_machine()):  # type: ignore[misc] # a class made at run time
        """Dana starts over; what no link has led to is what she has then."""

        def setup(self) -> None:
            self._keys = dana.start_over()

        def step(self, input: Any) -> Any:
            linked = {name for _, name in input.applied_parameters}
            case = input.case
            for name in case.path_parameters.keys() - linked:
                case.path_parameters[name] = self._keys.get(name, "none")
            case.headers["X-MS-RequiresMinResourceVersion"] = "2"
            case.headers.pop("Idempotency-Key", None)  # known from an earlier scenario
            if (body := storable(case.body)) != case.body:
                case.body = body
            if case.method == "PUT" and "If-Match" not in linked:
                case.headers["If-Match"] = "*"
            return super().step(input)

        def after_call(self, response: Any, case: Any) -> None:
            super().after_call(response, case)
            done.add((case.operation.definition.raw["operationId"], response.status_code))

    Scenario.run(
        settings=hypothesis.settings(
            max_examples=60,
            stateful_step_count=12,
            derandomize=True,
            deadline=None,
            database=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
    )
    succeeded = {operation for operation, status in done if status < 300}
    assert succeeded >= {"postApplications", "postMyOnlineMeetings", "postOnlineMeetingExtensions"}
    # How far it comes differs from one document to the next: a change must have been accepted.
    assert succeeded & {"putMyOnlineMeeting", "putOnlineMeetingExtension"}
    assert succeeded & {"deleteMyOnlineMeeting", "deleteOnlineMeetingExtension"}
