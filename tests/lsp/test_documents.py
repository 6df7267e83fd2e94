"""The open documents: what clients send becomes the text that they have, and nothing is read that is not open."""

from __future__ import annotations

import builtins
import gc
import io
import logging
import os
import re
import weakref
from importlib.metadata import version
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lsprotocol import types
from pygls.workspace import Workspace

from claimlens.jose import scan
from claimlens.jose.incremental import TokenIndex
from claimlens.lsp import documents
from claimlens.lsp.documents import DocumentStore
from claimlens.text import lines as lines_module
from tests.support.server import Session, at
from tests.support.tokens import compact

URI = "file:///folder/a.log"
TOKEN = compact({"sub": "someone", "aud": "api://orders"})
WIDTH = {
    "utf-8": lambda text: len(text.encode()),
    "utf-16": lambda text: len(text.encode("utf-16-le")) // 2,
    "utf-32": len,
}
ALPHABET = st.sampled_from([*"ab\n\r\u2028\x85\x0b\x0c\x1c\u2029é€😀", "\r\n", TOKEN, TOKEN[:30], "Bearer "])
TEXT = st.lists(ALPHABET, max_size=40).map("".join)
POSITION = st.tuples(st.integers(0, 12), st.integers(0, 40) | st.just(10_000))


def opened(text: str, encoding: str = "utf-16") -> DocumentStore:
    store = DocumentStore()
    store.encoding = encoding
    store.open(URI, text, 1, "log")
    return store


def change(start: tuple[int, int], end: tuple[int, int], text: str) -> types.TextDocumentContentChangePartial:
    return types.TextDocumentContentChangePartial(types.Range(types.Position(*start), types.Position(*end)), text)


def whole(text: str) -> types.TextDocumentContentChangeWholeDocument:
    return types.TextDocumentContentChangeWholeDocument(text)


def text_of(store: DocumentStore) -> str:
    snapshot = store.get(URI)
    assert snapshot is not None
    return snapshot.text


def offset_of(text: str, encoding: str, line: int, units: int) -> int:
    """Find a position the slow and obvious way."""
    starts = [0, *(found.end() for found in re.finditer(r"\r\n|\n|\r", text))]
    ends = [*(found.start() for found in re.finditer(r"\r\n|\n|\r", text)), len(text)]
    if line >= len(starts):
        return len(text)
    content = text[starts[line] : ends[line]]
    return starts[line] + max(
        column for column in range(len(content) + 1) if WIDTH[encoding](content[:column]) <= units
    )


@pytest.mark.parametrize("encoding", list(WIDTH))
@settings(max_examples=60)
@given(
    text=TEXT, edits=st.lists(st.tuples(POSITION, POSITION, TEXT) | TEXT, max_size=6), asked=st.sets(st.integers(0, 6))
)
def test_edits_lead_to_the_text_that_the_client_has(
    encoding: str, text: str, edits: list[tuple[tuple[int, int], tuple[int, int], str] | str], asked: set[int]
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines_module, "BLOCK", 64)
        patch.setattr(documents, "_LEAST_MISSED", 2)
        store = opened(text, encoding)
        for number, edit in enumerate(edits):
            if number in asked:
                store.tokens(store.get(URI))
            if isinstance(edit, str):
                text = edit
                store.change(URI, whole(edit), number)
            else:
                start, end, new_text = edit
                first = offset_of(text, encoding, *start)
                last = max(first, offset_of(text, encoding, *end))
                text = text[:first] + new_text + text[last:]
                store.change(URI, change(start, end, new_text), number)
            assert text_of(store) == text
        assert tuple(store.tokens(store.get(URI))) == scan(text)


@pytest.mark.parametrize("terminator", ["\x0b", "\x0c", "\x1c", "\x1d", "\x1e", "\x85", "\u2028", "\u2029"])
def test_a_line_goes_on_behind_what_only_python_takes_for_its_end(terminator: str) -> None:
    store = opened(f"one{terminator}two\nthree")

    store.change(URI, change((1, 0), (1, 5), "3"), 2)

    assert text_of(store) == f"one{terminator}two\n3"


