"""The table of everything the server does.

To add a feature: write ``handler(server, params)`` in a module of ``claimlens.lsp.features`` (a few lines that take a
snapshot, ask a pure function and convert; an ``async def`` if it may take longer than a few milliseconds, awaiting
``asyncio.sleep(0)`` between slices), then add a row here. The capabilities in the answer to ``initialize`` follow from
the rows and their options; ``tests/lsp/golden/initialize.json`` shows the change.

A defect in a handler costs the one answer: it is logged, and `Route.fallback` is answered. Handlers are given open
documents only; nothing is read from disk because a client names a URI.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import attrs
from lsprotocol import types
from pygls.exceptions import JsonRpcException

from claimlens.lsp import messages
from claimlens.lsp.features import (
    code_actions,
    code_lens,
    comparison,
    configuration,
    custom,
    diagnostics,
    explain,
    hover,
    inlay_hints,
    lifecycle,
    open_tokens,
    policies_format,
    policies_names,
    policies_show,
    policies_structure,
    semantic_tokens,
    simulation,
    snippets,
    verification,
)
from claimlens.lsp.logs import defect

if TYPE_CHECKING:
    from claimlens.lsp.server import ClaimlensServer

_log = logging.getLogger(__name__)

Handler = Callable[..., Any]
"""``(server, params)``; a coroutine function runs as a task of its own that the client can cancel."""


def _nothing(_: Any) -> None:
    """Answer ``null``."""


def _unchanged(params: Any) -> Any:
    """Answer a resolve request with what was to be resolved."""
    return params


@attrs.frozen
class Route:
    """One thing the server does.

    Attributes:
        method: of LSP, or of Claimlens (docs/protocol.md).
        handler: what answers.
        options: makes the capability's options; made anew for each server because pygls completes them.
        fallback: makes the answer when the handler fails.
    """

    method: str
    handler: Handler
    options: Callable[[], Any] | None = None
    fallback: Callable[[Any], Any] = _nothing


ROUTES = (
    # The life of the server, documents, settings
    Route(types.INITIALIZE, lifecycle.initialize),
    Route(types.INITIALIZED, lifecycle.initialized),
    Route(types.TEXT_DOCUMENT_DID_OPEN, lifecycle.did_open),
    Route(types.TEXT_DOCUMENT_DID_CHANGE, lifecycle.did_change),
    Route(types.TEXT_DOCUMENT_DID_CLOSE, lifecycle.did_close),
    Route(types.WORKSPACE_DID_CHANGE_CONFIGURATION, configuration.did_change_configuration),
    Route(types.WORKSPACE_DID_CHANGE_WATCHED_FILES, configuration.did_change_watched_files),
    Route(types.WORKSPACE_DID_CHANGE_WORKSPACE_FOLDERS, configuration.did_change_workspace_folders),
    Route(messages.USER_SETTINGS, configuration.did_change_user_settings),
    # What is shown
    Route(types.TEXT_DOCUMENT_HOVER, hover.hover),
    Route(types.TEXT_DOCUMENT_DIAGNOSTIC, diagnostics.pull, diagnostics.options, diagnostics.nothing_found),
    Route(types.WORKSPACE_DIAGNOSTIC, diagnostics.pull_workspace, fallback=diagnostics.nothing_reported),
    Route(types.TEXT_DOCUMENT_CODE_LENS, code_lens.code_lens),
    Route(types.TEXT_DOCUMENT_INLAY_HINT, inlay_hints.inlay_hints),
    Route(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_FULL, semantic_tokens.full, semantic_tokens.legend),
    Route(types.TEXT_DOCUMENT_SEMANTIC_TOKENS_RANGE, semantic_tokens.in_range, semantic_tokens.legend),
    Route(types.TEXT_DOCUMENT_COMPLETION, policies_show.completion, policies_show.options),
    Route(types.COMPLETION_ITEM_RESOLVE, policies_show.resolve, fallback=_unchanged),
    Route(types.TEXT_DOCUMENT_DOCUMENT_SYMBOL, policies_structure.symbols),
    Route(types.TEXT_DOCUMENT_FOLDING_RANGE, policies_structure.folding),
    Route(types.TEXT_DOCUMENT_SELECTION_RANGE, policies_structure.selection),
    Route(types.TEXT_DOCUMENT_DOCUMENT_HIGHLIGHT, policies_structure.highlights),
    Route(types.TEXT_DOCUMENT_LINKED_EDITING_RANGE, policies_structure.linked),
    Route(types.TEXT_DOCUMENT_DOCUMENT_LINK, policies_structure.links),
    Route(types.TEXT_DOCUMENT_DEFINITION, policies_names.definition),
    Route(types.TEXT_DOCUMENT_REFERENCES, policies_names.references),
    # What can be done
    Route(types.TEXT_DOCUMENT_FORMATTING, policies_format.whole),
    Route(types.TEXT_DOCUMENT_RANGE_FORMATTING, policies_format.part),
    Route(types.TEXT_DOCUMENT_ON_TYPE_FORMATTING, policies_format.on_type, policies_format.on_type_options),
    Route(types.TEXT_DOCUMENT_PREPARE_RENAME, policies_names.prepare_rename),
    Route(types.TEXT_DOCUMENT_RENAME, policies_names.rename, policies_names.rename_options),
    Route(types.TEXT_DOCUMENT_CODE_ACTION, code_actions.code_actions, code_actions.options),
    Route(types.CODE_ACTION_RESOLVE, code_actions.resolve, fallback=_unchanged),
    # What Claimlens adds to LSP
    Route(messages.DECODE, custom.decode),
    Route(messages.CLAIMS, custom.claims),
    Route(messages.TOKENS, custom.tokens),
    Route(messages.REDACT, custom.redact),
    Route(messages.STATUS, custom.status),
    Route(messages.CLOSE_TAG, policies_structure.close_tag),
    Route(messages.EXPLAIN, explain.explain),
    Route(messages.SNIPPET, snippets.snippet),
    Route(messages.OPEN_TOKENS, open_tokens.open_tokens),
    Route(messages.COMPARE, comparison.compare),
    Route(messages.OPEN_POLICIES, simulation.open_policies),
    Route(messages.SIMULATE, simulation.simulate),
    # What may use the network: each is an action of the user
    Route(messages.VERIFY_TOKEN, verification.verify),
    Route(messages.METADATA, verification.metadata),
    Route(messages.CLEAR_METADATA, verification.clear),
)

COMMANDS: tuple[tuple[str, Handler], ...] = (
    (messages.OPEN_RULE_PAGE, custom.open_rule_page),
    (messages.SERVER_VERIFY, verification.verify_and_say),
)
"""``workspace/executeCommand``: the command and ``handler(server, arguments)``."""


def register(server: ClaimlensServer) -> None:
    """Register every row with ``server``."""
    for route in ROUTES:
        server.feature(route.method, route.options() if route.options else None)(guarded(server, route))
    for command, handler in COMMANDS:
        server.protocol.fm.commands[command] = guarded(server, Route(command, handler))


def guarded(server: ClaimlensServer, route: Route) -> Handler:
    """Return the row's handler, which from there on never fails but by refusing."""

    def fall_back(error: Exception, params: Any) -> Any:
        if isinstance(error, JsonRpcException):
            raise error
        defect(_log, route.method, error)
        return route.fallback(params)

    async def run_as_task(params: Any) -> Any:
        try:
            return await route.handler(server, params)
        except Exception as error:
            return fall_back(error, params)

    def run(params: Any) -> Any:
        try:
            return route.handler(server, params)
        except Exception as error:
            return fall_back(error, params)

    return run_as_task if inspect.iscoroutinefunction(route.handler) else run
