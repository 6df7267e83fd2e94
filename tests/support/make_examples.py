"""Write the tokens of ``examples/`` anew: ``python tests/support/make_examples.py``.

Nothing here is real. The tenant, the applications and the people do not exist, and the signatures are a repeated
sentence, so that no verifier in the world accepts one of these tokens. Times are fixed: run Claimlens with
``--now 2026-03-02T10:00:00Z`` to see the files as they were on that morning.
"""

import base64
import json
from datetime import UTC, datetime
from pathlib import Path

HERE = Path(__file__).parents[2] / "examples"
TENANT = "3f1c9d5e-7a42-4b0e-9c6d-2e8f5a1b7c30"
ORDERS_API = "8c2b7f10-4d6e-4a19-b3c5-6f0e9d8a7b21"
WEB_CLIENT = "1e5d3c7b-9a80-4f26-8d14-0b7a6c5e4f32"
JOB_CLIENT = "d4a9e6c2-1b37-4c58-a0f3-9e2d7b6c5a43"
V1_ISSUER = f"https://sts.windows.net/{TENANT}/"
V2_ISSUER = f"https://login.microsoftonline.com/{TENANT}/v2.0"
SIGNATURE = (b"this signature was made by nobody and verifies nowhere. " * 5)[:256]


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())


def part(value):
    data = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def token(claims, **header):
    start = {"typ": "JWT", "alg": "RS256", "kid": "Zk1nRmFrZUtleUZvckV4YW1wbGVz", **header}
    return f"{part(start)}.{part(claims)}.{part(SIGNATURE)}"


def encrypted(**header):
    lengths = (256, 12, 120, 16)  # what RSA-OAEP and A256GCM make
    return ".".join([part(header), *(part((SIGNATURE * 2)[:length]) for length in lengths)])


MORNING = {"iat": at("2026-03-02T09:50"), "nbf": at("2026-03-02T09:50"), "exp": at("2026-03-02T11:02")}
USER = {
    "name": "Ada Example",
    "oid": "5b8e0a4c-6d27-49f1-8a3b-c1d0e9f8a754",
    "sub": "Q0x2d1dGc2V4YW1wbGVzdWJqZWN0",
    "tid": TENANT,
}

RIGHT = {
    "aud": ORDERS_API, "iss": V2_ISSUER, **MORNING, "azp": WEB_CLIENT, "azpacr": "0", **USER,
    "preferred_username": "ada@contoso.example", "scp": "Orders.Read Orders.Write", "uti": "AbCdEfGhIjKlMnOpQrStUv",
    "ver": "2.0",
}  # fmt: skip

TOKENS = {
    "right": token(RIGHT),
    "expired": token(
        {**RIGHT, "iat": at("2026-03-01T15:00"), "nbf": at("2026-03-01T15:00"), "exp": at("2026-03-01T16:07")}
    ),
    "for-graph": token(
        {
            "aud": "00000003-0000-0000-c000-000000000000", "iss": V1_ISSUER, **MORNING, "appid": WEB_CLIENT,
            "appidacr": "0", **USER, "scp": "User.Read profile openid email", "upn": "ada@contoso.example",
            "ver": "1.0",
        },
        nonce="bm9uY2VUaGF0R3JhcGhIYXNoZXM",
    ),
    "version-1": token(
        {
            "aud": f"api://{ORDERS_API}", "iss": V1_ISSUER, **MORNING, "appid": WEB_CLIENT, "appidacr": "0", **USER,
            "scp": "Orders.Read", "upn": "ada@contoso.example", "ver": "1.0",
        }
    ),
    "id": token({"aud": WEB_CLIENT, "iss": V2_ISSUER, **MORNING, **USER, "nonce": "n-0S6_WzA2Mj", "ver": "2.0"}),
    "job": token(
        {
            "aud": ORDERS_API, "iss": V2_ISSUER, **MORNING, "azp": JOB_CLIENT, "azpacr": "2", "idtyp": "app",
            "oid": "e7c6b5a4-3f28-4d19-9b0a-8c7d6e5f4a31", "sub": "e7c6b5a4-3f28-4d19-9b0a-8c7d6e5f4a31", "tid": TENANT,
            "ver": "2.0",
        }
    ),
    "milliseconds": ".".join(
        (
            part({"alg": "HS256", "typ": "JWT"}),
            part({"aud": "api://orders", "iss": V2_ISSUER, "sub": "load-test", "exp": at("2026-03-02T18:00") * 1000}),
            part(SIGNATURE[:32]),
        )
    ),
    "partner": encrypted(alg="RSA-OAEP", enc="A256GCM", kid="partner-2026", cty="JWT"),
    "customer": token(
        {
            "aud": "b7a5c3e1-2d40-4f68-9a1b-3c5d7e9f0a12", "ver": "1.0", "tfp": "B2C_1_sign_in",
            "iss": "https://contosocustomers.b2clogin.com/6d0b2f84-5a3c-4e17-8f92-1c4e6a8b0d25/v2.0/",
            "sub": "0f1e2d3c-4b5a-4697-8877-665544332211", "scp": "orders.read",
            "iat": at("2026-02-27T08:00"), "nbf": at("2026-02-27T08:00"), "exp": at("2026-02-27T09:00"),
        }
    ),
    "pipeline": token(
        {
            "aud": "api://AzureADTokenExchange", "iss": "https://token.actions.githubusercontent.com",
            "sub": "repo:contoso/orders:ref:refs/heads/main", "repository": "contoso/orders", "ref": "refs/heads/main",
            "iat": at("2026-03-02T06:12"), "nbf": at("2026-03-02T06:07"), "exp": at("2026-03-02T06:17"),
        }
    ),
    "unsigned": f"{part({'alg': 'none'})}.{part({'sub': 'tutorial'})}.",
}  # fmt: skip

