"""Snippets through the server: the request, the actions on a token, and a log without anybody in it."""

from __future__ import annotations

from typing import Any

from claimlens.lsp import messages
from tests.support.server import Session
from tests.support.snippets import API, CLAIMS, CLIENT
from tests.support.tokens import compact

URI = "file:///folder/orders.http"
POLICY_URI = "file:///folder/policy.xml"
POLICY = (
    '<policies>\n  <inbound>\n    <base />\n    <set-header name="x" exists-action="delete" />\n  </inbound>\n'
    "  <backend>\n    <base />\n  </backend>\n</policies>\n"
)
ENTRA, B2C = compact(CLAIMS["entra-v2"]), compact(CLAIMS["b2c"])
COMMANDS = {"commands": [messages.GET_TOKEN, messages.INSERT_VALIDATION, messages.WRITE_QUERY]}


def request(token: str) -> str:
    return f"GET https://api.example/\nAuthorization: Bearer {token}\n"


def insert(session: Session, title: str) -> dict[str, Any] | None:
    action = next(action for action in session.code_actions(URI, 1, 30) if action["title"] == title)
    return session.request("codeAction/resolve", action).get("edit")


def test_the_targets_that_there_are_for_a_token() -> None:
    with Session() as session:
        entra = session.request("claimlens/snippet", {"text": ENTRA})
        b2c = session.request("claimlens/snippet", {"text": B2C})
    assert {"name": "kql", "title": "KQL: sign-in and gateway logs", "group": "logs"} in entra["targets"]
    names = {target["name"] for target in b2c["targets"]}
    assert "apim-validate-jwt" in names
    assert not {"az", "powershell", "apim-validate-azure-ad-token"} & names


def test_the_snippet_of_the_token_at_a_place() -> None:
    with Session() as session:
        session.open(URI, request(ENTRA), "http")
        place = {"textDocument": {"uri": URI}, "position": {"line": 1, "character": 40}}
        answer = session.request("claimlens/snippet", {**place, "target": "node-jose"})
    assert answer["language"] == "javascript"
    assert f'"api://{API}"' in answer["text"]


def test_what_cannot_be_written_is_told() -> None:
    with Session() as session:
        answer = session.request("claimlens/snippet", {"text": B2C, "target": "az"})
    assert answer == {"refusal": "Azure CLI gets tokens of Microsoft Entra ID alone; use curl or .http."}


def test_no_token_is_no_snippet() -> None:
    with Session() as session:
        assert session.request("claimlens/snippet", {"text": "none", "target": "az"}) is None


def test_a_policy_for_the_token_goes_behind_the_base_of_the_open_policy() -> None:
    with Session() as session:
        session.open(POLICY_URI, POLICY, "xml")
        session.open(URI, request(ENTRA), "http")
        edit = insert(session, "Insert validate-azure-ad-token for this token")
    assert edit is not None
    (change,) = edit["documentChanges"]
    assert change["textDocument"]["uri"] == POLICY_URI
    (made,) = change["edits"]
    assert made["range"]["start"] == {"line": 2, "character": 12}
    assert made["newText"].splitlines()[1].startswith("    <validate-azure-ad-token tenant-id=")
    assert f"        <application-id>{CLIENT}</application-id>" in made["newText"].splitlines()


def test_without_an_open_policy_there_is_nowhere_to_put_one() -> None:
    with Session() as session:
        session.open(URI, request(ENTRA), "http")
        titles = [action["title"] for action in session.code_actions(URI, 1, 30)]
    assert not [title for title in titles if title.startswith("Insert")]


def test_commands_are_offered_to_clients_that_carry_them_out() -> None:
    with Session(options=COMMANDS) as session:
        session.open(URI, request(ENTRA), "http")
        titles = [action["title"] for action in session.code_actions(URI, 1, 30)]
    assert {"Get a token for this API…", "Insert validation code…", "KQL for this token…"} <= set(titles)


def test_a_log_without_anybody_in_it() -> None:
    with Session() as session:
        session.open(URI, f"user {CLIENT} sent {ENTRA}\nuser {CLIENT}", "log")
        answer = session.request("claimlens/redact", {"textDocument": {"uri": URI}, "everything": True})
        again = session.request("claimlens/redact", {"text": "user [guid-1]", "everything": True})
    (change,) = answer["edit"]["documentChanges"]
    assert change["edits"][0]["newText"] == "user [guid-1] sent [token-1]\nuser [guid-1]"
    assert again == {"count": 0, "text": "user [guid-1]"}
