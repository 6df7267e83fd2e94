"""Code lenses, inlay hints and semantic tokens."""

from __future__ import annotations

from typing import Any

import pytest

from claimlens.lsp import messages
from tests.support.server import Session
from tests.support.tokens import compact

URI = "file:///folder/work.log"
TOKEN = compact({"aud": "api://orders\u202e", "exp": 1772355600, "iss": "https://issuer.example"})
ERRORS = {None: {"inlayHints": {"errors": True}}}
REFUSED = (
    "IDX10214: Audience validation failed. Audiences: 'api://a'. Did not match: validationParameters.ValidAudience: 'b'"
)
WHOLE = {"start": {"line": 0, "character": 0}, "end": {"line": 1000, "character": 0}}


def lenses(session: Session) -> list[dict[str, Any]]:
    return session.request("textDocument/codeLens", {"textDocument": {"uri": URI}})


def hints(session: Session, place: Any = WHOLE) -> list[dict[str, Any]]:
    return session.request("textDocument/inlayHint", {"textDocument": {"uri": URI}, "range": place})


def test_a_lens_says_what_the_token_is_and_no_hint_says_it_again() -> None:
    with Session() as session:
        session.open(URI, f"{TOKEN}\n")
        early = hints(session)
        before = len(session.sent)
        (lens,) = lenses(session)
        assert lens["command"]["title"] == early[0]["label"]
        assert [sent["method"] for sent in session.sent[before:]] == ["workspace/inlayHint/refresh"]
        assert hints(session) == []


@pytest.mark.parametrize("settings", [{}, {None: {"codeLens": {"enabled": False}}}])
def test_a_hint_says_what_the_token_is_where_no_lens_does(settings: dict[None, Any]) -> None:
    with Session(settings=settings) as session:
        session.open(URI, f"{TOKEN}\n")
        if settings:
            assert lenses(session) == []
        (hint,) = hints(session)
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


class TestErrorHints:
    def test_nobody_who_has_not_asked_sees_them(self) -> None:
        with Session() as session:
            session.open(URI, f"{REFUSED}\n")
            assert hints(session) == []

    def test_an_error_is_explained_behind_its_code_with_the_values_in_the_tooltip(self) -> None:
        with Session(settings=ERRORS) as session:
            session.open(URI, f"ok\nWARN {REFUSED}\n")
            (hint,) = hints(session)
        assert hint["position"] == {"line": 1, "character": len("WARN IDX10214")}
        assert hint["label"] == "The token is for another audience than the validator accepts"
        assert "`api://a`" in hint["tooltip"]["value"]

    def test_a_message_without_a_code_is_explained_too(self) -> None:
        with Session(settings=ERRORS) as session:
            session.open(URI, "JsonWebTokenError: jwt audience invalid. expected: api://orders\n")
            (hint,) = hints(session)
        assert "audience" in hint["label"]

    def test_a_line_says_the_same_once_and_a_note_of_success_needs_no_hint(self) -> None:
        with Session(settings=ERRORS) as session:
            session.open(URI, "IDX10223: Lifetime\\nIDX10223: Lifetime\nIDX10241: Security token validated.\n")
            assert [hint["position"]["line"] for hint in hints(session)] == [0]

    def test_only_the_lines_asked_for_are_searched(self) -> None:
        with Session(settings=ERRORS) as session:
            session.open(URI, f"{REFUSED}\n" * 5)
            place = {"start": {"line": 1, "character": 0}, "end": {"line": 2, "character": 5}}
            assert [hint["position"]["line"] for hint in hints(session, place)] == [1, 2]

    def test_a_hint_is_short(self) -> None:
        from claimlens.entra.errors.catalogue import entries

        with Session(settings=ERRORS) as session:
            session.open(URI, "".join(f"{entry.id}: …\n" for entry in entries() if entry.pattern is None))
            labels = [hint["label"] for hint in hints(session)]
        assert len(labels) > 300
        assert max(map(len, labels)) <= 91
        assert not any(label.endswith((".", ",…", " …")) for label in labels)


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
