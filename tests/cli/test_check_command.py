"""``claimlens check``: its formats, its exit statuses, and what becomes of files that cannot be read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from claimlens.cli.commands import check
from tests.support.command import run
from tests.support.compact import jws

NOW = ("--now", "2026-03-02T10:00:00Z")
EXPIRED = jws(claims={"exp": 1, "scp": "read"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.http").write_text(f"GET https://x.example/\nAuthorization: Bearer {EXPIRED}\n")
    (tmp_path / "clean.txt").write_text("nothing to see\n")
    (tmp_path / "picture.png").write_bytes(b"\x89PNG\0\0\0")
    return tmp_path


def test_json_has_the_fixed_members(folder: Path) -> None:
    ended = run("check", ".", "--format", "json", *NOW, folder=folder)

    assert ended.status == 1
    assert ended.json["files"] == 2, "the binary is left out"
    finding = next(each for each in ended.json["findings"] if each["code"] == "jwt-expired")
    assert finding == {
        "code": "jwt-expired",
        "cause": "token-expired",
        "severity": "warning",
        "message": "Expired on 1970-01-01 00:00:01 UTC.",
        "path": "a.http",
        "line": 2,
        "column": 23,
        "end_line": 2,
        "end_column": 23 + len(EXPIRED),
        "fixes": finding["fixes"],
        "related": [],
    }
    assert all(fix.keys() == {"title"} for fix in finding["fixes"])


def test_text_has_a_line_for_each_finding_and_counts_them(folder: Path) -> None:
    ended = run("check", ".", *NOW, folder=folder)

    assert "a.http:2:23: warning: Expired on 1970-01-01 00:00:01 UTC. [jwt-expired]\n" in ended.output
    assert ended.output.splitlines()[-1].startswith("2 files checked: 1 × warning")


POLICY = """<policies><inbound>
    <validate-jwt header-name="Authorization">
        <openid-config url="https://login.microsoftonline.com/{tenant}/v2.0/.well-known/openid-configuration" />
        <audiences><audience>{client}</audience></audiences>
    </validate-jwt>
