"""The instance of an application that an address names (MultiTabSupport.md)."""


def named(instance_id: str) -> dict[str, str]:
    """What stands for it in a query: nothing where it has no name."""
    return {"instanceId": instance_id} if instance_id else {}
