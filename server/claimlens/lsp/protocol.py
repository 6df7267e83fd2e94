"""pygls' protocol, made to answer correctly whatever a client sends.

pygls 2.1.1 leaves requests with malformed parameters unanswered, takes any nested object with a ``jsonrpc`` member for
a message, ignores requests after ``shutdown``, stumbles over ``shutdown`` while requests run, exits with status 0
without one, and puts exception text and tracebacks into answers and pop-ups. Each of these is mended here, once, and
has a test in ``tests/lsp/test_protocol.py``. What a client is told about a failure is a fixed sentence per error code.
"""

from __future__ import annotations

import asyncio
import contextvars
import json
import logging
from collections.abc import Generator, Mapping
from concurrent.futures import Future
from functools import cache
from typing import TYPE_CHECKING, Any

import attrs
from lsprotocol import types
from pygls.exceptions import JsonRpcException
from pygls.protocol import JsonRPCRequestMessage, LanguageServerProtocol, lsp_method
from pygls.protocol.json_rpc import JsonRPCNotification, JsonRPCResponseMessage

from claimlens.lsp import messages
from claimlens.lsp.framing import Fault, frame
from claimlens.lsp.logs import defect

if TYPE_CHECKING:
    from claimlens.lsp.server import ClaimlensServer

_log = logging.getLogger(__name__)

PARSE_ERROR = types.ErrorCodes.ParseError.value
INVALID_REQUEST = types.ErrorCodes.InvalidRequest.value
METHOD_NOT_FOUND = types.ErrorCodes.MethodNotFound.value
INVALID_PARAMS = types.ErrorCodes.InvalidParams.value
INTERNAL_ERROR = types.ErrorCodes.InternalError.value
NOT_INITIALIZED = types.ErrorCodes.ServerNotInitialized.value
CANCELLED = types.LSPErrorCodes.RequestCancelled.value

_SENTENCES = {
    PARSE_ERROR: "The message is not JSON.",
    INVALID_REQUEST: "Not a request that can be answered now.",
    METHOD_NOT_FOUND: "The server does not know this method.",
    INVALID_PARAMS: "The parameters do not have the shape this method asks for.",
    INTERNAL_ERROR: "The server could not do this.",
    NOT_INITIALIZED: "The first request must be initialize.",
    CANCELLED: "Cancelled.",
}


class RefusalError(JsonRpcException):
    """A request that is refused (raise it from any handler), with one of the sentences above or one of its own."""

    def __init__(self, code: int, reason: str = "") -> None:
        super().__init__(reason or _SENTENCES[code], code)


@attrs.frozen
class Serialized:
    """A result that is JSON already: it goes out as it stands."""

    json: str = attrs.field(repr=False)


