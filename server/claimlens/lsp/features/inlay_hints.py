"""``textDocument/inlayHint``: each token in a few words, behind it; on request, what each known error means."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from lsprotocol import types

from claimlens.lsp import convert

if TYPE_CHECKING:
    from claimlens.lsp.server import ClaimlensServer
    from claimlens.text.snapshot import Snapshot
    from claimlens.text.spans import Span

MOST = 500
"""Hints per answer; clients ask for what is visible."""
_LONGEST = 90
"""Characters of a hint."""


def inlay_hints(server: ClaimlensServer, params: types.InlayHintParams) -> list[types.InlayHint]:
    """Return the hints that end in the range, those that the settings have on."""
    snapshot = server.documents.get(params.text_document.uri)
    if snapshot is None:
        return []
    settings, asked = server.settings(snapshot.uri), convert.to_span(snapshot.lines, server.encoding, params.range)
    lenses_say_it = settings.code_lens_enabled and server.lenses_are_shown
    hints: list[types.InlayHint] = []
    if settings.inlay_hints_enabled and not lenses_say_it:
        hints += islice(_tokens(server, snapshot, asked), MOST)
    if settings.inlay_hints_errors:
        hints += islice(_errors(server, snapshot, asked), MOST)
    return hints


def _tokens(server: ClaimlensServer, snapshot: Snapshot, asked: Span) -> Iterator[types.InlayHint]:
    from claimlens.lsp.reports import short_label

    now = server.clock()
    for token in server.tokens_in(snapshot, asked):
        yield _hint(server, snapshot, token.span.end, short_label(token, now))


def _errors(server: ClaimlensServer, snapshot: Snapshot, asked: Span) -> Iterator[types.InlayHint]:
    """Yield what each error means, once per line and error."""
    from claimlens.lsp.features.errors import mentions_in, report

    told: set[tuple[int, str]] = set()
    for mention, span in mentions_in(snapshot, asked):
        once = (snapshot.lines.position(span.start).line, mention.entry.id)
        if mention.entry.severity != "note" and once not in told:
            told.add(once)
            hint = _hint(server, snapshot, span.end, _shortened(mention.entry.meaning))
            hint.tooltip = server.markup(report(mention))
            yield hint


def _hint(server: ClaimlensServer, snapshot: Snapshot, end: int, label: str) -> types.InlayHint:
    place = convert.to_position(snapshot.lines, server.encoding, end)
    return types.InlayHint(place, label, padding_left=True)


def _shortened(sentence: str) -> str:
    """Return a sentence of ours without its full stop, cut between two words where it is long."""
    words = sentence.removesuffix(".")
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST].rsplit(' ', 1)[0].rstrip(',;:')}…"
