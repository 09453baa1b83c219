"""The options of a caller, in the form that the HTTP library takes."""

import os
import ssl
from os import PathLike, fspath

import httpx2

from openucwa import __version__
from openucwa.client.errors import BadEnvironment, CertificateRefused

__all__ = ["LONGEST", "USER_AGENT", "authorities", "seconds", "tls"]

USER_AGENT = f"OpenUCWA/{__version__}"

LONGEST = 1_000_000.0
"""Seconds. Sockets take hardly more, and nobody waits for it."""
_KEY_LOG = "SSLKEYLOGFILE"


def tls(verify: bool | ssl.SSLContext | str | PathLike[str]) -> ssl.SSLContext | None:
    """Return the context with the authorities for certificates; a path is that of their file.

    None stands for the authorities of the environment. Raises CertificateRefused if the file can't
    be used, and BadEnvironment.
    """
    if isinstance(verify, ssl.SSLContext):
        return verify
    if isinstance(verify, bool):
        return None if verify else httpx2.create_ssl_context(verify=False)
    path = fspath(verify)
    try:
        return ssl.create_default_context(cafile=path)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        if key_log := _unwritable_key_log(error):
            raise key_log from error
        raise CertificateRefused(
            f"The certificates of {path} can't be read. Name a PEM file of certificate authorities."
        ) from error


def authorities(*, trust_env: bool) -> ssl.SSLContext:
    """A context with the authorities of the environment. Raises BadEnvironment."""
    try:
        return httpx2.create_ssl_context(trust_env=trust_env)
    except (OSError, ValueError) as error:
        if key_log := _unwritable_key_log(error):
            raise key_log from error
        name = "SSL_CERT_FILE" if os.environ.get("SSL_CERT_FILE") else "SSL_CERT_DIR"
        raise BadEnvironment(
            f"The certificates of {os.environ.get(name, 'this system')} can't be read. Let {name} "
            "name a PEM file of authorities, or unset it to use those of the system.",
            name,
        ) from error


def _unwritable_key_log(error: Exception) -> BadEnvironment | None:
    """The error that stands for a context that can't write down its keys, if that is the reason."""
    path = os.environ.get(_KEY_LOG)
    if not path or getattr(error, "filename", None) != path:
        return None
    return BadEnvironment(f"{path} can't be written. Correct or unset {_KEY_LOG}.", _KEY_LOG)


def seconds(timeout: float | None) -> float:
    """A timeout as sockets take it; None is for ever, or so. Raises ValueError."""
    if timeout is None:
        return LONGEST
    if not timeout > 0:  # NaN is neither more nor less
        raise ValueError(
            f"timeout must be a number of seconds greater than 0, or None, not {timeout!r}."
        )
    return min(float(timeout), LONGEST)