class ClaimlensProtocol(LanguageServerProtocol):
    """Reads bodies, finds and runs handlers, writes answers."""

    _server: ClaimlensServer

    def __init__(self, server: ClaimlensServer, converter: Any) -> None:
        messages.register(converter)
        super().__init__(server, converter)
        self._initialize_seen = False

    # Reading

    def receive(self, item: bytes | Fault) -> None:
        """Take one body, or what stands in for it, from the transport. Never raises."""
        if isinstance(item, Fault):
            _log.warning("skipped %s", item.value)
            self._refuse(None, INVALID_REQUEST)
            return
        try:
            message = json.loads(item)
        except (ValueError, RecursionError):
            self._refuse(None, PARSE_ERROR)
            return
        try:
            self.dispatch(message)
        except RefusalError as refusal:
            self._refuse(_identifier(message), refusal.code)
        except Exception as error:
            defect(_log, "dispatch", error)
            self._refuse(_identifier(message), INTERNAL_ERROR)

    def dispatch(self, message: Any) -> None:
        """Handle one decoded message; raise `RefusalError` where it asks for an answer that cannot be given."""
        if not isinstance(message, dict) or message.get("jsonrpc") != self.VERSION:
            raise RefusalError(INVALID_REQUEST)
        method = message.get("method")
        if method is None:
            self._take_response(message)
        elif not isinstance(method, str):
            raise RefusalError(INVALID_REQUEST)
        elif "id" in message:
            self._take_request(message, method)
        else:
            self._take_notification(message, method)

    def _take_request(self, message: dict[str, Any], method: str) -> None:
        identifier = _identifier(message)
        if identifier is None or self._shutdown:
            raise RefusalError(INVALID_REQUEST)
        if method == types.INITIALIZE:
            if self._initialize_seen:
                raise RefusalError(INVALID_REQUEST)
        elif not self._initialize_seen:
            raise RefusalError(NOT_INITIALIZED)
        if not self._known(method):
            raise RefusalError(METHOD_NOT_FOUND)
        params = self._structured(message, method, JsonRPCRequestMessage, "id")
        self._initialize_seen = True
        contextvars.copy_context().run(self._handle_request, identifier, method, params)

    def _take_notification(self, message: dict[str, Any], method: str) -> None:
        if method != types.EXIT and (self._shutdown or not self._initialize_seen):
            return
        if not self._known(method) and method != types.CANCEL_REQUEST:
            return
        try:
            params = self._structured(message, method, JsonRPCNotification, "method")
        except RefusalError:
            _log.warning("ignored a notification with parameters of the wrong shape")
            return
        contextvars.copy_context().run(self._handle_notification, method, params)

    def _known(self, method: str) -> bool:
        return method in self.fm.builtin_features or method in self.fm.features

    def _structured(self, message: dict[str, Any], method: str, default: type[Any], required: str) -> Any:
        """Return the parameters as the type that the method has."""
        shape = self.get_message_type(method) or default
        if not hasattr(shape, "__attrs_attrs__") or not any(field.name == required for field in shape.__attrs_attrs__):
            raise RefusalError(INVALID_REQUEST)  # a request sent as a notification, or the other way round
        if not isinstance(message.get("params", {}), dict | list | None):
            raise RefusalError(INVALID_PARAMS)
        try:
            return self._converter.structure({"params": None, **message}, shape).params
        except Exception as error:
            _log.info("malformed parameters: %s", type(error).__name__)
            raise RefusalError(INVALID_PARAMS) from None

    def _take_response(self, message: dict[str, Any]) -> None:
        identifier = _identifier(message)
        future = self._request_futures.pop(identifier, None) if identifier is not None else None
        if identifier is None or future is None or future.done():
            return
        shape = self._result_types.pop(identifier, None) or JsonRPCResponseMessage
        try:
            if "error" in message:
                raise RefusalError(INTERNAL_ERROR)
            future.set_result(self._converter.structure({"result": None, **message}, shape).result)
        except Exception as error:
            _log.info("the client refused a request or answered in the wrong shape: %s", type(error).__name__)
            future.set_exception(RefusalError(INTERNAL_ERROR))

    @cache  # noqa: B019 - one protocol object per process
    def get_message_type(self, method: str) -> type[Any] | None:
        """Return the message class of a method, those of Claimlens included."""
        return messages.MESSAGE_TYPES.get(method) or super().get_message_type(method)

    # Writing

    def _refuse(self, identifier: int | str | None, code: int, reason: str = "") -> None:
        error = {"code": code, "message": reason or _SENTENCES[code]}
        self._write(json.dumps({"jsonrpc": self.VERSION, "id": identifier, "error": error}))

    def _send_data(self, data: Any) -> None:
        self._write(json.dumps(data, default=self._serialize_message, separators=(",", ":")))

    def send_serialized(self, method: str, params: str) -> None:
        """Send a notification whose parameters are JSON already."""
        self._write(f'{{"jsonrpc":"2.0","method":"{method}","params":{params}}}')

    def _write(self, body: str) -> None:
        if self.writer is None:
            return
        try:
            self.writer.write(frame(body.encode()))
        except OSError:
            self._server.finish(1)

    def _send_handler_result(self, future: Future[Any], *, msg_id: int | str) -> None:
        self._request_futures.pop(msg_id, None)
        if future.cancelled():
            self._refuse(msg_id, CANCELLED)
            return
        error = future.exception()
        if error is None and isinstance(result := future.result(), Serialized):
            self._write(f'{{"jsonrpc":"2.0","id":{json.dumps(msg_id)},"result":{result.json}}}')
        elif error is None:
            self._answer(msg_id, future.result())
        elif isinstance(error, RefusalError):
            self._refuse(msg_id, error.code, error.message)
        elif isinstance(error, JsonRpcException) and error.code in _SENTENCES:
            self._refuse(msg_id, error.code)
        else:
            defect(_log, "a handler", error)
            self._refuse(msg_id, INTERNAL_ERROR)

    def _answer(self, msg_id: int | str, result: Any) -> None:
        try:
            self._send_response(msg_id, result)
        except Exception as error:
            defect(_log, "writing an answer", error)
            self._refuse(msg_id, INTERNAL_ERROR)

    def _run_generator(
        self, future: Future[Any] | None, *, gen: Generator[Any, Any, Any], result_future: Future[Any]
    ) -> None:
        """Go on with a handler of pygls; one whose work was cancelled is too (pygls lets the cancellation through)."""
        if future is not None and future.cancelled():
            gen.close()
            result_future.cancel()
        else:
            super()._run_generator(future, gen=gen, result_future=result_future)

    def _check_handler_result(self, future: Future[Any]) -> None:
        if not future.cancelled() and (error := future.exception()) is not None:
            defect(_log, "a notification", error)

    def _handle_cancel_notification(self, msg_id: int | str) -> None:
        future = self._request_futures.get(msg_id)
        if future is not None:
            future.cancel()

    # The life of the server

    @lsp_method(types.SHUTDOWN)
    def lsp_shutdown(self, *_: Any) -> None:  # type: ignore[override] # a plain function serves as well
        """Cancel what runs and refuse what comes, ``exit`` apart."""
        own = self.msg_id
        self._shutdown = True
        for identifier, future in list(self._request_futures.items()):
            if identifier != own and not future.done():
                future.cancel()

    @lsp_method(types.EXIT)
    def lsp_exit(self, *_: Any) -> None:  # type: ignore[override]
        """End with status 0 after ``shutdown``, 1 without (LSP 3.17, "Exit Notification")."""
        self._server.finish(0 if self._shutdown else 1)

    @lsp_method(types.WORKSPACE_EXECUTE_COMMAND)
    async def lsp_workspace__execute_command(self, params: types.ExecuteCommandParams) -> Any:  # type: ignore[override]
        """Run a command as a task of its own, so that cancelling the request cancels the command."""
        command = self.fm.commands.get(params.command)
        if command is None:
            raise RefusalError(INVALID_PARAMS)
        result = command(params.arguments or [])
        return await result if asyncio.iscoroutine(result) else result


def _identifier(message: Any) -> int | str | None:
    """Return the id of a message if it is one that JSON-RPC allows."""
    identifier = message.get("id") if isinstance(message, Mapping) else None
    return identifier if isinstance(identifier, int | str) and not isinstance(identifier, bool) else None
