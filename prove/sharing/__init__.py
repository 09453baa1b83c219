"""People race for one meeting under their own names, while they are given it and lose it again.

Dana organizes it, Chris and Robin have a share of it, or act for her, or neither: that changes all
the time. They write the meeting, its time and its extensions as fast as they can, also while they
may not. `check.py` asks whether one of them won each time, and nobody without a grant.
"""

from __future__ import annotations

import argparse
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import msgspec

from bench.__main__ import say
from bench.http import UnexpectedAnswer
from bench.servers import DOMAIN
from prove.client import Line, Request, Resource, sign_in
from prove.linearizability.operation import Operation
from prove.run import Run, everywhere
from prove.servers import Installation
from prove.sharing.check import Race, Version, check, is_refused, person_of
from prove.sharing.grant import Grant
from prove.sharing.granter import Granter, Places
from prove.sharing.writer import EXPIRY, SCHEDULE, Board, Writer, made
from prove.verdict import Verdict

ORGANIZER = "dana"
OTHERS = ("chris", "robin")
_WRITERS = {ORGANIZER: 2, "chris": 3, "robin": 3}
_SETTINGS = {
    "OPENUCWA_LIMITS__VERSIONS_PER_MEETING": "1000000",
    "OPENUCWA_LIMITS__HISTORY_BYTES_PER_MEETING": str(2**30),
    "OPENUCWA_LIMITS__BYTES_PER_USER": str(2**30),
}
"""For a history that goes back to the beginning."""


def add_options(parser: argparse.ArgumentParser) -> None:
    """This proof has no options of its own."""


def prove(arguments: argparse.Namespace) -> int:
    """Prove it wherever it is asked for; return 1 if it does not hold."""
    return everywhere("sharing", arguments, lambda run: Stage(run).play(), _SETTINGS)


