"""What a client prefers, beyond the format."""


def accepts_gzip(accept_encoding: str | None) -> bool:
    """Whether `Accept-Encoding` lets gzip through (RFC 9110, section 12.5.3)."""
    for coding in (accept_encoding or "").lower().split(","):
        name, _, quality = coding.partition(";")
        if name.strip() == "gzip":
            return quality.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def prefers_representation(prefer: str | None) -> bool:
    """Whether `Prefer` asks for the representation (RFC 7240, section 4.2)."""
    preferences = (prefer or "").replace(" ", "").replace('"', "").lower().split(",")
    return any(one.partition(";")[0] == "return=representation" for one in preferences)
