"""Large documents: the server goes on answering, bounds what it says, and says what it does not look at."""

from __future__ import annotations

import pytest

from claimlens.lsp import analysis, documents
from tests.support.server import Session, at
from tests.support.tokens import compact

LOG = "file:///folder/large.log"
NOTE = "file:///folder/note.txt"
TOKENS = [compact({"exp": 1700000000 + number, "iss": "https://issuer.example"}) for number in range(500)]


def test_others_are_answered_during_the_first_look_at_a_large_document(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "SLICE_SECONDS", 0.0)
    with Session() as session:
        session.open(LOG, "\n".join(TOKENS))
        session.open(NOTE, TOKENS[0])
        large = session.post("textDocument/diagnostic", {"textDocument": {"uri": LOG}})
        small = session.post("textDocument/hover", at(NOTE, 0, 5))
        session.settle()
        order = [identifier for identifier in session.answers if identifier in (large, small)]
        assert order == [small, large]
        assert session.answers[large]["result"]["items"]


def test_the_first_look_is_given_up_when_it_is_cancelled_or_the_document_closed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(analysis, "SLICE_SECONDS", 0.0)
    with Session() as session:
        session.open(LOG, "\n".join(TOKENS))
        cancelled = session.post("textDocument/diagnostic", {"textDocument": {"uri": LOG}})
        session.loop.call_soon(
            session.server.protocol.receive,
            b'{"jsonrpc":"2.0","method":"$/cancelRequest","params":{"id":%d}}' % cancelled,
        )
        session.settle()
        assert session.answers[cancelled]["error"]["code"] == -32800
        closed = session.post("textDocument/diagnostic", {"textDocument": {"uri": LOG}})
        session.loop.call_soon(
            session.server.protocol.receive,
            b'{"jsonrpc":"2.0","method":"textDocument/didClose","params":{"textDocument":{"uri":"%s"}}}' % LOG.encode(),
        )
        session.settle()
        assert session.answers[closed]["result"] == {"kind": "full", "items": []}


def test_an_edit_during_the_first_look_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(analysis, "SLICE_SECONDS", 0.0)
    with Session() as session:
        session.open(LOG, "\n".join(TOKENS))
        looked = session.post("textDocument/diagnostic", {"textDocument": {"uri": LOG}})
        session.loop.call_soon(session.server.documents.open, LOG, f"# changed\n{TOKENS[0]}", 2, "plaintext")
        session.settle()
        assert {item["range"]["start"]["line"] for item in session.answers[looked]["result"]["items"]} == {1}


def test_what_is_too_large_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "MAXIMUM_LENGTH", 1000)
    with Session() as session:
        session.open(LOG, "\n".join(TOKENS))
        (item,) = session.diagnostics(LOG)["items"]
        assert item["severity"] == 3
        assert "longer than" in item["message"]
        assert session.hover(LOG, 0, 5) is None
        assert session.request("claimlens/status", {"textDocument": {"uri": LOG}})["notes"] == [item["message"]]


def test_documents_that_are_closed_are_forgotten() -> None:
    with Session() as session:
        session.open(LOG, TOKENS[0])
        session.diagnostics(LOG)
        session.notify("textDocument/didClose", {"textDocument": {"uri": LOG}})
        server = session.server
        assert not server.analyses._latest
        assert not server.diagnostic_lists._last
        assert not list(server.documents)
