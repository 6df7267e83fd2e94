"""``claimlens tokens`` and ``claimlens decode``: what they print, and what they keep to themselves."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import run
from tests.support.compact import hs256, jwe, jws, lines

NOW = ("--now", "2026-03-02T10:00:00Z")
CANARY = hs256({"sub": "canary"})


def test_columns_count_code_points_from_one_and_ends_are_exclusive() -> None:
    text = f"first\r\u2028🔑 é {CANARY}.\r\n"

    (token,) = run("tokens", "-", "--format", "json", stdin=text).json

    assert token == {
        "path": "-",
        "line": 2,
        "column": 6,
        "end_line": 2,
        "end_column": 6 + len(CANARY),
        "form": "jws",
        "alg": "HS256",
        "kind": "unknown",
        "issuer_family": None,
    }


def test_every_form_is_listed(tmp_path: Path) -> None:
    wrapped = "\n".join(lines(jws(), 60))
    (tmp_path / "a.txt").write_text(
        f'{wrapped}\n\n{jwe()}\n\n{jws()[:300]}...\n\n{{"alg":"RS256"}}.{{"a":1}}.[Signature]\n'
    )

    listed = run("tokens", "a.txt", "--format", "json", folder=tmp_path).json

    assert [token["form"] for token in listed] == ["jws", "jwe", "truncated", "decoded"]
    assert listed[0]["end_line"] > listed[0]["line"]


def test_text_has_one_line_for_a_token_with_a_mask_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"x {CANARY}")

    ended = run("tokens", "a.txt", folder=tmp_path)

    assert ended.output == f"a.txt:1:3: token [jws] eyJhbGci…[{len(CANARY)} characters, HS256]\n"


def test_where_no_token_is_found_that_is_told_apart_from_the_results(tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("nothing\n")

    text, as_json = (run("tokens", ".", "--format", name, folder=tmp_path) for name in ("text", "json"))

    assert (text.status, text.output, text.errors) == (0, "", "claimlens: no token in 2 files\n")
    assert (as_json.json, as_json.errors) == ([], "")


@pytest.mark.parametrize("command", ["tokens", "decode"])
@pytest.mark.parametrize("format_name", ["text", "json"])
def test_token_text_is_printed_only_when_asked_for(command: str, format_name: str) -> None:
    quiet = run(command, "-", "--format", format_name, stdin=CANARY)
    told = run(command, "-", "--format", format_name, "--show-secrets", stdin=CANARY)

    assert CANARY not in quiet.output + quiet.errors
    assert CANARY in told.output


@pytest.mark.parametrize("format_name", ["text", "json"])
def test_tokens_inside_a_token_are_masked_as_well(format_name: str) -> None:
    inside = dict.fromkeys(("access_token", "aud", "sub", "iss", "scp", "name"), CANARY) | {"list": [{"x": CANARY}]}
    token = jws({"alg": "RS256", "kid": CANARY}, inside)

    ended = run("decode", token, "--format", format_name)
    listed = run("tokens", "-", "--format", format_name, stdin=jws({"alg": CANARY}, {"aud": CANARY}))

    assert CANARY not in ended.output + ended.errors + listed.output + listed.errors
    assert "eyJhbGci…[" in ended.output


HOSTILE = {"name": "\x1b]0;title\x07\x9b31m\u202e", "\x1b[31mred": "value", "aud": "two\nlines"}


def test_claims_do_not_act_on_a_terminal() -> None:
    ended = run("decode", jws(claims=HOSTILE))

    assert not any(character in ended.output for character in "\x1b\x07\x9b\u202e")
    assert r"\u{1B}]0;title\u{7}\u{9B}31m\u{202E}" in ended.output
    assert r"two\u{A}lines" in ended.output


def test_json_keeps_hostile_claims_as_escapes() -> None:
    ended = run("decode", jws(claims=HOSTILE), "--format", "json")

    assert not any(character in ended.output for character in "\x1b\x07\x9b\u202e")
    assert ended.json["claims"] == HOSTILE


def test_an_encoding_that_lacks_characters_is_no_failure() -> None:
    ended = run("decode", jws(claims={"name": "Zoë 🔑"}), encoding="ascii")
    as_json = run("decode", jws(claims={"name": "Zoë 🔑"}), "--format", "json", encoding="ascii")

    assert "Zo? ?" in ended.output
    assert as_json.json["claims"] == {"name": "Zoë 🔑"}


def test_decode_has_the_fixed_members() -> None:
    told = run("decode", jws(claims={"iss": "https://sts.windows.net/0/", "exp": 1}), "--format", "json", *NOW).json

    assert told["header"]["alg"] == "RS256"
    assert told["claims"] == {"iss": "https://sts.windows.net/0/", "exp": 1}
    assert {"claim", "value", "meaning"} <= told["explained"][0].keys()
    assert [each["claim"] for each in told["explained"]] == ["alg", "typ", "kid", "iss", "exp"]
    assert "jwt-expired" in [finding["code"] for finding in told["findings"]]


def test_decode_judges_the_token_where_it_stands(tmp_path: Path) -> None:
    (tmp_path / "a.http").write_text(f"GET https://x.example/\nAuthorization: Bearer Bearer {jws(claims={'exp': 1})}\n")

    told = run("decode", "--token", "a.http", "--format", "json", *NOW, folder=tmp_path)

    expired = next(finding for finding in told.json["findings"] if finding["code"] == "jwt-expired")
    assert (expired["path"], expired["line"]) == ("a.http", 2)
    assert told.status == 1


def test_a_sound_token_given_on_purpose_is_nothing_wrong(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(jws(claims={"iat": 1772445000, "exp": 1772449320, "scp": "read", "aud": "api://x"}))

    assert run("decode", "--token", "a.txt", *NOW, folder=tmp_path).status == 0
    assert run("check", "a.txt", *NOW, folder=tmp_path).status == 1, "but lying open in a file"


def test_settings_of_the_folder_count(tmp_path: Path) -> None:
    (tmp_path / "claimlens.toml").write_text('[rules]\n"*" = "off"\n')

    assert run("decode", jws(claims={"exp": 1}), folder=tmp_path).status == 0


HUGE = {
    "deep": b'{"a":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
    "number": b'{"exp":' + b"9" * 6_000 + b"}",
    "not-numbers": b'{"exp":NaN,"iat":Infinity}',
    "overflow": b'{"exp":1e400,"nbf":-1e400}',
    "far": b'{"exp":99999999999999999,"iat":-99999999999999999,"nbf":253402300799}',
    "list": b"[1, 2]",
    "long": b'{"a":"' + b"x" * 300_000 + b'"}',
}


@pytest.mark.parametrize("payload", HUGE.values(), ids=HUGE)
@pytest.mark.parametrize("now", ["1970-01-01", "9998-12-31T23:59:59Z"])
def test_a_hostile_token_is_told_of_and_costs_nothing(payload: bytes, now: str) -> None:
    token = jws(claims=payload)
    for command in ("decode", "tokens", "check", "redact"):
        ended = run(command, "-", "--format", "json", "--now", now, stdin=token)

        assert ended.status in (0, 1), ended.errors
        assert ended.errors == ""
        assert ended.json
