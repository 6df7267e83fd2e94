"""The server as a process of its own: starting, ending, and what comes through its pipes."""

from __future__ import annotations

import os
import re
import socket
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from claimlens.lsp import parent, start, transport
from tests.support.server import capabilities
from tests.support.stdio import SERVER, Client
from tests.support.tokens import compact

URI = "untitled:a"
TOKEN = compact({"sub": "canary-subject", "exp": 1700000000})

NOISY = """
import os, sys
from claimlens.lsp import main
from claimlens.lsp.features import hover
token = hover.token
def loud(*place):
    print("noise")
    os.write(1, b"more noise")
    return token(*place)
hover.PROVIDERS = (loud,)
sys.exit(main([]))
"""
READING = """
import sys, threading
from claimlens.lsp import main
from claimlens.services import workspace_index
def read(folders, *, excluded, stopped):
    while not stopped():
        threading.Event().wait(0.01)
    return scan(())
scan, workspace_index.scan = workspace_index.scan, read
sys.exit(main([]))
"""
QUICK_TO_LOOK = """
import sys
from claimlens.lsp import main, transport
transport.PARENT_CHECK_SECONDS = 0.05
sys.exit(main([]))
"""


def test_it_starts_answers_and_ends_in_silence() -> None:
    with Client(SERVER, "--stdio", "--now", "2026-03-01T12:00:00Z") as client:
        client.initialize(capabilities(), os.getpid())
        client.open(URI, f"Bearer {TOKEN}")
        place = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 10}}
        shown = client.request("textDocument/hover", place)["result"]["contents"]["value"]
        assert "expired 2.3 years ago" in shown
        assert client.stop() == (0, "")


def test_at_the_highest_log_level_nothing_of_a_token_is_written() -> None:
    with Client(SERVER, "--log-level", "debug") as client:
        client.initialize(capabilities(), os.getpid())
        client.open(URI, f"Bearer {TOKEN}")
        place = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 10}}
        for method in ("textDocument/hover", "textDocument/diagnostic", "claimlens/decode", "textDocument/codeLens"):
            assert "result" in client.request(method, place)
            assert "error" in client.request(method, {"textDocument": [TOKEN], "position": TOKEN})
        client.request(TOKEN, TOKEN)
        client.notify(TOKEN, TOKEN)
        client.input.write(b"Content-Length: 20\r\n\r\n" + TOKEN.encode()[:20])
        status, errors = client.stop()
    assert status == 0
    assert errors
    assert not [part for part in ("canary", *TOKEN.split(".")) if part in errors]


def test_exit_without_shutdown_ends_with_status_1() -> None:
    with Client() as client:
        client.initialize({})
        client.notify("exit")
        assert client.finished()[0] == 1


def test_a_client_that_vanishes_ends_the_server() -> None:
    with Client() as client:
        client.initialize({})
        assert client.finished()[0] == 1


@pytest.mark.skipif(sys.platform == "win32", reason="descriptors that cannot be read")
def test_an_input_that_cannot_be_read_ends_the_server() -> None:
    with Path(os.devnull).open("wb") as unreadable:
        ended = subprocess.run(SERVER, stdin=unreadable, capture_output=True, timeout=60)
    assert ended.returncode == 1


def test_a_client_that_vanishes_while_folders_are_read_leaves_no_complaint() -> None:
    with Client((sys.executable, "-I", "-c", READING)) as client:
        client.initialize({})
        assert client.finished() == (1, "")


@pytest.mark.parametrize(
    "damage",
    [b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", b"Content-Length: 1000000000000\r\n\r\n", b"nonsense\r\n\r\n"],
)
def test_a_damaged_stream_does_not_end_it(damage: bytes) -> None:
    with Client() as client:
        client.input.write(damage)
        client.initialize({})
        assert client.stop()[0] == 0


def test_a_print_does_not_damage_the_stream() -> None:
    with Client((sys.executable, "-I", "-c", NOISY)) as client:
        client.initialize({})
        client.open(URI, f"Bearer {TOKEN}")
        place = {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 10}}
        assert client.request("textDocument/hover", place)["result"]
        status, errors = client.stop()
    assert status == 0
    assert "noise" in errors


def test_it_ends_when_the_process_of_its_client_is_gone() -> None:
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    with Client((sys.executable, "-I", "-c", QUICK_TO_LOOK)) as client:
        # No "initialized": the server may be gone already when it would come.
        assert "result" in client.request("initialize", {"processId": gone.pid, "rootUri": None, "capabilities": {}})
        assert client.process.wait(timeout=20) == 1
    assert transport.PARENT_CHECK_SECONDS <= 10


def test_the_own_process_is_alive_and_nonsense_ids_do_no_harm() -> None:
    assert parent.alive(os.getpid())
    assert parent.alive(0)
    assert parent.alive(-1)
    assert not parent.alive(2**22 + 12345) or sys.platform == "win32"


def connected(client: Client) -> socket.socket:
    """Connect to the address that a server says it listens on."""
    assert client.process.stderr
    found = re.search(rb"listening on 127\.0\.0\.1:(\d+)", client.process.stderr.readline())
    assert found
    return socket.create_connection(("127.0.0.1", int(found[1])), timeout=20)


@pytest.mark.network
def test_tcp_is_served_on_loopback_alone() -> None:
    with Client(SERVER, "--tcp", "127.0.0.1:0") as client:
        with connected(client) as connection:
            body = b'{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"capabilities":{}}}'
            connection.sendall(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
            assert b"hoverProvider" in connection.recv(1 << 16)
        assert client.process.wait(timeout=20) == 1


@pytest.mark.network
def test_a_client_whose_connection_breaks_has_left() -> None:
    with Client(SERVER, "--tcp", "127.0.0.1:0") as client:
        with connected(client) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing resets it
        assert client.process.wait(timeout=20) == 1


@pytest.mark.parametrize("address", ["0.0.0.0:1", "192.0.2.1:7", "example.com:7", "127.0.0.1", "127.0.0.1:99999", ":7"])
def test_other_addresses_are_refused(address: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        start.main(["--tcp", address])
    assert refused.value.code == 2
    assert "--tcp" in capsys.readouterr().err


def test_a_port_that_is_none_is_named_as_such(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        start.main(["--tcp", "127.0.0.1:99999"])
    assert "a port is a number from 0" in capsys.readouterr().err


def test_nothing_of_the_folder_it_is_started_in_is_run(tmp_path: Path) -> None:
    for name in ("jwt.py", "json.py", "attrs.py", "pygls.py", "sitecustomize.py"):
        (tmp_path / name).write_text("open('owned', 'w')")
    with Client(folder=tmp_path) as client:
        client.initialize({})
        assert client.stop()[0] == 0
    assert not (tmp_path / "owned").exists()


def test_importing_the_package_is_cheap() -> None:
    late = "('pygls', 'lsprotocol', 'attrs', 'asyncio')"
    code = f"import sys, claimlens.lsp; print(*[m for m in {late} if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-I", "-c", code], text=True).strip() == ""


def test_what_takes_long_to_import_waits_until_it_is_needed() -> None:
    late = "('httpx', 'jwt', 'cryptography', 'rich', 'jinja2', 'pathspec')"
    code = f"import sys, claimlens.lsp.server; print(*[m for m in {late} if m in sys.modules])"
    assert subprocess.check_output([sys.executable, "-I", "-c", code], text=True).strip() == ""
