"""Code actions: complete, lazily made, and without token text in their lists."""

from __future__ import annotations

import json
from typing import Any

import pytest

from claimlens.jose import scan
from claimlens.lsp import messages
from tests.support.keys import signed
from tests.support.server import Session, at
from tests.support.tokens import compact

URI = "file:///folder/work.py"
TOKEN = compact({"sub": "canary-subject", "exp": 1700000000, "iss": "https://issuer.example", "nested": {"a": [1]}})
COPY = {"commands": [messages.COPY, messages.SHOW_TOKEN]}


def titles(actions: list[dict[str, Any]]) -> list[str]:
    return [action["title"] for action in actions]


def choose(session: Session, actions: list[dict[str, Any]], title: str) -> dict[str, Any]:
    """Do what an editor does when an action is chosen."""
    action = next(action for action in actions if action["title"] == title)
    return session.request("codeAction/resolve", action)


def applied(text: str, action: dict[str, Any]) -> str:
    """Return ``text`` (ASCII, lines ended by \\n) after the edit of an action."""
    edit = action["edit"]
    changes = edit["documentChanges"][0]["edits"] if "documentChanges" in edit else edit["changes"][URI]
    lines = text.split("\n")

    def offset(place: dict[str, int]) -> int:
        return sum(len(line) + 1 for line in lines[: place["line"]]) + place["character"]

    for change in sorted(changes, key=lambda each: offset(each["range"]["start"]), reverse=True):
        start, end = offset(change["range"]["start"]), offset(change["range"]["end"])
        text = text[:start] + change["newText"] + text[end:]
    return text


def test_on_a_token_there_is_everything_that_can_be_done() -> None:
    with Session(options=COPY) as session:
        session.open(URI, f'token = "{TOKEN}"\n', "python")
        found = titles(session.code_actions(URI, 0, 20))
    assert found[:2] == ["Redact this token", "Redact all tokens in this file"]
    assert {
        "Copy the decoded header as JSON",
        "Copy the decoded payload as JSON",
        "Copy claim sub",
        "Copy claim exp",
        "Ignore jwt-expired here",
        "Open the page of jwt-expired",
    } <= set(found)


def test_redacting_a_live_token_is_offered_once_as_its_fix() -> None:
    live = signed("RS256", {"aud": "api://orders", "exp": 1772370000, "iss": "https://issuer.example"})
    with Session() as session:
        session.open(URI, f'token = "{live}"\n', "python")
        redacting = [each for each in session.code_actions(URI, 0, 20) if each["title"].startswith("Redact th")]
        assert [each["kind"] for each in redacting] == ["quickfix"]
        refactoring = titles(session.code_actions(URI, 0, 20, only=["refactor"]))
        assert refactoring[:1] == ["Redact this token"]


def test_what_explains_and_verifies_stands_before_the_many_copies() -> None:
    commands = [messages.COPY, messages.EXPLAIN_REJECTION, messages.GET_TOKEN]
    with Session(options={"commands": commands}) as session:
        session.open(URI, f'token = "{TOKEN}"\n', "python")
        found = titles(session.code_actions(URI, 0, 20))
    first = next(number for number, title in enumerate(found) if title.startswith("Copy"))
    assert found.index("Explain why this token is rejected") < first
    assert found.index("Get a token for this API…") < first


def test_elsewhere_there_is_only_what_concerns_the_file() -> None:
    with Session(options=COPY) as session:
        session.open(URI, f'x = 1\ntoken = "{TOKEN}"\n', "python")
        assert titles(session.code_actions(URI, 0, 0)) == ["Redact all tokens in this file"]
        session.open("file:///empty", "nothing")
        assert session.code_actions("file:///empty", 0, 0) == []


def test_a_client_is_offered_only_what_it_can_carry_out() -> None:
    with Session(client={}) as session:
        session.open(URI, f'token = "{TOKEN}"\n', "python")
        found = titles(session.code_actions(URI, 0, 20))
    assert not [title for title in found if title.startswith(("Copy", "Open"))]


def test_no_list_holds_token_text() -> None:
    with Session(options=COPY) as session:
        session.open(URI, f'token = "{TOKEN}"\n', "python")
        listed = json.dumps(session.code_actions(URI, 0, 20))
    assert "canary" not in listed
    assert not any(part in listed for part in TOKEN.split("."))


def test_kinds_are_respected() -> None:
    with Session(options=COPY) as session:
        session.open(URI, f'token = "{TOKEN}"\n', "python")
        kinds = {action["kind"] for action in session.code_actions(URI, 0, 20, only=["refactor"])}
        assert kinds == {"refactor.rewrite"}
        assert session.code_actions(URI, 0, 20, only=["source.organizeImports"]) == []


@pytest.mark.parametrize("title", ["Redact this token", "Redact all tokens in this file"])
def test_redacting_takes_the_tokens_and_nothing_else(title: str) -> None:
    text = f'a = "{TOKEN}"\nb = 1\nc = "{TOKEN}"\n'
    with Session() as session:
        session.open(URI, text, "python", version=3)
        action = choose(session, session.code_actions(URI, 0, 20), title)
    assert action["edit"]["documentChanges"][0]["textDocument"] == {"uri": URI, "version": 3}
    after = applied(text, action)
    assert after.count(TOKEN) == (1 if title == "Redact this token" else 0)
    assert [line.split('"')[0] for line in after.split("\n")] == ["a = ", "b = 1", "c = ", ""]


