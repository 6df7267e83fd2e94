"""The shape of policies: outline, folding, growing selections, pairs of tags, links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from lsprotocol import types

from claimlens.lsp.names import NamedPlace, declarations_of, to_range
from claimlens.lsp.policies import PolicyPlace, place, places
from claimlens.text.spans import Span

if TYPE_CHECKING:
    from claimlens.apim.editing.structure import Fold, Symbol
    from claimlens.lsp.server import ClaimlensServer

_TEMPLATE = re.compile(r"\.(?:bicep|tf)\Z", re.IGNORECASE)
_FOLDS = {"comment": types.FoldingRangeKind.Comment}


def symbols(server: ClaimlensServer, params: types.DocumentSymbolParams) -> list[types.DocumentSymbol]:
    """Return the outline of the policies in a document."""
    from claimlens.apim.editing.structure import outline

    return [
        _symbol(found, each) for found in places(server, params.text_document.uri) for each in outline(found.document)
    ]


def _symbol(found: PolicyPlace, symbol: Symbol) -> types.DocumentSymbol:
    """Return a symbol of LSP; the parser bounds how deep they stand in each other."""
    kind = types.SymbolKind.Function if symbol.is_policy else types.SymbolKind.Field
    return types.DocumentSymbol(
        name=symbol.element.name,
        detail=symbol.detail or None,
        kind=types.SymbolKind.Module if symbol.is_section else kind,
        range=found.range(symbol.element.span),
        selection_range=found.range(symbol.element.name_span),
        children=[_symbol(found, inner) for inner in symbol.children],
    )


def folding(server: ClaimlensServer, params: types.FoldingRangeParams) -> list[types.FoldingRange]:
    """Return what can be folded away: elements, comments, code."""
    from claimlens.apim.editing.structure import folds

    found = places(server, params.text_document.uri)
    made = (_fold(each, fold) for each in found for fold in folds(each.document))
    return [fold for fold in made if fold is not None]


def _fold(found: PolicyPlace, fold: Fold) -> types.FoldingRange | None:
    """Return the lines that are folded away; one with nothing but the end of the pair stays in view."""
    lines, span = found.snapshot.lines, found.source.host_span(fold.span)
    first, last = lines.position(span.start).line, lines.position(span.end).line
    before_end = lines.slice(lines.line_span(last).start, span.end)
    stays = before_end.lstrip().startswith("</") or len(before_end.strip()) < 4
    last -= 1 if stays else 0
    return types.FoldingRange(first, last, kind=_FOLDS.get(fold.kind.value)) if first < last else None


def selection(server: ClaimlensServer, params: types.SelectionRangeParams) -> list[types.SelectionRange] | None:
    """Return for each position what a selection grows to."""
    made = [_selection(server, params.text_document.uri, position) for position in params.positions]
    found = [each for each in made if each is not None]
    return found if len(found) == len(params.positions) else None


def _selection(server: ClaimlensServer, uri: str, position: types.Position) -> types.SelectionRange | None:
    from claimlens.apim.editing.structure import selections

    found = place(server, uri, position)
    made: types.SelectionRange | None = None
    for span in reversed(selections(found.document, found.offset)) if found else ():
        made = types.SelectionRange(found.range(span), made)  # type: ignore[union-attr]
    return made


def highlights(server: ClaimlensServer, params: types.DocumentHighlightParams) -> list[types.DocumentHighlight] | None:
    """Return both tags of an element, or every place of a name; None lets editors compare words."""
    from claimlens.apim.editing.names import mention_at, same_name
    from claimlens.apim.editing.structure import tag_names

    found = place(server, params.text_document.uri, params.position)
    if found is None:
        return None
    spans: list[Span] = list(tag_names(found.document, found.offset))
    mention = mention_at(found.document, found.offset)
    spans += [each.span for each in same_name(found.document, mention.kind, mention.name)] if mention else []
    return [types.DocumentHighlight(found.range(span)) for span in spans] or None


def linked(server: ClaimlensServer, params: types.LinkedEditingRangeParams) -> types.LinkedEditingRanges | None:
    """Return the names in both tags of an element, to be changed as one."""
    from claimlens.apim.editing.structure import tag_names

    found = place(server, params.text_document.uri, params.position)
    spans = tag_names(found.document, found.offset) if found else ()
    if found is None or not spans:
        return None
    return types.LinkedEditingRanges([found.range(span) for span in spans], r"[\w:.\-]+")


def close_tag(server: ClaimlensServer, params: types.TextDocumentPositionParams) -> dict[str, str] | None:
    """Return the closing tag that is missing for the opening tag that ends at a position."""
    from claimlens.apim.editing.structure import tag_to_close

    found = place(server, params.text_document.uri, params.position)
    name = tag_to_close(found.document, found.offset) if found else None
    return {"text": found.source.encode(f"</{name}>")} if found and name else None


def links(server: ClaimlensServer, params: types.DocumentLinkParams) -> list[types.DocumentLink]:
    """Return what leads somewhere: metadata of issuers, fragments, the policy files that a template loads."""
    uri = params.text_document.uri
    found = [link for policy in places(server, uri) for link in _links(policy)]
    return [*found, *_loaded(server, uri)]


def _links(found: PolicyPlace) -> Iterator[types.DocumentLink]:
    from claimlens.apim.declarations import NameKind
    from claimlens.apim.editing.links import links as all_links

    for link in all_links(found.document):
        target = link.url
        if link.fragment:
            span = found.source.host_span(link.span)
            named = NamedPlace(found.server, found.snapshot, NameKind.FRAGMENT, link.fragment, span, found)
            target = next((each.snapshot.uri for each in declarations_of(named)), None)
        if target:
            yield types.DocumentLink(found.range(link.span), target)


def _loaded(server: ClaimlensServer, uri: str) -> Iterator[types.DocumentLink]:
    """Yield the policy files that Bicep or Terraform loads."""
    from claimlens.apim.declarations.model import file_beside
    from claimlens.apim.sources import linked_files

    snapshot = server.documents.get(uri) if _TEMPLATE.search(uri) and uri.startswith("file:") else None
    for file in linked_files(snapshot.text) if snapshot else ():
        target = file_beside(uri, file.path)
        if snapshot and target:
            yield types.DocumentLink(to_range(server, snapshot, file.span), target)
