"""``textDocument/hover``.

Policies have hovers of their own (`claimlens.lsp.features.policies_show`). To show something else, add a provider to
`PROVIDERS`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from lsprotocol import types

from claimlens.jose.model import SegmentRole
from claimlens.lsp import convert
from claimlens.lsp.features import errors, policies_show
from claimlens.lsp.markdown import Report
from claimlens.text.spans import Span

if TYPE_CHECKING:
    from claimlens.lsp.server import ClaimlensServer, Place

Provider = Callable[["ClaimlensServer", "Place"], tuple[Report, Span] | None]
"""Returns what to show at a place and the span it is about, or None."""


def hover(server: ClaimlensServer, params: types.HoverParams) -> types.Hover | None:
    """Show what stands at a position."""
    place = server.place(params.text_document.uri, params.position)
    shown = next((found for provider in PROVIDERS if place and (found := provider(server, place))), None)
    if place is None or shown is None:
        return policies_show.hover(server, params)
    report, span = shown
    return types.Hover(server.markup(report), convert.to_range(place.snapshot.lines, server.encoding, span))


def token(server: ClaimlensServer, place: Place) -> tuple[Report, Span] | None:
    """Show the segment of the token at the place."""
    from claimlens.lsp.reports import segment_report

    found = place.token
    if found is None:
        return None
    segment = next((part for part in found.segments if part.span.contains(place.offset)), None)
    role = segment.role if segment else SegmentRole.PAYLOAD
    verified = server.verifications.of(found)
    return segment_report(found, role, server.clock(), server.zone, verified), segment.span if segment else found.span


PROVIDERS: tuple[Provider, ...] = (token, errors.error)
