"""Collections that are embedded, or with `expand=false` linked to (GetUsersContactList.md)."""

import msgspec


class Asked(msgspec.Struct, kw_only=True, rename="camel"):
    """What GET of a collection takes."""

    expand: bool = True
    """If false, members are links instead of being embedded."""