class Stage:
    """An installation with a meeting, those who race for it, and those who grant it to them."""

    def __init__(self, run: Run) -> None:
        self._run = run
        installation = run.installation
        installation.add_people([f"{user}@{DOMAIN}" for user in _WRITERS])
        installation.start()
        self._dana = _line(installation, ORGANIZER)
        meeting = _asked(self._dana, Request("POST", self._dana.session.meetings))
        self._href = str(meeting["_links"]["self"]["href"])
        self._meeting = f"{ORGANIZER}/{meeting['onlineMeetingId']}"
        self._board = Board()
        self._granters = [self._granter(person, meeting) for person in OTHERS]
        self._before = [self._made(key, one) for key, one in self._furnished(meeting).items()]
        self._writers = [
            self._writer(person, number)
            for person, count in _WRITERS.items()
            for number in range(count)
        ]

    def play(self) -> Verdict:
        """Let them race for as long as the run has, and return what was found."""
        stop = threading.Event()
        racing: list[Writer | Granter] = [*self._writers, *self._granters]
        with ThreadPoolExecutor(len(racing)) as threads:
            running = [threads.submit(one.run, stop) for one in racing]
            end = time.monotonic() + self._run.seconds
            try:
                while time.monotonic() < end and not any(one.done() for one in running):
                    time.sleep(0.1)  # so that a writer that has failed ends the race soon
            finally:
                stop.set()
            for one in running:
                one.result()
        say("sharing: reading all")
        reader = self._writer(ORGANIZER, len(self._writers))
        reader.do([reader.read()])
        watching = [granter.reader for granter in self._granters]
        race = self._race([*self._writers, *watching, reader])
        encode = msgspec.json.Encoder().encode
        lines = (*race.operations, *race.grants, *race.versions)
        self._run.history.write_bytes(b"".join(encode(one) + b"\n" for one in lines))
        longest, violations = check(race)
        figures = _figures(race.operations, race.grants)
        return Verdict(figures | {"longest chain": longest}, violations)

    def _granter(self, person: str, meeting: Resource) -> Granter:
        """Return who has given a person her first grant."""
        line = _line(self._run.installation, ORGANIZER)
        found = line.session.application["_embedded"]["people"]["_links"]["myGroupMemberships"]
        own = line.session.href
        shares = str(meeting["_links"]["onlineMeetingShares"]["href"])
        places = Places(own + shares[len(own) :], str(found["href"]))
        href = own + self._href[len(own) :]
        name = f"{ORGANIZER}-{person}"
        reader = Writer(name, line, self._board, self._meeting, href, self._chance())
        granter = Granter(person, line, places, reader, self._chance())
        granter.share("Editor")
        return granter

    def _furnished(self, meeting: Resource) -> dict[str, Resource]:
        """The meeting with a time and an extension, by their keys."""
        found: dict[str, Resource] = {}
        extensions = str(meeting["_links"]["onlineMeetingExtensions"]["href"])
        schedule = str(meeting["_links"]["onlineMeetingSchedule"]["href"])
        headers = {"If-Match": "*"}
        for name, method, href, content in (
            ("notes", "POST", extensions, {"id": "notes"}),
            (SCHEDULE, "PUT", schedule, _asked(self._dana, Request("GET", schedule))),
            ("", "PUT", self._href, meeting),
        ):
            key = f"{self._meeting}/{name}".rstrip("/")
            wanted = {**content, **self._board.mark(key, ORGANIZER)}
            if key == self._meeting:
                wanted["expirationTime"] = EXPIRY
            found[key] = _asked(self._dana, Request(method, href, wanted, headers))
        return found

    def _made(self, key: str, resource: Resource) -> Operation:
        self._board.note(key, resource)
        return made(f"{ORGANIZER}-", self._meeting, key, resource)

    def _writer(self, person: str, number: int) -> Writer:
        line = _line(self._run.installation, person)
        if person == ORGANIZER:
            own = line.session.href
            href = own + self._href[len(own) :]
        else:
            dashboard = line.session.application["_embedded"]["onlineMeetings"]
            listed = Request("GET", str(dashboard["_links"]["sharedOnlineMeetings"]["href"]))
            (found,) = _asked(line, listed)["_embedded"]["sharedOnlineMeeting"]
            href = str(found["_links"]["self"]["href"])
        name = f"{person}-{number}"
        return Writer(name, line, self._board, self._meeting, href, self._chance())

    def _race(self, writers: Sequence[Writer]) -> Race:
        """Return all that is known, once it is over."""
        operations = [*self._before, *(one for writer in writers for one in writer.history)]
        listed = _asked(self._dana, Request("GET", f"{self._href}/versions"))
        found = listed["_embedded"]["onlineMeetingVersion"]
        versions = [
            Version(
                etag=str(one["etag"]),
                author=str(one["changedBy"]).removeprefix("sip:").partition("@")[0],
                on_behalf="changedOnBehalfOf" in one,
            )
            for one in found
        ]
        return Race(
            meeting=self._meeting,
            organizer=ORGANIZER,
            operations=sorted(operations, key=lambda one: one.invoked),
            grants=[one for granter in self._granters for one in granter.grants],
            versions=[one for one in versions if int(one.etag) >= int(self._before[-1].etag)],
        )

    def _chance(self) -> random.Random:
        return random.Random(self._run.chance.random())


def _figures(operations: Sequence[Operation], grants: Sequence[Grant]) -> dict[str, object]:
    writes = [one for one in operations if one.mark]
    won = Counter(person_of(one) for one in writes if one.is_accepted)
    return {
        "operations": len(operations),
        **{f"accepted of {person}": won[person] for person in _WRITERS},
        "stale": sum(one.status == 412 for one in writes),
        "not granted": sum(is_refused(one) for one in operations),
        "grants and revocations": len(grants),
    }


def _line(installation: Installation, person: str) -> Line:
    return Line(installation.root, sign_in(installation.root, f"{person}@{DOMAIN}"))


def _asked(line: Line, request: Request) -> Resource:
    """Return what is answered before the race, and after it."""
    answer = line.ask(request)
    if answer.status not in (200, 201):
        raise UnexpectedAnswer(f"{request.method} {request.href}: {answer.status} {answer.body!r}")
    return answer.resource()
