"""openucwa user: the accounts of people."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from openucwa.cli import options, tables, user_profile, user_removal
from openucwa.cli.group import Group
from openucwa.cli.password import read as read_password
from openucwa.cli.user_profile import Address, sign_in

if TYPE_CHECKING:
    from openucwa.domain.people import User
    from openucwa.settings import Settings

app = typer.Typer(
    help="Add, change and remove users. A running server applies changes at once.",
    cls=Group,
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command("add")
def add(
    address: Address,
    name: Annotated[str, typer.Option(metavar="TEXT", help="The display name.")],
    email: Annotated[str, typer.Option(metavar="TEXT")] = "",
    title: Annotated[str, typer.Option(metavar="TEXT")] = "",
    department: Annotated[str, typer.Option(metavar="TEXT")] = "",
    company: Annotated[str, typer.Option(metavar="TEXT")] = "",
    office: Annotated[str, typer.Option(metavar="TEXT")] = "",
    work_phone: Annotated[str, typer.Option(metavar="TEXT")] = "",
    mobile_phone: Annotated[str, typer.Option(metavar="TEXT")] = "",
    home_phone: Annotated[str, typer.Option(metavar="TEXT")] = "",
    other_phone: Annotated[str, typer.Option(metavar="TEXT")] = "",
    policy: Annotated[
        str, typer.Option(metavar="NAME", help="A policy of the configuration.")
    ] = "default",
    config: options.Config = None,
    data: options.Data = None,
    database: options.Database = None,
    domain: options.Domain = None,
) -> None:
    """Add a user.

    The command asks for the password, or reads it from the first line of standard input.
    """
    settings = _settings(config, data, database, domain)
    from openucwa.cli import accounts

    typed = {
        "uri": address,
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
    wanted = accounts.profile(settings, typed)
    accounts.check_new(settings, wanted)
    given = read_password("Password", twice=True, check=accounts.password_check(wanted))
    user = accounts.add(settings, wanted, given)
    typer.echo(f"Added {user.uri}.")


@app.command("list")
def list_(
    config: options.Config = None,
    data: options.Data = None,
    database: options.Database = None,
    domain: options.Domain = None,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON, for programs.")] = False,
) -> None:
    """List all users, and whether they can sign in."""
    settings = _settings(config, data, database, domain)
    from openucwa.cli import accounts

    users = accounts.everybody(settings)
    if as_json:
        typer.echo(
            json.dumps([user_profile.members(user) for user in users], indent=2, ensure_ascii=False)
        )
    else:
        columns = ("address", "name", "e-mail", "policy", "signs in")
        tables.show(columns, _rows(users), wrapping=("name", "policy", "signs in"))


app.command("show", short_help="Show a user's profile, and what the user has.")(user_profile.show)
app.command("edit")(user_profile.edit)


@app.command("password")
def password(
    address: Address,
    config: options.Config = None,
    data: options.Data = None,
    database: options.Database = None,
    domain: options.Domain = None,
) -> None:
    """Set another password, and end all sessions of the user.

    The command asks for the password, or reads it from the first line of standard input.
    """
    settings = _settings(config, data, database, domain)
    from openucwa.cli import accounts

    user = accounts.find(settings, address)
    given = read_password("Password", twice=True, check=accounts.password_check(user))
    accounts.set_password(settings, user.uri, given)
    typer.echo(f"{user.uri} has a new password.")


@app.command("disable")
def disable(
    address: Address,
    config: options.Config = None,
    data: options.Data = None,
    database: options.Database = None,
    domain: options.Domain = None,
) -> None:
    """Prevent a user from signing in, and end all sessions. No data is deleted."""
    settings = _settings(config, data, database, domain)
    from openucwa.cli import accounts

    user = accounts.disable(settings, address)
    typer.echo(f"{user.uri} can no longer sign in.")


@app.command("enable")
def enable(
    address: Address,
    config: options.Config = None,
    data: options.Data = None,
    database: options.Database = None,
    domain: options.Domain = None,
) -> None:
    """Let a user sign in again, with the same password as before."""
    settings = _settings(config, data, database, domain)
    from openucwa.cli import accounts

    user = accounts.enable(settings, address)
    typer.echo(
        f"{user.uri} can sign in."
        if user.password_hash
        else f"{user.uri} can sign in after you set a password with openucwa user password."
    )


app.command("remove", short_help="Remove a user permanently, with all data.")(user_removal.remove)


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="A CSV file in UTF-8.")],
    config: options.Config = None,
    data: options.Data = None,
    database: options.Database = None,
    domain: options.Domain = None,
) -> None:
    """Add and change the users in a CSV file. If any line is invalid, nothing changes.

    The first line names the columns: sip and name are required; email, title, department, company,
    office, work_phone, mobile_phone, home_phone, other_phone, policy and password are optional.
    Existing users get the profile of the file and keep their passwords.
    """
    settings = _settings(config, data, database, domain)
    from openucwa.cli import accounts, people_file

    rows = people_file.read(file, domain=settings.domain, policies=settings.policies)
    done = accounts.import_people(settings, rows)
    typer.echo(f"Added {done.added}, changed {done.changed}, of {len(rows)} in {file}.")
    if done.without_password:
        typer.echo(
            f"{done.without_password} can't sign in until you set a password with openucwa user "
            "password."
        )


def _settings(
    config: Path | None, data: Path | None, database: str | None, domain: str | None
) -> "Settings":
    from openucwa.cli.configuration import load

    return load(config, data=data, database=database, domain=domain).settings


def _rows(users: "list[User]") -> Iterator[tuple[Sequence[str], str]]:
    for user in users:
        signs_in = sign_in(user)
        cells = (user.uri, user.name, user.email or "-", user.policy, signs_in)
        yield cells, "" if signs_in == "yes" else "dim"
