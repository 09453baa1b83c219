"""openucwa user show and edit: one person's account."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from openucwa.cli import options, tables
from openucwa.cli.failure import WrongInput

if TYPE_CHECKING:
    from openucwa.domain.people import User
    from openucwa.store.belongings import Owned

Address = Annotated[
    str, typer.Argument(metavar="ADDRESS", help="The SIP address, such as sip:alex@contoso.com.")
]
Text = Annotated[str | None, typer.Option(metavar="TEXT")]

_LABELS = {
    "uri": "address",
    "name": "name",
    "email": "e-mail",
    "title": "title",
    "department": "department",
    "company": "company",
    "office": "office",
    "work_phone": "work phone",
    "mobile_phone": "mobile phone",
    "home_phone": "home phone",
    "other_phone": "other phone",
    "policy": "policy",
}


def show(
    address: Address,
    config: options.Config = None,
    data: options.Data = None,
    database: options.Database = None,
    domain: options.Domain = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """Show a user's profile, and count the user's meetings, guests and sessions."""
    from openucwa.cli import accounts
    from openucwa.cli.configuration import load

    settings = load(config, data=data, database=database, domain=domain).settings
    user, owned = accounts.owned(settings, address)
    if as_json:
        typer.echo(json.dumps(_members(user, owned), indent=2, ensure_ascii=False))
        return
    rows = {label: getattr(user, field) for field, label in _LABELS.items()} | {
        "join name": user.join_name,
        "signs in": sign_in(user),
        "meetings": str(len(owned.meetings)),
        "guests now": str(owned.guests),
        "applications": str(owned.applications),
        "sessions": str(owned.tokens),
    }
    tables.show(("", ""), (((label, value or "-"), "") for label, value in rows.items()))


def edit(
    address: Address,
    name: Annotated[str | None, typer.Option(metavar="TEXT", help="The display name.")] = None,
    email: Text = None,
    title: Text = None,
    department: Text = None,
    company: Text = None,
    office: Text = None,
    work_phone: Text = None,
    mobile_phone: Text = None,
    home_phone: Text = None,
    other_phone: Text = None,
    policy: Annotated[
        str | None, typer.Option(metavar="NAME", help="A policy of the configuration.")
    ] = None,
    config: options.Config = None,
    data: options.Data = None,
    database: options.Database = None,
    domain: options.Domain = None,
) -> None:
    """Change the given fields of a user's profile. An empty text clears a field.

    The address and the join name can't be changed, because meetings and join links contain them.
    """
    from openucwa.cli import accounts
    from openucwa.cli.configuration import load

    given = {
        "name": name,
        "email": email,
        "title": title,
        "department": department,
        "company": company,
        "office": office,
        "work_phone": work_phone,
        "mobile_phone": mobile_phone,
        "home_phone": home_phone,
        "other_phone": other_phone,
        "policy": policy,
    }
    typed = {field: value for field, value in given.items() if value is not None}
    if not typed:
        raise WrongInput(
            "No change was given. Give an option such as --name or --email; --help lists all."
        )
    settings = load(config, data=data, database=database, domain=domain).settings
    before, after = accounts.edit(settings, address, typed)
    changed = [
        f"  {_LABELS[field]}: {getattr(before, field) or '-'} → {getattr(after, field) or '-'}"
        for field in typed
        if getattr(before, field) != getattr(after, field)
    ]
    typer.echo(
        "\n".join([f"Changed {after.uri}.", *changed] if changed else ["Nothing to change."])
    )


def sign_in(user: "User") -> str:
    """Return whether a user can sign in with a password, or else why not."""
    if user.disabled:
        return "disabled"
    return "yes" if user.password_hash else "no password"


def members(user: "User") -> dict[str, object]:
    """Return the members of a user, for JSON."""
    return {field: getattr(user, field) for field in _LABELS} | {"sign_in": sign_in(user)}


def _members(user: "User", owned: "Owned") -> dict[str, object]:
    return members(user) | {
        "join_name": user.join_name,
        "meetings": len(owned.meetings),
        "guests": owned.guests,
        "applications": owned.applications,
        "sessions": owned.tokens,
    }
