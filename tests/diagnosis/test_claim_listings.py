"""Claims that a log, a debugger or a table lists are read as a token; a status is read however it is told."""

from __future__ import annotations

import base64
import json

import pytest

from claimlens.diagnosis.case import Case, read_artefacts
from claimlens.diagnosis.claim_listings import listed_claims
from tests.support.scenarios import NOW

LISTINGS = {
    "Python": (
        "claims {'aud': 'api://orders', 'iss': 'https://sts.windows.net/t/', 'roles': ['A', 'B'], 'scp': 'read write'}"
    ),
    "JavaScript": (
        "{\n  aud: 'api://orders',\n  iss: 'https://sts.windows.net/t/',\n  roles: [ 'A', 'B' ],\n"
        "  scp: 'read write'\n}"
    ),
    "JSON in a line": (
        'payload {"aud":"api://orders","iss":"https://sts.windows.net/t/","roles":["A","B"],"scp":"read write"}'
    ),
    "Java": "{aud=[api://orders], iss=https://sts.windows.net/t/, roles=[A, B], scp=read write}",
    "Go": "map[aud:api://orders iss:https://sts.windows.net/t/ roles:[A B] scp:read write]",
    "table": "| aud | `api://orders` |\n| iss | https://sts.windows.net/t/ |\n| roles | [A, B] |\n| scp | read write |",
    "columns": "aud\tapi://orders\niss\thttps://sts.windows.net/t/\nroles\tA\nroles\tB\nscp\tread write",
    ".NET": (
        "aud: api://orders\niss: https://sts.windows.net/t/\n"
        "http://schemas.microsoft.com/ws/2008/06/identity/claims/role: A\n"
        "http://schemas.microsoft.com/ws/2008/06/identity/claims/role: B\n"
        "http://schemas.microsoft.com/identity/claims/scope: read write"
    ),
    "App Service": (
        '{"claims":[{"typ":"aud","val":"api://orders"},{"typ":"iss","val":"https://sts.windows.net/t/"},'
        '{"typ":"roles","val":"A"},{"typ":"roles","val":"B"},{"typ":"scp","val":"read write"}]}'
    ),
}


@pytest.mark.parametrize("text", LISTINGS.values(), ids=LISTINGS)
def test_a_listing_is_read_as_a_token(text: str) -> None:
    token = listed_claims(text)

    assert token is not None
    assert token.payload == {
        "aud": "api://orders",
        "iss": "https://sts.windows.net/t/",
        "roles": ["A", "B"],
        "scp": "read write",
    }


def test_times_are_numbers_and_what_is_left_out_is_not_there() -> None:
    token = listed_claims("[aud] => api://orders\n[exp] => 1767225600 (in an hour)\n[roles] => Array\n[ver] => 1.0")

    assert token is not None
    assert token.payload == {"aud": "api://orders", "exp": 1767225600, "ver": "1.0"}


@pytest.mark.parametrize(
    "text", ["expected aud: api://a, got aud: api://b", "iss = x", "name: a\nemail: b\nsub: c", ""]
)
def test_a_few_words_are_no_listing(text: str) -> None:
    assert listed_claims(text) is None


def test_a_listing_gives_way_to_the_token_itself() -> None:
    whole = '{"iss": "https://sts.windows.net/t/", "aud": "api://orders", "exp": 1, "scp": "read"}'
    case = Case.of([("log.txt", LISTINGS["Python"]), ("token.json", whole)], NOW)

    assert case.token is not None
    assert case.token.artefact.name == "token.json"


def test_settings_and_source_list_nothing() -> None:
    assert read_artefacts("settings.yaml", LISTINGS["columns"])[0].tokens == ()
    assert read_artefacts("check.py", LISTINGS["Python"])[0].tokens == ()


@pytest.mark.parametrize(
    ("line", "status"),
    [
        ("401 Client Error: Unauthorized for url: https://contoso.sharepoint.com/_api/web", 401),
        ("Response status code does not indicate success: 403 (Forbidden).", 403),
        ("AxiosError: Request failed with status code 401", 401),
        ("The remote server returned an error: (403) Forbidden.", 403),
        ('10.0.0.1 - - "GET /api/orders HTTP/1.1" 401 23', 401),
        ("Request finished HTTP/2 GET https://localhost/api - - - 403 0 - 3.2ms", 403),
        ('{"statusCode":401}', 401),
        ("HttpRequestException: Unauthorized", 401),
        ("Sending response: 401.83", 401),
    ],
)
def test_a_status_is_read_however_it_is_told(line: str, status: int) -> None:
    assert read_artefacts("log.txt", line)[0].told_statuses == {status}


@pytest.mark.parametrize("line", ["took 401 ms", "listening on port 403", "request 4012"])
def test_other_numbers_are_no_status(line: str) -> None:
    assert read_artefacts("log.txt", line)[0].told_statuses == frozenset()


def test_what_code_could_answer_is_no_answer() -> None:
    assert read_artefacts("Orders.cs", 'throw new Exception("Forbidden");')[0].told_statuses == frozenset()


def test_the_principal_that_app_service_hands_over_is_read() -> None:
    claims = [{"typ": "aud", "val": "api://a"}, {"typ": "roles", "val": "Reader"}, {"typ": "iss", "val": "https://x"}]
    value = base64.b64encode(json.dumps({"auth_typ": "aad", "claims": claims}).encode()).decode()
    found = listed_claims(f"GET /x\nX-MS-CLIENT-PRINCIPAL: {value}\n")

    assert found is not None
    assert found.payload == {"aud": "api://a", "roles": ["Reader"], "iss": "https://x"}
