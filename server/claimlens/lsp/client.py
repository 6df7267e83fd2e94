"""What the client on the other side can do, read once from ``initialize``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from lsprotocol import types
from pygls.capabilities import get_capability


@attrs.frozen
class Client:
    """A client's abilities; the defaults are those of one that says nothing.

    Attributes:
        markdown: whether hovers may be Markdown.
        commands: the client commands of docs/protocol.md that it carries out.
        pulls_diagnostics: whether it asks for diagnostics; they are pushed otherwise.
        refreshes: of ``diagnostics``, ``codeLens`` and ``inlayHint``, those it can be asked to ask for again.
        can_show_documents: whether it opens a URL when asked.
        versioned_edits: whether it checks an edit against the version it was made for.
        resolves_edits: whether it asks for the edit of a code action when it is chosen.
        asks_for_settings: whether it can be asked for settings.
        watches_files: whether it can be asked to watch files.
        tells_settings: whether it can be asked to tell when settings change.
        shows_progress: whether it shows the progress of work that the server begins.
        remembers_hosts: whether it keeps a host that was allowed for the workspace.
        snippets: whether completion may have places to fill in.
        creates_files: whether an edit may create a file.
        renames_files: whether an edit may rename a file or folder.
    """

    markdown: bool = False
    commands: frozenset[str] = frozenset()
    pulls_diagnostics: bool = False
    refreshes: frozenset[str] = frozenset()
    can_show_documents: bool = False
    versioned_edits: bool = False
    resolves_edits: bool = False
    asks_for_settings: bool = False
    watches_files: bool = False
    tells_settings: bool = False
    shows_progress: bool = False
    remembers_hosts: bool = False
    snippets: bool = False
    creates_files: bool = False
    renames_files: bool = False

    @classmethod
    def of(cls, params: types.InitializeParams) -> Client:
        """Read the abilities from the parameters of ``initialize``."""

        def can(path: str) -> Any:
            return get_capability(params.capabilities, path)

        return cls(
            markdown=types.MarkupKind.Markdown in (can("text_document.hover.content_format") or ()),
            commands=frozenset(_commands(params.initialization_options)),
            pulls_diagnostics=can("text_document.diagnostic") is not None,
            refreshes=frozenset(
                name
                for name, path in (
                    ("diagnostics", "workspace.diagnostics.refresh_support"),
                    ("codeLens", "workspace.code_lens.refresh_support"),
                    ("inlayHint", "workspace.inlay_hint.refresh_support"),
                )
                if can(path)
            ),
            can_show_documents=bool(can("window.show_document.support")),
            versioned_edits=bool(can("workspace.workspace_edit.document_changes")),
            resolves_edits="edit" in (can("text_document.code_action.resolve_support.properties") or ()),
            asks_for_settings=bool(can("workspace.configuration")),
            watches_files=bool(can("workspace.did_change_watched_files.dynamic_registration")),
            tells_settings=bool(can("workspace.did_change_configuration.dynamic_registration")),
            shows_progress=bool(can("window.work_done_progress")),
            remembers_hosts=_option(params, "remembersHosts") is True,
            snippets=bool(can("text_document.completion.completion_item.snippet_support")),
            creates_files=types.ResourceOperationKind.Create in _operations(params),
            renames_files=types.ResourceOperationKind.Rename in _operations(params),
        )

    def carries_out(self, command: str) -> bool:
        """Tell whether the client carries out this command itself."""
        return command in self.commands


def _operations(params: types.InitializeParams) -> Sequence[types.ResourceOperationKind]:
    return get_capability(params.capabilities, "workspace.workspace_edit.resource_operations") or ()


def _option(params: types.InitializeParams, name: str) -> Any:
    options = params.initialization_options
    return options.get(name) if isinstance(options, Mapping) else None


def _commands(options: Any) -> list[str]:
    commands = options.get("commands") if isinstance(options, Mapping) else None
    return [name for name in commands if isinstance(name, str)] if isinstance(commands, list) else []
