"""The edit that gives a named value or fragment another name, in every file; or the reason why there is none."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from lsprotocol import types

from claimlens.lsp.names import NamedPlace, files_with, places_of, policies_with, to_range
from claimlens.lsp.protocol import RefusalError

if TYPE_CHECKING:
    from claimlens.apim.declarations.renaming import Renaming

Changes = dict[str, list[types.TextEdit]]
"""The edits of each file, by its URI."""


def renamed_uses(named: NamedPlace, new_name: str) -> Changes:
    """Return the edits of the places where policies speak of a name."""
    changes: Changes = {}
    for each in places_of(named):
        text = each.policy.source.encode(new_name) if each.policy else new_name
        edit = types.TextEdit(to_range(named.server, each.snapshot, each.span), text)
        changes.setdefault(each.snapshot.uri, []).append(edit)
    return changes


def renamed(named: NamedPlace, new_name: str) -> types.WorkspaceEdit:
    """Return the edit that renames a named value or fragment, its declarations included.

    Raises:
        RefusalError: with the reason, where something that has the name would be left behind.
    """
    plan = plan_for(named, new_name)
    changes = renamed_uses(named, new_name)
    for each in plan.written:
        snapshot = named.server.files.snapshot(each.path)
        if snapshot is None or each.span is None:
            _refuse("A file that declares the name has changed and is not read yet: try again.")
        edit = types.TextEdit(to_range(named.server, snapshot, each.span), new_name)
        changes.setdefault(snapshot.uri, []).append(edit)
    return _with_folders(plan, new_name, changes)


def plan_for(named: NamedPlace, new_name: str | None = None) -> Renaming:
    """Return what declares a name; refuse as `renamed` does. Without a new name: whether it can have one at all."""
    from claimlens.apim.declarations.renaming import CannotRename, plan

    named.server.files.forget_texts()
    _check_files(named)
    try:
        made = plan(named.declared, named.kind, named.name, new_name)
    except CannotRename as reason:
        _refuse(str(reason))
    if made.folders and not named.server.client.renames_files:
        _refuse("The name is that of a folder, which this editor cannot rename with the rest.")
    return made


def _check_files(named: NamedPlace) -> None:
    """Refuse where a place that has the name may be missed, or mean something else."""
    from claimlens.apim.editing.names import in_liquid

    server, is_value = named.server, named.kind.value == "named value"
    if not server.files.complete:
        _refuse("Not every file of the workspace has been read, so some places might be missed.")
    if any(server.files.snapshot(uri) is None for uri in files_with(named)):
        _refuse("A file that uses the name has changed and is not read yet: try again.")
    settings = server.settings(named.snapshot.uri).policies.named_values
    if is_value and named.name.lower() in map(str.lower, settings):
        _refuse("The setting claimlens.policies.namedValues declares it: change it there.")
    if is_value and any(in_liquid(each.document, named.name) for each in policies_with(named)):
        _refuse("A Liquid template uses the name, and it may mean something else there.")


def _refuse(reason: str) -> NoReturn:
    raise RefusalError(types.LSPErrorCodes.RequestFailed, reason)


def _with_folders(plan: Renaming, new_name: str, changes: Changes) -> types.WorkspaceEdit:
    """Return the edit, with the folders that are renamed behind the changes in their files."""
    if not plan.folders:
        return types.WorkspaceEdit(changes=changes)
    edited = [
        types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri), list(edits))
        for uri, edits in changes.items()
    ]
    moved = [types.RenameFile(old, f"{old.rpartition('/')[0]}/{new_name}") for old in plan.folders]
    return types.WorkspaceEdit(document_changes=[*edited, *moved])
