"""Whatever a client sends, each request is answered once, with a fixed sentence, and the server stays alive."""

from __future__ import annotations

import asyncio
import json
import logging
from typing import Any

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from claimlens.lsp import routes
from claimlens.lsp.framing import Fault
from claimlens.lsp.protocol import _SENTENCES
from tests.support.server import RefusedError, Session, at
from tests.support.tokens import compact

URI = "file:///work.txt"
CANARY = "canary-7f3a"


@pytest.fixture
def session():
    with Session() as session:
        session.open(URI, f"Bearer {compact({'sub': 'x'})}\n")
        yield session


def answer(session: Session, message: Any) -> dict[str, Any] | None:
    """Send one message; return the one answer to it, if any."""
    session.answers.clear()
    session.receive(message)
    assert len(session.answers) <= 1
    return next(iter(session.answers.values()), None)


def request(method: str, params: Any = None, identifier: Any = 77, **more: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": identifier, "method": method, "params": params, **more}


@pytest.mark.parametrize(
    "params",
    [
        None,
        [],
        [1, 2],
        {},
        {"textDocument": 5},
        {"textDocument": {"uri": URI}},
        "text",
        7,
        {"textDocument": {"uri": 4}},
    ],
)
def test_malformed_parameters_are_answered(session: Session, params: Any) -> None:
    found = answer(session, request("textDocument/hover", params))
    assert found is not None
    assert found["error"] == {"code": -32602, "message": _SENTENCES[-32602]}
    assert session.hover(URI, 0, 10)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (b"", -32700),
        (b"{", -32700),
        (b"\xff\xfe{}", -32700),
        (b"[" * 200_000, -32700),
        (b'{"a":' * 100_000, -32700),
        (b"[]", -32600),
        (b'"text"', -32600),
        (b"null", -32600),
        ({}, -32600),
        ({"jsonrpc": "1.0", "id": 1, "method": "shutdown"}, -32600),
        ({"id": 1, "method": "shutdown"}, -32600),
        (request("shutdown", identifier=None), -32600),
        (request("shutdown", identifier=True), -32600),
        (request("shutdown", identifier={}), -32600),
        (request("shutdown", identifier=1.5), -32600),
        ({"jsonrpc": "2.0", "id": 1, "method": 5}, -32600),
        (request("textDocument/didOpen", {}), -32600),
        (request("no/such/method"), -32601),
        (request("initialize", {"capabilities": {}}), -32600),
        (request("workspace/executeCommand", {"command": CANARY}), -32602),
        (request("workspace/executeCommand", {"command": "claimlens.server.openRulePage", "arguments": [7]}), -32602),
    ],
)
def test_every_malformed_message_is_refused_in_a_fixed_sentence(session: Session, message: Any, code: int) -> None:
    found = answer(session, message)
    assert found is not None
    assert found["error"] == {"code": code, "message": _SENTENCES[code]}
    assert session.hover(URI, 0, 10)


