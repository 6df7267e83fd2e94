"""Code actions that make a policy require a scope or a role: offered in the policy, and on a token that it accepts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import attrs
from lsprotocol import types

from claimlens.lsp import edits
from claimlens.lsp.policies import PolicyPlace, places
from claimlens.text.escape import visible
from claimlens.text.spans import Span

if TYPE_CHECKING:
    from claimlens.apim.model import Element
    from claimlens.apim.sources import PolicySource
    from claimlens.diagnosis.snippets.required_claims import Requirement
    from claimlens.entra import Profile
    from claimlens.expectations import Expectation
    from claimlens.lsp.features.code_actions import Request
    from claimlens.lsp.server import ClaimlensServer
    from claimlens.text.snapshot import Snapshot

MOST_TOKENS = 50
"""Tokens of the open documents that are looked at."""


@attrs.frozen
class _Offer:
    """What a policy could require besides, and the file that it stands in."""

    title: str
    snapshot: Snapshot
    source: PolicySource
    policy: Element
    requirement: Requirement


def requirements(request: Request) -> Iterator[types.CodeAction]:
    """Yield what the policy at a place, or those near the token there, could require of tokens besides."""
    for index, offer in enumerate(_offers(request.server, request.snapshot, request.span.start)):
        data = {"uri": request.snapshot.uri, "version": request.snapshot.version, "edit": "require"}
        data |= {"start": request.span.start, "index": index}
        yield types.CodeAction(offer.title, types.CodeActionKind.QuickFix, data=data)


def required(server: ClaimlensServer, snapshot: Snapshot, data: Mapping[str, Any]) -> types.WorkspaceEdit | None:
    """Return the edit of the requirement that was chosen."""
    from claimlens.diagnosis.snippets.required_claims import require

    offers = list(_offers(server, snapshot, data["start"]))
    if not 0 <= data["index"] < len(offers):
        return None
    chosen = offers[data["index"]]
    return edits.workspace_edit(server, chosen.snapshot, [require(chosen.source, chosen.policy, chosen.requirement)])


def _offers(server: ClaimlensServer, snapshot: Snapshot, offset: int) -> Iterator[_Offer]:
    found = _policy_at(server, snapshot, offset)
    if found is None:
        yield from _near_the_token(server, snapshot, offset)
        return
    place, policy = found
    for requirement in _possible(server, snapshot, policy):
        yield _Offer(requirement.title, snapshot, place.source, policy, requirement)


def _possible(server: ClaimlensServer, snapshot: Snapshot, policy: Element) -> Iterator[Requirement]:
    from claimlens.diagnosis.snippets.required_claims import Requirement, requirements

    expected = server.settings(snapshot.uri).expected
    asked = (Requirement("scp", tuple(expected.scopes)), Requirement("roles", tuple(expected.roles)))
    return requirements(policy, asked, server.workspace_of(snapshot.uri).expectations, _open_tokens(server))


def _near_the_token(server: ClaimlensServer, snapshot: Snapshot, offset: int) -> Iterator[_Offer]:
    """Yield what the policies near a token that accept its audience could require, and the token carries."""
    from claimlens.entra import profile
    from claimlens.expectations.matching import policies_for

    tokens = server.tokens_in(snapshot, Span(offset, offset))
    found = profile(tokens[0], server.clock()) if tokens else None
    if found is None or not found.permissions:
        return
    audiences = [audience.value for audience in found.audiences]
    for section in policies_for(audiences, snapshot.uri, server.workspace_of(snapshot.uri).expectations):
        file = server.files.snapshot(section.path or "")
        if file is not None:
            yield from _carried(found, file, section)


def _carried(found: Profile, file: Snapshot, section: Expectation) -> Iterator[_Offer]:
    from claimlens.diagnosis.snippets.required_claims import requirements

    name = visible(section.location.rpartition("/")[2])
    for source, policy in _policies_in(file, section.span):
        for requirement in requirements(policy, (), (), (found,)):
            yield _Offer(f"{requirement.title} in '{name}'", file, source, policy, requirement)


def _policies_in(file: Snapshot, span: Span) -> Iterator[tuple[PolicySource, Element]]:
    """Yield the policy of a file that stands at a span, and the document that it is in."""
    from claimlens.apim.sources import find_policies

    for source in find_policies(file.text, file.uri):
        yield from ((source, each) for each in source.document.elements if source.host_span(each.span) == span)


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