HTTP = """\
# Calls to the orders API on the morning of 2026-03-02. Each token has one story.

@api = https://contoso-orders.azure-api.net/orders

### It works: a delegated token for this API
GET {{api}}/1
Authorization: Bearer {right}

### 401: the token of yesterday
GET {{api}}/1
Authorization: Bearer {expired}

### 401: a token for Microsoft Graph, sent to our own API
GET {{api}}/1
Authorization: Bearer {for-graph}

### 401: a v1.0 token, but the policy reads v2.0 metadata
GET {{api}}/1
Authorization: Bearer {version-1}

### 401: an ID token in place of an access token
GET {{api}}/1
Authorization: Bearer {id}
"""

LOG = """\
2026-03-02T10:00:01Z info  gateway started, policy revision 12
2026-03-02T10:00:07Z warn  request 4711 denied, presented eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiIsImtpZCI6...
2026-03-02T10:00:07Z error IDX10214: Audience validation failed. Audiences: 'api://{orders}'. \
Did not match: validationParameters.ValidAudience: '{orders}' or validationParameters.ValidAudiences: 'null'.
2026-03-02T10:00:09Z error IDX10205: Issuer validation failed. Issuer: 'https://sts.windows.net/{tenant}/'. \
Did not match: validationParameters.ValidIssuer: '{v2}' or validationParameters.ValidIssuers: 'null'.
2026-03-02T10:01:12Z info  nightly job calls with {job}
2026-03-02T10:01:12Z error Neither scope or roles claim was found in the bearer token.
"""

MAIL = """\
From: Ada Example <ada@contoso.example>
Subject: 401 since this morning

This is what the portal gave me, wrapped by the mail program:

{wrapped}

And what the decoder shows:

{decoded}
"""


ENVIRONMENT = """\
# Copy to .env and put your own values in.
ORDERS_API=https://contoso-orders.azure-api.net/orders

# Left over from a load test: signed with a shared secret, and somebody's clock counts milliseconds.
ORDERS_TOKEN="{milliseconds}"
"""

NOTES = """\
# Who calls the orders API

Partners send an encrypted token. Nobody but the API can look inside, so logs say nothing about it:

    {partner}

Customers sign in with Azure AD B2C. Its tokens come from another issuer than those of the staff:

    {customer}

The pipeline has no secret: it trades a token of GitHub Actions for one of Entra ID.

```yaml
federated_token: >-
  {pipeline}
```

The tutorial for new colleagues shows how **not** to do it.
<!-- claimlens: ignore[jwt-alg-none] -->
`{unsigned}` is not signed at all.
"""


def fill(text, **more):
    for name, value in {**TOKENS, **more}.items():
        text = text.replace("{" + name + "}", value)
    return text


def files():
    """Return the content of each file by its name."""
    wrapped = "\n".join(TOKENS["right"][start : start + 72] for start in range(0, len(TOKENS["right"]), 72))
    decoded = f"{json.dumps({'typ': 'JWT', 'alg': 'RS256'})}.{json.dumps(RIGHT)}.[Signature]"
    return {
        "orders.http": fill(HTTP),
        "gateway.log": fill(LOG, orders=ORDERS_API, tenant=TENANT, v2=V2_ISSUER),
        ".env.example": fill(ENVIRONMENT),
        "notes.md": fill(NOTES),
        "mail.txt": fill(MAIL, wrapped=wrapped, decoded=decoded),
    }


if __name__ == "__main__":
    for name, content in files().items():
        (HERE / name).write_text(content, encoding="utf-8")
