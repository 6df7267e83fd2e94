"""Starting, and the coming and going of documents."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from claimlens.lsp.client import Client
from claimlens.lsp.configuration import EXCLUDED
from claimlens.lsp.protocol import RefusalError

if TYPE_CHECKING:
    from claimlens.lsp.server import ClaimlensServer

WATCHED = (
    "**/claimlens.toml",
    "**/pyproject.toml",
    "**/*.{json,jsonc,xml,config,yml,yaml,properties,bicep,bicepparam,tf,tfvars,cshtml,policy,tpl,tftpl}",
    "**/{*.http,*.rest,*.env,.env.*,*.txt,*.md,*.har,*.sh,*.ps1}",
)
"""Files that are read. Folders are watched besides: of one that comes or goes as a whole, no file is told."""


def initialize(server: ClaimlensServer, params: types.InitializeParams) -> None:
    """Take the client's abilities and the user's settings; pygls makes the answer from the routes."""
    server.client = Client.of(params)
    server.documents.attach(server)
    server.configuration.start(params)
    options = params.initialization_options
    server.network.trusted = not (isinstance(options, Mapping) and options.get("trusted") is False)


async def initialized(server: ClaimlensServer, params: types.InitializedParams) -> None:
    """Ask for what needs asking, and to be told when it changes: neither waits for the other."""
    await asyncio.gather(_ask_to_be_told(server), _ask(server))


async def _ask_to_be_told(server: ClaimlensServer) -> None:
    wanted: list[tuple[str, str, Any]] = []
    if server.client.watches_files:
        watchers = [types.FileSystemWatcher(pattern) for pattern in WATCHED]
        watchers.append(types.FileSystemWatcher("**/*", types.WatchKind.Create | types.WatchKind.Delete))
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        wanted.append(("files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options))
    if server.client.tells_settings:
        section = types.DidChangeConfigurationRegistrationOptions(section=["claimlens", EXCLUDED])
        wanted.append(("settings", types.WORKSPACE_DID_CHANGE_CONFIGURATION, section))
    if wanted:
        registrations = [types.Registration(f"claimlens-{name}", method, made) for name, method, made in wanted]
        with contextlib.suppress(RefusalError):  # a client may offer registration and refuse this one
            await server.client_register_capability_async(types.RegistrationParams(registrations))


async def _ask(server: ClaimlensServer) -> None:
    await server.refresh_settings()
    server.warm_up()
    await server.files.read_folders(list(server.workspace.folders))


def did_open(server: ClaimlensServer, params: types.DidOpenTextDocumentParams) -> None:
    """A document is there."""
    server.files.document_changed(params.text_document.uri)
    server.diagnoser.document_changed(params.text_document.uri)


def did_change(server: ClaimlensServer, params: types.DidChangeTextDocumentParams) -> None:
    """A document is another now."""
    server.files.document_changed(params.text_document.uri)
    server.diagnoser.document_changed(params.text_document.uri)


def did_close(server: ClaimlensServer, params: types.DidCloseTextDocumentParams) -> None:
    """A document is gone, and with it everything known of it."""
    server.files.document_closed(params.text_document.uri)
    server.diagnoser.document_closed(params.text_document.uri)
