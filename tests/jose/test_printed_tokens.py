"""Tokens that tools print decoded are recognised, read, and placed member by member."""

from __future__ import annotations

import pytest

from claimlens.jose import SegmentRole, TokenForm, scan
from claimlens.jose.printed import printed_claims
from tests.support.compact import hs256

JWT_MS = """{
  "typ": "JWT",
  "alg": "RS256",
  "kid": "abc"
}.{
  "aud": "api://orders",
  "exp": "1700000000",
  "address": {"city": "Łódź"}
}.[Signature]"""
JWT_IO = """HEADER:ALGORITHM & TOKEN TYPE
{
  "alg": "HS256",
  "typ": "JWT"
}
PAYLOAD:DATA
{
  "sub": "1234567890",
  "iat": 1516239022
}
"""
DOTNET = """IDX10501: Signature validation failed. token: '{"alg":"RS256","kid":"k"}.{"aud":"x","iss":"y"}'."""


def test_the_form_of_jwt_ms_with_the_places_of_its_members() -> None:
    text = f"before\n{JWT_MS}\nafter"
    (token,) = scan(text)
    assert token.form is TokenForm.DECODED
    assert token.span.slice(text) == JWT_MS
    assert token.algorithm == "RS256"
    assert token.payload == {"aud": "api://orders", "exp": "1700000000", "address": {"city": "Łódź"}}
    assert token.member_span(SegmentRole.PAYLOAD, "exp").slice(text) == '"1700000000"'
    assert token.member_span(SegmentRole.PAYLOAD, "address", "city").slice(text) == '"Łódź"'
    assert [(defect.code, defect.span.slice(text)) for defect in token.defects] == [
        ("numericdate-text", '"1700000000"')
    ]


@pytest.mark.parametrize("text", [JWT_IO, JWT_IO.replace("PAYLOAD:DATA\n", ""), JWT_IO.replace("\n", "\r\n"), DOTNET])
def test_headers_and_payloads_that_follow_one_another(text: str) -> None:
    (token,) = scan(text)
    assert token.form is TokenForm.DECODED
    assert token.algorithm in ("HS256", "RS256")
    assert token.payload is not None
    assert token.span.slice(text).startswith("{")
    assert token.span.slice(text).endswith("}")


def test_a_member_of_a_compact_token_is_placed_at_its_segment() -> None:
    text = f"x {hs256({'sub': '1'})}"
    (token,) = scan(text)
    payload = token.segment(SegmentRole.PAYLOAD)
    assert payload is not None
    assert token.member_span(SegmentRole.PAYLOAD, "sub") == payload.span


@pytest.mark.parametrize(
    "text",
    [
        '{"alg":"RS256","kty":"RSA"}\n{"sub":"x"}',
        '{"alg":"RS256"}\n{"level":"info"}',
        '{"level":"info"}.{"sub":"x"}',
        '{"alg":5}.{"sub":"x"}',
        '{"alg":"RS256"}.{"sub":}',
        '{"alg":"RS256"}.{"sub":"x"',
        'if (a) {"alg"}.{b}',
    ],
)
def test_other_json_is_not_reported(text: str) -> None:
    assert scan(text) == ()


def test_a_shifted_token_is_the_token_of_the_shifted_text() -> None:
    text = f"{JWT_MS} {hs256()}~YQ~\n"
    moved = scan("....." + text)
    assert tuple(token.shift(5) for token in scan(text)) == moved


def test_a_shifted_token_shares_what_was_decoded() -> None:
    text = f"{hs256({'exp': 'soon'})}"
    (token,) = scan(text)
    moved = token.shift(3).shift(4)
    assert moved.payload is token.payload
    assert moved == scan("x" * 6 + " " + text)[0]
    assert moved.decoded == scan(" " * 7 + text)[0].decoded
    assert moved.defects[0].span == token.defects[0].span.shift(7)


def test_header_and_payload_in_one_object() -> None:
    text = '{"header": {"alg": "RS256", "kid": "k"}, "payload": {"iss": "https://example.com", "aud": "orders"}}'

    (token,) = scan(text)

    assert token.form is TokenForm.DECODED
    assert token.payload == {"iss": "https://example.com", "aud": "orders"}
    assert token.span.slice(text).startswith('{"alg"')


def test_claims_alone_are_a_token_only_where_they_are_all_there_is() -> None:
    claims = '\n{"iss": "https://example.com", "aud": "orders", "exp": 1}\n'

    token = printed_claims(claims)

    assert token is not None
    assert token.payload == {"iss": "https://example.com", "aud": "orders", "exp": 1}
    assert token.header is None
    assert scan(claims) == ()
    for other in (
        "",
        "\n \n",
        "\ufeff",
        "{}",
        '{"iss": "a", "aud": "b"}',
        "{" * 300,
        f"x {claims}",
        '["iss", "aud", "exp"]',
    ):
        assert printed_claims(other) is None
