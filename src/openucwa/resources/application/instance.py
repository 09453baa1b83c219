"""The instance of an application that an address names (MultiTabSupport.md)."""


def named(instance_id: str) -> dict[str, str]:
    """Return the parameters of an instance in a query: none where it has no name."""
    return {"instanceId": instance_id} if instance_id else {}
