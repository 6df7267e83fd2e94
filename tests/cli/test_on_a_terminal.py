"""What somebody sees who is watching: colours, tables as wide as the terminal, a progress bar, no tricks."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.compact import jws

pty = pytest.importorskip("pty", reason="Windows has no pseudo-terminals to test with")

NOW = ("--now", "2026-03-02T10:00:00Z")
COLOR = re.compile(r"\x1b\[[0-9;]*m")
CONTROL = re.compile(r"\x1b\[(?:\?25[lh]|[0-9]*[A-Z])|\r")


def watched(folder: Path, *arguments: str | Path, width: int = 80, **environment: str) -> str:
    """Return what ``claimlens`` prints on a terminal of this width."""
    settings = {
        name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE")
    }
    settings |= {"TERM": "xterm-256color", "COLUMNS": str(width), "LINES": "40", **environment}
    command = [sys.executable, "-m", "claimlens", *map(str, arguments)]
    terminal, side = pty.openpty()
    process = subprocess.Popen(command, stdin=side, stdout=side, stderr=side, cwd=folder, env=settings)
    os.close(side)
    shown = b""
    while True:
        try:
            read = os.read(terminal, 65_536)
        except OSError:  # Linux says so that the other side is closed
            break
        if not read:
            break
        shown += read
    os.close(terminal)
    process.wait()
    return shown.decode().replace("\r\n", "\n")


def test_severities_have_colours(tmp_path: Path) -> None:
    (tmp_path / "a.http").write_text(f"Authorization: Bearer {jws(claims={'exp': 1})}")

    shown = watched(tmp_path, "check", "a.http", *NOW)

    assert "\x1b[33mwarning\x1b[0m: Expired" in shown


@pytest.mark.parametrize("environment", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_who_wants_no_colours_gets_none(tmp_path: Path, environment: dict[str, str]) -> None:
    (tmp_path / "a.txt").write_text(jws(claims={"exp": 1}))

    shown = watched(tmp_path, "check", "a.txt", *NOW, **environment)

    assert "\x1b[3" not in shown
    assert "jwt-expired" in shown


def test_tables_fold_at_the_width(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(jws(claims={"iss": "https://example.com/" + "x" * 100, "sub": "y" * 90}))

    shown = watched(tmp_path, "decode", "--token", "a.txt", width=60)

    table = COLOR.sub("", shown).split("Claims\n")[1].split("\n\n")[0]
    assert max(map(len, table.splitlines())) <= 60
    assert table.count("x") >= 100


def test_in_a_narrow_terminal_words_stay_whole(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(jws(claims={"iss": "https://example.com/", "aud": "orders"}))

    decoded = COLOR.sub("", watched(tmp_path, "decode", "--token", "a.txt", width=40))
    rules = COLOR.sub("", watched(tmp_path, "rule", width=40))

    assert re.search(r"^  aud *\n    orders *\n    Who the token is for: the API, or *$", decoded, re.MULTILINE)
    assert re.search(r"^jwt-expired *\n  information *\n", rules, re.MULTILINE)
    assert max(map(len, rules.splitlines())) <= 40


def test_a_file_and_a_token_cannot_act_on_the_terminal(tmp_path: Path) -> None:
    trick = "\x1b]0;title\x07\x1b[2J\x9b31m\u202e"
    name = "\x1b[2Ja.txt"
    (tmp_path / name).write_text(jws({"alg": trick}, {"name": trick, trick: 1, "aud": trick}) + trick)

    for arguments in (["tokens", "."], ["check", "."], ["decode", "--token", name], ["redact", name]):
        shown = COLOR.sub("", watched(tmp_path, *arguments))

        assert shown
        assert not any(character in shown for character in "\x1b\x07\x9b\u202e"), arguments


def test_many_files_have_a_progress_bar_that_goes_away(tmp_path: Path) -> None:
    for number in range(120):
        (tmp_path / f"{number}.txt").write_text("nothing")

    shown = watched(tmp_path, "check", ".")

    assert "checking" in shown
    assert CONTROL.sub("", COLOR.sub("", shown)).endswith("120 files checked: nothing found.\n")
