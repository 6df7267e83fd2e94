"""The language server in this process: real messages go in and come out, but there is no pipe and no waiting.

>>> with Session() as session:
...     session.open("file:///a.http", "…")
...     session.hover("file:///a.http", 0, 3)
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from claimlens.lsp.framing import Frames
from claimlens.lsp.server import ClaimlensServer

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
CAPABILITIES = Path(__file__).parent / "capabilities"


def capabilities(client: str = "visual_studio_code") -> dict[str, Any]:
    """Return the recorded capabilities of a client."""
    return json.loads((CAPABILITIES / f"{client}.json").read_text())


class RefusedError(Exception):
    """The server answered with an error."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(error["message"])
        self.code = error["code"]
        self.error = error


class Timers:
    """Stands in for the event loop's timers: nothing happens until a test lets time pass."""

    def __init__(self) -> None:
        self.waiting: list[Timer] = []

    def __call__(self, seconds: float, call: Callable[[], None]) -> Timer:
        timer = Timer(self, seconds, call)
        self.waiting.append(timer)
        return timer

    def run(self) -> None:
        """Make every waiting call."""
        for timer in list(self.waiting):
            timer.cancel()
            timer.call()


class Timer:
    """A call that waits."""

    def __init__(self, timers: Timers, seconds: float, call: Callable[[], None]) -> None:
        self.timers, self.seconds, self.call = timers, seconds, call

    def cancel(self) -> None:
        if self in self.timers.waiting:
            self.timers.waiting.remove(self)


class Threads(ThreadPoolExecutor):
    """Threads that tell whether they have something to do, so that nobody has to guess how long they take."""

    def __init__(self) -> None:
        super().__init__()
        self._calls: list[Future[Any]] = []

    @property
    def busy(self) -> bool:
        """Whether some call has not ended."""
        self._calls = [call for call in self._calls if not call.done()]
        return bool(self._calls)

    def submit(self, *call: Any, **more: Any) -> Future[Any]:
        future = super().submit(*call, **more)
        self._calls.append(future)
        return future


