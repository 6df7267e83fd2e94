"""How a token is given, how the clock is fixed, and what a wrong call says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from claimlens.cli.commands import COMMANDS, tokens
from tests.support.command import run
from tests.support.compact import hs256, jws

ROOT = Path(__file__).parents[2]
POLICY = "examples/apimartifacts/apis/orders/policy.xml"
TOKEN = hs256({"sub": "somebody"})


@pytest.mark.parametrize(
    "given",
    [
        TOKEN,
        f"  {TOKEN}\n",
        f"Bearer {TOKEN}",
        f"Authorization: Bearer {TOKEN}",
        f"curl -H 'authorization: bearer {TOKEN}'",
        f"https://app.example/#access_token={TOKEN}&state=1",
        f'"{TOKEN}",',
    ],
)
def test_a_token_is_found_in_what_was_copied_with_it(given: str) -> None:
    assert run("decode", given, "--format", "json").json["claims"] == {"sub": "somebody"}
    assert f"[{len(TOKEN)} characters, HS256]" in run("decode", given).output


def test_a_token_comes_from_standard_input_too() -> None:
    assert run("decode", "-", "--format", "json", stdin=f"> {TOKEN}\r\n").json["claims"] == {"sub": "somebody"}


def test_the_first_token_of_a_file_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "a.http"
    file.write_text(f"Authorization: Bearer {TOKEN}\nCookie: id={hs256({'sub': 'other'})}\n")

    assert run("decode", "--token", file, "--format", "json").json["claims"] == {"sub": "somebody"}


def test_a_token_printed_decoded_is_read_as_well() -> None:
    given = '{"alg": "RS256", "typ": "JWT"}.{"sub": "somebody"}.[Signature]'

    assert run("decode", given, "--format", "json").json["claims"] == {"sub": "somebody"}


@pytest.mark.parametrize(
    "now", ["2026-03-02T10:00:00Z", "2026-03-02T10:00:00", "2026-03-02T12:00:00+02:00", "2026-03-02"]
)
def test_the_clock_can_be_fixed(now: str) -> None:
    token = jws(claims={"exp": 1772449320})  # 2026-03-02T11:02:00Z

    assert "expires in" in run("decode", token, "--now", now).output


@pytest.mark.parametrize("now", ["yesterday", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", ""])
def test_a_time_that_is_none_is_refused(now: str) -> None:
    ended = run("tokens", "-", "--now", now)

    assert ended.status == 2
    assert "not an ISO 8601 time" in ended.errors


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "list the tokens in files"),
        (["frobnicate"], "invalid choice"),
        (["chekc"], "Did you mean 'check'?"),
        (["decode", TOKEN, "--format", "jsn"], "Did you mean 'json'?"),
        (["decode"], "which token?"),
        (["decode", TOKEN, "--token", "x"], "not both"),
        (["decode", "--token", "missing.txt"], "missing.txt: no such file or directory"),
        (["decode", "abc"], "this text: no token in it. One begins with eyJ"),
        (["decode", ""], "this text: no token"),
        (["decode", "-"], "no token in standard input"),
        (["decode", "pyproject.toml"], "pyproject.toml is a file or folder, and no token: name it with --token"),
        (["verify", "tests"], "tests is a file or folder"),
        (
            ["simulate", "README.md", "--policy", "examples/apimartifacts/apis/orders/policy.xml"],
            "name it with --token",
        ),
        (["explain", "README.md"], "name it with --token, --policy, --config, --log, --request or --dir"),
        (["tokens"], "the following arguments are required: PATH"),
        (["tokens", "x", "--form", "json"], "unrecognized arguments"),
        (["check", ".", "--jobs", "-1"], "not a whole number from 0 to 64"),
        (["check", ".", "--jobs", "two"], "--jobs: not a whole number"),
        (["rule", "nope"], "The list: claimlens rule"),
        (["rule", "jwt-expird"], "Did you mean 'jwt-expired'?"),
        (["redact", "-", "--in-place"], "standard input cannot be written in place"),
    ],
)
def test_a_wrong_call_says_what_is_wrong_and_prints_nothing_else(arguments: list[str], said: str) -> None:
    ended = run(*arguments, stdin="no words of value", folder=ROOT)

    assert (ended.status, ended.output) == (2, "")
    assert said in ended.errors


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_takes_a_format_and_a_clock(command: str) -> None:
    ended = run(command, "--help")

    assert ended.status == 0
    assert re.search(r"--format \{text,json[,}]", ended.output)
    assert "--now ISO-8601" in ended.output


def test_the_help_lists_every_command() -> None:
    listed = re.findall(r"^    (\w+) ", run("--help").output, re.MULTILINE)

    assert listed == [*COMMANDS, "lsp"]


def test_a_full_disk_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tokens, "print_json", full)

    ended = run("tokens", "-", "--format", "json")

    assert (ended.status, ended.errors) == (2, "claimlens: no space left on device\n")


def test_a_refresh_token_is_told_apart() -> None:
    ended = run("decode", "0.AXoA" + "x" * 40)

    assert ended.status == 2
    assert "refresh token" in ended.errors


@pytest.mark.parametrize(
    "arguments",
    [[TOKEN], ["tokens", TOKEN], ["decode", "--token", TOKEN], ["rule", TOKEN], ["check", "--format", TOKEN]],
)
def test_a_token_in_the_wrong_place_is_masked_in_the_complaint(arguments: list[str]) -> None:
    ended = run(*arguments)

    assert ended.status == 2
    assert TOKEN not in ended.errors
    assert "eyJhbGci…[" in ended.errors


def test_complaints_do_not_act_on_a_terminal() -> None:
    ended = run("tokens", "\x1b]0;title\x07.txt")

    assert "\x1b" not in ended.errors
    assert r"\u{1B}]0;title\u{7}.txt" in ended.errors


@pytest.mark.parametrize(
    "arguments",
    [
        ("redact", "--in-place", ""),
        ("tokens", "a.txt", ""),
        ("decode", "--token", ""),
        ("explain", "--dir", ""),
        ("explain", "--log", ""),
        ("simulate", "--policy", "p.xml", "--workspace", ""),
        ("verify", "--key", ""),
    ],
)
def test_an_empty_name_is_not_the_working_folder_nor_standard_input(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    (tmp_path / "a.txt").write_text(TOKEN, encoding="utf-8")

    ended = run(*arguments, folder=tmp_path, stdin=TOKEN)

    assert (ended.status, ended.output) == (2, "")
    assert "the name is empty; is a variable not set?" in ended.errors
    assert (tmp_path / "a.txt").read_text(encoding="utf-8") == TOKEN


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "-", "-"),
        ("explain", "-", "--log", "-"),
        ("simulate", "-", "--policy", "-"),
        ("verify", "-", "--jwks", "-"),
    ],
)
def test_standard_input_is_for_one_argument(arguments: tuple[str, ...]) -> None:
    ended = run(*arguments, stdin=TOKEN)

    assert (ended.status, ended.output) == (2, "")
    assert "only one argument can be -" in ended.errors


@pytest.mark.parametrize("command", [("explain",), ("simulate", "--policy", str(ROOT / POLICY)), ("decode",)])
@pytest.mark.parametrize("given", ["", " ", "-"])
def test_an_empty_token_is_a_slip_in_the_call(command: tuple[str, ...], given: str) -> None:
    ended = run(*command, given, stdin="\n")

    assert (ended.status, ended.output) == (2, "")
