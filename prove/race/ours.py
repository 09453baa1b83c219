"""OpenUCWA's own document to race for: a meeting."""

from __future__ import annotations

import json
from urllib.parse import urljoin

from bench.client import Client
from bench.document import SERIAL, Document
from bench.servers import DOMAIN
from prove.servers import PASSWORD, Installation

ORGANIZER = f"dana@{DOMAIN}"


def meeting(installation: Installation) -> Document:
    """Start an installation, and schedule a meeting in it."""
    installation.add_people([ORGANIZER])
    installation.start()
    with Client(installation.root) as client:
        href = client.create(client.sign_in(ORGANIZER, PASSWORD))
        content = client.ask("GET", href).resource() | {"subject": SERIAL}
        del content["etag"]  # it goes into If-Match
        return Document(
            url=urljoin(installation.root, href),
            headers=client.headers(),
            body=json.dumps(content),
        )