@pytest.mark.parametrize(("encoding", "column"), [("utf-8", 7), ("utf-16", 4), ("utf-32", 3)])
def test_columns_are_counted_in_the_unit_that_was_agreed(encoding: str, column: int) -> None:
    store = opened("é😀x|y", encoding)

    store.change(URI, change((0, column), (0, column + 1), "!"), 2)

    assert text_of(store) == "é😀x!y"


def test_changes_of_one_message_build_on_one_another() -> None:
    with Session() as session:
        session.open(URI, "abc\ndef")
        session.change(
            URI,
            2,
            {"range": {"start": {"line": 0, "character": 1}, "end": {"line": 1, "character": 1}}, "text": "1\n2\n3"},
            {"range": {"start": {"line": 0, "character": 0}, "end": {"line": 2, "character": 1}}, "text": "4"},
            {"range": {"start": {"line": 0, "character": 1}, "end": {"line": 0, "character": 99}}, "text": ""},
        )
        snapshot = session.server.documents.get(URI)

    assert (snapshot.text, snapshot.version) == ("4", 2)


def test_a_line_end_may_be_typed_in_two_halves() -> None:
    store = opened("ab")

    store.change(URI, change((0, 1), (0, 1), "\r"), 2)
    store.change(URI, change((1, 0), (1, 0), "\n"), 3)
    store.change(URI, change((1, 0), (1, 0), "x"), 4)

    assert text_of(store) == "a\r\nxb"


def test_positions_outside_the_text_are_moved_to_its_ends() -> None:
    store = opened("ab\r\ncd")

    store.change(URI, change((0, 99), (0, 99), "1"), 2)
    store.change(URI, change((99, 0), (99, 99), "2"), 3)
    store.change(URI, change((1, 2), (1, 1), "3"), 4)

    assert text_of(store) == "ab1\r\ncd32"


def test_a_handler_keeps_the_state_that_it_was_given() -> None:
    store = opened(f"x {TOKEN}")
    before = store.get(URI)

    store.change(URI, change((0, 0), (0, 2), ""), 2)

    assert (before.text, before.version) == (f"x {TOKEN}", 1)
    assert [token.span.start for token in store.tokens(before)] == [2]
    assert [token.span.start for token in store.tokens(store.get(URI))] == [0]


def test_a_whole_text_that_differs_in_one_place_is_not_scanned_as_a_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    text = ("a line of a log without anything in it\n" * 40 + TOKEN + "\n") * 200
    store = opened(text)
    assert len(store.tokens(store.get(URI))) == 200
    monkeypatch.setattr(TokenIndex, "of", None)

    store.change(URI, whole(text[:5000] + "x" + text[5000:]), 2)

    assert len(store.tokens(store.get(URI))) == 200


@pytest.mark.parametrize("end", ["\n", " "], ids=["many lines", "one line"])
def test_a_keystroke_never_needs_the_whole_text(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = opened((f"a line (of a log), without anything in it{end}" * 40 + TOKEN + end) * 200, "utf-8")
    before = store.get(URI)
    store.tokens(before)
    monkeypatch.setattr(lines_module.LineIndex, "text", None)

    store.change(URI, change((0, 30), (0, 30), "é"), 2)

    after = store.get(URI)
    assert len(store.tokens(after)) == 200
    assert len(set(after.lines.blocks) - set(before.lines.blocks)) == 1


def test_many_edits_between_two_questions_cost_one_scan(monkeypatch: pytest.MonkeyPatch) -> None:
    store = opened(TOKEN)
    store.tokens(store.get(URI))
    monkeypatch.setattr(TokenIndex, "updated", None)

    for number in range(100):
        store.change(URI, change((0, 0), (0, 0), "x\n"), number)

    assert [token.span.start for token in store.tokens(store.get(URI))] == [200]


def test_a_change_of_what_is_not_open_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO), Session() as session:
        session.insert("file:///secret.log", 1, 0, 0, TOKEN)
        assert session.server.documents.get("file:///secret.log") is None
        assert session.notifications("window/showMessage") == []

    assert "not open" in caplog.text
    assert [record.name for record in caplog.records if record.levelno >= logging.WARNING] == []
    assert "secret" not in caplog.text
    assert TOKEN not in caplog.text


