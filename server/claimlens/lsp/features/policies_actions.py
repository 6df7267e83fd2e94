"""Code actions that write a policy another way."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from claimlens.lsp.policies import PolicyPlace, places
from claimlens.text.spans import Span

if TYPE_CHECKING:
    from claimlens.apim.editing.formatting import Change
    from claimlens.apim.editing.refactorings import Extraction
    from claimlens.apim.model import Element
    from claimlens.lsp.features.code_actions import Request
    from claimlens.lsp.server import ClaimlensServer
    from claimlens.text.snapshot import Snapshot

FRAGMENT_ID = "new-fragment"
"""What a fragment is called at first; renaming it is for the editor."""


def refactorings(request: Request) -> Iterator[types.CodeAction]:
    """Yield what can be made of the policy in a range; the edit is made when one is chosen."""
    for title, kind, name in _KINDS:
        changes = _changes(request.server, request.snapshot, name, request.span)
        if changes is not None:
            span = {"start": request.span.start, "end": request.span.end}
            data = {"uri": request.snapshot.uri, "version": request.snapshot.version, "edit": "policy", "as": name}
            yield types.CodeAction(title, kind, data={**data, **span})


def rewritten(server: ClaimlensServer, snapshot: Snapshot, data: Mapping[str, Any]) -> types.WorkspaceEdit | None:
    """Return the edit of a refactoring."""
    return _changes(server, snapshot, str(data.get("as")), Span(data["start"], data["end"]))


def _changes(server: ClaimlensServer, snapshot: Snapshot, name: str, span: Span) -> types.WorkspaceEdit | None:
    make = _MAKERS.get(name)
    for found in places(server, snapshot.uri) if make else ():
        start, end = found.source.policy_offset(span.start), found.source.policy_offset(span.end)
        if make and start is not None and end is not None and start <= end:
            return make(found, Span(start, end))
    return None


def _converted(found: PolicyPlace, span: Span) -> types.WorkspaceEdit | None:
    from claimlens.apim.editing.refactorings import to_azure_ad

    element = _named_at(found, span.start)
    return _edit(found, to_azure_ad(found.document, element)) if element else None


def _escaped(found: PolicyPlace, span: Span) -> types.WorkspaceEdit | None:
    from claimlens.apim.editing.refactorings import escaped

    return _edit(found, escaped(found.document)) if found.document.expression_at(span.start) else None


def _unescaped(found: PolicyPlace, span: Span) -> types.WorkspaceEdit | None:
    from claimlens.apim.editing.refactorings import unescaped

    return _edit(found, unescaped(found.document)) if found.document.expression_at(span.start) else None


def _extracted(found: PolicyPlace, span: Span) -> types.WorkspaceEdit | None:
    """Return the edit that makes a file of the chosen policies, for clients that can create one."""
    from claimlens.apim.editing.refactorings import extraction

    uri = found.snapshot.uri
    if not found.server.client.creates_files or not uri.startswith("file:"):
        return None
    made = extraction(found.document, span, FRAGMENT_ID)
    return _with_new_file(found, made) if made else None


def _with_new_file(found: PolicyPlace, made: Extraction) -> types.WorkspaceEdit:
    """Return the edit that creates the file of a fragment beside the policy, fills it, and includes it."""
    uri = found.snapshot.uri
    target = f"{uri.rpartition('/')[0]}/{FRAGMENT_ID}.xml"
    start = types.Range(types.Position(0, 0), types.Position(0, 0))
    ours = types.OptionalVersionedTextDocumentIdentifier(uri, found.snapshot.version)
    new = types.OptionalVersionedTextDocumentIdentifier(target)
    return types.WorkspaceEdit(
        document_changes=[
            types.CreateFile(target),
            types.TextDocumentEdit(new, [types.TextEdit(start, made.fragment)]),
            types.TextDocumentEdit(ours, [found.edit(made.change.span, made.change.text)]),
        ]
    )


def _named_at(found: PolicyPlace, offset: int) -> Element | None:
    """Return the innermost ``validate-jwt`` around an offset."""
    element = found.document.element_at(offset)
    line = (element, *found.document.ancestors(element)) if element else ()
    return next((each for each in line if each.name == "validate-jwt"), None)


def _edit(found: PolicyPlace, changes: Sequence[Change]) -> types.WorkspaceEdit | None:
    edits = [found.edit(change.span, change.text) for change in changes]
    return types.WorkspaceEdit(changes={found.snapshot.uri: edits}) if edits else None


_KINDS = (
    ("Convert to validate-azure-ad-token", types.CodeActionKind.RefactorRewrite, "azure-ad"),
    ("Extract to a policy fragment", types.CodeActionKind.RefactorExtract, "fragment"),
    ("Write expressions with entities (format xml)", types.CodeActionKind.RefactorRewrite, "xml"),
    ("Write expressions without entities (format rawxml)", types.CodeActionKind.RefactorRewrite, "rawxml"),
)
_MAKERS: Mapping[str, Callable[[PolicyPlace, Span], types.WorkspaceEdit | None]] = {
    "azure-ad": _converted,
    "fragment": _extracted,
    "xml": _escaped,
    "rawxml": _unescaped,
}
