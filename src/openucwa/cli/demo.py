"""The demo: people and meetings to try the server with, on this machine only."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from shlex import quote

import msgspec
import typer

from openucwa.cli.failure import WrongInput
from openucwa.domain import meetings, passwords
from openucwa.domain.applications import Application, new_id
from openucwa.domain.deployment import Deployment
from openucwa.domain.people import Profile, User
from openucwa.domain.policies import DialIn, DialInRegion
from openucwa.domain.schedules import Schedule, Times
from openucwa.domain.versions import first_version
from openucwa.http.authentication import TOKEN_PATH
from openucwa.resources.path import ROOT
from openucwa.settings import Settings
from openucwa.settings.forms import without_password
from openucwa.store.tables.delegates import Delegates
from openucwa.store.tables.meetings import Meetings
from openucwa.store.tables.schedules import Schedules
from openucwa.store.tables.shares import Shares
from openucwa.store.tables.users import Users
from openucwa.store.transaction import Transaction
from openucwa.wire import zones
from openucwa.wire.enums import GenericPolicy, OnlineMeetingRel, PhoneUserAdmission, ShareRole

PASSWORD = "demo"  # noqa: S105 - no secret: it is printed, and works on this machine only

# name of the address, name, mailbox, title, department, office, last digits of the telephone
_PEOPLE = (
    ("Dana", "Dana Birkby", "danab", "Sales Manager", "Sales", "18/2107", "0101"),
    ("Chris", "Chris Barry", "chrisb", "Designer", "Product", "18/2111", "0102"),
    ("Alex", "Alex Darrow", "alexd", "Support Engineer", "Support", "20/1002", "0103"),
    ("lenea", "Lene Aaling", "lenea", "Account Manager", "Sales", "18/2109", "0104"),
)
# organizer, subject, description, attendees, in how many days, who may change it
_MEETINGS = (
    ("Dana", "Weekly meeting", "What is done, and what comes next.", ("Chris", "Alex"), 7, "Chris"),
    ("Dana", "Budget review", "The figures of the third quarter.", ("lenea",), 3, ""),
    ("Chris", "Design review", "Please read the draft before.", ("Dana", "Alex"), 2, "Dana"),
    ("Alex", "Interview", "A candidate for the support team.", ("Chris",), 1, ""),
    ("lenea", "Customer workshop", "Bring your questions.", ("Dana", "Alex"), 14, ""),
)
_DELEGATE = ("Dana", "lenea")
"""An organizer and her delegate, by their names."""
_LENGTH = timedelta(minutes=45)
_GRACE = timedelta(hours=8)
"""From the end of a meeting to its expiry."""
_REGIONS = (
    DialInRegion(name="Redmond", number="tel:+14255550100", languages=("en-US", "es-US")),
    DialInRegion(name="Berlin", number="tel:+493023125100", languages=("de-DE", "en-GB")),
)


def people(domain: str) -> list[Profile]:
    """Return the people that the demo adds."""
    return [
        Profile(
            uri=f"sip:{user}@{domain}",
            name=name,
            email=f"{mailbox}@{domain}",
            title=title,
            department=department,
            company="Contoso",
            office=office,
            work_phone=f"tel:+1425555{extension}",
        )
        for user, name, mailbox, title, department, office, extension in _PEOPLE
    ]


def with_dial_in(settings: Settings) -> Settings:
    """The settings, with telephone numbers for meetings where the default policy has none."""
    default = settings.policies["default"]
    if default.dial_in.regions:
        return settings
    dial_in = DialIn(
        default_region=_REGIONS[0].name,
        internal_directory_uri=f"https://dialin.{settings.domain}/internal",
        external_directory_uri=f"https://dialin.{settings.domain}",
        regions=_REGIONS,
    )
    policy = msgspec.structs.replace(default, dial_in=dial_in)
    return settings.model_copy(update={"policies": settings.policies | {"default": policy}})


def seed(tx: Transaction, deployment: Deployment) -> None:
    """Add those people who are not there, each with the meetings that she organizes."""
    added: dict[str, User] = {}
    for profile in people(deployment.domain):
        if tx.of(Users).by_uri(profile.uri) is None:
            user = tx.of(Users).add(profile, passwords.hash(PASSWORD))
            assert user is not None
            added[_name(user)] = user
    for user in added.values():
        _schedule(tx, user, deployment, added)
    organizer, delegate = (added.get(name) for name in _DELEGATE)
    if organizer and delegate:
        tx.of(Delegates).add(organizer, delegate)


def _schedule(
    tx: Transaction, user: User, deployment: Deployment, others: Mapping[str, User]
) -> None:
    policy = deployment.policy(user.policy)
    rel = OnlineMeetingRel.MY_ONLINE_MEETINGS
    admission = (
        PhoneUserAdmission.ENABLED
        if policy.phone_user_admission is GenericPolicy.ENABLED
        else PhoneUserAdmission.DISABLED
    )
    for organizer, subject, description, attendees, days, editor in _MEETINGS:
        if organizer == _name(user):
            day = tx.now.replace(hour=8 + days % 6, minute=0, second=0, microsecond=0)
            starts = day + timedelta(days=days)
            ends = starts + _LENGTH
            details = msgspec.structs.replace(
                meetings.defaults(policy, rel, tx.now),
                subject=subject,
                description=description,
                attendees=tuple(f"sip:{name}@{deployment.domain}" for name in attendees),
                expiration_time=ends + _GRACE,
                phone_user_admission=admission,
            )
            by = _application(tx, user)
            meeting = tx.of(Meetings).add(rel, details, by=by)
            time = Schedule(
                organizer_id=user.id,
                organizer=user.join_name,
                online_meeting_id=meeting.online_meeting_id,
            )
            times = Times(start_time=starts, end_time=ends, time_zone=zones.UTC)
            tx.of(Schedules).replace(time, times, by=by, told=False)
            if editor in others:
                tx.of(Shares).add(meeting, others[editor], ShareRole.EDITOR)


def _application(tx: Transaction, user: User) -> Application:
    """The application that the history of the demo's meetings names; it is not registered."""
    return Application(
        id=new_id(),
        user_id=user.id,
        version=first_version(),
        last_seen_at=tx.now,
        user_agent="OpenUCWA demo",
        endpoint_id="demo",
        culture="en-US",
    )


