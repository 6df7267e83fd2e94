"""Where App Service authentication that lists no audience would list one, read from how its client id is written."""

from __future__ import annotations

import re

import attrs

from claimlens.text.spans import Span

_REGISTRATION = re.compile(r"(?P<indent>^[ \t]*)?(?P<quote>[\"']?)registration(?P=quote)\s*:\s*\{", re.MULTILINE)
_VALIDATION = re.compile(r"[\"']?validation[\"']?\s*:\s*\{")
_TERRAFORM = re.compile(r"^(?P<indent>[ \t]*)client_id\s*=\s*\"\Z", re.MULTILINE)
_REACH = 2_000
"""Characters around the client id in which the parts of the same provider are looked for."""


@attrs.frozen
class Room:
    """A place for an audience: it is written at ``span``, which is empty, between ``before`` and ``after``."""

    span: Span
    before: str
    after: str


def room_beside(text: str, client: Span) -> Room | None:
    """Return the room beside a client id in JSON, an ARM template, Bicep or Terraform; None where it is not plain."""
    start = max(0, client.start - _REACH)
    before = text[start : client.start]
    newline = "\r\n" if "\r\n" in text else "\n"
    if found := _TERRAFORM.search(before):
        place, indent = start + found.end("indent"), found["indent"]
        return Room(Span(place, place), 'allowed_audiences = ["', f'"]{newline}{indent}')
    registration = next(reversed(list(_REGISTRATION.finditer(before))), None)
    if registration is None or _VALIDATION.search(text, client.start, client.start + _REACH):
        return None
    place = start + registration.start("quote")
    indent = registration["indent"]
    if registration["quote"] == '"':
        between = f"{newline}{indent}" if indent is not None else " "
        return Room(Span(place, place), '"validation": {"allowedAudiences": ["', f'"]}},{between}')
    if registration["quote"] or indent is None:
        return None
    inner = f"{newline}{indent}  "
    opening = f"validation: {{{inner}allowedAudiences: [{inner}  '"
    return Room(Span(place, place), opening, f"'{inner}]{newline}{indent}}}{newline}{indent}")
