"""What stands around a token: an ``Authorization`` header, the scheme, quotes that do not belong there.

Read from the few characters before and after the token alone, so that a far-away edit changes nothing.
"""

from __future__ import annotations

import re

import attrs

from claimlens.text.spans import Span

BEFORE, AFTER = 160, 8
"""Characters that are looked at on either side."""

_SCHEME = r"\b(?:bearer|dpop|pop|token|jwt)\b"
_HEADER = re.compile(
    rf"""
    (?P<indent>^[ \t]*)?+
    (?<![A-Za-z0-9_])(?:proxy-)?authorization
    (?P<separator>
        [\\"'`\])]*+[ \t]*+(?:=>|[:=,])[ \t]*+  # a header line, JSON, an assignment, the next argument
      | ["'][^<>\r\n]{{0,60}}>\s{{0,40}}<value>\s*+  # <set-header name="Authorization"> of a policy
      | ["']?+,?+\s{{1,40}}["']?value["']?[ \t]*+:[ \t]*+  # a list of names and values in YAML or JSON
    )
    (?P<opening>[$@fFbBrR]{{0,2}}\\?["'`])?+
    (?P<value>
        (?:[ \t]*+{_SCHEME}[ \t]*+[:=]?+)*+
        (?:[ \t]*+["'`][ \t]*+[+.&]?[ \t]*+["'`])?  # "Bearer " + "…"
        [ \t]*+(?P<quote>\\?["'`<])?
    )\Z
    """,
    re.VERBOSE | re.IGNORECASE | re.MULTILINE,
)
_BEARER = re.compile(r"(?<![A-Za-z0-9_\-])(?:bearer[ \t]+)+\Z", re.IGNORECASE)
_SCHEMES = re.compile(_SCHEME, re.IGNORECASE)
_QUOTE_AFTER = re.compile(r"[ \t]*\\?[\"'`>]")
_INTERRUPTION = re.compile(r"[ \t]+(?=[A-Za-z0-9_.\-]{4})")
_MIDDLE = "|"
"""Stands for whatever is in front of a header in the middle of a line."""


@attrs.frozen
class Surroundings:
    """What stands around a token; all spans are in the document.

    Attributes:
        authorization: whether the token is the value of an ``Authorization`` header, or stands behind ``Bearer``.
        request: whether the document is a request that somebody will send (``.http``, ``.rest``).
        header: whether the name of the header is there too, with a colon or the like.
        line: whether the header stands on a line of its own, as it is sent.
        schemes: the schemes in front of the token, in order.
        gap: between the last scheme and the token or its quote; None without a scheme, or where that is program text.
        gap_text: what stands there.
        quotes: the quotes around the header's value or around the token in it, opening and closing.
        interruption: blanks behind the token, on a header's line of its own, after which more characters of a token
            follow.
    """

    authorization: bool = False
    request: bool = False
    header: bool = False
    line: bool = False
    schemes: tuple[Span, ...] = ()
    gap: Span | None = None
    gap_text: str = ""
    quotes: tuple[Span, ...] = ()
    interruption: Span | None = None

    @property
    def will_be_sent(self) -> bool:
        """Whether the token is the credential of a request that somebody is about to send."""
        return self.authorization and self.request


def relevant(before: str) -> str:
    """Return the part of ``before`` that `surroundings_of` reads: nothing where the token stands in no header.

    So the judgement of a token in a log does not depend on the time at the beginning of its line.
    """
    found = _HEADER.search(before) or _BEARER.search(before)
    if found is None or not found.start():
        return before if found else ""
    return ("\n" if before[found.start() - 1] == "\n" else _MIDDLE) + before[found.start() :]


def surroundings_of(before: str, after: str, token: Span, request: bool = False) -> Surroundings:
    """Read what stands around ``token``: up to `BEFORE` characters in front of it and `AFTER` behind it."""
    start = token.start - len(before)
    header = _HEADER.search(before)
    bearer = None if header else _BEARER.search(before)
    found = header or bearer
    if found is None:
        return Surroundings(request=request)
    line = header is not None and header["indent"] is not None and header["separator"].strip() == ":"
    quotes = [] if header is None else _quotes(header, start, literal=line and request)
    closing = _QUOTE_AFTER.match(after) if quotes else None
    interrupted = _INTERRUPTION.match(after) if line else None
    schemes = tuple(Span(start + each.start(), start + each.end()) for each in _schemes(before, found))
    inner = quotes[-1].start if quotes and header and header["quote"] else token.start
    gap = Span(schemes[-1].end, inner) if schemes else None
    gap_text = gap.shift(-start).slice(before) if gap else ""
    if any(quote in gap_text for quote in "\"'`"):  # strings that a program joins
        gap, gap_text = None, ""
    return Surroundings(
        authorization=True,
        request=request,
        header=header is not None,
        line=line,
        schemes=schemes,
        gap=gap,
        gap_text=gap_text,
        quotes=(*quotes, Span(token.end, token.end + closing.end())) if closing else tuple(quotes),
        interruption=Span(token.end, token.end + interrupted.end()) if interrupted else None,
    )


def _quotes(header: re.Match[str], start: int, literal: bool) -> list[Span]:
    """Return the opening quotes that will be sent: one in front of the whole value only where nothing is a string."""
    names = ("opening", "quote") if literal else ("quote",)
    spans = [header.span(name) for name in names if header[name]]
    inside_string = header["opening"] and header["quote"] and not header["value"].strip(" \t\\\"'`<")
    return [] if inside_string and not literal else [Span(start + first, start + end) for first, end in spans]


def _schemes(before: str, found: re.Match[str]) -> list[re.Match[str]]:
    first = found.start("value") if "value" in found.re.groupindex else found.start()
    return [*_SCHEMES.finditer(before, first)]