def test_an_action_for_an_older_version_does_nothing() -> None:
    with Session() as session:
        session.open(URI, f'a = "{TOKEN}"\n', "python")
        actions = session.code_actions(URI, 0, 20)
        session.insert(URI, 2, 0, 0, "x\n")
        assert "edit" not in choose(session, actions, "Redact this token")


def test_a_client_that_cannot_resolve_gets_the_edits_at_once() -> None:
    with Session(client={}) as session:
        session.open(URI, f'a = "{TOKEN}"\n', "python")
        action = next(each for each in session.code_actions(URI, 0, 20) if each["title"] == "Redact this token")
    assert list(action["edit"]["changes"]) == [URI]


@pytest.mark.parametrize(
    ("language", "comment"),
    [
        ("python", "# claimlens: ignore[jwt-expired]"),
        ("xml", "<!-- claimlens: ignore[jwt-expired] -->"),
        ("json", None),
    ],
)
def test_a_finding_is_silenced_by_a_comment_of_the_language(language: str, comment: str | None) -> None:
    text = f'  a = "{TOKEN}"\n'
    with Session() as session:
        session.open(URI, text, language)
        actions = session.code_actions(URI, 0, 20)
        if comment is None:
            assert "Ignore jwt-expired here" not in titles(actions)
            return
        after = applied(text, choose(session, actions, "Ignore jwt-expired here"))
        assert after == f"  {comment}\n{text}"
        session.change(URI, 2, {"text": after})
        assert "jwt-expired" not in [item["code"] for item in session.diagnostics(URI)["items"]]


def test_fixes_mend_what_was_found() -> None:
    text = f"GET /\nAuthorization: Bearer Bearer {TOKEN}\n"
    with Session() as session:
        session.open(URI, text, "http")
        fixes = [
            (action["title"], choose(session, session.code_actions(URI, 1, 20), action["title"]))
            for action in session.code_actions(URI, 1, 20)
            if action["kind"] == "quickfix" and action.get("data", {}).get("edit") == "fix"
        ]
        known = [title for item in session.diagnostics(URI)["items"] for title in item["data"]["fixes"]]
    assert {title for title, _ in fixes} <= set(known)
    assert all("edit" in action for _, action in fixes)


def test_the_page_of_a_rule_is_opened_by_the_client() -> None:
    with Session() as session:
        params = {"command": messages.OPEN_RULE_PAGE, "arguments": ["jwt-expired"]}
        url = session.request("workspace/executeCommand", params)
        assert url.endswith("/jwt-expired.md")
        assert session.notifications("window/showDocument") == [{"uri": url, "external": True}]


def test_what_is_copied_is_fetched_when_it_is_copied() -> None:
    with Session(options=COPY) as session:
        session.open(URI, f'token = "{TOKEN}"\n', "python")
        copied = {
            action["title"]: session.request("claimlens/claims", action["command"]["arguments"][0])["text"]
            for action in session.code_actions(URI, 0, 20)
            if action.get("command", {}).get("command") == messages.COPY
        }
    assert json.loads(copied["Copy the decoded header as JSON"])["alg"] == "RS256"
    assert json.loads(copied["Copy the decoded payload as JSON"])["sub"] == "canary-subject"
    assert copied["Copy claim sub"] == "canary-subject"
    assert json.loads(copied["Copy claim nested"]) == {"a": [1]}


def test_custom_requests_answer_null_where_there_is_no_token() -> None:
    with Session() as session:
        session.open(URI, "nothing here\n")
        for method in ("claimlens/decode", "claimlens/claims"):
            assert session.request(method, at(URI, 0, 0)) is None
            assert session.request(method, {"text": "nothing"}) is None
            assert session.request(method, at("file:///not/open", 0, 0)) is None
        assert session.request("claimlens/tokens", {"textDocument": {"uri": "file:///not/open"}}) is None


def test_a_text_can_be_decoded_and_redacted_without_a_document() -> None:
    with Session() as session:
        report = session.request("claimlens/decode", {"text": f"Bearer {TOKEN}"})
        assert report["state"] == "expired"
        assert "canary-subject" in report["report"]
        plain = session.request("claimlens/decode", {"text": TOKEN, "format": "plaintext"})
        assert "**" not in plain["report"]
        redacted = session.request("claimlens/redact", {"text": f"x {TOKEN} y"})
    assert redacted["count"] == 1
    assert not scan(redacted["text"])


def test_tokens_for_decorations_have_their_segments() -> None:
    with Session() as session:
        session.open(URI, f"x {TOKEN}\n")
        (found,) = session.request("claimlens/tokens", {"textDocument": {"uri": URI}})
    assert [part["role"] for part in found["segments"]] == ["header", "payload", "signature"]
    assert found["range"]["start"] == {"line": 0, "character": 2}


def test_the_status_counts_tokens() -> None:
    with Session() as session:
        session.open(URI, f"{TOKEN}\n{TOKEN}\n")
        session.open("file:///other", TOKEN)
        assert session.request("claimlens/status", {})["tokens"] == 3
        assert session.request("claimlens/status", {"textDocument": {"uri": URI}})["tokens"] == 2
