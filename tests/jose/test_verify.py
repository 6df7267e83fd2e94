"""A signature is good only when cryptography says so with a trusted key that fits; every trick has its answer."""

from __future__ import annotations

import hashlib
import hmac
import json

import pytest

from claimlens import jose
from claimlens.jose.verification_keys import (
    KeyRing,
    KeySource,
    RefusedKey,
    VerificationKey,
    has_roca_fingerprint,
    read_jwk,
    read_key_set,
    read_pem,
    read_secret,
)
from claimlens.jose.verify import MAXIMUM_TOKEN_LENGTH, SignatureResult, Verdict, verify_signature
from tests.support.keys import base64url, forged, jwk, pem, private_jwk, private_key, signed

CLAIMS = {"iss": "https://issuer.test", "aud": "api://orders", "sub": "someone", "exp": 4_102_444_800}
ASYMMETRIC = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "ES256K", "EdDSA")


def verify(token: str, *keys: dict[str, object], **options: object) -> SignatureResult:
    return verify_signature(jose.decode(token), read_key_set(keys), **options)  # type: ignore[arg-type]


def changed(token: str, segment: int) -> str:
    """Change one character in the middle of a segment."""
    parts = token.split(".")
    middle = len(parts[segment]) // 2
    other = "A" if parts[segment][middle] != "A" else "B"
    parts[segment] = parts[segment][:middle] + other + parts[segment][middle + 1 :]
    return ".".join(parts)


@pytest.mark.parametrize("algorithm", [*ASYMMETRIC, "Ed25519", "Ed448"])
def test_every_algorithm_verifies_and_a_changed_byte_does_not(algorithm: str) -> None:
    token = signed(algorithm, CLAIMS)

    good, bad = verify(token, jwk(algorithm)), verify(changed(token, 2), jwk(algorithm))

    assert (good.verdict, good.reason) == (Verdict.VALID, "verified")
    assert good.key is not None
    assert good.key.kid == "one"
    assert bad.verdict is Verdict.INVALID


@pytest.mark.parametrize("segment", [0, 1])
def test_what_was_signed_cannot_be_changed(segment: int) -> None:
    assert verify(changed(signed("RS256", CLAIMS), segment), jwk("RS256")).verdict is not Verdict.VALID


@pytest.mark.parametrize("algorithm", ["PS256", "RS512"])
def test_entra_keys_name_no_algorithm_and_verify_all_of_their_family(algorithm: str) -> None:
    key = {name: value for name, value in jwk("RS256").items() if name != "alg"} | {"use": "sig"}
    token = signed(algorithm, CLAIMS, key=private_key("RS256"))

    assert verify(token, key).verdict is Verdict.VALID


@pytest.mark.parametrize("name", ["none", "None", "NONE", "nOnE"])
@pytest.mark.parametrize("signature", [b"", b"x" * 256])
def test_unsigned_tokens_are_invalid_in_every_spelling(name: str, signature: bytes) -> None:
    result = verify(forged({"alg": name, "kid": "one"}, CLAIMS, signature), jwk("RS256"))

    assert result.verdict is Verdict.INVALID


@pytest.mark.parametrize("secret", [pem("RS256"), pem("RS256").strip(), json.dumps(jwk("RS256")).encode()])
def test_a_public_key_taken_as_a_secret_signs_nothing(secret: bytes) -> None:
    head = f"{base64url(json.dumps({'alg': 'HS256', 'kid': 'one'}).encode())}.{base64url(json.dumps(CLAIMS).encode())}"
    token = f"{head}.{base64url(hmac.digest(secret, head.encode(), hashlib.sha256))}"

    result = verify(token, jwk("RS256"))

    assert (result.verdict, result.reason) == (Verdict.INVALID, "algorithm-confusion")


def test_a_public_key_is_no_secret() -> None:
    assert isinstance(read_secret(pem("RS256")), RefusedKey)


@pytest.mark.parametrize("parameter", ["jwk", "jku", "x5u", "x5c"])
def test_a_key_that_the_token_brings_is_never_used(parameter: str) -> None:
    attacker = private_key("RSA-other")
    value = jwk("RSA-other") if parameter == "jwk" else ["MIIB"] if parameter == "x5c" else "https://evil.example/keys"
    token = signed("RS256", CLAIMS, {parameter: value}, key=attacker)

    assert verify(token, jwk("RS256")).verdict is Verdict.INVALID


