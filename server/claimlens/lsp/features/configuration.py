"""Settings that change while the server runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from claimlens.lsp import messages

if TYPE_CHECKING:
    from claimlens.lsp.server import ClaimlensServer


async def did_change_configuration(server: ClaimlensServer, params: types.DidChangeConfigurationParams) -> None:
    """Take the settings sent, or ask for them where the client can be asked."""
    if not server.client.asks_for_settings:
        server.configuration.take_settings(params.settings)
    await server.refresh_settings()


async def did_change_watched_files(server: ClaimlensServer, params: types.DidChangeWatchedFilesParams) -> None:
    """Read the settings files of the folders again."""
    await server.refresh_settings()


async def did_change_workspace_folders(server: ClaimlensServer, params: types.DidChangeWorkspaceFoldersParams) -> None:
    """Read the settings of folders that came."""
    await server.refresh_settings()


async def did_change_user_settings(server: ClaimlensServer, params: messages.UserSettingsParams) -> None:
    """Take the user's own settings: these alone say what may be reached."""
    server.configuration.take_user_settings(params.network or {})
    server.network.trusted = params.trusted
    await server.refresh_settings()
