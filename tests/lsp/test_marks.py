"""Code lenses, inlay hints and semantic tokens."""

from __future__ import annotations

from typing import Any

import pytest

from claimlens.lsp import messages
from tests.support.server import Session
from tests.support.tokens import compact

URI = "file:///folder/work.log"
TOKEN = compact({"aud": "api://orders\u202e", "exp": 1772355600, "iss": "https://issuer.example"})
WHOLE = {"start": {"line": 0, "character": 0}, "end": {"line": 100, "character": 0}}


def lenses(session: Session) -> list[dict[str, Any]]:
    return session.request("textDocument/codeLens", {"textDocument": {"uri": URI}})


def hints(session: Session, place: Any = WHOLE) -> list[dict[str, Any]]:
    return session.request("textDocument/inlayHint", {"textDocument": {"uri": URI}, "range": place})


def test_a_lens_and_a_hint_say_what_the_token_is() -> None:
    with Session() as session:
        session.open(URI, f"{TOKEN}\n")
        (lens,), (hint,) = lenses(session), hints(session)
    assert lens["command"]["title"] == hint["label"]
    assert hint["label"].endswith(" · api://orders\\u{202E} · expired 3 h ago")
    assert hint["position"] == {"line": 0, "character": len(TOKEN)}


def test_a_lens_leads_to_the_report_where_the_client_shows_it() -> None:
    with Session(options={"commands": [messages.SHOW_TOKEN]}) as session:
        session.open(URI, f"{TOKEN}\n")
        command = lenses(session)[0]["command"]
        assert command["command"] == messages.SHOW_TOKEN
        assert session.request("claimlens/decode", command["arguments"][0])["state"] == "expired"


def test_hints_are_those_of_the_range_asked_for() -> None:
    with Session() as session:
        session.open(URI, f"{TOKEN}\n" * 5)
        place = {"start": {"line": 1, "character": 0}, "end": {"line": 2, "character": 5}}
        assert [hint["position"]["line"] for hint in hints(session, place)] == [1, 2]


@pytest.mark.parametrize("ask", [lenses, hints])
def test_settings_switch_them_off(ask: Any) -> None:
    off = {"codeLens": {"enabled": False}, "inlayHints": {"enabled": False}}
    with Session(settings={None: off}) as session:
        session.open(URI, f"{TOKEN}\n")
        assert ask(session) == []


def decoded(data: list[int]) -> list[tuple[int, int, int, int]]:
    line = column = 0
    found = []
    for index in range(0, len(data), 5):
        down, right, length, kind, _ = data[index : index + 5]
        column = right + (0 if down else column)
        line += down
        found.append((line, column, length, kind))
    return found


def test_each_segment_has_its_own_colour() -> None:
    header, payload, signature = TOKEN.split(".")
    with Session() as session:
        session.open(URI, f"x {TOKEN}\n{TOKEN}\n")
        full = session.request("textDocument/semanticTokens/full", {"textDocument": {"uri": URI}})
        place = {"start": {"line": 1, "character": 0}, "end": {"line": 1, "character": 3}}
        part = session.request("textDocument/semanticTokens/range", {"textDocument": {"uri": URI}, "range": place})
    marks = [
        (0, len(header), 0),
        (len(header) + 1, len(payload), 1),
        (len(header) + len(payload) + 2, len(signature), 2),
    ]
    second = [(1, column, length, kind) for column, length, kind in marks]
    assert decoded(full["data"]) == [(0, column + 2, length, kind) for column, length, kind in marks] + second
    assert decoded(part["data"]) == second


def test_a_wrapped_token_is_marked_line_by_line() -> None:
    text = "\n".join(TOKEN[start : start + 40] for start in range(0, len(TOKEN), 40))
    with Session() as session:
        session.open(URI, text)
        marks = decoded(session.request("textDocument/semanticTokens/full", {"textDocument": {"uri": URI}})["data"])
    assert {line for line, *_ in marks} == set(range(text.count("\n") + 1))
    assert sum(length for _, _, length, _ in marks) == len(TOKEN) - 2
