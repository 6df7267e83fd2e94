"""For every JWT policy people really wrote: a token made from it passes; spoiling one thing fails just that check."""

from __future__ import annotations

import base64
import datetime
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from claimlens.apim.document import PolicyDocument
from claimlens.apim.model import Element
from claimlens.apim.parser import parse
from claimlens.apim.simulator import IssuerDocuments, Request, Scope, Simulation, Surroundings, simulate
from claimlens.apim.values import text_of
from claimlens.jose.verification_keys import read_key_set
from tests.support.keys import jwk, private_key, signed

CORPUS = os.environ.get("CLAIMLENS_CORPUS")
pytestmark = pytest.mark.skipif(CORPUS is None, reason="needs the corpus (CLAIMLENS_CORPUS)")

NOW = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
SECONDS = int(NOW.timestamp())
SECRET = b"a shared secret of forty characters here"
TENANT = "3f1c9d5e-7a42-4b0e-9c6d-2e8f5a1b7c30"
ISSUER = f"https://login.microsoftonline.com/{TENANT}/v2.0"
_NAMED = re.compile(r"\{\{\s*([\w.-]+)\s*\}\}")


@attrs.frozen
class Trial:
    """One JWT policy, set free of what stands around it, and the token that it should accept."""

    name: str
    policy: Element
    document: PolicyDocument
    named_values: dict[str, str]
    claims: dict[str, Any]
    symmetric: bool

    def run(self, **changes: Any) -> Simulation:
        claims = {name: value for name, value in {**self.claims, **changes}.items() if value is not None}
        algorithm, key = ("HS256", SECRET) if self.symmetric else ("RS256", None)
        return self.send(signed(algorithm, claims, key=key))

    def send(self, text: str) -> Simulation:
        documents = IssuerDocuments(ISSUER, read_key_set([jwk("RS256")]))
        around = Surroundings((Scope("api", self.document),), {"": documents}, self.named_values)
        return simulate(self.request(text), around, NOW)

    def request(self, text: str) -> Request:
        parameter, header = (self.policy.attribute(name) for name in ("query-parameter-name", "header-name"))
        if parameter is not None:
            return Request(url=f"https://gateway.example/?{parameter.raw}={text}")
        name = header.raw if header is not None else "Authorization"
        return Request(headers=((name, f"Bearer {text}" if name.lower() == "authorization" else text),))


def trials() -> Iterator[Trial]:
    for file in sorted((Path(str(CORPUS)) / "apim").rglob("*")) if CORPUS is not None else ():
        if file.suffix == ".csv" or not file.is_file():
            continue
        text = file.read_text(encoding="utf-8", errors="replace")
        if "<validate-jwt" not in text and "<validate-azure-ad-token" not in text:
            continue
        for number, element in enumerate(parse(text).elements):
            if element.name in ("validate-jwt", "validate-azure-ad-token"):
                yield trial(f"{file.name[-60:]}:{number}", element.span.slice(text))


def trial(name: str, text: str) -> Trial:
    secret = base64.b64encode(SECRET).decode()
    named = {
        each: secret if "key" in each.lower() or "secret" in each.lower() else f"nv-{each}"
        for each in _NAMED.findall(text)
    }
    document = parse(text)
    policy = document.elements[0]
    filled = parse(_NAMED.sub(lambda found: named[found[1]], text)).elements[0]
    keys = filled.child("issuer-signing-keys")
    symmetric = keys is not None and filled.child("openid-config") is None
    return Trial(name, policy, document, named, claims_for(filled), symmetric)


def claims_for(policy: Element) -> dict[str, Any]:
    claims: dict[str, Any] = {"iss": ISSUER, "exp": SECONDS + 600, "nbf": SECONDS - 60, "tid": TENANT}
    for holder, claim in (("audiences", "aud"), ("issuers", "iss"), ("client-application-ids", "azp")):
        values = values_of(policy.child(holder))
        if values:
            claims[claim] = values[0]
    backend = values_of(policy.child("backend-application-ids"))
    if backend:
        claims["aud"] = backend[0]
    tenant = policy.attribute("tenant-id")
    if tenant is not None:
        claims["tid"] = tenant.raw.rstrip("/").rpartition("/")[2]
        claims["iss"] = f"https://login.microsoftonline.com/{claims['tid']}/v2.0"
    required = policy.child("required-claims")
    for claim_element in required.elements if required is not None else ():
        attribute, separator = claim_element.attribute("name"), claim_element.attribute("separator")
        values = values_of(claim_element)
        if attribute is None:
            continue
        if separator is not None:
            claims[attribute.raw] = separator.raw.join(values)
        else:
            claims[attribute.raw] = values if len(values) > 1 else (values[0] if values else "something")
    return claims


def values_of(holder: Element | None) -> list[str]:
    return [text_of(element).text.strip() for element in holder.elements] if holder is not None else []


def is_opaque(element: Trial) -> bool:
    """Some value of the policy is an expression or a template: what it is, only the service knows."""
    text = element.document.text
    return (
        ".onmicrosoft.com" in text
        or "@(" in text
        or "@{" in text
        or "${" in text
        or "#{" in text
        or "certificate-id" in text
    )


TRIALS = list(trials())


@pytest.mark.parametrize("each", TRIALS, ids=lambda each: each.name)
def test_a_token_made_from_the_policy_passes_and_spoilt_ones_fail_where_they_are_spoilt(each: Trial) -> None:
    good = each.run()
    if str(good.outcome) != "pass":
        # Values that only the service knows, and policies that name no key to check a signature with.
        told = [(step.check, str(step.verdict), step.detail) for step in good.steps]
        assert is_opaque(each) or "names no key" in told[-1][2], told
        return

    def reason(simulation: Simulation) -> str | None:
        return simulation.error.reason if simulation.error is not None else None

    assert reason(each.send("")) in ("TokenNotPresent", "JwtInvalid")
    assert reason(each.run(exp=SECONDS - 100_000, nbf=SECONDS - 200_000)) == "TokenExpired"
    if each.policy.attribute("require-expiration-time") is None:
        assert reason(each.run(exp=None)) == "JwtInvalid"
    algorithm, key = ("HS256", b"x" * 40) if each.symmetric else ("RS256", private_key("RSA-other"))
    foreign = signed(algorithm, each.claims, key=key, kid="two")
    assert reason(each.send(foreign)) in ("TokenSignatureInvalid", "TokenSignatureKeyNotFound")
    if each.policy.child("audiences") is not None:
        assert reason(each.run(aud="somebody-else")) == "TokenAudienceNotAllowed"
    if each.policy.name == "validate-jwt" and each.policy.child("openid-config") is not None:
        assert reason(each.run(iss="https://somebody.example/")) == "TokenIssuerNotAllowed"
    required = each.policy.child("required-claims")
    for claim in required.elements if required is not None else ():
        attribute = claim.attribute("name")
        if attribute is None or attribute.raw in ("aud", "iss"):
            continue
        assert reason(each.run(**{attribute.raw: None})) == "TokenClaimNotFound"
        if claim.elements:
            assert reason(each.run(**{attribute.raw: "nothing of the kind"})) == "TokenClaimValueNotAllowed"


def test_there_are_policies_to_try() -> None:
    assert len(TRIALS) >= 10
