"""Collections that are embedded, or with `expand=false` linked to (GetUsersContactList.md)."""

import msgspec


class Asked(msgspec.Struct, kw_only=True, rename="camel"):
    """The query of a GET of a collection."""

    expand: bool = True
    """If false, members are links instead of being embedded."""
