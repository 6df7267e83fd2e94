"""A client over pipes for benchmarks and smoke tests: real processes, real bytes, no event loop."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Self

SERVER = (sys.executable, "-I", "-m", "claimlens", "lsp")
BARE_SERVER = (
    sys.executable,
    "-I",
    "-c",
    "from pygls.lsp.server import LanguageServer; LanguageServer('bare', '1').start_io()",
)


class Client:
    """One process and the messages that go to and fro."""

    def __init__(self, command: Sequence[str] = SERVER, *arguments: str, folder: Path | None = None) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen([*command, *arguments], stdin=pipe, stdout=pipe, stderr=pipe, cwd=folder)
        assert self.process.stdin
        assert self.process.stdout
        self.input, self.output = self.process.stdin, self.process.stdout
        self._last_id = 0

    def send(self, message: Mapping[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.input.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.input.flush()

    def receive(self) -> Any:
        """Return the next message; None at the end of the stream."""
        length = 0
        while (line := self.output.readline()).strip():
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return json.loads(self.output.read(length)) if length else None

    def request(self, method: str, params: Any = None) -> Any:
        """Return the answer to a request; what the server asks in between is answered with null."""
        self._last_id += 1
        self.send({"id": self._last_id, "method": method, "params": params})
        while (message := self.receive()) is not None:
            if "method" in message:
                self._answer(message)
            elif message["id"] == self._last_id:
                return message
        raise EOFError(method)

    def _answer(self, message: Mapping[str, Any]) -> None:
        if "id" in message:
            items = (message.get("params") or {}).get("items")
            self.send({"id": message["id"], "result": [None] * len(items) if items else None})

    def notify(self, method: str, params: Any = None) -> None:
        self.send({"method": method, "params": params})

    def initialize(self, capabilities: Mapping[str, Any], process_id: int | None = None) -> Any:
        params = {"processId": process_id, "rootUri": None, "capabilities": capabilities}
        answer = self.request("initialize", params)
        self.notify("initialized", {})
        return answer

    def open(self, uri: str, text: str, language: str = "plaintext") -> None:
        document = {"uri": uri, "languageId": language, "version": 1, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def stop(self) -> tuple[int, str]:
        """End the server as LSP wants it; return its exit status and what it wrote to standard error."""
        self.request("shutdown")
        self.notify("exit")
        return self.finished()

    def finished(self, timeout: float = 20) -> tuple[int, str]:
        _, errors = self.process.communicate(timeout=timeout)
        return self.process.returncode, errors.decode()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream and not stream.closed:
                # What the server no longer reads is not written: closing would report that in place of the failure.
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
