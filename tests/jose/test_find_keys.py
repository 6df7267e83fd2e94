"""Keys and key sets are found in JSON of any kind, described, and never shown."""

from __future__ import annotations

import json

from claimlens.jose import find_keys

RFC_7638_MODULUS = (
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMs"
    "tn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5ha"
    "jrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
)
RSA = {"kty": "RSA", "n": RFC_7638_MODULUS, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}
EC = {"use": "sig", "kty": "EC", "crv": "P-256", "kid": "ec-1", "x": "eHg", "y": "eXk", "d": "ZGQ"}
SYMMETRIC = {"kty": "oct", "k": "c2VjcmV0"}


def test_a_key_set_is_one_document_with_the_place_of_each_key() -> None:
    text = "// keys\n" + json.dumps({"keys": [RSA, EC, SYMMETRIC]}, indent=2) + "\n"
    (document,) = find_keys(text)
    assert document.is_set
    assert json.loads(document.span.slice(text)) == {"keys": [RSA, EC, SYMMETRIC]}
    assert [json.loads(key.span.slice(text)) for key in document.keys] == [RSA, EC, SYMMETRIC]
    assert [(key.key_type, key.key_id, key.use, key.algorithm, key.curve, key.private) for key in document.keys] == [
        ("RSA", "2011-04-29", None, "RS256", None, False),
        ("EC", "ec-1", "sig", None, "P-256", True),
        ("oct", None, None, None, None, True),
    ]


def test_the_thumbprint_is_that_of_rfc_7638() -> None:
    (document,) = find_keys(json.dumps(RSA))
    assert document.keys[0].thumbprint == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_symmetric_and_incomplete_keys_have_no_thumbprint() -> None:
    documents = find_keys(json.dumps(SYMMETRIC) + "\n" + json.dumps({"kty": "EC", "crv": "P-256"}))
    assert [key.thumbprint for document in documents for key in document.keys] == [None, None]


def test_single_keys_stand_in_any_text() -> None:
    text = f"Use `{json.dumps(EC)}` or\n\n```json\n{json.dumps(RSA, indent=4)}\n```\n"
    documents = find_keys(text)
    assert [document.is_set for document in documents] == [False, False]
    assert [json.loads(document.span.slice(text)) for document in documents] == [EC, RSA]


def test_a_set_may_hold_other_members_first() -> None:
    (document,) = find_keys(json.dumps({"issuer": "https://login.example.com", "keys": [RSA]}))
    assert document.is_set


def test_certificates_may_stand_before_the_type() -> None:
    (document,) = find_keys(json.dumps({"x5c": ["QUJD" * 300], **RSA}))
    assert document.keys[0].key_id == "2011-04-29"


def test_what_is_no_key_is_none() -> None:
    for text in ("", '"kty"', '{"kty": 5}', '{"kty": "RSA"', '{"a": "kty"}', "kty: RSA", '{"kty": "RSA", }'):
        assert find_keys(text) == ()


def test_key_material_never_shows() -> None:
    shown = repr(find_keys(json.dumps({"keys": [RSA, EC, SYMMETRIC]})))
    assert not any(secret in shown for secret in ("ZGQ", "c2VjcmV0", RFC_7638_MODULUS, "eHg"))
