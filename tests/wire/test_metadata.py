"""What a resource takes, as OPTIONS tells it."""

from xml.etree import ElementTree

import msgspec

from openucwa.wire import json, xml
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


def test_it_has_the_documented_form_in_xml() -> None:
    told = ElementTree.fromstring(  # noqa: S314 - written just now
        xml.write_metadata([Method("POST", parameters(Input))])
    )
    in_ucwa = {"": xml.NAMESPACE}
    (method,) = told.findall("metadata/httpMethodMetadata", in_ucwa)
    assert method.findtext("httpMethod", namespaces=in_ucwa) == "POST"
    first, second = method.findall("parameters/parameter", in_ucwa)
    assert first.findtext("name", namespaces=in_ucwa) == "accessLevel"
    values = [one.text for one in first.findall("supportedValues/value", in_ucwa)]
    assert values == list(AccessLevel)
    assert second.findall("supportedValues/value", in_ucwa) == []
