"""The policies in open documents, read once for each state, and the way between their places and the client's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import unquote

import attrs
from lsprotocol import types

from claimlens.lsp import convert
from claimlens.text.snapshot import Snapshot
from claimlens.text.spans import Span

if TYPE_CHECKING:
    from claimlens.apim.document import PolicyDocument
    from claimlens.apim.sources import PolicySource
    from claimlens.lsp.server import ClaimlensServer

_MOST_KEPT = 200
"""Documents whose policies are kept; were more open than that, each question about them all would read them all."""
_BEGINNING = 20_000
"""Characters of a fragment in which its root begins."""


class PolicyStore:
    """The policies of open documents, each kept until its document changes."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Snapshot, tuple[PolicySource, ...]]] = {}

    def of(self, snapshot: Snapshot) -> tuple[PolicySource, ...]:
        """Return the policies in a document, in order."""
        from claimlens.apim.editing.sources import editable_policies

        kept = self._kept.get(snapshot.uri)
        if kept is not None and kept[0] is snapshot:
            return kept[1]
        path = None if snapshot.uri.startswith("untitled:") else snapshot.uri
        found = editable_policies(snapshot.text, path, snapshot.language_id)
        self._kept.pop(snapshot.uri, None)
        while len(self._kept) >= _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[snapshot.uri] = (snapshot, found)
        return found

    def forget(self, uri: str) -> None:
        """Drop what is known of a document."""
        self._kept.pop(uri, None)


@attrs.frozen
class PolicyPlace:
    """A place in a policy of an open document.

    Attributes:
        server: whom it was asked of.
        snapshot: the document.
        source: the policy in it.
        offset: the place, counted in the policy.
    """

    server: ClaimlensServer
    snapshot: Snapshot
    source: PolicySource
    offset: int

    @property
    def document(self) -> PolicyDocument:
        """The policy as read."""
        return self.source.document

    def range(self, span: Span) -> types.Range:
        """Return where the client finds a span of the policy."""
        return convert.to_range(self.snapshot.lines, self.server.encoding, self.source.host_span(span))

    def edit(self, span: Span, text: str) -> types.TextEdit:
        """Return the edit that writes ``text`` in place of a span of the policy."""
        return types.TextEdit(self.range(span), self.source.encode(text))


def places(server: ClaimlensServer, uri: str) -> Iterator[PolicyPlace]:
    """Yield the beginning of each policy in an open document."""
    snapshot = server.documents.get(uri)
    if snapshot is not None:
        yield from policies_of(server, snapshot)


def policies_of(server: ClaimlensServer, snapshot: Snapshot) -> Iterator[PolicyPlace]:
    """Yield the beginning of each policy in a file, open or not."""
    for source in server.policies.of(snapshot):
        yield PolicyPlace(server, snapshot, source, 0)


def place(server: ClaimlensServer, uri: str, position: types.Position) -> PolicyPlace | None:
    """Return the place in a policy at a position of an open document, or None where no policy is."""
    for found in places(server, uri):
        inside = offset_in(found, position)
        if inside is not None:
            return attrs.evolve(found, offset=inside)
    return None


def offset_in(found: PolicyPlace, position: types.Position) -> int | None:
    """Return the offset in a policy of a position in its document, or None outside."""
    offset = convert.to_offset(found.snapshot.lines, found.server.encoding, position)
    return found.source.policy_offset(offset)


def whole_file(server: ClaimlensServer, uri: str) -> PolicyPlace | None:
    """Return the policy that a document is, or None where it is none or only holds some."""
    return next((each for each in places(server, uri) if each.source.kind.value == "xml"), None)


def fragments(server: ClaimlensServer) -> Mapping[str, str]:
    """Return the text of the fragments that are open, by the id that their path gives them."""
    found: dict[str, str] = {}
    for each in open_fragments(server):
        found.setdefault(each[0], each[1].source.text)
    return found


def open_fragments(server: ClaimlensServer) -> Iterator[tuple[str, PolicyPlace]]:
    """Yield the fragments that are open, each with the id that its path gives it."""
    from claimlens.apim.declarations.artifacts import fragment_name

    for uri in server.documents:
        snapshot = server.documents.get(uri)
        name = fragment_name(unquote(uri))
        if snapshot is None or name is None or "<fragment" not in snapshot.lines.slice(0, _BEGINNING):
            continue
        found = whole_file(server, uri)
        root = found.document.root if found else None
        if found and root and root.name == "fragment":
            yield name, found
