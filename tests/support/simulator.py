"""Simulations of small policies, and the tokens and documents that go with them."""

from __future__ import annotations

import datetime
from typing import Any

from claimlens.apim.parser import parse
from claimlens.apim.simulator import IssuerDocuments, Request, Scope, Simulation, Surroundings, simulate
from claimlens.jose.verification_keys import read_key_set
from tests.support.keys import jwk, signed

NOW = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
SECONDS = int(NOW.timestamp())
ISSUER = "https://login.microsoftonline.com/3f1c9d5e-7a42-4b0e-9c6d-2e8f5a1b7c30/v2.0"
TENANT = "3f1c9d5e-7a42-4b0e-9c6d-2e8f5a1b7c30"
URL = f"{ISSUER}/.well-known/openid-configuration"
CLAIMS: dict[str, Any] = {
    "iss": ISSUER, "aud": "api://orders", "exp": SECONDS + 600, "nbf": SECONDS - 60, "tid": TENANT, "azp": "client",
    "scp": "read write", "roles": ["Admin", "Reader"], "ver": "2.0",
}  # fmt: skip
DOCUMENTS = {URL: IssuerDocuments(ISSUER, read_key_set([jwk("RS256")]))}


def token(**claims: Any) -> str:
    return signed("RS256", {name: value for name, value in {**CLAIMS, **claims}.items() if value is not None})


def bearer(text: str) -> Request:
    return Request(headers=(("Authorization", f"Bearer {text}"),))


def run(policy: str, request: Request, **more: Any) -> Simulation:
    more.setdefault("issuers", DOCUMENTS)
    document = parse(f"<policies><inbound>{policy}</inbound></policies>")
    return simulate(request, Surroundings((Scope("api", document),), **more), NOW)


def jwt(content: str = "", attributes: str = 'header-name="Authorization"') -> str:
    return f'<validate-jwt {attributes}><openid-config url="{URL}" />{content}</validate-jwt>'


def answer(simulation: Simulation) -> tuple[str, str | None]:
    return str(simulation.outcome), simulation.error.reason if simulation.error else None
