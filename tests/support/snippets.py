"""Tokens to write snippets for, as each issuer makes them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
TENANT = "2f1d4c6e-8a35-4b7f-9c21-d0e5b3a7f846"
API = "6f9b1c0e-6b1d-4bb5-9f7e-3c1a2b3c4d5e"
CLIENT = "a8c1e7f4-3b52-4d69-8e0f-71c5d2b9a604"

_TIMES = {"iat": 1772441100, "nbf": 1772441100, "exp": 1772446800}
_ENTRA = {**_TIMES, "tid": TENANT, "oid": "d7b3a1c9-5e24-4f80-b6d2-93e7c0f15a48", "uti": "AQAAAAAAAAAAAAAAAAAAAA"}

CLAIMS: dict[str, dict[str, Any]] = {
    "entra-v2": {
        **_ENTRA,
        "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0",
        "aud": API,
        "ver": "2.0",
        "azp": CLIENT,
        "scp": "Orders.Read Orders.Write",
    },
    "entra-v1": {
        **_ENTRA,
        "iss": f"https://sts.windows.net/{TENANT}/",
        "aud": f"api://{API}",
        "ver": "1.0",
        "appid": CLIENT,
        "roles": ["Orders.Read.All"],
    },
    "entra-usgov": {
        **_ENTRA,
        "iss": f"https://login.microsoftonline.us/{TENANT}/v2.0",
        "aud": API,
        "ver": "2.0",
        "azp": CLIENT,
        "roles": ["Orders.Read.All"],
    },
    "entra-china": {
        **_ENTRA,
        "iss": f"https://login.partner.microsoftonline.cn/{TENANT}/v2.0",
        "aud": API,
        "ver": "2.0",
        "azp": CLIENT,
        "scp": "Orders.Read",
    },
    "b2c": {
        **_TIMES,
        "iss": f"https://contoso.b2clogin.com/{TENANT}/v2.0/",
        "aud": API,
        "ver": "1.0",
        "azp": CLIENT,
        "tfp": "B2C_1_signin",
        "scp": "Orders.Read",
    },
    "ciam": {
        **_ENTRA,
        "iss": f"https://contoso.ciamlogin.com/{TENANT}/v2.0",
        "aud": API,
        "ver": "2.0",
        "azp": CLIENT,
        "scp": "Orders.Read",
    },
    "oidc": {**_TIMES, "iss": "https://issuer.example", "aud": "https://orders.example", "scope": "orders.read"},
}
