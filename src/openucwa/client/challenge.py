"""The challenge of a server: the `WWW-Authenticate` of its 401 (AuthenticationInUCWA.md).

There are two lines, of the schemes MsRtcOAuth and Bearer, in either order; HTTP allows them joined
into one (RFC 9110, section 11.6.1). Values stand in quotes or not, and the list of grant types has
commas of its own.
"""

import re
from collections.abc import Iterable

__all__ = ["Challenge"]

_PART = re.compile(
    r"""[\s,]*
    (?: (?P<name>[A-Za-z_][\w-]*) \s*=\s* (?: "(?P<quoted>(?:[^"\\]|\\.)*)" | (?P<bare>[^\s,"]+) )
      | (?P<scheme>[A-Za-z][\w.~+/-]*={0,2}) (?=[\s,]|\Z) )""",
    re.VERBOSE | re.ASCII,
)


class Challenge:
    """The challenge.

    `token_url` is where tokens are, if the server hands them out itself, and `grants` for what.
    `authorization_uri` is where the organization's issuer is, if the server names one.
    """

    __slots__ = ("authorization_uri", "grants", "token_url")

    def __init__(
        self,
        token_url: str | None = None,
        grants: Iterable[str] = (),
        authorization_uri: str | None = None,
    ) -> None:
        self.token_url: str | None = token_url
        self.grants: tuple[str, ...] = tuple(grants)
        self.authorization_uri: str | None = authorization_uri

    @classmethod
    def parse(cls, lines: Iterable[str]) -> "Challenge":
        """Read all `WWW-Authenticate` lines of an answer, and pass over what is none of ours."""
        schemes: dict[str, dict[str, str]] = {}
        for line in lines:
            _read(line, schemes)
        oauth = schemes.get("msrtcoauth", {})
        return cls(
            oauth.get("href"),
            [grant for one in oauth.get("grant_type", "").split(",") if (grant := one.strip())],
            schemes.get("bearer", {}).get("authorization_uri"),
        )

    def takes(self, grant: str) -> bool:
        """Return whether the server offers that grant; one that names none may offer any."""
        return not self.grants or grant in self.grants


def _read(line: str, schemes: dict[str, dict[str, str]]) -> None:
    parameters: dict[str, str] = {}
    position = 0
    while found := _PART.match(line, position):
        position = found.end()
        if scheme := found["scheme"]:
            parameters = schemes.setdefault(scheme.lower(), {})
        else:
            quoted = found["quoted"]
            value = found["bare"] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
            parameters.setdefault(found["name"].lower(), value)
