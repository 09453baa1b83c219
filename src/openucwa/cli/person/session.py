"""A client of the server where the person has signed in."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from openucwa import __version__
from openucwa.cli import streams
from openucwa.cli.failure import Failure, NotThere, SignInNeeded, WrongInput
from openucwa.cli.person import account as accounts
from openucwa.cli.person import device, fields, folders, people, screen, tokens, trouble
from openucwa.cli.person.account import Account
from openucwa.cli.person.draft import Drafts
from openucwa.cli.person.kept import Shelf

if TYPE_CHECKING:
    from openucwa.client import Client, Meeting, Token

USER_AGENT = f"openucwa/{__version__}"
_MOST_SUGGESTED = 3


@dataclass(frozen=True)
class Session:
    """A signed-in account: its client, and the meetings and drafts stored for it."""

    account: Account
    client: "Client"
    shelf: Shelf
    drafts: Drafts

    def own_name(self) -> tuple[str, str]:
        """Return the address of the person and the name that others see, if that is known."""
        own = next(iter(self.client.application().embedded("me")), None)
        told = own.properties if own else {}
        return str(told.get("uri") or f"sip:{self.account.address}"), str(told.get("name") or "")

    def saw(self, meeting: "Meeting") -> None:
        """Remember what a person has been shown. A program has seen nothing."""
        if screen.is_interactive():
            self.shelf.see(meeting.id, meeting.to_json())


@contextmanager
def connected(
    account: Account | None = None, *, apart: bool = False, asks: bool = True
) -> Iterator[Session]:
    """The client of an account, or of the selected one. What the SDK raises is raised as a Failure.

    A command that connects twice names the account the second time: another one may be selected
    meanwhile.

    With `apart` it has an application of its own, which ends with it: so that it is told what the
    other commands do, and takes no events away from another one that listens.

    Where the sign-in has ended, a person at a terminal is asked for the password; not without
    `asks`.
    """
    account = account or accounts.current()
    kept = tokens.find(account)
    asks = asks and streams.input_is_terminal() and streams.error_is_terminal()
    if kept is None and not asks:
        raise SignInNeeded(
            f"There is no token of {account.address}. "
            f"Use openucwa login {account.address} to sign in."
        )
    with trouble.told(account.address):
        from openucwa.client import Client, Token

        client = Client.discover(
            account.address,
            _asking(account) if asks else None,
            at=account.root_url,
            token=Token(*kept) if kept else None,
            on_token=lambda token: _keep(account, token),
            endpoint_id=None if apart else account.endpoint_id,
            user_agent=USER_AGENT,
            application_name=device.application_name(),
            verify=account.ca or True,
        )
        with client, drafts(account) as kept_drafts:
            yield Session(account, client, shelf(account), kept_drafts)


def _asking(account: Account) -> Callable[[], str]:
    """A function that asks for the password of a sign-in that has ended."""
    from openucwa.cli import password

    said = f"The session of {account.address} has expired."

    def ask() -> str:
        nonlocal said
        with screen.undisturbed():
            screen.note(said)
            said = "The password is wrong."
            return password.read(f"Password of {account.address}")

    return ask


def shelf(account: Account) -> Shelf:
    """Return the stored data of an account."""
    return Shelf(folders.state(), whose=account.place)


def drafts(account: Account) -> Drafts:
    """The drafts of an account."""
    return Drafts(folders.state(), whose=account.place)


def _keep(account: Account, token: "Token | None") -> None:
    """Keep a token that is new. One that holds no more is found out again: others may share it."""
    if token is not None:
        tokens.keep(account, token.text, token.expires)


def find(session: Session, id: str) -> "Meeting":
    """The meeting of an id, of a beginning of one, or of a join link: one's own, or a shared one.

    Raises NotThere, with those that may have been meant; WrongInput where several begin like that.
    """
    with screen.waiting("Fetching the meeting"):
        meetings = all_meetings(session)
    return meant(id.strip(), meetings)


def find_to_change(session: Session, id: str) -> "Meeting":
    """The same, for a change. Raises Failure for a meeting that one may only read, too."""
    found = find(session, id)
    if not found.may_change:
        raise Failure(
            f"You may read the meeting {_named(found)}, but not change it. Ask "
            f"{people.name(found.organizer)} to share it with you as an editor."
        )
    return found


def all_meetings(session: Session) -> "list[Meeting]":
    """The meetings of the person, and those that others share with her."""
    return [*session.client.meetings.list(), *session.client.meetings.shared()]


def meant(typed: str, meetings: "Sequence[Meeting]") -> "Meeting":
    """The meeting that was typed as something else than its id. Raises NotThere and WrongInput."""
    link = typed.rstrip("/").lower()
    for one in meetings:
        links = (one.join_url, str(one.properties.get("onlineMeetingUri") or ""))
        if link and (link == one.id.lower() or link in (each.lower() for each in links)):
            return one
    if "://" in typed:
        typed = urlsplit(typed).path.rstrip("/").rpartition("/")[2] or typed
        found = [one for one in meetings if one.id.lower() == typed.lower()]
    else:
        found = [one for one in meetings if typed and one.id.lower().startswith(typed.lower())]
    if len(found) > 1:
        shown = " or ".join(map(_named, found[:_MOST_SUGGESTED]))
        more = f", or {len(found) - _MOST_SUGGESTED} more" if len(found) > _MOST_SUGGESTED else ""
        raise WrongInput(f"{typed} is ambiguous: it may be {shown}{more}. Type more of the id.")
    if not found:
        raise NotThere(not_there(typed, meetings))
    return found[0]


def not_there(id: str, meetings: "Sequence[Meeting]") -> str:
    """The sentence for an id that no meeting has."""
    id = fields.plain(id[:80])
    if not id:
        return "The id of the meeting is empty. Use openucwa meeting list to list your meetings."
    near = _near(id, meetings)
    if near:
        return f"You have no meeting {id}. Did you mean {' or '.join(map(_named, near))}?"
    return f"You have no meeting {id}. Use openucwa meeting list to list your meetings."


def _named(meeting: "Meeting") -> str:
    return f"{meeting.id} ({fields.plain(meeting.subject)})"


def _near(id: str, meetings: "Sequence[Meeting]") -> "list[Meeting]":
    """Those whose id is spelled nearly so, or whose subject has it in it."""
    from difflib import get_close_matches

    by_id = {one.id.upper(): one for one in meetings}
    found = [by_id[one] for one in get_close_matches(id.upper(), by_id, cutoff=0.7)]
    found += [one for one in meetings if id.strip() and id.lower() in one.subject.lower()]
    return list({one.id: one for one in found}.values())[:_MOST_SUGGESTED]


def renamed(account: Account, **changes: str) -> Account:
    """The account with something else."""
    return replace(account, **changes)