@pytest.mark.parametrize("kid", ["../../dev/null", "' OR 1=1 --", "two", "", "k" * 100_000])
def test_a_kid_only_picks_among_trusted_keys(kid: str) -> None:
    result = verify(signed("RS256", CLAIMS, kid=kid), jwk("RS256"))

    assert (result.verdict, result.reason) == (Verdict.UNDETERMINED, "key-not-found")
    assert len(result.detail) < 500


@pytest.mark.parametrize("kid", [1, None, ["one"], {"one": 1}])
def test_a_kid_that_is_no_string_is_refused(kid: object) -> None:
    assert verify(signed("RS256", CLAIMS, {"kid": kid}), jwk("RS256")).verdict is Verdict.INVALID


def test_without_a_kid_every_suitable_key_is_tried_and_that_is_said() -> None:
    token = signed("RS256", CLAIMS, kid=None)

    result = verify(token, jwk("ES256", "e"), jwk("RSA-other", "o"), jwk("RS256"))

    assert result.verdict is Verdict.VALID
    assert "2 were tried" in result.detail


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ({"use": "enc"}, "another use"),
        ({"key_ops": ["encrypt"]}, "key_ops"),
        ({"key_ops": "verify"}, "key_ops"),
        ({"alg": "ES256"}, "does not go with its type"),
        ({"kty": "EC"}, "do not make a key"),
        ({"kty": "DSA"}, "type"),
        ({"n": "AQAB"}, "do not make a key"),
        ({"n": "x" * 3000}, "do not make a key"),
        ({"e": "Ag"}, "exponent|do not make a key"),
        ({"oth": []}, "primes"),
    ],
)
def test_a_key_that_may_not_be_used_says_why(key: dict[str, object], words: str) -> None:
    result = verify(signed("RS256", CLAIMS), {**jwk("RS256"), **key})

    assert (result.verdict, result.reason) == (Verdict.UNDETERMINED, "key-refused")
    assert any(word in result.detail for word in words.split("|"))


def test_short_keys_are_refused() -> None:
    result = verify(signed("RS256", CLAIMS, key=private_key("RSA-1024")), jwk("RSA-1024"))

    assert result.verdict is Verdict.UNDETERMINED
    assert "1024 bits" in result.detail


def test_the_fingerprint_of_roca_is_known() -> None:
    weak = 1
    for prime in (11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157):
        weak *= prime
    # 65537 to any power has the residues that give such a modulus away.
    assert has_roca_fingerprint(pow(65537, 1234, weak))
    assert not has_roca_fingerprint(private_key("RS256").public_key().public_numbers().n)


def test_a_set_may_not_mix_symmetric_and_asymmetric_keys() -> None:
    secret = {"kty": "oct", "kid": "two", "k": base64url(b"s" * 32)}

    assert verify(signed("RS256", CLAIMS), jwk("RS256"), secret).reason == "key-set"


def test_a_published_symmetric_key_is_refused() -> None:
    secret = b"s" * 32
    token = signed("HS256", CLAIMS, key=secret)

    assert verify(token, {"kty": "oct", "kid": "one", "k": base64url(secret)}).verdict is not Verdict.VALID


def test_a_published_private_key_is_refused_loudly() -> None:
    result = verify(signed("RS256", CLAIMS), private_jwk("RS256"))

    assert result.verdict is Verdict.UNDETERMINED
    assert "private key" in result.detail


def test_two_keys_of_one_kid_are_ambiguous() -> None:
    result = verify(signed("RS256", CLAIMS), jwk("RS256"), jwk("RSA-other"))

    assert result.verdict is Verdict.UNDETERMINED
    assert "more than one key" in result.detail


def test_a_set_of_more_than_a_hundred_keys_is_not_used() -> None:
    ring = read_key_set([jwk("RS256", str(number)) for number in range(101)])

    assert ring.problem is not None
    assert ring.keys == ()


