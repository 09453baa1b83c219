"""The drafts of meetings: listed, and dropped."""

from collections.abc import Sequence

from openucwa.cli import tables
from openucwa.cli.asking import ask
from openucwa.cli.failure import NotThere, WrongInput
from openucwa.cli.person import fields, offer, screen, showing, times
from openucwa.cli.person.draft import Drafts, LocalDraft

_ANSWERS = {"yes": "delete the text permanently", "no": "keep the draft"}


def show(drafts: Drafts, *, as_json: bool) -> None:
    """List all drafts, the latest first."""
    found = _readable(drafts.all())
    if as_json:
        showing.write_json([_as_json(one) for one in found])
    elif not found:
        screen.say("You have no drafts.")
    else:
        rows = [
            ((one.id, offer.subject(one) or "-", times.cell(one.kept_at), _changed(one)), "")
            for one in found
        ]
        tables.show(("id", "subject", "written", "changes"), rows, wrapping=("subject", "changes"))
        screen.note(
            "Use openucwa meeting edit ID to continue with one, openucwa meeting discard ID to "
            "discard it."
        )


def discard(drafts: Drafts, id: str, *, yes: bool, as_json: bool) -> None:
    """Drop the drafts of a meeting. Raises NotThere, and WrongInput if nobody can be asked."""
    found = drafts.of(id)
    if not found:
        raise NotThere(
            f"There is no draft of {id}. Use openucwa meeting drafts to list all drafts."
        )
    if not yes:
        if as_json or not screen.is_interactive():
            raise WrongInput("Discarding a draft can't be undone. To confirm, add --yes.")
        for one in _readable(found):
            screen.say(f"{one.id} ({offer.subject(one)}), written {times.shown(one.kept_at)}:")
            offer.show(one)
        asked = "Discard it?" if len(found) == 1 else "Discard them all?"
        if ask(asked, _ANSWERS, otherwise="no") == "no":
            screen.say("The draft is kept." if len(found) == 1 else "The drafts are kept.")
            return
    for one in found:
        if drafts.take(one):
            drafts.delete(one)
    if as_json:
        showing.write_json({"discarded": found[0].id, "count": len(found)})
    else:
        screen.say(f"Discarded {len(found)} draft{'s' if len(found) > 1 else ''} of {found[0].id}.")


def _readable(drafts: Sequence[LocalDraft]) -> list[LocalDraft]:
    return [one for one in drafts if offer.is_readable(one)]


def _names(draft: LocalDraft) -> list[str]:
    """Return the changes of a draft, as far as its text can be read."""
    return fields.in_order(offer.legible(draft)[0])


def _changed(draft: LocalDraft) -> str:
    error = offer.legible(draft)[1]
    labels = map(fields.label, _names(draft))
    return ", ".join([*labels, *(["a text with an error"] if error else [])])


def _as_json(draft: LocalDraft) -> dict[str, object]:
    return {
        "meeting": draft.id,
        "subject": offer.subject(draft),
        "writtenAt": times.iso(draft.kept_at),
        "changes": _names(draft),
    }
