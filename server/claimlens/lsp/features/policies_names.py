"""Names in policies: where a variable is set, where a fragment stands, where each is spoken of, and other names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from lsprotocol import types

from claimlens.lsp.policies import PolicyPlace, open_fragments, place, places
from claimlens.lsp.protocol import RefusalError

if TYPE_CHECKING:
    from claimlens.apim.editing.names import Mention
    from claimlens.lsp.server import ClaimlensServer

_BEGINNING = types.Range(types.Position(0, 0), types.Position(0, 0))


def definition(server: ClaimlensServer, params: types.DefinitionParams) -> list[types.Location] | None:
    """Return where a variable is set, or the fragment with an id where it is open."""
    found, mention = _named(server, params)
    if found is None or mention is None:
        return None
    if mention.kind.value == "fragment":
        fragments = open_fragments(server)
        return [types.Location(each.snapshot.uri, _BEGINNING) for name, each in fragments if name == mention.name]
    return [
        types.Location(each.snapshot.uri, each.range(one.span)) for each, one in _all(found, mention) if one.declares
    ]


def references(server: ClaimlensServer, params: types.ReferenceParams) -> list[types.Location] | None:
    """Return where a name stands: a variable in its document, others in every open one."""
    found, mention = _named(server, params)
    if found is None or mention is None:
        return None
    every = params.context.include_declaration
    spoken = (pair for pair in _all(found, mention) if every or not pair[1].declares)
    return [types.Location(each.snapshot.uri, each.range(one.span)) for each, one in spoken]


def rename_options() -> types.RenameOptions:
    """Return the options of the capability."""
    return types.RenameOptions(prepare_provider=True)


def prepare_rename(server: ClaimlensServer, params: types.PrepareRenameParams) -> types.PrepareRenamePlaceholder | None:
    """Return the name at a position, if it can have another one."""
    found, mention = _named(server, params)
    return types.PrepareRenamePlaceholder(found.range(mention.span), mention.name) if found and mention else None


def rename(server: ClaimlensServer, params: types.RenameParams) -> types.WorkspaceEdit | None:
    """Give a name another one wherever it stands, or refuse one that would break what is around it."""
    from claimlens.apim.editing.names import is_valid

    found, mention = _named(server, params)
    if found is None or mention is None:
        return None
    if not is_valid(mention.kind, params.new_name):
        raise RefusalError(types.ErrorCodes.InvalidParams)
    changes: dict[str, list[types.TextEdit]] = {}
    for each, one in _all(found, mention):
        changes.setdefault(each.snapshot.uri, []).append(each.edit(one.span, params.new_name))
    return types.WorkspaceEdit(changes=changes)


def _named(
    server: ClaimlensServer,
    params: types.DefinitionParams | types.ReferenceParams | types.PrepareRenameParams | types.RenameParams,
) -> tuple[PolicyPlace | None, Mention | None]:
    from claimlens.apim.editing.names import mention_at

    found = place(server, params.text_document.uri, params.position)
    return found, mention_at(found.document, found.offset) if found else None


def _all(found: PolicyPlace, mention: Mention) -> Iterator[tuple[PolicyPlace, Mention]]:
    """Yield every place of a name: a variable is one policy's, the others belong to the service."""
    from claimlens.apim.editing.names import same_name

    alone = mention.kind.value == "variable"
    everywhere = [found] if alone else [each for uri in found.server.documents for each in places(found.server, uri)]
    for each in everywhere:
        for one in same_name(each.document, mention):
            yield each, one
