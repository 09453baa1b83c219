"""Drafts as they are offered to the person: shown, read, and gone on with."""

from collections.abc import Mapping

from openucwa.cli.failure import Failure
from openucwa.cli.person import editor, fields, form, screen, showing, times, versions
from openucwa.cli.person.draft import MAIN, NEW, LocalDraft
from openucwa.cli.person.session import Session


def latest(session: Session, id: str) -> LocalDraft | None:
    """The latest draft of a meeting; one of a version that nobody can read is none."""
    return next((one for one in session.drafts.of(id) if is_readable(one)), None)


def is_readable(draft: LocalDraft) -> bool:
    """Return whether the version from which a draft was made is known, if there was one."""
    try:
        _base(draft)
    except ValueError:
        return False
    return True


def subject(draft: LocalDraft) -> str:
    """Return the subject in the draft, if it can be read."""
    found = {**_base(draft), **draft.mine, **legible(draft)[0]}
    return fields.plain(str(found.get("subject") or ""))


def wanted(draft: LocalDraft) -> dict[str, object]:
    """Return the values that a draft changes, with those in its pages. Raises Unreadable."""
    found, error = legible(draft)
    if error is not None:
        raise error
    return found


def legible(draft: LocalDraft) -> tuple[dict[str, object], form.Unreadable | None]:
    """Return the values that a draft changes, except those in a page with an error; that error."""
    base, pages = _base(draft), draft.pages()
    found = {} if MAIN in pages else dict(draft.mine)
    error = None
    for name in sorted(pages):  # the whole meeting first
        try:
            found |= _read(draft, name, base)
        except form.Unreadable as unreadable:
            found.pop(name, None)
            error = unreadable
    return found, error


def corrected(draft: LocalDraft) -> dict[str, object]:
    """Return the changes of a draft, editing its pages until they can be read. Raises Failure."""
    base = _base(draft)
    for name in draft.pages():
        while True:
            try:
                _read(draft, name, base)
                break
            except form.Unreadable as wrong:
                plain = form.without_problems(draft.pages().get(name, ""))
                draft.rewrite(form.with_problems(plain, wrong.problems), name)
                problem = wrong
            try:
                is_left = editor.edit(draft.page(name)) is None
            except Failure as failure:
                raise again(draft, failure) from None
            if is_left:
                raise again(draft, problem)
    return wanted(draft)


def _read(draft: LocalDraft, page: str, base: Mapping[str, object]) -> dict[str, object]:
    text = form.without_problems(draft.pages().get(page, ""))
    return form.read(text, base if page == MAIN else {page: base.get(page)})


def show(draft: LocalDraft) -> None:
    """Print what a draft changes."""
    base = _base(draft)
    found, error = legible(draft)
    if draft.id == NEW:
        showing.show_wanted(found)
    else:
        showing.show_changes(base, {**base, **found})
    if error is not None:
        screen.say("  a text from the editor that contains an error")


def when(draft: LocalDraft) -> str:
    """Return the time of its last write, in words."""
    return times.short(draft.kept_at)


def again(draft: LocalDraft | None, failure: Failure) -> Failure:
    """The failure, with a note of where the draft is."""
    if draft is not None and draft.says_something:
        failure.add_note(kept(draft))
    return failure


def kept(draft: LocalDraft) -> str:
    """The sentence that says how to go on with a draft."""
    command = "schedule" if draft.id == NEW else f"edit {draft.id}"
    return f"Your input is kept as a draft. Use openucwa meeting {command} to continue."


def _base(draft: LocalDraft) -> Mapping[str, object]:
    """The version that a draft was made from: nothing for a new meeting. Raises ValueError."""
    return {} if draft.id == NEW else versions.read(draft.base).properties
