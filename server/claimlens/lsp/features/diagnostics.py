"""``textDocument/diagnostic`` and ``workspace/diagnostic``; `claimlens.lsp.diagnoser` pushes to other clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from claimlens.lsp.protocol import Serialized

if TYPE_CHECKING:
    from claimlens.lsp.server import ClaimlensServer


def options() -> types.DiagnosticOptions:
    """Return the options of the capability: what is found in a document depends on what other files say."""
    return types.DiagnosticOptions(True, False, identifier="claimlens")


async def pull(server: ClaimlensServer, params: types.DocumentDiagnosticParams) -> Serialized:
    """Answer with the diagnostics of a document, or that they are what the client has."""
    found = await server.diagnoser.diagnostics(params.text_document.uri)
    if found is None:
        return Serialized('{"kind":"full","items":[]}')
    return Serialized(found.report(params.previous_result_id))


async def pull_workspace(server: ClaimlensServer, params: types.WorkspaceDiagnosticParams) -> Serialized:
    """Answer with the diagnostics of every open document."""
    previous = {each.uri: each.value for each in params.previous_result_ids}
    found = [await server.diagnoser.diagnostics(uri) for uri in list(server.documents)]
    reports = [each.report(previous.get(each.uri), in_workspace=True) for each in found if each]
    return Serialized(f'{{"items":[{",".join(reports)}]}}')


def nothing_found(_: types.DocumentDiagnosticParams) -> types.RelatedFullDocumentDiagnosticReport:
    """Return an empty report."""
    return types.RelatedFullDocumentDiagnosticReport([])


def nothing_reported(_: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
    """Return an empty report."""
    return types.WorkspaceDiagnosticReport([])
