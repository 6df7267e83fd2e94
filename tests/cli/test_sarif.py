"""SARIF 2.1.0: valid, stable, relative, and without a token in it.

``sarif-subset.schema.json`` says in JSON Schema what the standard demands of the part of it that we write, and that we
write nothing else.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from claimlens.cli.sarif import log, uri
from claimlens.rules.registry import registry
from tests.support.command import run
from tests.support.compact import jws

NOW = ("--now", "2026-03-02T10:00:00Z")
SCHEMA = json.loads((Path(__file__).parent / "sarif-subset.schema.json").read_text(encoding="utf-8"))
EXPIRED = jws(claims={"exp": 1, "scp": "read"})


def valid(document: Any) -> Any:
    Draft202012Validator(SCHEMA).validate(document)
    return document["runs"][0]


def results(folder: Path, *paths: str) -> list[dict[str, Any]]:
    return valid(run("check", *(paths or (".",)), "--format", "sarif", *NOW, folder=folder).json)["results"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a b").mkdir()
    (tmp_path / "a b" / "ä#%.http").write_text(f"Authorization: Bearer {EXPIRED}\n", encoding="utf-8")
    return tmp_path


def test_every_rule_can_be_told() -> None:
    findings = [
        {
            "code": code,
            "severity": "hint",
            "message": "x",
            "path": "-",
            "line": 1,
            "column": 1,
            "end_line": 1,
            "end_column": 1,
            "related": [],
        }
        for code in registry()
    ]

    made = valid(log(findings, registry()))

    rules = made["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [*registry()]
    assert all(rules[result["ruleIndex"]]["id"] == result["ruleId"] for result in made["results"])


def test_related_places_have_ids_and_places_of_their_own() -> None:
    place = {"line": 3, "column": 1, "end_line": 3, "end_column": 9}
    finding = {
        "code": "config-audience-mismatch",
        "severity": "warning",
        "message": "x",
        "path": "a.http",
        **place,
        "related": [{"message": "here", "path": name, **place} for name in ("a b.xml", "c.json")],
    }

    (result,) = valid(log([finding], registry()))["results"]

    region = {"startLine": 3, "startColumn": 1, "endLine": 3, "endColumn": 9}
    assert result["relatedLocations"] == [
        {
            "id": number,
            "physicalLocation": {"artifactLocation": {"uri": uri_}, "region": region},
            "message": {"text": "here"},
        }
        for number, uri_ in ((1, "a%20b.xml"), (2, "c.json"))
    ]


def test_places_are_relative_uris_and_code_point_columns(folder: Path) -> None:
    (place,) = (
        result["locations"][0]["physicalLocation"] for result in results(folder) if result["ruleId"] == "jwt-expired"
    )

    assert place["artifactLocation"] == {"uri": "a%20b/%C3%A4%23%25.http"}
    assert place["region"] == {"startLine": 1, "startColumn": 23, "endLine": 1, "endColumn": 23 + len(EXPIRED)}


def test_a_path_is_the_same_however_it_is_given(folder: Path) -> None:
    once = results(folder)

    assert results(folder, "./a b") == once
    assert results(folder, str(folder)) == once


def test_a_file_elsewhere_has_a_file_uri(tmp_path: Path) -> None:
    assert uri(str(tmp_path / "x y")) == (tmp_path / "x y").as_uri()


def test_no_token_and_no_part_of_one_is_in_it(folder: Path) -> None:
    output = run("check", ".", "--format", "sarif", *NOW, folder=folder).output

    assert not [part for part in EXPIRED.split(".") if part[:20] in output]
    assert "snippet" not in output


def test_fingerprints_stay_when_a_finding_moves_and_differ_among_like_ones(folder: Path) -> None:
    file = next((folder / "a b").iterdir())
    before = [result["partialFingerprints"] for result in results(folder)]
    file.write_text("\n\n\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    after = [result["partialFingerprints"] for result in results(folder)]
    file.write_text(f"{EXPIRED}\n{EXPIRED}\n", encoding="utf-8")
    twice = [result["partialFingerprints"]["claimlens/v1"] for result in results(folder)]

    assert after == before
    assert len(set(twice)) == len(twice) >= 2


def test_a_run_that_missed_a_file_says_so(folder: Path) -> None:
    made = valid(run("check", "missing", "--format", "sarif", folder=folder).json)

    assert made["invocations"] == [{"executionSuccessful": False}]
