"""Names in policies: where each is set or declared, where it is spoken of, and other names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from claimlens.lsp.names import declarations_of, name_at, places_of
from claimlens.lsp.protocol import RefusalError
from claimlens.lsp.renaming import plan_for, renamed, renamed_uses

if TYPE_CHECKING:
    from claimlens.lsp.server import ClaimlensServer


def definition(server: ClaimlensServer, params: types.DefinitionParams) -> list[types.Location] | None:
    """Return where a variable is set, a named value declared, a fragment written."""
    named = name_at(server, params.text_document.uri, params.position)
    if named is None:
        return None
    if named.kind.value == "variable":
        return [each.location(server) for each in places_of(named) if each.declares]
    return [each.location(server) for each in declarations_of(named)]


def references(server: ClaimlensServer, params: types.ReferenceParams) -> list[types.Location] | None:
    """Return where a name stands: a variable in its document, others in the whole workspace."""
    named = name_at(server, params.text_document.uri, params.position)
    if named is None:
        return None
    every = params.context.include_declaration
    spoken = [each for each in places_of(named) if every or not each.declares]
    if every and named.kind.value != "variable":
        spoken += declarations_of(named)
    return [each.location(server) for each in spoken]


def rename_options() -> types.RenameOptions:
    """Return the options of the capability."""
    return types.RenameOptions(prepare_provider=True)


def prepare_rename(server: ClaimlensServer, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
    """Return the name at a position, if it can have another one; refuse, with the reason, if it cannot."""
    named = name_at(server, params.text_document.uri, params.position)
    if named is None:
        return None
    if named.kind.value != "variable":
        plan_for(named)
    return types.PrepareRenamePlaceholder(named.range, named.name)


def rename(server: ClaimlensServer, params: types.RenameParams) -> types.WorkspaceEdit | None:
    """Give a name another one wherever it stands, or refuse one that would break what is around it."""
    from claimlens.apim.editing.names import is_valid

    named = name_at(server, params.text_document.uri, params.position)
    if named is None:
        return None
    if named.kind.value != "variable":
        return renamed(named, params.new_name)
    if not is_valid(named.kind, params.new_name):
        reason = "The name of a variable has no quotes, angle brackets, braces, ampersands, backslashes or line breaks."
        raise RefusalError(types.LSPErrorCodes.RequestFailed, reason)
    return types.WorkspaceEdit(changes=renamed_uses(named, params.new_name))
