"""Where a call is refused and nothing says why, the most probable is told, and never as certain."""

from __future__ import annotations

import pytest

from claimlens.diagnosis.case import Case
from claimlens.diagnosis.diagnose import diagnose
from claimlens.diagnosis.model import Confidence
from tests.support.scenarios import NOW, TENANT
from tests.support.tokens import compact

API = "8c2b7f10-4d6e-4a19-b3c5-6f0e9d8a7b21"
REFUSED = ("response.txt", "HTTP/1.1 401 Unauthorized\nContent-Length: 0\n")
FORBIDDEN = ("response.txt", "HTTP/1.1 403 Forbidden\nContent-Length: 0\n")


def token(header: dict[str, object] | None = None, **claims: object) -> tuple[str, str]:
    now = int(NOW.timestamp())
    payload: dict[str, object] = {
        "aud": API,
        "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0",
        "iat": now - 300,
        "nbf": now - 300,
        "exp": now + 3600,
        "tid": TENANT,
        "oid": "5b8e0a4c-6d27-49f1-8a3b-c1d0e9f8a754",
        "sub": "Q0x2d1dGc2V4YW1wbGU",
        "ver": "2.0",
        **claims,
    }
    return "token.jwt", compact(payload, {"alg": "RS256", "typ": "JWT", "kid": "key", **(header or {})})


def named(*files: tuple[str, str]) -> tuple[str, Confidence]:
    causes = diagnose(Case.of(files, NOW)).causes
    assert causes, "nothing was named"
    return causes[0].code, causes[0].confidence


APP = {"idtyp": "app", "azpacr": "1"}


@pytest.mark.parametrize(
    ("files", "code"),
    [
        pytest.param((token(scp="read"), FORBIDDEN), "missing-role", id="user's token with a scope"),
        pytest.param((token(), FORBIDDEN), "missing-scope", id="user's token without any"),
        pytest.param((token(**APP), FORBIDDEN), "scope-vs-role-confusion", id="application's token without any"),
        pytest.param((token(scp="read", roles=["Reader"]), FORBIDDEN), "claim-mapping", id="token with a role"),
        pytest.param(
            (token(aud="https://storage.azure.com", scp="user_impersonation"), FORBIDDEN), "missing-role", id="storage"
        ),
        pytest.param(
            (token(aud="https://graph.microsoft.com", scp="User.Read"), ("log.txt", "error 403")),
            "missing-scope",
            id="graph",
        ),
        pytest.param((token(scp="read"), REFUSED), "audience-guid-vs-app-id-uri", id="own API, v2.0"),
        pytest.param(
            (token(scp="read", ver="1.0", iss=f"https://sts.windows.net/{TENANT}/"), REFUSED),
            "issuer-v1-vs-v2",
            id="own API, v1.0",
        ),
        pytest.param((token(scp="read", header={"nonce": "x"}), REFUSED), "signature-graph-nonce", id="nonce"),
        pytest.param(
            (token(scp="a", tid="9188040d-6c67-4c5b-b112-36a304b66dad"), REFUSED),
            "guest-or-consumer-account",
            id="personal account",
        ),
        pytest.param((token(nonce="n", name="Ada"), REFUSED), "id-token-as-access-token", id="ID token"),
        pytest.param(
            (("request.http", "GET https://api.contoso.example/orders\n"), REFUSED),
            "scheme-missing-or-duplicated",
            id="request without a token",
        ),
        pytest.param(
            (("Orders.cs", '[Authorize(Roles = "Orders.Admin")]'), FORBIDDEN), "missing-role", id="role in the code"
        ),
        pytest.param((("log.txt", "call to the API failed: Unauthorized"),), "audience-mismatch", id="a word"),
    ],
)
def test_the_most_probable_is_told(files: tuple[tuple[str, str], ...], code: str) -> None:
    first, confidence = named(*files)

    assert first == code
    assert confidence is not Confidence.CERTAIN


def test_nothing_is_guessed_where_the_call_was_answered() -> None:
    answer = ("response.txt", "HTTP/1.1 200 OK\n\n{}")
    log = ("log.txt", "retried after 401 Unauthorized")

    assert diagnose(Case.of([token(scp="read"), answer, log], NOW)).causes == ()


def test_nothing_is_guessed_without_a_refusal() -> None:
    assert diagnose(Case.of([token(scp="read"), ("log.txt", "listening on port 8080")], NOW)).causes == ()
