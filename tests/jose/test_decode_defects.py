"""Decoding says everything that is wrong, once, where it is; and it never raises."""

from __future__ import annotations

import base64
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimlens.jose import SegmentRole, TokenForm, decode, scan
from claimlens.jose.defects import DEFECTS
from tests.support.compact import encoded, hs256, jwe, jws, octets

HEAD = encoded({"alg": "HS256"})
BODY = encoded({"sub": "1"})
TAIL = encoded(octets(32))


def with_claims(claims: str | bytes) -> str:
    return f"{HEAD}.{encoded(claims)}.{TAIL}"


def with_header(header: str) -> str:
    return f"{encoded(header)}.{BODY}.{TAIL}"


QUOTED = ('{"sub":"', '"}')

DAMAGES = {
    "base64url-padding": f"{HEAD}.{BODY}.{TAIL}=",
    "base64url-alphabet": f"{HEAD}.{encoded('~~~???>>>~'.join(QUOTED)).replace('_', '/').replace('-', '+')}.{TAIL}",
    "base64url-character": f"{HEAD}.{BODY[:5]}!{BODY[5:]}.{TAIL}",
    "base64url-length": f"{HEAD}.{BODY}a.{TAIL}",
    "base64url-trailing-bits": f"{HEAD}.{BODY}.{TAIL[:-1]}B",
    "bom": with_claims(b'\xef\xbb\xbf{"sub":"1"}'),
    "utf8-invalid": with_claims(b'{"sub":"\xff"}'),
    "json-empty": with_claims("   "),
    "json-invalid": with_claims('{"sub":}'),
    "json-not-object": with_claims("[1]"),
    "json-duplicate-member": with_claims('{"sub":"1","sub":"2"}'),
    "json-nan": with_claims('{"x":NaN}'),
    "json-number-range": with_claims('{"x":123456789012345678901234567890}'),
    "json-lone-surrogate": with_claims('{"x":"\\ud800"}'),
    "json-too-deep": with_claims('{"x":' + "[" * 5000 + "]" * 5000 + "}"),
    "alg-missing": with_header('{"typ":"JWT"}'),
    "alg-not-text": with_header('{"alg":5}'),
    "enc-missing": jwe({"alg": "dir"}),
    "enc-not-text": jwe({"alg": "dir", "enc": 1}),
    "segment-count": f"{HEAD}.{BODY}.{TAIL}.{TAIL}",
    "segment-empty": jwe().rpartition(".")[0] + ".",
    "signature-missing": f"{HEAD}.{BODY}.",
    "signature-unexpected": jws({"alg": "none"}, {"sub": "1"}, octets(32)),
    "signature-length": f"{HEAD}.{BODY}.{encoded(octets(31))}",
    "numericdate-text": with_claims('{"exp":"1700000000"}'),
    "numericdate-milliseconds": with_claims('{"exp":1700000000000}'),
    "numericdate-float": with_claims('{"nbf":1700000000.5}'),
    "numericdate-type": with_claims('{"iat":true}'),
    "truncated": f"{HEAD}.{BODY}",
    "oversized": jws(claims={"sub": "a" * 250_000}),
}


@pytest.mark.parametrize(("code", "compact"), DAMAGES.items(), ids=DAMAGES.keys())
def test_each_damage_gives_its_defect_and_no_other(code: str, compact: str) -> None:
    token = decode(compact)
    assert [defect.code for defect in token.defects] == [code]
    assert token.span.covers(token.defects[0].span)


def test_the_table_of_defects_is_complete() -> None:
    assert set(DAMAGES) == set(DEFECTS)


def test_a_sound_token_has_no_defects() -> None:
    for compact in (jws(), hs256(), jwe(), jws({"alg": "none"}, signature=b"")):
        token = decode(compact)
        assert token.defects == ()
        assert token.text == compact


def test_header_and_claims_are_what_was_encoded() -> None:
    token = decode(f"  {jws({'alg': 'HS256', 'kid': 'k'}, {'sub': 'Zoë', 'exp': 5}, octets(32))}\n")
    assert token.header == {"alg": "HS256", "kid": "k"}
    assert token.payload == {"sub": "Zoë", "exp": 5}
    assert token.decoded.octets[SegmentRole.SIGNATURE] == octets(32)
    assert token.span.start == 2


@pytest.mark.parametrize("claims", ['{"aé":1,"x":}', '{"aé":1,"exp":"soon"}', '{"é":"é","exp":1,"exp":2}'])
def test_a_defect_points_into_base64url(claims: str) -> None:
    """The characters under the span decode to the place that is wrong."""
    text = f"prefix {with_claims(claims)}"
    (token,) = scan(text)
    (defect,) = [found for found in token.defects if found.code.startswith(("json", "numericdate"))]
    payload = token.segment(SegmentRole.PAYLOAD)
    assert payload is not None
    first = (defect.span.start - payload.span.start) // 4 * 4
    last = -(-(defect.span.end - payload.span.start) // 4) * 4
    part = payload.text[first:last]
    decoded = base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)).decode("utf-8", "replace")
    assert any(wrong in decoded for wrong in ("}", '"soon"', '"exp"'))


def test_one_reason_is_enough_for_a_mangled_token() -> None:
    token = decode("eyJhbGciOiJIUzI1NiJ9.!!!.x")
    assert token.header == {"alg": "HS256"}
    assert [(defect.code, defect.role) for defect in token.defects] == [("base64url-character", SegmentRole.PAYLOAD)]


def test_an_encoded_payload_is_not_asked_for_json_where_the_header_says_otherwise() -> None:
    compressed = jws({"alg": "HS256", "zip": "DEF"}, "x", octets(32)).split(".")
    assert decode(f"{compressed[0]}.{encoded(octets(40))}.{compressed[2]}").defects == ()


def test_a_detached_payload_is_no_defect() -> None:
    token = decode(f"{HEAD}..{TAIL}")
    assert (token.form, token.payload, token.defects) == (TokenForm.JWS, None, ())


def test_what_is_no_token_says_so() -> None:
    for compact in ("", " ", "garbage", "a.b", "...", "a.b.c.d.e.f", "é.ü.ß"):
        assert decode(compact).defects


@given(st.text(alphabet=st.one_of(st.sampled_from("eyJ.=~+/!\n \"'"), st.characters()), max_size=200))
def test_decoding_never_raises(compact: str) -> None:
    token = decode(compact)
    assert token.decoded is not None
    assert all(token.span.covers(segment.span) for segment in token.segments)
    assert all(defect.code in DEFECTS for defect in token.defects)


@given(st.binary(max_size=60), st.binary(max_size=60))
def test_any_bytes_in_header_and_payload_are_judged(header: bytes, payload: bytes) -> None:
    token = decode(f"{encoded(header)}.{encoded(payload)}.{TAIL}")
    assert all(defect.code in DEFECTS for defect in token.defects)
    json.dumps([token.header, token.payload], ensure_ascii=False).encode()


def test_an_sd_jwt_is_the_issuers_token_with_its_disclosures() -> None:
    disclosure = encoded(["salt", "name", "Zoë"])
    for end in ("", hs256({"nonce": "n"})):
        token = decode(f"{hs256()}~{disclosure}~{end}")
        assert token.text == hs256()
        assert [part.text for part in token.disclosures] == [disclosure]
        assert token.defects == ()
