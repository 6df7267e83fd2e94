"""Names in policies and in what declares them, across the files of a workspace.

A variable is one policy's; named values and fragments belong to the service, so they are looked for in every open
document, in the files of the workspace whose policies use them, and where they are declared.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote

import attrs
from lsprotocol import types

from claimlens.lsp import convert
from claimlens.lsp.policies import PolicyPlace, open_fragments, place, policies_of
from claimlens.text.snapshot import Snapshot
from claimlens.text.spans import Span

if TYPE_CHECKING:
    from claimlens.apim.declarations import Declaration, Declared, NameKind
    from claimlens.lsp.server import ClaimlensServer

_BEGINNING = Span(0, 0)


@attrs.frozen
class NamedPlace:
    """A name at a position of an open document.

    Attributes:
        server: whom it was asked of.
        snapshot: the document.
        kind: what the name belongs to.
        name: as written.
        span: where it stands in the document.
        policy: the policy that uses it, or None in what declares it.
    """

    server: ClaimlensServer
    snapshot: Snapshot
    kind: NameKind
    name: str
    span: Span
    policy: PolicyPlace | None = None

    @property
    def declared(self) -> Declared:
        """What the document's folder declares."""
        return self.server.workspace_of(self.snapshot.uri).declared

    @property
    def range(self) -> types.Range:
        """Where it stands, for the client."""
        return to_range(self.server, self.snapshot, self.span)


@attrs.frozen
class Found:
    """A place in a file, open or not."""

    snapshot: Snapshot
    span: Span
    policy: PolicyPlace | None = None
    declares: bool = False

    def location(self, server: ClaimlensServer) -> types.Location:
        """Return it for the client."""
        return types.Location(self.snapshot.uri, to_range(server, self.snapshot, self.span))


def to_range(server: ClaimlensServer, snapshot: Snapshot, span: Span) -> types.Range:
    """Return where the client finds a span of a file."""
    return convert.to_range(snapshot.lines, server.encoding, span)


def name_at(server: ClaimlensServer, uri: str, position: types.Position) -> NamedPlace | None:
    """Return the name at a position of an open document: in a policy, or in what declares it."""
    from claimlens.apim.editing.names import mention_at

    found = place(server, uri, position)
    mention = mention_at(found.document, found.offset) if found else None
    if found is not None and mention is not None:
        span = found.source.host_span(mention.span)
        return NamedPlace(server, found.snapshot, mention.kind, mention.name, span, found)
    snapshot = server.documents.get(uri) if found is None else None
    if snapshot is None:
        return None
    offset = convert.to_offset(snapshot.lines, server.encoding, position)
    for each in server.workspace_of(uri).declared.declarations:
        if each.span is not None and each.span.contains(offset) and unquote(each.path) == unquote(uri):
            return NamedPlace(server, snapshot, each.kind, each.name, each.span)
    return None


def places_of(named: NamedPlace) -> Iterator[Found]:
    """Yield every place where policies speak of a name."""
    from claimlens.apim.editing.names import same_name

    own = [named.policy] if named.policy and named.kind.value == "variable" else None
    for policy in policies_with(named) if own is None else own:
        for one in same_name(policy.document, named.kind, named.name):
            yield Found(policy.snapshot, policy.source.host_span(one.span), policy, one.declares)


def policies_with(named: NamedPlace) -> Iterator[PolicyPlace]:
    """Yield the policies that may speak of a named value or fragment: those of open documents, then of other files."""
    server = named.server
    opened = [snapshot for uri in server.documents if (snapshot := server.documents.get(uri))]
    files = (snapshot for uri in files_with(named) if (snapshot := server.files.snapshot(uri)))
    for snapshot in (*opened, *files):
        yield from policies_of(server, snapshot)


def files_with(named: NamedPlace) -> list[str]:
    """Return the URIs of the files that are not open and may speak of a named value or fragment."""
    opened = {unquote(uri) for uri in named.server.documents}
    return [uri for uri in named.server.files.using(named.kind, named.name) if unquote(uri) not in opened]


def declarations_of(named: NamedPlace) -> Iterator[Found]:
    """Yield where a named value or fragment is declared; of a fragment that has a file, the file."""
    server, seen = named.server, set[tuple[str, Span]]()
    for each in named.declared.find(named.kind, named.name):
        found = _content(server, each) or _written(server, each)
        if found is not None and (found.snapshot.uri, found.span) not in seen:
            seen.add((found.snapshot.uri, found.span))
            yield found
    if named.kind.value == "fragment" and not seen:
        for name, policy in open_fragments(server):
            if name == named.name:
                yield Found(policy.snapshot, _BEGINNING, declares=True)


def _content(server: ClaimlensServer, declaration: Declaration) -> Found | None:
    """Return the beginning of a fragment."""
    snapshot = server.files.snapshot(declaration.content_path) if declaration.content_path else None
    return Found(snapshot, _BEGINNING, declares=True) if snapshot else None


def _written(server: ClaimlensServer, declaration: Declaration) -> Found | None:
    """Return where a declaration writes the name, or the beginning of its file."""
    snapshot = server.files.snapshot(declaration.path)
    return Found(snapshot, declaration.span or _BEGINNING, declares=True) if snapshot else None