@pytest.mark.parametrize(
    "header",
    [
        {"crit": ["exp"], "exp": 1}, {"crit": []}, {"crit": "b64"}, {"crit": [1]}, {"b64": False}, {"b64": True},
        {"b64": "false", "crit": ["b64"]}, {"b64": False, "crit": ["b64"]}, {"b64": 0, "crit": ["b64"]},
    ],
)  # fmt: skip
def test_critical_extensions_are_not_ignored(header: dict[str, object]) -> None:
    assert verify(signed("RS256", CLAIMS, header), jwk("RS256")).verdict is Verdict.INVALID


def test_only_the_allowed_algorithms_are_allowed() -> None:
    token = signed("RS384", CLAIMS, key=private_key("RS256"))

    assert verify(token, jwk("RS256", alg="RS256")).verdict is Verdict.INVALID
    assert verify(token, jwk("RS256"), algorithms=("RS256",)).verdict is Verdict.INVALID
    assert verify(token, jwk("RS256"), algorithms=("RS256", "RS384")).verdict is Verdict.VALID


def test_a_curve_must_fit_the_algorithm() -> None:
    token = signed("ES256", CLAIMS, key=private_key("ES256K"))

    assert verify(token, jwk("ES256K")).verdict is Verdict.INVALID


def test_duplicate_members_in_the_header_are_refused() -> None:
    header = base64url(b'{"alg":"RS256","kid":"one","kid":"one"}')
    body = f"{header}.{base64url(json.dumps(CLAIMS).encode())}"
    import jwt

    signature = jwt.get_algorithm_by_name("RS256").sign(body.encode(), private_key("RS256"))

    assert verify(f"{body}.{base64url(signature)}", jwk("RS256")).verdict is Verdict.INVALID


def test_a_token_over_the_limit_is_not_given_to_the_library() -> None:
    token = signed("RS256", {**CLAIMS, "filler": "x" * MAXIMUM_TOKEN_LENGTH})

    result = verify(token, jwk("RS256"))
    assert (result.verdict, result.reason) == (Verdict.UNDETERMINED, "too-large")  # nobody has looked at it


def test_a_stripped_signature_is_invalid() -> None:
    token = signed("RS256", CLAIMS).rpartition(".")[0] + "."

    assert verify(token, jwk("RS256")).verdict is Verdict.INVALID


def test_an_encrypted_token_says_what_it_is() -> None:
    token = ".".join([base64url(b'{"alg":"RSA-OAEP","enc":"A128GCM"}'), "AAAA", "AAAA", "AAAA", "AAAA"])

    result = verify(token, jwk("RS256"))

    assert (result.verdict, result.reason) == (Verdict.UNDETERMINED, "encrypted")


@pytest.mark.parametrize("text", ["", "x", "a.b", "a.b.c", "a.b.c.d", "..", "\ud800.a.b", "é.é.é", "a" * 300_000])
def test_whatever_is_no_token_gets_an_answer(text: str) -> None:
    assert verify(text, jwk("RS256")).verdict is not Verdict.VALID


def test_a_secret_verifies_and_a_wrong_one_does_not() -> None:
    token = signed("HS256", CLAIMS, key=b"a secret of thirty-two characters!", kid=None)
    good, bad = read_secret(b"a secret of thirty-two characters!"), read_secret(b"another secret of the same length!")
    assert isinstance(good, VerificationKey)
    assert isinstance(bad, VerificationKey)

    assert verify_signature(jose.decode(token), KeyRing((good,))).verdict is Verdict.VALID
    assert verify_signature(jose.decode(token), KeyRing((bad,))).verdict is Verdict.INVALID


def test_a_pem_key_verifies() -> None:
    key = read_pem(pem("ES256"))
    assert isinstance(key, VerificationKey)

    assert verify_signature(jose.decode(signed("ES256", CLAIMS)), KeyRing((key,))).verdict is Verdict.VALID


@pytest.mark.parametrize("data", [b"", b"hello", b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----"])
def test_what_is_no_pem_key_is_refused(data: bytes) -> None:
    assert isinstance(read_pem(data), RefusedKey)


def test_key_material_is_not_in_the_repr() -> None:
    key = read_jwk({"kty": "oct", "k": base64url(b"very secret indeed")}, source=KeySource.LOCAL)

    assert isinstance(key, VerificationKey)
    assert "very secret" not in repr(key)
