"""Would a token pass a policy? The policies that check tokens, and the answer of the simulator for one of them."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lsprotocol import types
from pygls.uris import to_fs_path

from claimlens.lsp import convert, messages
from claimlens.lsp.features.custom import token_of
from claimlens.lsp.features.open_tokens import file_name
from claimlens.lsp.permission import Permission
from claimlens.lsp.progress import shown
from claimlens.text.spans import Span

if TYPE_CHECKING:
    from claimlens.apim.model import Element
    from claimlens.apim.simulator import IssuerDocuments, Simulation
    from claimlens.apim.sources import PolicySource
    from claimlens.lsp.server import ClaimlensServer
    from claimlens.services.simulation_online import Simulate
    from claimlens.text.snapshot import Snapshot

TOKEN_POLICIES = ("validate-jwt", "validate-azure-ad-token")
MOST = 50
"""Policies of a document, and of all documents to choose from."""


async def simulate(server: ClaimlensServer, params: messages.SimulateParams) -> dict[str, Any] | None:
    """Say what API Management would answer to a token, with a report and a mark for each place in the policy.

    With ``online`` the user has asked to check the signature too: the metadata that the policy names is fetched.
    """
    place = server.place(params.text_document.uri, params.position)
    token = _token_text(server, params.token)
    source = _source_at(place.snapshot, place.offset) if place else None
    if place is None or token is None or source is None:
        return None
    run = partial(_run, server, place.snapshot, source, token)
    simulation = await _online(server, run) if params.online else run({})
    return _answer(server, place.snapshot, source, simulation)


def open_policies(server: ClaimlensServer, params: messages.NoParams | None) -> list[dict[str, Any]]:
    """Return the policies of the open documents that check tokens, to choose from."""
    snapshots = [snapshot for uri in server.documents if (snapshot := server.documents.get(uri))]
    found = [
        {
            "textDocument": {"uri": snapshot.uri},
            "position": convert.to_position(snapshot.lines, server.encoding, span.start),
            "label": element.name,
            "name": file_name(snapshot.uri),
        }
        for snapshot in snapshots
        for element, span in token_policies(snapshot)
    ]
    return found[:MOST]


def lenses(server: ClaimlensServer, snapshot: Snapshot) -> Iterator[types.CodeLens]:
    """Yield a lens above each policy that checks tokens, where the client can test one."""
    if not server.client.carries_out(messages.TEST_POLICY):
        return
    for _, span in token_policies(snapshot):
        place = convert.to_range(snapshot.lines, server.encoding, span)
        position = {"line": place.start.line, "character": place.start.character}
        argument = {"textDocument": {"uri": snapshot.uri}, "position": position}
        yield types.CodeLens(place, types.Command("Test with a token…", messages.TEST_POLICY, arguments=[argument]))


def token_policies(snapshot: Snapshot) -> Iterator[tuple[Element, Span]]:
    """Yield the policies of a document that check tokens, and the opening tag of each in the document."""
    found = (
        (element, source.host_span(element.open_tag_span))
        for source in _sources(snapshot)
        for element in source.document.elements
        if element.name in TOKEN_POLICIES
    )
    yield from (each for _, each in zip(range(MOST), found, strict=False))


def _sources(snapshot: Snapshot) -> tuple[PolicySource, ...]:
    from claimlens.apim.sources import find_policies

    return find_policies(snapshot.text, snapshot.uri)


def _source_at(snapshot: Snapshot, offset: int) -> PolicySource | None:
    """Return the policy at a place, or the only one of the document."""
    sources = _sources(snapshot)
    here = next((source for source in sources if source.span.contains(offset)), None)
    return here or (sources[0] if len(sources) == 1 else None)


def _token_text(server: ClaimlensServer, params: messages.TokenParams) -> str | None:
    """Return a token as it would be sent; what was given as text and is no token must reach the policy all the same."""
    token = token_of(server, params)
    if token is not None:
        return token.text or None
    return (params.text or "").strip() or None


async def _online(server: ClaimlensServer, run: Simulate) -> Simulation:
    from claimlens.services.simulation_online import simulate_online

    permission = Permission(server)
    while True:
        async with shown(server, "Checking the token against the policy"):
            answer = await simulate_online(run, permission.cache())
        granted = [await permission.granted(failure) for failure in answer.failures]
        if not any(granted):
            return answer.simulation


def _run(
    server: ClaimlensServer,
    snapshot: Snapshot,
    source: PolicySource,
    token: str,
    issuers: Mapping[str, IssuerDocuments],
) -> Simulation:
    from claimlens.services.simulation import request_with, run_policy

    folder = server.configuration.folder_of(snapshot.uri)
    root = to_fs_path(folder) if folder.startswith("file:") else None
    return run_policy(
        Path(to_fs_path(snapshot.uri) or file_name(snapshot.uri)),
        source.text,
        request_with(token, source.document),
        server.clock(),
        issuers=issuers,
        named_values=_named_values(server, snapshot),
        workspace=Path(root) if root else None,
        declared=server.workspace_of(snapshot.uri).declared,
    )


def _named_values(server: ClaimlensServer, snapshot: Snapshot) -> Mapping[str, str]:
    return server.settings(snapshot.uri).policies.named_values


def _answer(
    server: ClaimlensServer, snapshot: Snapshot, source: PolicySource, simulation: Simulation
) -> dict[str, Any]:
    from claimlens.apim.simulator.report import headline, markdown
    from claimlens.services.cases import link

    def line_of(span: Span) -> int:
        return snapshot.lines.position(source.host_offset(span.start)).line + 1

    return {
        "outcome": simulation.outcome.value,
        "status": simulation.status,
        "reason": simulation.error.reason if simulation.error else None,
        "summary": headline(simulation),
        "report": markdown(simulation, line_of, link(snapshot.uri)),
        "keysFrom": list(dict.fromkeys(filter(None, map(_host, simulation.unfetched)))),
        "marks": list(_marks(server, snapshot, source, simulation)),
    }


def _host(address: str) -> str | None:
    """Return the host of an address, where one can be asked for keys."""
    with contextlib.suppress(ValueError):
        parts = urlsplit(address)
        return parts.hostname if parts.scheme in ("http", "https") else None
    return None


def _marks(
    server: ClaimlensServer, snapshot: Snapshot, source: PolicySource, simulation: Simulation
) -> Iterator[dict[str, Any]]:
    from claimlens.apim.simulator.marks import marks
    from claimlens.text.escape import visible

    if server.documents.get(snapshot.uri) is not snapshot:
        return  # it has changed while keys were fetched
    for mark in marks(simulation, source.document):
        yield {
            "range": convert.to_range(snapshot.lines, server.encoding, source.host_span(mark.span)),
            "reached": mark.reached.value,
            "detail": visible(mark.detail),
        }