</inbound></policies>"""
IDS = {"tenant": "3f1c9d5e-7a42-4b0e-9c6d-2e8f5a1b7c30", "client": "8c2b7f10-4d6e-4a19-b3c5-6f0e9d8a7b21"}


@pytest.fixture
def api(tmp_path: Path) -> Path:
    """A policy, and a request whose token has the other name of the same application."""
    issuer = f"https://login.microsoftonline.com/{IDS['tenant']}/v2.0"
    sent = jws(claims={"iss": issuer, "aud": f"api://{IDS['client']}", "tid": IDS["tenant"], "exp": 9999999999})
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b" / "policy.xml").write_text(POLICY.format(**IDS))
    (tmp_path / "orders.http").write_text(f"GET https://x.example/\nAuthorization: Bearer {sent}\n")
    return tmp_path


@pytest.mark.parametrize("absolute", [False, True])
def test_places_in_other_files_that_belong_to_a_finding_are_named(api: Path, absolute: bool) -> None:
    ended = run("check", str(api) if absolute else ".", "--format", "json", folder=api)

    (finding,) = (each for each in ended.json["findings"] if each["code"] == "config-audience-mismatch")
    assert finding["related"] == [
        {
            "message": f"audience is '{IDS['client']}'",
            "path": str((api if absolute else Path()) / "a b" / "policy.xml"),
            "line": 4,
            "column": 30,
            "end_line": 4,
            "end_column": 66,
        }
    ]


@pytest.mark.parametrize(
    ("format_name", "told"),
    [
        ("text", "[config-audience-mismatch]\n    a b/policy.xml:4:30: audience is '"),
        ("github", "%0Aa b/policy.xml:4:30: "),
    ],
)
def test_text_and_github_say_where_the_other_place_is(api: Path, format_name: str, told: str) -> None:
    assert told in run("check", ".", "--format", format_name, folder=api).output


def test_nothing_wrong_is_status_0(folder: Path) -> None:
    ended = run("check", "clean.txt", folder=folder)

    assert (ended.status, ended.output) == (0, "1 file checked: nothing found.\n")


def test_a_folder_without_files_is_not_said_to_be_in_order(tmp_path: Path) -> None:
    assert run("check", ".", folder=tmp_path).output == "No files were checked.\n"


def test_hints_and_informations_are_nothing_wrong(folder: Path) -> None:
    (folder / "claimlens.toml").write_text('[rules]\n"*" = "hint"\n')

    ended = run("check", "a.http", "--format", "json", *NOW, folder=folder)

    assert (ended.status, {each["severity"] for each in ended.json["findings"]}) == (0, {"hint"})


def test_standard_input_is_checked_and_is_no_file() -> None:
    ended = run("check", "-", "--format", "json", *NOW, stdin=EXPIRED)

    assert [(each["code"], each["path"]) for each in ended.json["findings"]] == [("jwt-expired", "-")]


def test_an_unreadable_file_is_told_of_and_the_others_are_checked(folder: Path) -> None:
    ended = run("check", "missing.txt", "a.http", "--format", "json", *NOW, folder=folder)

    assert ended.status == 2
    assert ended.errors == "claimlens: missing.txt: no such file or directory\n"
    assert ended.json["files"] == 1
    assert ended.json["findings"]


def test_every_folder_has_its_own_settings_and_mistakes_in_them_are_told_once(folder: Path) -> None:
    inner = folder / "inner"
    inner.mkdir()
    (inner / "claimlens.toml").write_text('rulez = {}\n[rules]\n"jwt-expired" = "error"\n')
    for name in ("b.txt", "c.txt"):
        (inner / name).write_text(EXPIRED)

    ended = run("check", ".", "--format", "json", *NOW, folder=folder)

    severities = {each["path"]: each["severity"] for each in ended.json["findings"] if each["code"] == "jwt-expired"}
    assert severities == {"a.http": "warning", str(Path("inner/b.txt")): "error", str(Path("inner/c.txt")): "error"}
    assert ended.errors.count("rulez") == 1
    assert "Did you mean" in ended.errors


@pytest.mark.parametrize("format_name", ["json", "sarif", "github", "text"])
def test_several_processes_print_the_same_as_one(folder: Path, format_name: str) -> None:
    for number in range(40):
        (folder / f"more{number}.log").write_text(EXPIRED * (number % 3))
    alone = run("check", ".", "--format", format_name, *NOW, folder=folder)
    together = run("check", ".", "missing", "--format", format_name, "--jobs", "2", *NOW, folder=folder)

    assert together.status == 2
    assert together.output.replace("false", "true") == alone.output


def test_several_processes_leave_standard_input_to_the_first() -> None:
    ended = run("check", "-", "--jobs", "2", "--format", "json", *NOW, stdin=EXPIRED)

    assert [each["code"] for each in ended.json["findings"]] == ["jwt-expired"]


def test_github_commands_cannot_be_forged_by_a_path(tmp_path: Path) -> None:
    name = "a,line=1::error file=x%0A\n::error::y.txt" if os.name != "nt" else "a,line=1%0A.txt"
    (tmp_path / name).write_text(EXPIRED)

    ended = run("check", ".", "--format", "github", *NOW, folder=tmp_path)

    (line,) = (line for line in ended.output.splitlines() if "jwt-expired" in line)
    properties, message = line.removeprefix("::notice ").split("::", 1)
    assert properties.startswith("file=a%2Cline=1")
    assert properties.endswith("title=jwt-expired")
    assert message == "Expired on 1970-01-01 00:00:01 UTC."
    assert all(line.startswith(("::warning file=", "::notice file=")) for line in ended.output.splitlines())


def test_github_gets_columns_only_on_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("\n".join(EXPIRED[start : start + 60] for start in range(0, len(EXPIRED), 60)))

    (line,) = (
        line
        for line in run("check", ".", "--format", "github", *NOW, folder=tmp_path).output.splitlines()
        if "jwt-expired" in line
    )

    assert "col=" not in line.lower()


def test_a_defect_costs_one_message_without_what_it_was_looking_at(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError(EXPIRED)

    monkeypatch.setattr(check, "check_file", broken)
    ended = run("check", "a.http", folder=folder)

    assert ended.status == 2
    assert ended.errors.startswith("claimlens: a defect: ValueError at test_check_command.py:")
    assert EXPIRED not in ended.errors


@pytest.mark.skipif(os.name == "nt" or os.uname().sysname == "Darwin", reason="file names are Unicode there")
@pytest.mark.parametrize("format_name", ["text", "json", "sarif", "github"])
def test_a_file_name_that_is_no_unicode_is_no_failure(tmp_path: Path, format_name: str) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.txt")).write_text(EXPIRED)

    ended = run("check", ".", "--format", format_name, *NOW, folder=tmp_path)

    assert (ended.status, ended.errors) == (0, "")
    assert "jwt-expired" in ended.output
