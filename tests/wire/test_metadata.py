"""What a resource takes, as OPTIONS tells it."""

import msgspec

from openucwa.wire import json
from openucwa.wire.enums import AccessLevel
from openucwa.wire.metadata import Method, parameters


class Input(msgspec.Struct, rename="camel"):
    access_level: AccessLevel
    subject: str = ""


def test_a_parameter_tells_the_members_of_its_enumeration() -> None:
    assert msgspec.json.decode(json.write_metadata([Method("POST", parameters(Input))])) == {
        "metadata": [
            {
                "httpMethod": "POST",
                "parameters": [
                    {
                        "name": "accessLevel",
                        "supportedValues": [
                            "None",
                            "SameEnterprise",
                            "Locked",
                            "Invited",
                            "Everyone",
                        ],
                    },
                    {"name": "subject", "supportedValues": []},
                ],
            }
        ]
    }
