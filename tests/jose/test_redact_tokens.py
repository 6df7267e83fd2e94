"""A redacted text holds no token, and still says of which kind and length they were."""

from __future__ import annotations

import pytest

from claimlens.jose import decode, placeholder, redact, scan
from tests.support.compact import CLAIMS, RS256, encoded, hs256, jwe, jws, lines, octets


@pytest.mark.parametrize("compact", [jws(), hs256(), jwe(), jws({"alg": "none"}, signature=b""), jws()[:180] + "..."])
def test_a_placeholder_has_the_length_and_the_dots_of_its_token(compact: str) -> None:
    (token,) = scan(compact)
    replaced = placeholder(token)
    assert [len(part) for part in replaced.split(".")] == [len(part) for part in token.text.split(".")]
    assert scan(replaced) == ()


def test_a_placeholder_names_kind_algorithm_and_type() -> None:
    assert placeholder(decode(jws())).startswith("REDACTED-JWS-RS256-JWT-xxx")
    assert placeholder(decode(jwe())).startswith("REDACTED-JWE-dir-xxx")


def test_a_placeholder_repeats_registered_names_only() -> None:
    secret = "hunter2"
    token = decode(jws({"alg": secret, "typ": secret, "kid": secret}))
    assert secret not in placeholder(token)


def test_no_part_of_a_token_survives() -> None:
    compact = jws()
    text = f'{{"a": "{compact}", "b": "{hs256()}"}}'
    redacted = redact(text, scan(text))
    assert len(redacted) == len(text)
    assert not any(part in redacted for part in compact.split("."))
    assert scan(redacted) == ()


def test_keeping_the_claims_replaces_the_signature_alone() -> None:
    text = f"Bearer {jws()}"
    redacted = redact(text, scan(text), keep_claims=True)
    (token,) = scan(redacted)
    assert (token.header, token.payload) == (RS256, CLAIMS)
    assert token.text.rpartition(".")[2].startswith("REDACTEDxxx")


def test_keeping_the_claims_of_an_encrypted_token_keeps_nothing() -> None:
    text = f"Bearer {jwe()}"
    assert scan(redact(text, scan(text), keep_claims=True)) == ()


def test_wrapped_tokens_keep_their_lines() -> None:
    text = "token: >-\n  " + "\n  ".join(lines(jws(), 64)) + "\nnext: 1\n"
    redacted = redact(text, scan(text))
    assert [len(line) for line in redacted.split("\n")] == [len(line) for line in text.split("\n")]
    assert "\n  xxx" in redacted
    assert scan(redacted) == ()


def test_disclosures_go_with_their_token() -> None:
    disclosure = encoded(["salt", "name", "Zoë"])
    text = f"{hs256()}~{disclosure}~"
    assert disclosure not in redact(text, scan(text))
    assert disclosure in redact(text, scan(text), keep_claims=True)


def test_a_printed_token_is_replaced_by_words() -> None:
    text = 'x {"alg":"RS256","typ":"JWT"}.{"sub":"Zoë"}.[Signature] y'
    assert redact(text, scan(text)) == "x [redacted: decoded token, RS256-JWT, 53 characters] y"
    assert redact(text, scan(text), keep_claims=True) == text


@pytest.mark.parametrize("keep_claims", [True, False])
def test_redacting_twice_changes_nothing(keep_claims: bool) -> None:
    text = f"{jws()} {jwe()} {hs256()}\n{jws()[:100]}...\n" + "\n".join(lines(jws(signature=octets(384)), 70)) + "\n"
    once = redact(text, scan(text), keep_claims)
    assert once != text
    assert redact(once, scan(once), keep_claims) == once


def test_padding_goes_on_separating_a_token_from_what_follows() -> None:
    text = f"{hs256()}=eyJ"
    once = redact(text, scan(text), keep_claims=True)
    assert once.endswith("x=eyJ")
    assert redact(once, scan(once), keep_claims=True) == once
