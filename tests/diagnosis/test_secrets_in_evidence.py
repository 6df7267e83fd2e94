"""What a diagnosis shows can be copied into a ticket: it holds no secret of the lines that it rests on."""

from __future__ import annotations

import pytest

from claimlens.diagnosis.case import Case
from claimlens.diagnosis.diagnose import diagnose
from claimlens.diagnosis.redaction import mask_secrets
from claimlens.diagnosis.report import markdown
from tests.support.scenarios import NOW

TOKEN_REQUEST = "https://login.microsoftonline.com/common/oauth2/v2.0/token"
REFUSED = ("answer.txt", "HTTP/1.1 401 Unauthorized\n")
CASES = {
    "an opaque token": (
        "EwB4A8l6BAAURSNhFHlDW5xN74t6GzbtsBBeBUYAAWPAOehp",
        [("address.txt", "http://localhost/#access_token=SECRET"), ("app.log", "JsonWebTokenError: jwt malformed")],
    ),
    "a shared access signature": (
        "x7Qm2Zk9Lw",
        [
            ("proxies.json", '{"backendUri": "https://contoso.blob.core.windows.net/a?sv=1&sig=SECRET"}'),
            ("answer.xml", "<Code>InvalidAuthenticationInfo</Code> Check the value of Authorization header."),
        ],
    ),
    "a client secret in a script": (
        "s3cr3tvalue",
        [
            (
                "get.sh",
                "curl -d grant_type=client_credentials -d client_secret=SECRET -d scope=openid " + TOKEN_REQUEST,
            ),
            ("app.log", "Signature verification failed"),
        ],
    ),
    "a client secret in an address": (
        "s3cr3tvalue",
        [("get.http", f"GET {TOKEN_REQUEST}?grant_type=client_credentials&client_secret=SECRET HTTP/1.1\n"), REFUSED],
    ),
    "a name and a password": (
        "dXNlcjpwYXNz",
        [
            ("front.http", "GET https://b.example/api/x HTTP/1.1\nAuthorization: Bearer kZt2b5mYbq7o1nVh3cR9\n"),
            ("behind.http", "GET /api/x HTTP/1.1\nHost: b.example\nAuthorization: Basic SECRET\n"),
            REFUSED,
        ],
    ),
    "a key of a function": (
        "f8Qm2Zk9Lw",
        [("call.http", "GET https://contoso.azurewebsites.net/api/f?code=SECRET HTTP/1.1\n"), REFUSED],
    ),
}


@pytest.mark.parametrize("kind", CASES)
def test_no_secret_leaves_a_diagnosis(kind: str) -> None:
    secret, files = CASES[kind]
    diagnosis = diagnose(Case.of([(name, text.replace("SECRET", secret)) for name, text in files], NOW))

    assert diagnosis.causes[0].evidence
    assert secret not in repr(diagnosis) + markdown(diagnosis)


@pytest.mark.parametrize(
    "line",
    [
        "var accessToken = Request.Headers",
        '{accessToken: null, idToken: "x"}',
        "access_token = acquire(scopes)",
        "WWW-Authenticate: Bearer authorization",
        "AADSTS7000215: Invalid client secret provided.",
        "Authorization: Bearer eyJ0eXAi…[1088 characters, RS256]",
        "GET /callback?error=x&error_description=code:+12",
    ],
)
def test_what_only_names_a_secret_can_be_read(line: str) -> None:
    assert mask_secrets(line) == line
