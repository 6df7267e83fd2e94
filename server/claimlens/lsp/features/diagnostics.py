"""``textDocument/diagnostic``, ``workspace/diagnostic``, and ``textDocument/publishDiagnostics`` for other clients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from claimlens.lsp.diagnostic_lists import DiagnosticList
from claimlens.lsp.protocol import Serialized

if TYPE_CHECKING:
    from claimlens.lsp.server import ClaimlensServer


def options() -> types.DiagnosticOptions:
    """Return the options of the capability."""
    return types.DiagnosticOptions(False, False, identifier="claimlens")


async def pull(server: ClaimlensServer, params: types.DocumentDiagnosticParams) -> Serialized:
    """Answer with the diagnostics of a document, or that they are what the client has."""
    found = await listed(server, params.text_document.uri)
    if found is None:
        return Serialized('{"kind":"full","items":[]}')
    return Serialized(found.report(params.previous_result_id))


async def pull_workspace(server: ClaimlensServer, params: types.WorkspaceDiagnosticParams) -> Serialized:
    """Answer with the diagnostics of every open document."""
    previous = {each.uri: each.value for each in params.previous_result_ids}
    found = [await listed(server, uri) for uri in list(server.documents)]
    reports = [each.report(previous.get(each.uri), in_workspace=True) for each in found if each]
    return Serialized(f'{{"items":[{",".join(reports)}]}}')


async def push(server: ClaimlensServer, uri: str) -> None:
    """Send the diagnostics of a document."""
    found = await listed(server, uri)
    if found is not None:
        server.protocol.send_serialized(types.TEXT_DOCUMENT_PUBLISH_DIAGNOSTICS, found.publication())


def withdraw(server: ClaimlensServer, uri: str) -> None:
    """Take away the diagnostics of a document that was closed."""
    server.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))


async def listed(server: ClaimlensServer, uri: str) -> DiagnosticList | None:
    """Return the diagnostics of an open document, and watch the clock for their next change."""
    analysis = await server.analyses.of(uri)
    if analysis is None:
        return None
    server.diagnoser.watch_time()
    return server.diagnostic_lists.of(analysis, server.encoding, server.limits(analysis.snapshot))


def nothing_found(_: types.DocumentDiagnosticParams) -> types.RelatedFullDocumentDiagnosticReport:
    """Return an empty report."""
    return types.RelatedFullDocumentDiagnosticReport([])


def nothing_reported(_: types.WorkspaceDiagnosticParams) -> types.WorkspaceDiagnosticReport:
    """Return an empty report."""
    return types.WorkspaceDiagnosticReport([])