@pytest.mark.parametrize(
    "message",
    [
        {"jsonrpc": "2.0", "method": "textDocument/didChange", "params": {"textDocument": {}}},
        {"jsonrpc": "2.0", "method": "textDocument/hover", "params": at(URI, 0, 10)},
        {"jsonrpc": "2.0", "method": "no/such/notification"},
        {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": 12345}},
        {"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {}},
        {"jsonrpc": "2.0", "id": "unknown", "result": 5},
        {"jsonrpc": "2.0", "id": None, "result": 5},
        {
            "jsonrpc": "2.0",
            "method": "textDocument/didChange",
            "params": {
                "textDocument": {"uri": "file:///never-opened", "version": 2},
                "contentChanges": [{"text": "x"}],
            },
        },
    ],
)
def test_what_is_no_request_is_never_answered_and_never_shown(session: Session, message: Any) -> None:
    session.sent.clear()
    assert answer(session, message) is None
    assert not session.sent
    assert session.hover(URI, 0, 10)


def test_an_object_with_a_jsonrpc_member_inside_is_no_message(session: Session) -> None:
    nested = {"jsonrpc": "2.0", "id": 9, "method": "shutdown"}
    session.notify("workspace/didChangeConfiguration", {"settings": {"claimlens": {}, "other": nested}})
    assert answer(session, request("textDocument/hover", {**at(URI, 0, 10), "extra": nested}))["id"] == 77  # type: ignore[index]


def test_faults_of_the_stream_are_told_and_survived(session: Session) -> None:
    session.server.protocol.receive(Fault.TOO_LONG)
    session.settle()
    assert session.answers[None]["error"]["code"] == -32600
    assert session.hover(URI, 0, 10)


def test_before_initialize_requests_are_refused_and_notifications_dropped() -> None:
    with Session(initialize=False) as session:
        assert answer(session, request("textDocument/hover", at(URI, 0, 0)))["error"]["code"] == -32002  # type: ignore[index]
        assert answer(session, {"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {}}) is None
        assert session.initialize({})["capabilities"]["hoverProvider"]


def test_after_shutdown_requests_are_refused_and_exit_says_so(session: Session) -> None:
    assert session.request("shutdown") is None
    with pytest.raises(RefusedError) as refused:
        session.hover(URI, 0, 10)
    assert refused.value.code == -32600
    session.notify("exit")
    assert session.server.exit_status == 0


def test_exit_without_shutdown_is_a_failure(session: Session) -> None:
    session.notify("exit")
    assert session.server.exit_status == 1


def test_the_end_of_the_stream_without_shutdown_is_a_failure(session: Session) -> None:
    session.server.client_left()
    assert session.server.exit_status == 1


def slow(session: Session, method: str) -> list[str]:
    """Make a method take for ever; return what happens to its handler."""
    happened: list[str] = []

    async def handler(server: Any, params: Any) -> None:
        happened.append("started")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            happened.append("cancelled")
            raise

    guarded = routes.guarded(session.server, routes.Route(method, handler))
    session.server.protocol.fm.features[method] = guarded
    session.server.protocol.fm.commands[method] = guarded
    return happened


def run(session: Session, steps: int = 50) -> None:
    async def turns() -> None:
        for _ in range(steps):
            await asyncio.sleep(0)

    session.loop.run_until_complete(turns())


@pytest.mark.parametrize("command", [False, True])
def test_a_cancelled_request_is_answered_and_its_work_ends(session: Session, command: bool) -> None:
    happened = slow(session, "textDocument/codeLens")
    params = {"textDocument": {"uri": URI}}
    identifier = (
        session.post("workspace/executeCommand", {"command": "textDocument/codeLens", "arguments": []})
        if command
        else session.post("textDocument/codeLens", params)
    )
    run(session)
    session.notify("$/cancelRequest", {"id": identifier})
    assert happened == ["started", "cancelled"]
    assert session.answers[identifier]["error"] == {"code": -32800, "message": "Cancelled."}
    assert session.hover(URI, 0, 10)


def test_shutdown_with_requests_and_commands_running(session: Session) -> None:
    happened = slow(session, "textDocument/codeLens")
    running = [session.post("textDocument/codeLens", {"textDocument": {"uri": URI}}) for _ in range(3)]
    running.append(session.post("workspace/executeCommand", {"command": "textDocument/codeLens", "arguments": []}))
    run(session)
    assert session.request("shutdown") is None
    session.settle()
    assert happened.count("cancelled") == len(running)
    assert all(session.answers[each]["error"]["code"] == -32800 for each in running)


@pytest.mark.parametrize("route", routes.ROUTES, ids=lambda route: route.method)
def test_a_defect_in_a_route_costs_its_own_answer(route: routes.Route, caplog: pytest.LogCaptureFixture) -> None:
    """Each route in turn is made to throw with a canary in the text; all others go on, and nobody sees the canary."""

    def broken(server: Any, params: Any) -> None:
        raise ValueError(CANARY)

    with Session(initialize=False) as session:
        guarded = routes.guarded(session.server, attrs.evolve(route, handler=broken))
        session.server.protocol.fm.features[route.method] = guarded
        with caplog.at_level(logging.DEBUG):
            session.initialize(client={})
            session.open(URI, f"Bearer {compact({'sub': 'x'})}\n")
            answered = [call(session) for call in CALLS.values()]
        assert all(error is None for error in answered)
        assert CANARY not in caplog.text
        assert CANARY not in session.raw.decode()


def ask(method: str, params: Any) -> Any:
    def call(session: Session) -> Any:
        try:
            session.request(method, params)
        except RefusedError as refused:
            return refused.error
        return None

    return call


DOCUMENT = {"textDocument": {"uri": URI}}
RANGE = {"start": {"line": 0, "character": 0}, "end": {"line": 1, "character": 0}}
CALLS = {
    "hover": ask("textDocument/hover", at(URI, 0, 10)),
    "diagnostic": ask("textDocument/diagnostic", DOCUMENT),
    "workspace diagnostic": ask("workspace/diagnostic", {"previousResultIds": []}),
    "code lens": ask("textDocument/codeLens", DOCUMENT),
    "inlay hint": ask("textDocument/inlayHint", {**DOCUMENT, "range": RANGE}),
    "semantic tokens": ask("textDocument/semanticTokens/full", DOCUMENT),
    "semantic tokens in a range": ask("textDocument/semanticTokens/range", {**DOCUMENT, "range": RANGE}),
    "code action": ask("textDocument/codeAction", {**DOCUMENT, "range": RANGE, "context": {"diagnostics": []}}),
    "resolve": ask("codeAction/resolve", {"title": "x", "data": {"uri": URI, "version": 1, "edit": "redact"}}),
    "decode": ask("claimlens/decode", at(URI, 0, 10)),
    "claims": ask("claimlens/claims", at(URI, 0, 10)),
    "tokens": ask("claimlens/tokens", DOCUMENT),
    "redact": ask("claimlens/redact", DOCUMENT),
    "status": ask("claimlens/status", {}),
}


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    ["textDocument", "uri", "position", "range", "context", "jsonrpc", "id", "method", "text"]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=8,
    ),
    st.sampled_from(sorted(route.method for route in routes.ROUTES if route.method != "initialize")),
)
def test_any_parameters_get_one_answer(session: Session, params: Any, method: str) -> None:
    before = len(session.answers)
    session.receive(json.dumps(request(method, params, identifier=f"any-{before}")).encode())
    assert len(session.answers) == before + 1
    assert session.answers[f"any-{before}"].get("error", {"code": -32602})["code"] in (-32602, -32600)
