"""Puts the markup of a snippet into a policy."""

from __future__ import annotations

from claimlens.apim.model import Element
from claimlens.apim.sources import PolicySource
from claimlens.rules.apim.edits import add_behind, step
from claimlens.rules.model import Edit

_INDENT = "    "
"""Of the templates."""


def insertion(source: PolicySource, markup: str) -> Edit | None:
    """Return the edit, to the file, that puts ``markup`` behind ``<base />`` of the inbound section, else first in it.

    None where the policy has no inbound section and is no fragment.
    """
    document = source.document
    section = _section(source)
    if section is None:
        return None
    base = next((child for child in section.elements if child.name == "base"), None)
    lines = [_indented(line, step(document)) for line in markup.splitlines()]
    edit = add_behind(document, section, base, lines)
    return Edit(source.host_span(edit.span), source.encode(edit.new_text))


def _section(source: PolicySource) -> Element | None:
    root = source.document.root
    if root is not None and root.name == "fragment":
        return root
    return next(iter(source.document.sections().get("inbound", ())), None)


def _indented(line: str, indent: str) -> str:
    depth = (len(line) - len(line.lstrip(" "))) // len(_INDENT)
    return indent * depth + line.lstrip(" ")
