"""What the examples show. ``UPDATE_GOLDEN=1`` accepts a change; the difference shows in the commit."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from claimlens.rules.registry import registry
from tests.support import make_examples
from tests.support.command import run

ROOT = Path(__file__).parents[2]
GOLDEN = Path(__file__).parent / "golden"
MORNING = ("--now", "2026-03-02T10:00:00Z")
TOKENS_ALONE = ("examples/orders.http", "examples/mail.txt", "examples/notes.md", "examples/.env.example")

SHOWN = {
    "tokens.txt": ("tokens", "examples"),
    "decode.txt": ("decode", "--token", "examples/orders.http"),
    "decode.json": ("decode", "--token", "examples/notes.md", "--format", "json"),
    "check.txt": ("check", *TOKENS_ALONE),
    "check.github": ("check", *TOKENS_ALONE, "--format", "github"),
    "redact.http": ("redact", "examples/orders.http"),
}


@pytest.mark.parametrize("name", SHOWN)
def test_the_examples_show_what_they_are_for(name: str) -> None:
    ended = run(*SHOWN[name], *MORNING, folder=ROOT)
    golden = GOLDEN / name
    if os.environ.get("UPDATE_GOLDEN"):
        golden.parent.mkdir(exist_ok=True)
        golden.write_bytes(ended.raw)

    assert ended.output == golden.read_text(encoding="utf-8"), "accept a change with UPDATE_GOLDEN=1"
    assert ended.errors == ""


def test_the_whole_folder_can_be_checked() -> None:
    ended = run("check", "examples", "--format", "json", *MORNING, folder=ROOT)

    assert (ended.status, ended.errors) == (1, "")
    assert {finding["code"] for finding in ended.json["findings"]} <= registry().keys()
    assert len({finding["code"] for finding in ended.json["findings"]}) >= 8


def test_the_examples_are_the_ones_that_the_script_makes() -> None:
    for name, content in make_examples.files().items():
        assert (ROOT / "examples" / name).read_text(encoding="utf-8") == content, "run tests/support/make_examples.py"


def test_the_readme_of_the_examples_names_every_file() -> None:
    told = set(re.findall(r"`([^` ]+\.[^` ]+)`", (ROOT / "examples/README.md").read_text(encoding="utf-8")))
    files = {
        path.relative_to(ROOT / "examples").as_posix() for path in (ROOT / "examples").rglob("*") if path.is_file()
    }

    assert files - {"README.md"} <= told


def test_each_token_is_compared_with_the_policy_and_has_one_story() -> None:
    ended = run("check", "examples", "--format", "json", *MORNING, folder=ROOT)
    told = [
        (finding["path"].rpartition("/")[2], finding["line"], finding["cause"])
        for finding in ended.json["findings"]
        if finding["code"].startswith("config-")
    ]

    assert told == [
        ("gateway.log", 5, "missing-scope"),
        ("orders.http", 15, "graph-token-for-own-api"),
        ("orders.http", 19, "issuer-v1-vs-v2"),
    ]
