"""Does a value agree with the type that its property is documented with?"""

from __future__ import annotations

import re
from collections.abc import Callable

from tests.conformance.bodies import Form
from tests.conformance.tables import Property, Tables

DATE = re.compile(r"/Date\(-?\d+\)/")
DATE_WITH_ZONE = re.compile(r"/Date\(-?\d+[+-]\d{4}\)/")  # as .NET clients write it
ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")


def is_string(value: object) -> bool:
    return isinstance(value, str)


def is_boolean(value: object) -> bool:
    return isinstance(value, bool)


def is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def is_date(value: object) -> bool:
    return isinstance(value, str) and DATE.fullmatch(value) is not None


def is_scalar(value: object) -> bool:
    return isinstance(value, str | int | float)


def is_iso_date(value: object) -> bool:
    return isinstance(value, str) and ISO_DATE.fullmatch(value) is not None


def is_boolean_text(value: object) -> bool:
    return value in ("true", "false", "True", "False")


def is_any_boolean_text(value: object) -> bool:
    return isinstance(value, str) and value.lower() in ("true", "false", "1", "0")


def is_integer_text(value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(r"-?\d+", value) is not None


def is_either_date(value: object) -> bool:
    with_zone = isinstance(value, str) and DATE_WITH_ZONE.fullmatch(value) is not None
    return is_date(value) or with_zone or is_iso_date(value)


Accepts = Callable[[object], bool]

IN_JSON: dict[str, Accepts] = {
    "String": is_string,
    "enum": is_string,
    "Boolean": is_boolean,
    "Int": is_integer,
    "Int32": is_integer,
    "DateTime": is_date,
}
IN_XML: dict[str, Accepts] = {
    **IN_JSON,
    "Boolean": is_boolean_text,
    "Int": is_integer_text,
    "Int32": is_integer_text,
    "DateTime": is_iso_date,
}
IN_INPUT: dict[str, Accepts] = {**IN_JSON, "DateTime": is_either_date}
IN_XML_INPUT: dict[str, Accepts] = {
    **IN_XML,
    "Boolean": is_any_boolean_text,
    "DateTime": is_either_date,
}


def served_fault(tables: Tables, form: Form, prop: Property, value: object) -> str | None:
    """What is wrong with a value that the server sent."""
    types = IN_JSON if form == "json" else IN_XML
    return None if value is None and prop.nullable else fault(tables, types, prop, value)


def accepted_fault(tables: Tables, form: Form, prop: Property, value: object) -> str | None:
    """What is wrong with a value that the server took; null says "not given".

    In XML so does an empty text for what is no text, and one value is a list of one.
    """
    types = IN_INPUT if form == "json" else IN_XML_INPUT
    if form == "xml" and isinstance(value, str) and (prop.array or prop.type != "String"):
        value = value.strip() or None
        value = [value] if prop.array and value is not None else value
    return None if value is None else fault(tables, types, prop, value)


def fault(tables: Tables, types: dict[str, Accepts], prop: Property, value: object) -> str | None:
    if prop.type == "Byte":  # a media description, sent as a body of its own
        return None
    if not prop.array:
        return fault_of_one(tables, types, prop, value)
    if not isinstance(value, list):
        return f"must be an array, not {value!r}"
    faults = (fault_of_one(tables, types, prop, item) for item in value)
    return next(filter(None, faults), None)


def fault_of_one(
    tables: Tables, types: dict[str, Accepts], prop: Property, value: object
) -> str | None:
    if not types.get(prop.type or "", is_scalar)(value):
        return f"must be of type {prop.enum or prop.type or 'scalar'}, not {value!r}"
    if prop.enum is not None and value not in tables.enums[prop.enum]:
        return f"must be a member of {prop.enum}, not {value!r}"
    return fault_of_size(prop, value)


def fault_of_size(prop: Property, value: object) -> str | None:
    if prop.max_length is not None and isinstance(value, str) and len(value) > prop.max_length:
        return f"may have {prop.max_length} characters, not {len(value)}"
    if isinstance(value, int) and not isinstance(value, bool):
        too_small = prop.minimum is not None and value < prop.minimum
        too_large = prop.maximum is not None and value > prop.maximum
        if too_small or too_large:
            return f"must lie between {prop.minimum} and {prop.maximum}, not be {value}"
    return None
