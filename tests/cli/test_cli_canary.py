"""One marked token through every command and format: no part of it comes out, on either stream."""

from __future__ import annotations

from pathlib import Path

import pytest

from claimlens.cli.commands import COMMANDS
from tests.support.command import run
from tests.support.compact import jws, lines

TOKEN = jws(
    {"alg": "RS256", "typ": "JWT", "kid": "canary-key"},
    {
        "aud": "api://orders",
        "iss": "https://login.microsoftonline.com/3f1c9d5e-7a42-4b0e-9c6d-2e8f5a1b7c30/v2.0",
        "scp": "Orders.Read",
        "ver": "2.0",
        "iat": 1772445000,
        "exp": 1772449320,
    },
)
FILES = {
    "request.http": f"GET https://x.example/\nAuthorization: Bearer {TOKEN}\nCookie: id={TOKEN}\n\n401 Unauthorized\n",
    "app.log": f"12:00 IDX10214: Audience validation failed. Audiences: 'a'. Token: '{TOKEN}'\n{TOKEN[:-40]}...\n",
    "mail.txt": "\n".join(lines(TOKEN, 60)),
    "quoted.json": f'{{"token": "{TOKEN}", "escaped": "x\\u0020{TOKEN}"}}',
    "policy.xml": (
        '<policies><inbound><base /><validate-jwt header-name="Authorization"><openid-config '
        f'url="https://x.example/?t={TOKEN}" /><audiences><audience>{TOKEN}</audience></audiences></validate-jwt>'
        f'<set-header name="Authorization" exists-action="override"><value>Bearer {TOKEN}</value></set-header>'
        "</inbound><backend><base /></backend><outbound /><on-error /></policies>"
    ),
    "appsettings.json": f'{{"AzureAd": {{"ClientId": "{TOKEN}", "Audience": "{TOKEN}", "Instance": "{TOKEN}"}}}}',
    "keys.json": f'{{"keys": [{{"kty": "RSA", "kid": "{TOKEN}", "n": "{TOKEN}", "e": "AQAB"}}]}}',
    "claimlens.toml": f'"{TOKEN}" = "{TOKEN}"\n[rules]\n"{TOKEN}" = "error"\n[ignore]\n"*.none" = ["{TOKEN}"]\n',
}
CALLS = [
    ("tokens", "."),
    ("decode", TOKEN),
    ("decode", "--token", "request.http"),
    ("check", "."),
    ("check", ".", "--format", "sarif"),
    ("check", ".", "--format", "github"),
    ("verify", TOKEN, "--jwks", "keys.json"),
    ("verify", TOKEN, "--key", "request.http"),
    ("verify", TOKEN, "--jwks", "request.http"),
    ("explain", "--dir", "."),
    ("explain", "--dir", ".", "--format", "markdown"),
    ("explain", "--token", "mail.txt", "--config", "appsettings.json", "--policy", "policy.xml", "--log", "app.log"),
    ("explain", "--request", "request.http", "--missing-claim", TOKEN),
    ("simulate", TOKEN, "--policy", "policy.xml"),
    ("simulate", "--policy", "policy.xml", "--request", "request.http"),
    ("metadata", TOKEN),
    ("redact", "."),
    ("rule", TOKEN),
    *[(name, f"--unknown={TOKEN}") for name in COMMANDS],
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("canary")
    for name, content in FILES.items():
        (made / name).write_text(content)
    return made


AS_JSON = [(*call, "--format", "json") for call in CALLS if "--format" not in call and call[0] != "redact"]


@pytest.mark.parametrize("call", [*CALLS, *AS_JSON], ids=lambda call: " ".join(call).replace(TOKEN, "TOKEN"))
def test_nothing_behind_the_header_of_a_token_comes_out(folder: Path, call: tuple[str, ...]) -> None:
    ended = run(*call, "--now", "2026-03-02T10:00:00Z", folder=folder)

    assert ended.output + ended.errors
    told = "".join((ended.output + ended.errors).split())
    assert not [start for start in range(TOKEN.index("."), len(TOKEN) - 24, 12) if TOKEN[start : start + 24] in told]
