"""The reference of the command line. ``UPDATE_PAGES=1`` writes it anew."""

from __future__ import annotations

import importlib
import os
import re
from pathlib import Path
from typing import Any

import pytest

from claimlens.cli.commands import COMMANDS
from tests.support import command_pages
from tests.support.command import run

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "command-line.md"
MORNING = ("--now", "2026-03-02T10:00:00Z", "--format", "json")


def test_the_page_is_that_of_the_parser() -> None:
    if os.environ.get("UPDATE_PAGES"):
        PAGE.write_text(command_pages.page(), encoding="utf-8")

    assert PAGE.read_text(encoding="utf-8") == command_pages.page(), "write it anew with UPDATE_PAGES=1"


@pytest.mark.parametrize(
    ("command", "arguments"),
    [
        ("tokens", ["examples"]),
        ("decode", ["--token", "examples/orders.http"]),
        ("check", ["examples"]),
        ("redact", ["examples/mail.txt"]),
        ("snippet", ["--token", "examples/orders.http", "--target", "kql"]),
        ("rule", ["jwt-expired"]),
        ("explain", ["--log", "examples/gateway.log"]),
        ("verify", ["--token", "examples/orders.http", "--jwks", "tests/cli/empty.jwks.json"]),
    ],
)
def test_the_shape_that_is_told_is_the_shape_that_is_printed(command: str, arguments: list[str]) -> None:
    told = set(re.findall(r'"(\w+)"', importlib.import_module(f"claimlens.cli.commands.{command}").JSON))
    printed = run(command, *arguments, *MORNING, folder=ROOT).json

    assert members(printed) <= told


def members(value: Any) -> set[str]:
    """Return the names of the members on the levels that a shape tells; not those of a token."""
    if isinstance(value, list):
        return set().union(*map(members, value))
    if not isinstance(value, dict):
        return set()
    deeper = [each for name, each in value.items() if name not in ("header", "claims", "findings", "evidence")]
    return set(value).union(*map(members, deeper))


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_tells_the_shape_of_its_json(command: str) -> None:
    assert importlib.import_module(f"claimlens.cli.commands.{command}").JSON
