"""Code actions that make a policy require a scope or a role."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from claimlens.lsp import edits
from claimlens.lsp.policies import PolicyPlace, places

if TYPE_CHECKING:
    from claimlens.apim.model import Element
    from claimlens.diagnosis.snippets.required_claims import Requirement
    from claimlens.entra import Profile
    from claimlens.lsp.features.code_actions import Request
    from claimlens.lsp.server import ClaimlensServer
    from claimlens.text.snapshot import Snapshot

MOST_TOKENS = 50
"""Tokens of the open documents that are looked at."""


def requirements(request: Request) -> Iterator[types.CodeAction]:
    """Yield what the policy at a place could require of tokens besides."""
    for index, requirement in enumerate(_possible(request.server, request.snapshot, request.span.start)):
        data = {"uri": request.snapshot.uri, "version": request.snapshot.version, "edit": "require"}
        data |= {"start": request.span.start, "index": index}
        yield types.CodeAction(requirement.title, types.CodeActionKind.QuickFix, data=data)


def required(server: ClaimlensServer, snapshot: Snapshot, data: Mapping[str, Any]) -> types.WorkspaceEdit | None:
    """Return the edit of the requirement that was chosen."""
    from claimlens.diagnosis.snippets.required_claims import require

    found = _policy_at(server, snapshot, data["start"])
    possible = _possible(server, snapshot, data["start"])
    if found is None or not 0 <= data["index"] < len(possible):
        return None
    place, policy = found
    return edits.workspace_edit(server, snapshot, [require(place.source, policy, possible[data["index"]])])


def _possible(server: ClaimlensServer, snapshot: Snapshot, offset: int) -> list[Requirement]:
    from claimlens.diagnosis.snippets.required_claims import Requirement, requirements

    found = _policy_at(server, snapshot, offset)
    if found is None:
        return []
    expected = server.settings(snapshot.uri).expected
    asked = (Requirement("scp", tuple(expected.scopes)), Requirement("roles", tuple(expected.roles)))
    stated = server.workspace_of(snapshot.uri).expectations
    return list(requirements(found[1], asked, stated, _open_tokens(server)))


def _open_tokens(server: ClaimlensServer) -> Iterator[Profile]:
    from claimlens.entra import profile

    snapshots = [snapshot for uri in server.documents if (snapshot := server.documents.get(uri))]
    tokens = (token for snapshot in snapshots for token in server.tokens(snapshot))
    for token, _ in zip(tokens, range(MOST_TOKENS), strict=False):
        yield profile(token, server.clock())


def _policy_at(server: ClaimlensServer, snapshot: Snapshot, offset: int) -> tuple[PolicyPlace, Element] | None:
    """Return the policy that checks tokens around a place."""
    from claimlens.diagnosis.snippets.required_claims import TOKEN_POLICIES

    for place in places(server, snapshot.uri):
        inside = place.source.policy_offset(offset)
        element = place.document.element_at(inside) if inside is not None else None
        line = (element, *place.document.ancestors(element)) if element is not None else ()
        policy = next((each for each in line if each.name in TOKEN_POLICIES), None)
        if policy is not None:
            return place, policy
    return None