def _name(user: User) -> str:
    """The part of the address before the @, as spelled."""
    return user.uri.removeprefix("sip:").partition("@")[0]


def refuse(users: Iterable[User]) -> None:
    """Raise WrongInput when somebody whom the demo has added can sign in with its password."""
    names = {name.lower() for name, *_ in _PEOPLE}
    added = (user for user in users if _name(user).lower() in names and not user.disabled)
    for user in added:
        if passwords.verify(user.password_hash, PASSWORD):
            raise WrongInput(
                f"{user.uri} still has the demo's password, which is public. Start with --demo, "
                "name another directory with --data, or use openucwa user "
                f"password {user.uri} or openucwa user disable {user.uri}."
            )


def announce(settings: Settings, url: str) -> None:
    """Print the demo's addresses, who can sign in, and what to try next."""
    mailboxes = [f"{name.lower()}@{settings.domain}" for name, *_ in _PEOPLE]
    _heading(f"OpenUCWA demo at {url}", "Ctrl+C stops it")
    _lines(
        ("Discovery", f"{url}/"),
        ("Sign-in", url + TOKEN_PATH),
        ("Applications", f"{url}{ROOT}applications"),
        ("Data", without_password(settings.database) if settings.database else str(settings.data)),
    )
    _heading("Who can sign in", f"each with the password {PASSWORD}")
    _lines(*zip(mailboxes, (name for _, name, *_ in _PEOPLE), strict=True))
    _heading("Try next", "in another terminal, one after the other")
    for aim, command in _commands(url, mailboxes[0]):
        typer.secho(f"  {aim}", dim=True)
        typer.secho(f"  {command}\n", fg="cyan")


def _commands(url: str, username: str) -> Iterator[tuple[str, str]]:
    """Return commands to try, for a POSIX shell."""
    sign_in = f"grant_type=password&username={username}&password={PASSWORD}"
    application = '{"userAgent": "curl", "endpointId": "1", "culture": "en-US"}'
    yield "Discover the server:", f"curl -sw '\\n' {quote(url + '/')}"
    yield (
        "Sign in:",
        f"TOKEN=$(curl -s {quote(url + TOKEN_PATH)} -d '{sign_in}' | cut -d '\"' -f 4)",
    )
    yield (
        "Create an application; its links lead to everything else:",
        f"curl -sw '\\n' {quote(f'{url}{ROOT}applications')} -H \"Authorization: Bearer $TOKEN\""
        f" -H 'Content-Type: application/json' -d '{application}'",
    )


def _heading(text: str, note: str) -> None:
    typer.echo(f"\n{typer.style(text, bold=True)}  {typer.style(note, dim=True)}\n")


def _lines(*pairs: tuple[str, str]) -> None:
    width = max(len(left) for left, _ in pairs)
    for left, right in pairs:
        typer.echo(f"  {left:{width}}  {right}")
