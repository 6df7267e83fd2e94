"""Why is my claim missing: what is known is complete, and the answer fits the token."""

from __future__ import annotations

import json

import pytest

from claimlens.diagnosis.case import Case
from claimlens.diagnosis.detectors.missing_claims import MissingClaim, missing_claims
from claimlens.diagnosis.diagnose import diagnose
from claimlens.entra.explain import explain_claim
from tests.support.scenarios import NOW

USER = {
    "aud": "8c2b7f10-4d6e-4a19-b3c5-6f0e9d8a7b21",
    "iss": "https://login.microsoftonline.com/3f1c9d5e-7a42-4b0e-9c6d-2e8f5a1b7c30/v2.0",
    "exp": int(NOW.timestamp()) + 3000,
    "ver": "2.0",
}


@pytest.mark.parametrize(("name", "entry"), missing_claims().items(), ids=list(missing_claims()))
def test_an_entry_is_complete(name: str, entry: MissingClaim) -> None:
    assert explain_claim(name, None).known or name == "emails"
    assert entry.why.endswith(".")
    assert entry.fix.endswith(".")
    assert not entry.instead or entry.instead.endswith(".")
    assert entry.source.startswith("https://")


@pytest.mark.parametrize(
    ("claims", "missing", "cause", "words"),
    [
        (USER | {"scp": "read"}, "email", "optional-claim-missing", ("optionalClaims.accessToken", "oid with tid")),
        (USER | {"nonce": "n", "name": "A"}, "email", "optional-claim-missing", ("optionalClaims.idToken",)),
        (USER | {"scp": "read"}, "roles", "missing-role", ("app role", "assign")),
        (USER | {"scp": "read"}, "extension_0_shoe", "optional-claim-missing", ("extension_<application-id>_<name>",)),
        (USER | {"scp": "read"}, "shoe_size", "optional-claim-missing", ("claims mapping", "shoe_size")),
    ],
)
def test_the_answer_fits_the_token(claims: dict[str, object], missing: str, cause: str, words: tuple[str, ...]) -> None:
    token = json.dumps({"header": {"alg": "RS256", "typ": "JWT"}, "payload": claims})

    first = diagnose(Case.of([("token.json", token)], NOW, missing_claim=missing)).causes[0]

    assert first.code == cause
    assert all(word in first.summary + first.fix for word in words), first


def test_a_claim_that_is_there_is_not_missing() -> None:
    token = json.dumps({"header": {"alg": "RS256"}, "payload": {**USER, "scp": "read", "email": "a@b.example"}})

    assert diagnose(Case.of([("token.json", token)], NOW, missing_claim="email")).causes == ()
