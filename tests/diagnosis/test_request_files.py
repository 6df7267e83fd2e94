"""Files in which tools keep requests are read as the HTTP that they stand for, each line at its place."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimlens.diagnosis.carriers import parts_of
from claimlens.diagnosis.case import Artefact, Case, read_artefacts
from tests.support.snippets import CLAIMS, NOW
from tests.support.tokens import compact

TOKEN = compact(CLAIMS["entra-v2"])
URL = "https://orders.example/orders"
ASKED = {"method": "GET", "url": URL, "headers": [{"name": "Authorization", "value": f"Bearer {TOKEN}"}]}
SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"
POSTMAN = {
    "info": {"name": "Orders", "schema": SCHEMA},
    "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{token}}", "type": "string"}]},
    "item": [{"name": "folder", "item": [{"request": {"method": "GET", "url": {"raw": "{{base}}/orders"}}}]}],
    "variable": [{"key": "base", "value": "https://orders.example"}, {"key": "token", "value": TOKEN}],
}  # fmt: skip
INSOMNIA = {
    "_type": "export",
    "__export_format": 4,
    "resources": [
        {"_type": "environment", "data": {"base": "https://orders.example"}},
        {
            "_type": "request",
            "method": "GET",
            "url": "{{ _.base }}/orders",
            "headers": [{"name": "X", "value": "y", "disabled": True}],
            "authentication": {"type": "bearer", "token": TOKEN},
        },
    ],
}
FILES = {
    "browser.har": json.dumps({"log": {"entries": [{"request": ASKED, "response": {"status": 0}}]}}, indent=2),
    "orders.postman_collection.json": json.dumps(POSTMAN, indent=2),
    "insomnia.json": json.dumps(INSOMNIA, indent=2),
    "get.bru": (
        "meta {\n  name: get\n}\n\nget {\n  url: {{base}}/orders\n  auth: bearer\n}\n\n"
        f"auth:bearer {{\n  token: {TOKEN}\n}}\n\nvars:pre-request {{\n  base: https://orders.example\n}}\n"
    ),
    "plan.jmx": (
        '<?xml version="1.0"?>\n<jmeterTestPlan><hashTree><HTTPSamplerProxy>\n'
        '<stringProp name="HTTPSampler.domain">orders.example</stringProp>\n'
        '<stringProp name="HTTPSampler.path">/orders</stringProp>\n</HTTPSamplerProxy><HeaderManager>\n'
        '<stringProp name="Header.name">Authorization</stringProp>\n'
        f'<stringProp name="Header.value">Bearer {TOKEN}</stringProp>\n</HeaderManager></hashTree></jmeterTestPlan>'
    ),
    "get.http": (
        f"@base = https://orders.example\n@token = {TOKEN}\n\n"
        "GET {{base}}/orders\nAuthorization: Bearer {{token}}\n"
    ),
}


@pytest.mark.parametrize("name", sorted(set(FILES) - {"get.http", "orders.postman_collection.json"}))
def test_a_place_on_the_token_in_the_file_is_on_it_in_the_request(name: str) -> None:
    (artefact,) = read_artefacts(name, FILES[name])
    place = artefact.part.place_of(FILES[name].index(TOKEN))

    assert place == artefact.tokens[0].span.start


def archive(*entries: tuple[str, int, dict[str, Any]]) -> tuple[Artefact, ...]:
    kept = [
        {"request": {**ASKED, "url": url}, "response": {"status": status, "headers": [], "content": content}}
        for url, status, content in entries
    ]
    return read_artefacts("browser.har", json.dumps({"log": {"entries": kept}}, indent=1))


@pytest.mark.parametrize("name", FILES)
def test_the_request_is_read_with_its_token(name: str) -> None:
    (artefact,) = read_artefacts(name, FILES[name])
    (request,) = artefact.requests
    header = request.header("authorization")

    assert (request.method, request.url) == ("GET", URL)
    assert header is not None
    assert header.value == f"Bearer {TOKEN}"
    assert any(header.span.contains(token.span.start) for token in artefact.tokens)
    if name != "get.http":
        line = FILES[name].splitlines()[artefact.line_of(header.span.start) - 1]
        assert (TOKEN in line) or ("{{token}}" in line)


def test_a_body_in_base64_is_read() -> None:
    body = base64.b64encode(b"IDX10223: Lifetime validation failed.").decode()
    (artefact,) = archive((URL, 401, {"text": body, "encoding": "base64", "mimeType": "text/plain"}))

    assert [mention.entry.id for mention in artefact.mentions] == ["IDX10223"]
    assert artefact.responses[0].status == 401


def test_scripts_are_not_read_for_messages() -> None:
    (artefact,) = archive((URL, 404, {"text": "throw 'IDX10223'", "mimeType": "application/javascript"}))

    assert not artefact.mentions


def test_of_an_archive_with_a_refusal_what_went_well_is_left_out() -> None:
    endpoint = "https://login.microsoftonline.com/common/oauth2/v2.0/token"
    kept = archive(("https://graph.microsoft.com/v1.0/me", 200, {}), (URL, 401, {}), (endpoint, 200, {}))

    assert [artefact.requests[0].url for artefact in kept] == [URL, endpoint]
    assert len(archive((URL, 200, {}), (URL, 204, {}))) == 2


def test_an_answer_that_postman_saved_belongs_to_its_request() -> None:
    answer = {
        "code": 401,
        "status": "Unauthorized",
        "header": [{"key": "WWW-Authenticate", "value": "Bearer"}],
        "body": "a\nb",
    }
    asked = {"method": "POST", "url": URL, "body": {"mode": "urlencoded", "urlencoded": [{"key": "a", "value": "b c"}]}}
    collection = {"info": {"schema": SCHEMA}, "item": [{"request": asked, "response": [answer]}]}
    (artefact,) = read_artefacts("c.json", json.dumps(collection))
    (request,), (response,) = artefact.requests, artefact.responses

    assert request.parameters == {"a": "b c"}
    assert (response.status, response.body.strip()) == (401, "a\nb")
    assert response.header("www-authenticate") is not None


ENVIRONMENTS = {
    "http-client.private.env.json": '{"dev": {"base": "https://orders.example", "token": {"value": "TOKEN"}}}',
    "dev.postman_environment.json": (
        '{"values": [{"key": "base", "value": "https://orders.example"}, {"key": "token", "value": "TOKEN"}],'
        ' "_postman_variable_scope": "environment"}'
    ),
    "environments/dev.bru": "vars {\n  base: https://orders.example\n  token: TOKEN\n}\n",
    ".env": 'base=https://orders.example\nexport token="TOKEN"\n',
}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_what_an_environment_sets_is_filled_in(environment: str) -> None:
    asked = "GET {{base}}/orders\nAuthorization: Bearer {{$dotenv token}}\n"
    case = Case.of([("get.http", asked), (environment, ENVIRONMENTS[environment].replace("TOKEN", TOKEN))], NOW)
    ((_, request),) = case.requests
    header = request.header("authorization")

    assert request.url == URL
    assert header is not None
    assert header.value == f"Bearer {TOKEN}"


def test_what_environments_set_differently_is_not_filled_in() -> None:
    environments = '{"dev": {"base": "https://dev.example"}, "live": {"base": "https://live.example"}}'
    case = Case.of([("get.http", "GET {{base}}/orders\n"), ("http-client.env.json", environments)], NOW)
    ((_, request),) = case.requests

    assert request.url == "{{base}}/orders"


def test_values_that_name_each_other_end() -> None:
    doubled = "\n".join(f"@a{number} = {{{{a{number + 1}}}}}{{{{a{number + 1}}}}}" for number in range(40))
    text = f"@loop = {{{{loop}}}}\n{doubled}\nGET https://x.example/{{{{loop}}}}{{{{a0}}}}\n"

    assert len(parts_of("get.http", text)[0].text) < 1_000_000


@given(st.data())
def test_damaged_files_are_read_as_far_as_they_go(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(list(FILES)))
    start = data.draw(st.integers(0, len(FILES[name])))
    text = FILES[name][:start] + data.draw(st.sampled_from(["", "}", '"', "\0", "[[", "\r", ": {", "</"]))

    for part in parts_of(name, text):
        assert all(1 <= line.number <= text.count("\n") + text.count("\r") + 1 for line in part.lines)
