"""The members of a resource, before they are written in some format."""

import msgspec

from openucwa.wire.representation import served


class Properties(msgspec.Struct, kw_only=True, rename="camel"):
    join_url: str = ""
    subject: str | None = None
    leaders: tuple[str, ...] = ()
    count: int = 0


def test_properties_are_served_under_their_camel_case_names_in_their_order() -> None:
    properties = Properties(join_url="https://meet", subject="Weekly", leaders=("a",), count=1)
    assert list(served(properties).items()) == [
        ("joinUrl", "https://meet"),
        ("subject", "Weekly"),
        ("leaders", ("a",)),
        ("count", 1),
    ]


def test_what_is_none_is_left_out_and_what_is_empty_is_not() -> None:
    assert served(Properties()) == {"joinUrl": "", "leaders": (), "count": 0}
