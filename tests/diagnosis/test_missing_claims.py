"""Why is my claim missing: what is known is complete, and the answer fits the token."""

from __future__ import annotations

import json

import pytest

from claimlens import jose
from claimlens.diagnosis.case import Case
from claimlens.diagnosis.diagnose import diagnose
from claimlens.diagnosis.missing_claims import known_claims, missing_claim
from claimlens.entra import profile
from claimlens.entra.explain import explain_claim
from tests.support.scenarios import NOW
from tests.support.snippets import CLAIMS
from tests.support.tokens import compact

USER = {
    "aud": "8c2b7f10-4d6e-4a19-b3c5-6f0e9d8a7b21",
    "iss": "https://login.microsoftonline.com/3f1c9d5e-7a42-4b0e-9c6d-2e8f5a1b7c30/v2.0",
    "exp": int(NOW.timestamp()) + 3000,
    "ver": "2.0",
}


V2 = CLAIMS["entra-v2"]
V1 = {name: value for name, value in CLAIMS["entra-v1"].items() if name != "roles"} | {"scp": "Orders.Read"}
KINDS = {
    "v2 user": V2,
    "v1 user": V1,
    "v2 application": {name: value for name, value in V2.items() if name != "scp"} | {"sub": V2["oid"], "idtyp": "app"},
    "v1 application": {**CLAIMS["entra-v1"], "sub": V2["oid"], "idtyp": "app"},
    "b2c": CLAIMS["b2c"],
    "ciam": CLAIMS["ciam"],
    "another issuer": CLAIMS["oidc"],
}
NAMES = (*known_claims(), "extension_0_shoe", "shoe_size")


def answer(name: str, kind: str) -> str:
    found = missing_claim(name, profile(jose.decode(compact(KINDS[kind])), NOW))
    return f"{found.why} {found.advice}"


@pytest.mark.parametrize("kind", [None, *KINDS])
@pytest.mark.parametrize("name", NAMES)
def test_an_answer_is_complete(name: str, kind: str | None) -> None:
    found = missing_claim(name, profile(jose.decode(compact(KINDS[kind])), NOW) if kind else None)

    assert found.why.endswith(".")
    assert found.fix.endswith(".")
    assert not found.instead or found.instead.endswith(".")
    assert found.source.startswith("https://")
    assert "{" not in found.why + found.advice
    assert "shoe" not in found.why + found.advice


@pytest.mark.parametrize("name", known_claims())
def test_a_claim_with_an_answer_is_one_that_is_explained_elsewhere_too(name: str) -> None:
    assert explain_claim(name, None).known or name in ("emails", "in_corp", "pwd_exp", "onprem_sid", "ctry", "xms_edov")


@pytest.mark.parametrize(
    ("name", "kind", "words"),
    [
        ("email", "v2 user", "optionalClaims.accessToken"),
        ("email", "v2 application", "speaks for an application itself"),
        ("email", "b2c", "the list emails"),
        ("email", "ciam", "Attributes & Claims"),
        ("email", "another issuer", "the issuer's settings"),
        ("upn", "v1 user", "include_externally_authenticated_upn"),
        ("upn", "v2 user", "the scope profile"),
        ("upn", "b2c", "does not issue upn"),
        ("preferred_username", "v1 user", "Add preferred_username to optionalClaims"),
        ("preferred_username", "ciam", "the scope profile"),
        ("groups", "v2 application", "groupMembershipClaims"),
        ("groups", "b2c", "Microsoft Graph"),
        ("roles", "v1 application", "application permission with admin consent"),
        ("roles", "v1 user", "assigned to the user"),
        ("scp", "v2 application", "never scp"),
        ("scp", "b2c", "onmicrosoft.com"),
        ("wids", "v2 user", "DirectoryRole"),
        ("wids", "b2c", "does not issue wids"),
        ("family_name", "v1 user", "Enter the last name"),
        ("family_name", "v2 user", "request the scope profile"),
        ("acct", "v2 user", "guests"),
        ("sid", "v1 user", "optionalClaims.idToken"),
        ("oid", "b2c", "User's Object ID"),
        ("auth_time", "v1 application", "describes a user"),
        ("ipaddr", "v2 user", "optional"),
        ("onprem_sid", "v1 user", "synchronised"),
        ("extension_0_shoe", "v2 user", "extn.<name>"),
    ],
)
def test_the_answer_is_that_for_the_kind_of_token(name: str, kind: str, words: str) -> None:
    assert words in answer(name, kind)


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
