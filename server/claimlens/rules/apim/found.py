"""Finds the policy documents in a text, and puts what is said of one where it stands in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs

from claimlens.apim.document import SECTIONS
from claimlens.apim.knowledge import policies
from claimlens.apim.parser import parse
from claimlens.apim.sources import PolicySource, SourceKind, find_policies
from claimlens.rules.apim.context import PolicyContext
from claimlens.rules.context import Request
from claimlens.rules.model import Edit, Finding, Fix, Related
from claimlens.text.nearest import is_slip, nearest
from claimlens.text.spans import Span

_ROOT = re.compile(r"\A[\ufeff\s]*+(?:<!--(?:[^-]|-(?!->))*+-->\s*+|<[?!][^>]*+>\s*+)*+<(policies|fragment)[\s/>]")


def policies_in(request: Request) -> Iterator[PolicyContext]:
    """Yield a context for each policy document; never raises."""
    text, uri = request.snapshot.text, request.snapshot.uri
    for source in find_policies(text, uri or None) or _damaged(text):
        yield PolicyContext(source.document, request.settings, uri, source, request.workspace.declared)


def _damaged(text: str) -> Iterator[PolicySource]:
    """Yield a file that is meant to be a policy, though the name of none in it is right."""
    if not _ROOT.match(text):
        return
    document = parse(text)
    inside = document.root.elements if document.root is not None else ()
    if any(element.name in SECTIONS or is_slip(element.name, nearest(element.name, policies())) for element in inside):
        yield PolicySource(SourceKind.XML, Span(0, len(text)), document)


def in_file(context: PolicyContext, finding: Finding) -> Finding:
    """Return a finding about a policy with its places in the file that the policy stands in."""
    source = context.source
    if source is None or source.kind is SourceKind.XML:
        return finding
    return attrs.evolve(
        finding,
        span=source.host_span(finding.span),
        related=tuple(Related(each.message, source.host_span(each.span), each.path) for each in finding.related),
        fixes=tuple(_fix_in_file(source, fix) for fix in finding.fixes),
    )


def _fix_in_file(source: PolicySource, fix: Fix) -> Fix:
    edits = tuple(Edit(source.host_span(edit.span), source.encode(edit.new_text)) for edit in fix.edits)
    return attrs.evolve(fix, edits=edits)
