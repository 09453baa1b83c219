"""Shares: the others who may see a meeting, or change it. OpenUCWA has them, others need not."""

from openucwa.client.attributes import Attribute, TypedResource, member, text
from openucwa.wire.enums import ShareRole


class Share(TypedResource):
    """A person with whom a meeting is shared."""

    uri: Attribute[str] = Attribute("uri", text)
    """The SIP address."""
    name: Attribute[str] = Attribute("name", text)
    """The name to show."""
    role: Attribute[ShareRole | str] = Attribute("role", member(ShareRole))
    """Editor, who may change the meeting, or Reader."""

    def __repr__(self) -> str:
        return f"Share({self.uri!r}, {str(self.role)!r})"

    @property
    def href(self) -> str:
        """The address in the application of its client."""
        return self.resource.href

    @property
    def etag(self) -> str | None:
        """The ETag of the share."""
        return self.resource.etag
