"""``claimlens explain``: what is read, what is told of what is not, and the fixed JSON."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from claimlens.cli.commands import explain
from claimlens.services import files
from tests.support.command import run
from tests.support.compact import jws

NOW = ("--now", "2026-03-02T10:00:00Z")
EXPIRED = jws(claims={"iss": "https://idp.example/", "aud": "orders", "exp": 1772400000})


def test_a_cause_is_named_with_its_evidence(tmp_path: Path) -> None:
    (tmp_path / "a.http").write_text(f"GET /\nAuthorization: Bearer {EXPIRED}\n")

    ended = run("explain", "--dir", ".", "--format", "json", *NOW, folder=tmp_path)

    assert ended.status == 1
    assert set(ended.json) == {"steps", "causes"}
    assert set(ended.json["causes"][0]) == {"code", "confidence", "summary", "fix", "evidence"}
    assert ended.json["causes"][0]["code"] == "token-expired"
    assert ended.json["causes"][0]["evidence"][0]["path"] == "a.http"
    assert set(ended.json["steps"][0]) == {"step", "verdict", "summary", "evidence"}
    assert EXPIRED not in ended.output


def test_a_token_may_be_an_argument_or_standard_input() -> None:
    given, piped = (
        run("explain", EXPIRED, "--format", "json", *NOW),
        run("explain", "-", "--format", "json", *NOW, stdin=EXPIRED),
    )

    assert [cause["code"] for cause in given.json["causes"]] == ["token-expired"]
    assert given.json["causes"][0]["evidence"][0] == {
        "path": "token", "line": 1, "text": f"eyJhbGci…[{len(EXPIRED)} characters, RS256]"
    }  # fmt: skip
    assert [cause["code"] for cause in piped.json["causes"]] == ["token-expired"]


def test_verdicts_are_words_that_every_encoding_has(tmp_path: Path) -> None:
    (tmp_path / "a.http").write_text(f"GET /\nAuthorization: Bearer {EXPIRED}\n")

    told = run("explain", "--dir", ".", *NOW, folder=tmp_path, encoding="cp1252").output

    assert "\n  fail     time  " in told
    assert "?" not in told


def test_where_nothing_is_wrong_the_status_is_0(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("all is well\n")

    assert run("explain", "--log", "a.log", *NOW, folder=tmp_path).status == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "nothing to read"),
        (["--dir", "missing"], "missing: not a folder"),
        (["--token", "missing"], "missing: no such file or directory"),
        (["--log", "."], ".: is a directory"),
    ],
)
def test_what_cannot_be_read_is_work_not_done(tmp_path: Path, arguments: list[str], said: str) -> None:
    ended = run("explain", *arguments, folder=tmp_path)

    assert (ended.status, ended.output) == (2, "")
    assert said in ended.errors


def test_a_folder_that_is_not_read_to_its_end_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(explain, "_MAXIMUM_FILES", 2)
    for number in range(3):
        (tmp_path / f"{number}.log").write_text("all is well\n")

    assert "only the first 2 files are read" in run("explain", "--dir", ".", *NOW, folder=tmp_path).errors


def test_a_file_that_is_left_out_for_its_size_is_told_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 20)
    (tmp_path / "a.log").write_text("all is well\n")
    (tmp_path / "huge.log").write_text("all is well\n" * 2)

    assert "huge.log: " in run("explain", "--dir", ".", *NOW, folder=tmp_path).errors


def test_named_values_are_compared_by_what_the_folder_declares(tmp_path: Path) -> None:
    client = "8c2b7f10-4d6e-4a19-b3c5-6f0e9d8a7b21"
    (tmp_path / "policy.xml").write_text(
        '<policies><inbound><validate-jwt header-name="Authorization"><audiences><audience>{{orders}}</audience>'
        "</audiences></validate-jwt></inbound></policies>",
        encoding="utf-8",
    )
    declaration = tmp_path / "namedValues" / "orders" / "namedValueInformation.json"
    declaration.parent.mkdir(parents=True)
    declaration.write_text(json.dumps({"properties": {"displayName": "orders", "value": client}}), encoding="utf-8")
    token = jws(claims={"iss": "https://idp.example", "aud": f"api://{client}", "exp": 9999999999})

    ended = run("explain", token, "--dir", ".", "--format", "json", folder=tmp_path)

    assert "audience-guid-vs-app-id-uri" in [cause["code"] for cause in ended.json["causes"]]


def test_a_host_that_is_not_asked_is_no_cause_and_how_to_allow_it_is_told() -> None:
    token = jws(claims={"iss": "https://idp.example/", "aud": "orders", "exp": 9999999999})

    ended = run("explain", token, "--online", "--format", "json", *NOW)

    assert ended.status == 2
    assert ended.json["causes"] == []
    assert "idp.example is not a known identity provider" in ended.errors
    assert "--allow-host idp.example" in ended.errors


def test_a_folder_that_cannot_be_listed_is_work_not_done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.log").write_text("all is well\n")
    (tmp_path / "inner").mkdir()
    listed = os.scandir

    def scandir(folder: Path) -> object:
        if folder.name == "inner":
            raise PermissionError(13, "Permission denied")
        return listed(folder)

    monkeypatch.setattr(files.os, "scandir", scandir)
    ended = run("explain", "--dir", ".", *NOW, folder=tmp_path)

    assert ended.status == 2
    assert "inner: " in ended.errors
