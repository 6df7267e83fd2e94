"""What is shown of a policy: hovers, and completion with its pages.

Handlers ask `claimlens.apim.editing` and turn its values into those of LSP. Pages are sent when an item is looked at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsprotocol import types

from claimlens.lsp.name_notes import note_of
from claimlens.lsp.names import name_at
from claimlens.lsp.policies import PolicyPlace, fragments, place

if TYPE_CHECKING:
    from claimlens.apim.declarations import Declaration
    from claimlens.apim.editing.items import Item, Known
    from claimlens.lsp.server import ClaimlensServer

_KINDS = {
    "policy": types.CompletionItemKind.Function,
    "element": types.CompletionItemKind.Field,
    "section": types.CompletionItemKind.Module,
    "attribute": types.CompletionItemKind.Property,
    "value": types.CompletionItemKind.EnumMember,
    "closing tag": types.CompletionItemKind.Keyword,
    "keyword": types.CompletionItemKind.Keyword,
    "property": types.CompletionItemKind.Property,
    "method": types.CompletionItemKind.Method,
    "type": types.CompletionItemKind.Class,
    "variable": types.CompletionItemKind.Variable,
    "named value": types.CompletionItemKind.Constant,
    "fragment": types.CompletionItemKind.Reference,
}
"""By the values of `claimlens.apim.editing.items.Sort`."""
_MARKS = re.compile(r"[`*]|^```\w*\n|\[([^\]]*)\]\(([^)]*)\)", re.MULTILINE)
_LONGEST_DETAIL = 60


def options() -> types.CompletionOptions:
    """Return the options of the capability."""
    return types.CompletionOptions(trigger_characters=["<", "/", '"', ".", "{", " "], resolve_provider=True)


def hover(server: ClaimlensServer, params: types.HoverParams) -> types.Hover | None:
    """Show what stands at a position of a policy, or what a declaration declares."""
    from claimlens.apim.editing.hover import hover_at, name_page

    uri = params.text_document.uri
    found = place(server, uri, params.position)
    if found is not None:
        shown = hover_at(found.document, found.offset, lambda mention: note_of(server, uri, mention.kind, mention.name))
        return types.Hover(markup(server, shown.page), found.range(shown.span)) if shown else None
    named = name_at(server, uri, params.position)
    if named is None:
        return None
    page = name_page(named.kind, named.name, note_of(server, uri, named.kind, named.name))
    return types.Hover(markup(server, page), named.range)


def completion(server: ClaimlensServer, params: types.CompletionParams) -> types.CompletionList | None:
    """Return what may be written at a position of a policy."""
    from claimlens.apim.editing.completion import complete
    from claimlens.apim.editing.place import is_between_attributes

    found = place(server, params.text_document.uri, params.position)
    if found is None or (_typed(params) == " " and not is_between_attributes(found.document, found.offset)):
        return None
    items = [_item(found, item) for item in complete(found.document, found.offset, _known(found))]
    return types.CompletionList(is_incomplete=False, items=items)


def _typed(params: types.CompletionParams) -> str:
    """Return the character whose typing asked for completion, or nothing."""
    return (params.context.trigger_character if params.context else None) or ""


def _known(found: PolicyPlace) -> Known:
    """Return what completion may offer besides the document: from the settings, the workspace, open fragments."""
    from claimlens.apim.declarations import NameKind
    from claimlens.apim.editing.items import Known
    from claimlens.apim.facts import Gateway

    server, uri = found.server, found.snapshot.uri
    settings, declared = server.settings(uri).policies, server.workspace_of(uri).declared
    values = {name: _detail(declared.find(NameKind.NAMED_VALUE, name)) for name in declared.names(NameKind.NAMED_VALUE)}
    ids = dict.fromkeys((*declared.names(NameKind.FRAGMENT), *fragments(server)))
    gateway = Gateway(settings.gateway) if settings.gateway else None
    return Known(gateway, {**values, **settings.named_values}, tuple(ids))


def _detail(found: tuple[Declaration, ...]) -> str:
    """Return the value of a named value that may be shown, or that it is secret."""
    if any(each.secret for each in found):
        return "secret"
    return next((each.value for each in found if each.value is not None), "declared")


def resolve(server: ClaimlensServer, item: types.CompletionItem) -> types.CompletionItem:
    """Add the page of an item that is looked at."""
    from claimlens.apim.editing.pages import page_of

    page = page_of(item.data) if isinstance(item.data, str) else None
    if page:
        item.documentation = markup(server, page)
    return item


def markup(server: ClaimlensServer, page: str) -> types.MarkupContent:
    """Return a page as the client can show it."""
    if server.client.markdown:
        return types.MarkupContent(types.MarkupKind.Markdown, page)
    return types.MarkupContent(types.MarkupKind.PlainText, _MARKS.sub(_plain, page))


def _plain(mark: re.Match[str]) -> str:
    return f"{mark[1]} ({mark[2]})" if mark[1] else ""


def _item(found: PolicyPlace, item: Item) -> types.CompletionItem:
    """Return an item of LSP; in a string with escapes a snippet would be escaped twice, so it is written out."""
    snippets = bool(item.snippet.places) and found.server.client.snippets and not found.source.is_quoted
    text = item.snippet.tab_stops if snippets else found.source.encode(item.snippet.plain)
    return types.CompletionItem(
        item.label,
        kind=_KINDS[item.sort.value],
        detail=item.detail[:_LONGEST_DETAIL] or None,
        sort_text=f"{item.rank:03}{item.label}",
        filter_text=_filter(found, item),
        text_edit=types.TextEdit(found.range(item.span), text),
        insert_text_format=types.InsertTextFormat.Snippet if snippets else None,
        data=item.page,
    )


def _filter(found: PolicyPlace, item: Item) -> str | None:
    """Return what is compared with what was typed, where that is not the label."""
    if item.sort == "closing tag" and not item.snippet.plain.startswith("/"):
        return item.snippet.plain.strip("</>")
    return None