def test_a_closed_document_is_forgotten() -> None:
    store = opened(TOKEN)
    snapshot = store.get(URI)
    store.tokens(snapshot)

    store.close(URI)
    store.close(URI)

    assert store.get(URI) is None
    assert list(store) == []
    assert len(store.tokens(snapshot)) == 1


def test_nothing_keeps_the_text_of_a_document_that_is_closed() -> None:
    with Session() as session:
        session.open(URI, f"Authorization: Bearer {TOKEN}\n", "http")
        session.diagnostics(URI)
        session.hover(URI, 0, 40)
        session.code_actions(URI, 0, 40)
        for method in ("documentSymbol", "semanticTokens/full", "codeLens", "documentLink"):
            session.request(f"textDocument/{method}", {"textDocument": {"uri": URI}})
        kept = weakref.ref(session.server.documents.get(URI))
        session.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
        gc.collect()

        assert kept() is None


def test_a_document_is_known_by_its_uri_however_that_is_escaped() -> None:
    store = DocumentStore()
    store.open("file:///c%3A/a%20b.log", "x", 1, "log")

    assert store.get("file:///c:/a b.log").uri == "file:///c%3A/a%20b.log"


def test_a_document_that_is_too_long_is_kept_and_not_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAXIMUM_LENGTH", 1000)
    store = opened(TOKEN)
    assert len(store.tokens(store.get(URI))) == 1

    store.change(URI, change((0, 0), (0, 0), "x " * 1000), 2)

    assert store.tokens(store.get(URI)) == ()
    assert len(store.limits(store.get(URI))) == 1
    store.change(URI, change((0, 0), (0, 2000), ""), 3)
    assert len(store.tokens(store.get(URI))) == 1


@pytest.mark.parametrize(
    "uri", ["{there}", "file://server/share/a.log", "file:///a%00b", "file:///a\0b", "", "a:b", "%%%"]
)
def test_nothing_is_read_because_a_client_names_it(uri: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    there = tmp_path / "there.log"
    there.write_text(TOKEN)
    uri = uri.format(there=there.as_uri())
    with Session() as session:
        session.open(URI, TOKEN)
        session.hover(URI, 0, 3)  # what is imported for it is imported now
        session.diagnostics(URI)

        def refuse(*details: object, **more: object) -> None:
            raise AssertionError("something was read")

        with monkeypatch.context() as patch:
            for owner, name in ((builtins, "open"), (io, "open"), (os, "open"), (os, "stat"), (os, "listdir")):
                patch.setattr(owner, name, refuse)
            assert session.hover(uri, 0, 3) is None
            session.insert(uri, 2, 0, 0, "x")
            assert session.diagnostics(uri)["items"] == []
            session.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
            with pytest.raises(KeyError):
                session.server.workspace.get_text_document(uri)
            assert session.request("textDocument/codeLens", at(uri, 0, 0)) in (None, [])


def test_the_place_in_pygls_where_ours_is_put_is_still_there() -> None:
    """It is private: whoever lets another pygls in has to look whether documents still go to the store."""
    with Session(initialize=False) as session:
        assert session.server.protocol._workspace is None
    with Session() as session:
        assert isinstance(session.server.protocol.workspace, Workspace)
        assert type(session.server.protocol.workspace) is documents._Workspace
        session.open(URI, "x")
        assert session.server.documents.get(URI).text == "x"
        assert session.server.workspace.text_documents == {}
    assert version("pygls").startswith("2.1.")
