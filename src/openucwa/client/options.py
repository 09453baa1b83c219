"""What a caller may set, as the HTTP library takes it."""

import ssl
from os import PathLike, fspath

from openucwa import __version__
from openucwa.client.errors import CertificateRefused

__all__ = ["USER_AGENT", "tls"]

USER_AGENT = f"OpenUCWA/{__version__}"


def tls(verify: bool | ssl.SSLContext | str | PathLike[str]) -> bool | ssl.SSLContext:
    """What certificates are checked against; a path is that of a file of authorities.

    Raises CertificateRefused if that file can't be used.
    """
    if isinstance(verify, bool | ssl.SSLContext):
        return verify
    path = fspath(verify)
    try:
        return ssl.create_default_context(cafile=path)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise CertificateRefused(
            f"The certificates of {path} can't be read. It has to be a PEM file of authorities."
        ) from error
