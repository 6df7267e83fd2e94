"""Sets made from ``examples/`` in which the token is accepted by all that is there: no cause may be named for them."""

from __future__ import annotations

import datetime
import itertools
from pathlib import Path

import pytest

from claimlens.diagnosis.case import Case
from claimlens.diagnosis.diagnose import diagnose
from tests.support.make_examples import JOB_CLIENT, RIGHT, token

EXAMPLES = Path(__file__).parents[2] / "examples"
NOW = datetime.datetime(2026, 3, 2, 10, tzinfo=datetime.UTC)
FILES = ("apimartifacts/apis/orders/policy.xml", "appsettings.json", "infra/auth.bicep")
TOKENS = {
    "read and write": RIGHT,
    "read alone": {**RIGHT, "scp": "Orders.Read"},
    "another client": {**RIGHT, "azp": JOB_CLIENT},
    "with roles and groups": {**RIGHT, "roles": ["Clerk"], "groups": ["0467bede-b63c-4904-bf0f-95041cff24c8"]},
}
LOGS = {
    "no log": "",
    "a quiet log": (
        "2026-03-02T10:00:01Z info  gateway started, policy revision 12\n2026-03-02T10:00:04Z info  GET /orders/1 200\n"
    ),
    "a verbose log": (
        "info: Microsoft.AspNetCore.Authentication.JwtBearer.JwtBearerHandler[2]\n"
        "      Successfully validated the token.\n"
        "info: Request finished HTTP/1.1 GET https://orders.azure-api.net/1 - 200 - application/json 12.4ms\n"
        "dbug: roles, groups and scopes were looked at\n"
    ),
}
CHOSEN = [files for count in range(len(FILES) + 1) for files in itertools.combinations(FILES, count)]


@pytest.mark.parametrize("log", LOGS)
@pytest.mark.parametrize("kind", TOKENS)
@pytest.mark.parametrize("chosen", CHOSEN, ids=lambda chosen: " ".join(Path(name).name for name in chosen) or "none")
def test_a_token_that_everything_accepts_has_no_cause(chosen: tuple[str, ...], kind: str, log: str) -> None:
    text = token(TOKENS[kind])
    request = f"GET https://orders.azure-api.net/1 HTTP/1.1\nAuthorization: Bearer {text}\n\nHTTP/1.1 200 OK\n"
    files = [("request.http", request), *((name, (EXAMPLES / name).read_text("utf-8")) for name in chosen)]

    diagnosis = diagnose(Case.of([*files, ("app.log", LOGS[log])], NOW))

    assert [(cause.code, cause.summary) for cause in diagnosis.causes] == []
