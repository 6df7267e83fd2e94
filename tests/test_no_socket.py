"""Opening, hovering and checking files reaches for nothing; and the guard that holds every test to that works."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.support import sockets
from tests.support.command import run
from tests.support.server import Session, at
from tests.support.tokens import make_token

URI = "file:///folder/work.http"
HINTS = {None: {"inlayHints": {"errors": True}}}
CLAIMS = {
    "iss": "https://login.microsoftonline.com/3f1c9d5e-7a42-4b0e-9c6d-2e8f5a1b7c30/v2.0",
    "aud": "api://orders",
    "exp": 1772366400,
}
TOKEN = make_token(
    {"alg": "RS256", "kid": "k", "jku": "https://evil.example/keys", "x5u": "https://evil.example"}, CLAIMS
)


def connect_with_a_socket() -> None:
    with socket.socket() as reaching:
        reaching.connect(("127.0.0.1", 9))


def connect_with_an_event_loop() -> None:
    asyncio.run(asyncio.wait_for(asyncio.open_connection("127.0.0.1", 9), 5))


def fetch_with_httpx() -> None:
    import httpx

    httpx.get("http://127.0.0.1:9/", trust_env=False)


@pytest.mark.network
@pytest.mark.parametrize(
    ("reach", "event"),
    [
        (connect_with_a_socket, "socket.connect"),
        (connect_with_an_event_loop, "socket.connect"),
        (fetch_with_httpx, "socket.getaddrinfo"),
        (lambda: socket.getaddrinfo("localhost", 80), "socket.getaddrinfo"),
        (lambda: socket.gethostbyname("localhost"), "socket.gethostbyname"),
        (lambda: socket.create_connection(("localhost", 9)), "socket.getaddrinfo"),
    ],
)
def test_the_guard_sees_and_refuses_every_way_out(reach: Any, event: str) -> None:
    import httpx

    with sockets.refused() as attempts, pytest.raises((sockets.SocketRefusedError, httpx.ConnectError)):
        reach()
    assert event in attempts


@pytest.mark.network
def test_the_guard_lets_event_loops_be_made() -> None:
    async def nothing() -> str:
        return "done"

    with sockets.refused() as attempts:
        assert asyncio.run(nothing()) == "done"
    assert attempts == []


def test_the_server_opens_hovers_and_checks_without_a_socket() -> None:
    with (
        sockets.refused() as attempts,
        Session(options={"commands": ["claimlens.verifyToken"]}, settings=HINTS) as session,
    ):
        session.open(URI, f"GET /\nAuthorization: Bearer {TOKEN}\nIDX10214: refused\n", "http")
        assert session.hover(URI, 1, 60)
        assert session.diagnostics(URI)["items"]
        assert session.code_actions(URI, 1, 60)
        assert session.request("textDocument/codeLens", {"textDocument": {"uri": URI}})
        assert session.request("textDocument/inlayHint", {"textDocument": {"uri": URI}, "range": whole()})
        assert session.request("claimlens/decode", at(URI, 1, 60))
        session.insert(URI, 2, 0, 0, "x")
        assert session.diagnostics(URI)["items"]
    assert attempts == []


def whole() -> dict[str, Any]:
    return {"start": {"line": 0, "character": 0}, "end": {"line": 3, "character": 0}}


@pytest.mark.parametrize("command", ["tokens", "check", "redact"])
def test_commands_on_files_open_no_socket(command: str, tmp_path: Path) -> None:
    (tmp_path / "work.http").write_text(f"Authorization: Bearer {TOKEN}\n")
    with sockets.refused() as attempts:
        ended = run(command, tmp_path, "--now", "2026-03-01T12:00:00Z")
    assert ended.output
    assert attempts == []


@pytest.mark.parametrize("command", [["decode"], ["verify", "--jwks", "keys.json"], ["explain", "--token", "-"]])
def test_commands_on_a_token_open_no_socket(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "keys.json").write_text('{"keys":[]}')
    given = command if "--token" in command else [*command, "-"]
    with sockets.refused() as attempts:
        ended = run(*given, stdin=TOKEN, folder=tmp_path)
    assert ended.output
    assert attempts == []


def test_a_refused_issuer_is_not_even_looked_up() -> None:
    token = make_token({"alg": "RS256", "kid": "k"}, {**CLAIMS, "iss": "https://login.contoso.example"})
    with sockets.refused() as attempts:
        ended = run("verify", "-", "--now", "2026-03-01T11:59:00Z", stdin=token)
    assert ended.status == 2
    assert attempts == []
