"""Formatting of policies that are files of their own, as a whole, in part, and while typing."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from lsprotocol import types

from claimlens.lsp import convert
from claimlens.lsp.policies import PolicyPlace, offset_in, whole_file

if TYPE_CHECKING:
    from claimlens.apim.editing.formatting import Change
    from claimlens.lsp.server import ClaimlensServer


def on_type_options() -> types.DocumentOnTypeFormattingOptions:
    """Return the options of the capability."""
    return types.DocumentOnTypeFormattingOptions(">", more_trigger_character=["\n"])


def whole(server: ClaimlensServer, params: types.DocumentFormattingParams) -> list[types.TextEdit] | None:
    """Lay a policy out."""
    found = whole_file(server, params.text_document.uri)
    return _edits(found, _changes(found, params.options)) if found else None


def part(server: ClaimlensServer, params: types.DocumentRangeFormattingParams) -> list[types.TextEdit] | None:
    """Lay the part of a policy out that a range touches."""
    found = whole_file(server, params.text_document.uri)
    if found is None:
        return None
    asked = convert.to_span(found.snapshot.lines, server.encoding, params.range)
    touched = [
        each for each in _changes(found, params.options) if each.span.start <= asked.end >= each.span.end >= asked.start
    ]
    return _edits(found, touched)


def on_type(server: ClaimlensServer, params: types.DocumentOnTypeFormattingParams) -> list[types.TextEdit] | None:
    """Indent the line that was begun, or whose closing tag was finished."""
    from claimlens.apim.editing.formatting import indent_at

    found = whole_file(server, params.text_document.uri)
    offset = offset_in(found, params.position) if found else None
    if found is None or offset is None or not _wants_indent(found, offset, params.ch):
        return None
    change = indent_at(found.document, offset, _step(params.options))
    return _edits(found, [change] if change else [])


def _wants_indent(found: PolicyPlace, offset: int, typed: str) -> bool:
    """Tell whether what was typed begins a line, or ends a closing tag that stands first on its line."""
    if typed == "\n":
        return True
    before = found.source.text[max(0, offset - 200) : offset].rpartition("\n")[2].lstrip()
    return before.startswith("</")


def _changes(found: PolicyPlace, options: types.FormattingOptions) -> Sequence[Change]:
    from claimlens.apim.editing.formatting import Style, format_document, newline_of

    return format_document(found.document, Style(_step(options), newline_of(found.source.text)))


def _step(options: types.FormattingOptions) -> str:
    return " " * max(1, min(options.tab_size, 16)) if options.insert_spaces else "\t"


def _edits(found: PolicyPlace, changes: Sequence[Change]) -> list[types.TextEdit]:
    return [found.edit(change.span, change.text) for change in changes]
