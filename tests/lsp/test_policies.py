"""Policies over the protocol: hovers, completion, and what else editors ask, in files of their own and in strings."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from tests.support.cursor import in_inbound, position_of
from tests.support.server import Session, at

URI = "file:///folder/policy.xml"
ARM = "file:///folder/template.json"
BICEP = "file:///folder/main.bicep"


def opened(session: Session, text: str, uri: str = URI, language: str = "xml") -> dict[str, Any]:
    """Open a text with a cursor; return the parameters of a request about it."""
    plain, line, column = position_of(text)
    session.open(uri, plain, language)
    return at(uri, line, column)


def completion(session: Session, where: Mapping[str, Any]) -> list[dict[str, Any]]:
    found = session.request("textDocument/completion", where)
    return found["items"] if found else []


def applied(text: str, edits: list[dict[str, Any]]) -> str:
    """Return a text (without astral characters) after edits."""
    lines = text.splitlines(keepends=True) or [""]
    starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]
    for edit in sorted(edits, key=lambda each: list(each["range"]["start"].values()), reverse=True):
        start, end = (starts[each["line"]] + each["character"] for each in edit["range"].values())
        text = text[:start] + edit["newText"] + text[end:]
    return text


@pytest.mark.parametrize("language", ["xml", "apim-policy", "plaintext"])
def test_hover_on_an_attribute(language: str) -> None:
    with Session() as session:
        where = opened(session, in_inbound('<validate-jwt clock-sk<|>ew="1" />'), language=language)
        shown = session.request("textDocument/hover", where)
    assert "`validate-jwt` · `clock-skew`" in shown["contents"]["value"]
    assert "Azure API Management policy reference 20" in shown["contents"]["value"]
    assert (shown["range"]["start"], shown["range"]["end"]) == (
        {"line": 2, "character": 22},
        {"line": 2, "character": 32},
    )


def test_hover_without_markdown() -> None:
    with Session(client={}) as session:
        shown = session.request("textDocument/hover", opened(session, in_inbound("<validate-j<|>wt />")))
    assert shown["contents"]["kind"] == "plaintext"
    assert not {"`", "*"} & set(shown["contents"]["value"])


def test_hovers_show_what_the_settings_and_open_fragments_say() -> None:
    settings = {None: {"policies": {"namedValues": {"audience": "api://x|`y"}}}}
    with Session(settings=settings) as session:
        session.open("file:///folder/policyFragments/auth/policy.xml", "<fragment><base-x/><cors/></fragment>", "xml")
        text = '<include-fragment fragment-id="au<|>th" /><set-header name="{{audience}}" />'
        shown = session.request("textDocument/hover", opened(session, in_inbound(text)))
        assert "<cors/>" in shown["contents"]["value"]
        value = session.hover(URI, 2, 70)
    assert value == "Named value `audience`\n\nValue: ``api://x|`y``"


def test_completion_is_resolved_when_it_is_looked_at() -> None:
    with Session() as session:
        items = completion(session, opened(session, in_inbound("<val<|>")))
        item = next(item for item in items if item["label"] == "validate-jwt")
        assert "documentation" not in item
        resolved = session.request("completionItem/resolve", item)
    assert "Lets a request pass only with a JSON Web Token" in resolved["documentation"]["value"]
    assert item["textEdit"]["range"]["start"] == {"line": 2, "character": 9}


def test_completion_has_places_to_fill_in_where_the_client_can() -> None:
    text = in_inbound("<<|>")
    with Session() as session:
        rich = {item["label"]: item for item in completion(session, opened(session, text))}
    with Session(client={}) as session:
        plain = {item["label"]: item for item in completion(session, opened(session, text))}
    assert rich["set-variable"]["textEdit"]["newText"] == 'set-variable name="$1" value="$0" />'
    assert rich["set-variable"]["insertTextFormat"] == 2
    assert plain["set-variable"]["textEdit"]["newText"] == 'set-variable name="" value="" />'


def test_completion_while_the_first_policy_is_typed() -> None:
    with Session() as session:
        session.open(URI, "<policies>\n<inbound>\n\n</inbound>\n</policies>\n", "xml")
        for column, character in enumerate("<val"):
            session.insert(URI, column + 2, 2, column, character)
            offered = completion(session, at(URI, 2, column + 1))
            assert "validate-jwt" in {item["label"] for item in offered}


def test_completion_in_an_arm_template_is_escaped() -> None:
    value = json.dumps(in_inbound("<set-header <|>></set-header>"))
    text = f'{{\n  "é": {{ "value": {value} }}\n}}\n'
    with Session() as session:
        where = opened(session, text, ARM, "json")
        item = next(item for item in completion(session, where) if item["label"] == "name")
    changed = applied(text.replace("<|>", ""), [item["textEdit"]])
    assert '<set-header name="">' in json.loads(changed)["é"]["value"]
    assert "insertTextFormat" not in item


def test_hover_in_bicep() -> None:
    policy = in_inbound('<validate-jwt clock-sk<|>ew="1" />')
    with Session() as session:
        where = opened(session, f"resource policy 'x' = {{\n  value: '''\n{policy}'''\n}}\n", BICEP, "bicep")
        shown = session.request("textDocument/hover", where)
    assert "`clock-skew`" in shown["contents"]["value"]
    assert shown["range"]["start"] == {"line": 4, "character": 22}


@pytest.mark.parametrize("text", ["nothing <|>here", "<html><<|></html>", "<project><target name='<|>'/></project>"])
def test_other_documents_are_left_alone(text: str) -> None:
    with Session() as session:
        where = opened(session, text)
        assert completion(session, where) == []
        assert session.request("textDocument/hover", where) is None
