"""A token is compared with the host that it is sent to, also before anybody has answered."""

from __future__ import annotations

import pytest

from claimlens.diagnosis.case import Case
from claimlens.diagnosis.diagnose import diagnose
from tests.support.scenarios import NOW, TENANT
from tests.support.tokens import compact


def request(url: str, audience: str) -> tuple[str, str]:
    now = int(NOW.timestamp())
    claims = {
        "aud": audience,
        "iss": f"https://sts.windows.net/{TENANT}/",
        "iat": now - 300,
        "exp": now + 3600,
        "tid": TENANT,
        "ver": "1.0",
        "scp": "user_impersonation",
    }
    header, payload, _ = compact(claims, {"alg": "RS256", "typ": "JWT", "kid": "key"}).split(".")
    token = f"{header}.{payload}.{'A' * 342}"
    return "call.http", f"GET {url}\nAuthorization: Bearer {token}\n"


@pytest.mark.parametrize(
    ("url", "audience", "cause"),
    [
        (
            "https://management.azure.com/subscriptions?api-version=1",
            "https://graph.microsoft.com",
            "audience-mismatch",
        ),
        ("https://orders.vault.azure.net/secrets/a?api-version=1", "https://management.azure.com", "audience-mismatch"),
        ("https://api.contoso.example/orders", "https://graph.microsoft.com", "graph-token-for-own-api"),
        ("https://management.azure.com/subscriptions?api-version=1", "https://management.core.windows.net/", None),
        ("https://api.contoso.example/orders", "api://orders", None),
    ],
)
def test_what_a_token_meets_can_be_foreseen(url: str, audience: str, cause: str | None) -> None:
    causes = diagnose(Case.of([request(url, audience)], NOW)).causes

    assert [one.code for one in causes[:1]] == ([cause] if cause else [])
    assert all(str(one.confidence) != "certain" for one in causes)
