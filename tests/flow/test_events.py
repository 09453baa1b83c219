"""Many clients that wait."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from select import select
from time import sleep

import pytest

from tests.sockets.line import Line, Session, request, sign_in
from tests.sockets.process import Server, add_user, serving

pytestmark = pytest.mark.slow

USERS, INSTANCES = 4, 50
IDLE = 3.0
"""Seconds."""


def seconds_of(server: Server) -> float:
    """The processor time that a server has used."""
    fields = Path(f"/proc/{server.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def tabs(line: Line, session: Session) -> Iterator[str]:
    """The event channels of further instances of an application."""
    registration = {
        name: session.application[name] for name in ("userAgent", "endpointId", "culture")
    }
    for number in range(1, INSTANCES):
        wanted = {**registration, "instanceId": str(number)}
        answer = line.ask(session.post("/ucwa/oauth/v1/applications", wanted))
        assert answer.status == 201, answer
        yield answer.json["_links"]["events"]["href"]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc")
def test_waiting_costs_nothing(tmp_path: Path) -> None:
    """200 clients wait. When something happens, those that it concerns are told, and no other."""
    users = [f"user{number}@contoso.com" for number in range(USERS)]
    for user in users:
        add_user(tmp_path, user)
    with serving(tmp_path) as server, ExitStack() as stack:
        line = stack.enter_context(Line(server))
        sessions = [sign_in(server, user) for user in users]
        waiting: list[list[Line]] = []
        for session in sessions:
            channels = [session.application["_links"]["events"]["href"], *tabs(line, session)]
            waiting.append([stack.enter_context(Line(server)) for _ in channels])
            for one, href in zip(waiting[-1], channels, strict=True):
                one.send(session.get(f"{href}&extended=true"))
        assert line.ask(request("GET", "/")).status == 200
        sleep(0.5)  # until all of them wait
        before = seconds_of(server)
        sleep(IDLE)
        assert seconds_of(server) - before < IDLE / 20
        line.ask(sessions[0].post(sessions[0].meetings, {"subject": "Weekly"}))
        for one in waiting[0]:
            assert len(one.answer().json["sender"]) == 1
        others = [one.socket for lines in waiting[1:] for one in lines]
        assert select(others, [], [], 0)[0] == []
