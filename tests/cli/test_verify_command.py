"""``claimlens verify``: where keys come from, what a wrong call says, and the fixed JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import Ended, run
from tests.support.compact import hs256
from tests.support.keys import jwk, pem, signed

NOW = ("--now", "2026-03-02T10:00:00Z")
EXP = 1772449320  # 11:02 that morning
TOKEN = signed("RS256", {"iss": "https://idp.example/", "aud": "orders", "exp": EXP}, {"kid": "one"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [jwk("RS256")]}))
    (tmp_path / "other.json").write_text(json.dumps({"keys": [jwk("RS256", "two")]}))
    (tmp_path / "weak.json").write_text(json.dumps({"keys": [jwk("RSA-1024", "weak")]}))
    (tmp_path / "key.pem").write_bytes(pem("RS256"))
    (tmp_path / "words.txt").write_text("hello\n")
    return tmp_path


def verify(folder: Path, *more: str) -> Ended:
    return run("verify", TOKEN, *NOW, *more, folder=folder)


@pytest.mark.parametrize("key", [("--jwks", "keys.json"), ("--key", "key.pem"), ("--key", "keys.json")])
def test_a_good_signature_is_valid_and_what_nobody_asked_for_is_named(folder: Path, key: tuple[str, str]) -> None:
    ended = verify(folder, *key, "--format", "json")

    assert (ended.status, ended.json["verdict"], ended.json["signature"]) == (0, "valid", "valid")
    assert ended.json["summary"] == "Valid; issuer, audience, tenant, client, scopes, roles not checked."
    assert {"check", "verdict", "detail"} == set(ended.json["checks"][0])


def test_keys_may_come_from_standard_input(folder: Path) -> None:
    keys = (folder / "keys.json").read_bytes()

    assert run("verify", TOKEN, "--jwks", "-", *NOW, stdin=keys).status == 0


def test_an_audience_that_was_asked_for_is_insisted_on(folder: Path) -> None:
    assert verify(folder, "--key", "key.pem", "--audience", "orders").status == 0
    assert verify(folder, "--key", "key.pem", "--audience", "invoices").status == 1


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("other.json", "The only key at hand does not have the token's kid one."),
        ("weak.json", "No key at hand can be used: its 1024 bits are outside 2048 to 8192."),
    ],
)
def test_keys_that_do_not_help_leave_it_open_and_say_why(folder: Path, keys: str, said: str) -> None:
    ended = verify(folder, "--jwks", keys)

    assert ended.status == 2
    assert said in ended.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--leeway", "x"), "--leeway: not a whole number from 0 to 86400"),
        (("--leeway", "-5"), "--leeway: not a whole number"),
        (("--algorithms", "rs256"), "'rs256' is none of RS256, "),
        (("--jwks", "keys.json", "--key", "key.pem"), "give the keys in one way"),
        (("--metadata", "keys.json"), "--metadata needs --jwks"),
        (("--jwks", "words.txt"), "words.txt: not valid JSON: a value is expected where something else stands"),
        (("--key", "words.txt"), "no public key or certificate in PEM form"),
        (("--allow-host", "a b"), "--allow-host: not a host"),
        (("--allow-host", "idp.example:port"), "--allow-host: not a host"),
        (("--ca", "missing.pem"), "missing.pem: no such file or directory"),
        (("--ca", "keys.json"), "keys.json: no certificate in PEM form in it"),
    ],
)
def test_a_wrong_call_says_what_is_wrong(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    ended = verify(folder, *arguments)

    assert (ended.status, ended.output) == (2, "")
    assert said in ended.errors


def test_a_host_that_may_not_be_asked_is_named_with_the_argument_that_allows_it(folder: Path) -> None:
    ended = verify(folder)

    assert ended.status == 2
    assert "to allow this host: --allow-host idp.example" in ended.errors


@pytest.mark.parametrize("allowed", ["idp.example", "https://idp.example/tenant", "idp.example:8443"])
def test_a_host_may_be_given_as_people_have_it_at_hand(folder: Path, allowed: str) -> None:
    ended = run("verify", hs256({"iss": "urn:none"}), "--allow-host", allowed, *NOW, folder=folder)

    assert "not a host" not in ended.errors


@pytest.mark.parametrize("arguments", [("metadata", "https://idp.example/"), ("verify", TOKEN)])
def test_nothing_is_printed_on_standard_output_when_a_host_is_refused_but_a_verdict(arguments: tuple[str, str]) -> None:
    ended = run(*arguments, *NOW)

    assert ended.status == 2
    assert ended.errors.endswith("to allow this host: --allow-host idp.example\n")
