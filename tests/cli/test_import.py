"""openucwa user import: many accounts at once."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openucwa.cli import people_file
from openucwa.cli.failure import WrongInput
from openucwa.domain import passwords
from openucwa.store.tables.users import Users
from tests.cli.conftest import Look, Run

BOTH = (
    "sip,name,title,password\n"
    "alex@contoso.com,Alex Darrow,Engineer,long secret\n"
    "sip:Dana@contoso.com,Dana Birkby,,\n"
)


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "people.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def everybody(look: Look) -> dict[str, Any]:
    users: dict[str, Any] = look(lambda tx: {user.uri: user for user in tx.of(Users).all()})
    return users


def test_adds_everybody(run: Run, look: Look, folder: Path) -> None:
    done = run("user", "import", write(folder, BOTH))
    assert done.status == 0
    assert "Added 2, changed 0, of 2 in " in done.out
    assert "1 can't sign in until you set a password with openucwa user password." in done.out
    found = everybody(look)
    assert found["sip:alex@contoso.com"].title == "Engineer"
    assert passwords.verify(found["sip:alex@contoso.com"].password_hash, "long secret")
    assert found["sip:Dana@contoso.com"].password_hash == ""


def test_all_columns_are_kept(run: Run, look: Look, folder: Path) -> None:
    (folder / "openucwa.toml").write_text("[policies.sales]\nmeeting_size = 10")
    header = (
        "sip,name,email,title,department,company,office,"
        "work_phone,mobile_phone,home_phone,other_phone,policy"
    )
    row = "alex@contoso.com,Alex,a@b.c,T,D,C,O,+111,+222,+333,+444,sales"
    assert run("user", "import", write(folder, f"{header}\n{row}\n")).status == 0
    alex = everybody(look)["sip:alex@contoso.com"]
    assert (alex.email, alex.title, alex.department, alex.company, alex.office, alex.policy) == (
        *("a@b.c", "T", "D", "C", "O", "sales"),
    )
    assert (alex.work_phone, alex.mobile_phone, alex.home_phone, alex.other_phone) == (
        *("tel:+111", "tel:+222", "tel:+333", "tel:+444"),
    )


def test_who_is_there_gets_the_profile_and_keeps_the_rest(
    run: Run, look: Look, folder: Path
) -> None:
    run("user", "import", write(folder, BOTH))
    before = everybody(look)["sip:alex@contoso.com"]
    done = run(
        "user",
        "import",
        write(
            folder, "sip,name,department,password\nALEX@contoso.com,Alex D,Support,another one\n"
        ),
    )
    assert "Added 0, changed 1, of 1 in " in done.out
    after = everybody(look)["sip:alex@contoso.com"]
    assert (after.name, after.department) == ("Alex D", "Support")
    assert after.title == "Engineer"  # the file has no such column
    assert after.uri == before.uri
    assert after.password_hash == before.password_hash
    assert after.join_name == before.join_name


def test_an_empty_cell_empties_and_a_second_time_changes_nothing(
    run: Run, look: Look, folder: Path
) -> None:
    run("user", "import", write(folder, BOTH))
    path = write(folder, "sip,name,title\nalex@contoso.com,Alex Darrow,\n")
    assert "changed 1" in run("user", "import", path).out
    assert everybody(look)["sip:alex@contoso.com"].title == ""
    assert "changed 0" in run("user", "import", path).out


@pytest.mark.parametrize(
    "text",
    [
        b"\xef\xbb\xbf" + BOTH.encode(),
        BOTH.replace(",", ";"),
        BOTH.replace(",", "\t"),
        BOTH.replace("\n", "\r\n"),
        BOTH.replace("\n", "\n,,,\n\n"),
        BOTH.replace("sip,name", "SIP, Name "),
        BOTH.removesuffix("\n"),
    ],
)
def test_takes_what_spreadsheets_write(
    run: Run, look: Look, folder: Path, text: str | bytes
) -> None:
    assert run("user", "import", write(folder, text)).status == 0
    assert sorted(everybody(look)) == ["sip:Dana@contoso.com", "sip:alex@contoso.com"]


def test_every_wrong_line_is_named_and_nothing_is_written(
    run: Run, look: Look, folder: Path
) -> None:
    path = write(
        folder,
        "sip,name,email,title,policy\n"
        "alex@contoso.com,Alex,,,\n"
        'dana@contoso.com,"Dana",,"two\nlines",\n'
        "chris@fabrikam.com,,chris,,sales\n"
        "ALEX@contoso.com,Alex,,,\n"
        "jon@contoso.com,Jon\n",
    )
    done = run("user", "import", path)
    assert done.status == 2
    assert done.err.splitlines() == [
        "Error: line 3: title must be one line, of at most 256 characters",
        "Error: line 5: sip must be in contoso.com, not chris@fabrikam.com; --domain names another "
        "domain",
        "Error: line 5: name must not be empty",
        "Error: line 5: email must be an e-mail address such as alex@contoso.com, not 'chris'",
        "Error: line 5: policy must be one of default, not 'sales'",
        "Error: line 6: sip:ALEX@contoso.com is also in line 2",
        "Error: line 7: it has 2 cells instead of 5",
        f"Error: Nothing was imported. Correct {path}.",
    ]
    assert not (folder / "openucwa-data").exists()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "there is no column sip; there is no column name"),
        ("alex@contoso.com,Alex\n", "there is no column sip"),
        ("sip\n", "there is no column name"),
        ("sip,name,e-mail\n", "the column 'e_mail' is unknown. The columns are sip, name, email,"),
        ("sip,name,title,title\n", "there are two columns title"),
        ("sip,name,\n", "a column has no name"),
        (b"sip,name\n\xe9,a\n", 'is not in UTF-8. Save it as "CSV UTF-8"'),
        ('sip,name\n"a,b\n', "is not a CSV file: line 2: "),
        ('sip,name\n"a"b,c\n', "is not a CSV file: line 2: "),
    ],
)
def test_a_file_that_is_none_is_told(run: Run, folder: Path, text: str | bytes, said: str) -> None:
    done = run("user", "import", write(folder, text))
    assert done.status == 2
    assert said in done.err


@pytest.mark.parametrize("name", ["none.csv", "."])
def test_a_file_that_cannot_be_read_is_told(run: Run, name: str) -> None:
    done = run("user", "import", name)
    assert done.status == 2
    assert f"{name} can't be read: " in done.err


def test_a_file_with_nobody_in_it_changes_nothing(run: Run, folder: Path) -> None:
    assert "Added 0, changed 0, of 0" in run("user", "import", write(folder, "sip,name\n")).out


def test_people_of_one_name_get_join_names_of_their_own(run: Run, look: Look, folder: Path) -> None:
    rows = [f"a{number}@contoso.com,Alex,alex@contoso.com" for number in range(3)]
    run("user", "import", write(folder, "\n".join(["sip,name,email", *rows])))
    names = {user.join_name for user in everybody(look).values()}
    assert names == {"alex", "alex2", "alex3"}


@given(st.binary() | st.text().map(lambda text: f"sip,name\n{text}".encode()))
def test_any_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(text)
    try:
        rows = people_file.read(path, domain="contoso.com", policies=["default"])
    except WrongInput:
        return
    assert all(row.members["uri"].endswith("@contoso.com") for row in rows)


def test_a_password_that_is_soon_guessed_is_refused(folder: Path, run: Run) -> None:
    people = "sip,name,password\na@contoso.com,A,long secret\nb@contoso.com,B,Password1\n"
    done = run("user", "import", write(folder, people))
    assert done.status == 2
    assert "line 3: password must not be a common one" in done.err
    assert "Nothing was imported" in done.err