class Session:
    """A client and a server that talk to each other.

    Attributes:
        settings: what the client answers to ``workspace/configuration``, by scope URI (None for no folder).
        editor_settings: what it answers about sections that are not ours.
        chosen: the button that the client presses when it is asked something, or None.
        refused: methods that the client answers with an error.
        sent: everything the server sent that is not an answer.
    """

    def __init__(
        self,
        *,
        now: datetime = NOW,
        client: Mapping[str, Any] | None = None,
        options: Mapping[str, Any] | None = None,
        folders: Sequence[str] = (),
        settings: Mapping[str | None, Any] | None = None,
        editor_settings: Mapping[str, dict[str | None, Any]] | None = None,
        refused: Collection[str] = (),
        initialize: bool = True,
    ) -> None:
        self.loop = asyncio.new_event_loop()
        self._threads = Threads()
        self.loop.set_default_executor(self._threads)
        self.time = now
        self.timers = Timers()
        self.server = ClaimlensServer(clock=lambda: self.time, later=self.timers)
        self.server.protocol.set_writer(self)
        self.settings = dict(settings or {})
        self.editor_settings: dict[str, dict[str | None, Any]] = dict(editor_settings or {})
        self.chosen: str | None = None
        self.refused = refused
        self.sent: list[dict[str, Any]] = []
        self.answers: dict[Any, dict[str, Any]] = {}
        self.raw = bytearray()
        self._frames = Frames()
        self._last_id = 0
        if initialize:
            self.initialized = self.initialize(capabilities() if client is None else client, options, folders)

    def initialize(self, client: Mapping[str, Any], options: Any = None, folders: Sequence[str] = ()) -> Any:
        answer = self.request(
            "initialize",
            {
                "processId": None,
                "rootUri": folders[0] if folders else None,
                "capabilities": client,
                "initializationOptions": options,
                "workspaceFolders": [{"uri": uri, "name": uri.rsplit("/", 1)[-1]} for uri in folders],
            },
        )
        self.notify("initialized", {})
        return answer

    # The wire

    def write(self, data: bytes) -> None:
        """Take what the server writes."""
        self.raw += data
        for body in self._frames.feed(data):
            assert isinstance(body, bytes)
            self._take(json.loads(body))

    def close(self) -> None:
        """Take the end of the stream."""

    def _take(self, message: dict[str, Any]) -> None:
        if "method" not in message:
            self.answers[message["id"]] = message
            return
        self.sent.append(message)
        if "id" in message:
            result: Any = None
            if message["method"] == "workspace/configuration":
                result = [self._setting(item) for item in message["params"]["items"]]
            if message["method"] == "window/showDocument":
                result = {"success": True}
            if message["method"] == "window/showMessageRequest":
                result = self.chosen and {"title": self.chosen}
            told = {"error": {"code": -1, "message": "no"}} if message["method"] in self.refused else {"result": result}
            answer = {"jsonrpc": "2.0", "id": message["id"], **told}
            self.loop.call_soon(self.server.protocol.receive, json.dumps(answer).encode())

    def _setting(self, item: Mapping[str, Any]) -> Any:
        kept = self.settings if item["section"] == "claimlens" else self.editor_settings.get(item["section"], {})
        return kept.get(item.get("scopeUri"))

    def receive(self, body: bytes | Mapping[str, Any]) -> None:
        """Hand the server one message and let it work until it has nothing left to do."""
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.loop.run_until_complete(self._receive(data))

    async def _receive(self, data: bytes) -> None:
        self.server.protocol.receive(data)
        await self._settle()

    async def _settle(self) -> None:
        for _ in range(10_000):
            await asyncio.sleep(0)
            while self._threads.busy:
                await asyncio.sleep(0.001)
            others = asyncio.all_tasks() - {asyncio.current_task()}
            if not others and not self.loop._ready:  # type: ignore[attr-defined]
                return

    def post(self, method: str, params: Any = None) -> int:
        """Send a request without waiting for anything."""
        self._last_id += 1
        body = json.dumps({"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params})
        self.loop.call_soon(self.server.protocol.receive, body.encode())
        return self._last_id

    def request(self, method: str, params: Any = None) -> Any:
        """Send a request; return the result or raise `RefusedError`."""
        self._last_id += 1
        self.receive({"jsonrpc": "2.0", "id": self._last_id, "method": method, "params": params})
        answer = self.answers.pop(self._last_id)
        if "error" in answer:
            raise RefusedError(answer["error"])
        return answer["result"]

    def notify(self, method: str, params: Any = None) -> None:
        self.receive({"jsonrpc": "2.0", "method": method, "params": params})

    def settle(self) -> None:
        """Let the server work until it has nothing left to do."""
        self.loop.run_until_complete(self._settle())

    def pass_time(self, by: timedelta) -> None:
        """Let time pass: the clock, and every timer that waits."""
        self.time += by

        async def run() -> None:
            self.timers.run()
            await self._settle()

        self.loop.run_until_complete(run())

    # What editors do

    def open(self, uri: str, text: str, language: str = "plaintext", version: int = 1) -> None:
        document = {"uri": uri, "languageId": language, "version": version, "text": text}
        self.notify("textDocument/didOpen", {"textDocument": document})

    def change(self, uri: str, version: int, *changes: Mapping[str, Any]) -> None:
        params = {"textDocument": {"uri": uri, "version": version}, "contentChanges": list(changes)}
        self.notify("textDocument/didChange", params)

    def insert(self, uri: str, version: int, line: int, character: int, text: str) -> None:
        place = {"line": line, "character": character}
        self.change(uri, version, {"range": {"start": place, "end": place}, "text": text})

    def hover(self, uri: str, line: int, character: int) -> str | None:
        found = self.request("textDocument/hover", at(uri, line, character))
        return found and found["contents"]["value"]

    def diagnostics(self, uri: str, previous: str | None = None) -> dict[str, Any]:
        params = {"textDocument": {"uri": uri}, "previousResultId": previous}
        return self.request("textDocument/diagnostic", {key: each for key, each in params.items() if each})

    def code_actions(self, uri: str, line: int, character: int, **context: Any) -> list[dict[str, Any]]:
        place = {"line": line, "character": character}
        params = {
            "textDocument": {"uri": uri},
            "range": {"start": place, "end": place},
            "context": {"diagnostics": [], **context},
        }
        return self.request("textDocument/codeAction", params)

    def notifications(self, method: str) -> list[Any]:
        return [message.get("params") for message in self.sent if message["method"] == method]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.loop.close()


def at(uri: str, line: int, character: int) -> dict[str, Any]:
    """Return the parameters of a request about a position."""
    return {"textDocument": {"uri": uri}, "position": {"line": line, "character": character}}
