"""Settings that change while the server runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from claimlens.lsp import messages
from claimlens.lsp.configuration import FILE_NAMES

if TYPE_CHECKING:
    from claimlens.lsp.server import ClaimlensServer


async def did_change_configuration(server: ClaimlensServer, params: types.DidChangeConfigurationParams) -> None:
    """Take the settings sent, or ask for them where the client can be asked."""
    if not server.client.asks_for_settings:
        server.configuration.take_settings(params.settings)
    await server.refresh_settings()


async def did_change_watched_files(server: ClaimlensServer, params: types.DidChangeWatchedFilesParams) -> None:
    """Read settings files, and files that state what an API accepts, again."""
    uris = [change.uri for change in params.changes]
    if any(uri.endswith(FILE_NAMES) for uri in uris):
        await server.refresh_settings()
    await server.files.files_changed(uris)


async def did_change_workspace_folders(server: ClaimlensServer, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Read the settings and the files of the folders that there are now."""
    await server.refresh_settings()
    await server.files.read_folders(list(server.workspace.folders))


async def did_change_user_settings(server: ClaimlensServer, params: messages.UserSettingsParams) -> None:
    """Take the user's own settings: these alone say what may be reached."""
    server.configuration.take_user_settings(params.network or {})
    server.network.trusted = params.trusted
    await server.refresh_settings()
