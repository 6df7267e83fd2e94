"""What stands around a token: an ``Authorization`` header, the scheme, quotes that do not belong there.

Read from the few characters before and after the token alone, so that a far-away edit changes nothing.
"""

from __future__ import annotations

import re

import attrs

from claimlens.text.spans import Span

BEFORE, AFTER = 160, 8
"""Characters that are looked at on either side."""

_HEADER = re.compile(
    r"""(?ix)
    (?P<raw>^[ \t]*)?  # nothing else on the line: a header as it is sent
    (?<![A-Za-z0-9_])(?:proxy-)?authorization
    (?P<separator>
        [\\"'`\])]*[ \t]*(?:=>|[:=,])[ \t]*  # a header line, JSON, an assignment, the next argument
      | ["'][^<>\r\n]{0,60}>\s{0,40}<value>\s*  # <set-header name="Authorization"> of an API Management policy
      | ["']?,?\s{1,40}["']?value["']?[ \t]*:[ \t]*  # a list of names and values in YAML or JSON
    )
    (?P<quote>(?:[$@fFbBrR]{0,2}\\?["'`])?)
    (?P<value>[^\r\n]*)\Z
    """,
    re.MULTILINE,
)
_SCHEMES = re.compile(r"(?i)\b(?:bearer|dpop|pop|token|jwt|basic)\b")
_BEARER = re.compile(r"(?i)(?<![A-Za-z0-9_])(?:bearer[ \t]*[:=+]?[ \t]*)+(?P<quote>\\?[\"'`<])?\Z")
_QUOTE_AFTER = re.compile(r"[ \t]*\\?[\"'`>]")


@attrs.frozen
class Surroundings:
    """What stands around a token; all spans are in the document.

    Attributes:
        authorization: whether the token is the value of an ``Authorization`` header, or stands behind ``Bearer``.
        header_value: where the header's value begins, up to the token; None where no header name was found.
        raw_header: whether the header stands on a line of its own, as it is sent.
        request: whether the document is a request that somebody will send (``.http``, ``.rest``).
        schemes: the schemes in front of the token, in order.
        gap: what stands between the last scheme and the token; None without a scheme.
        quote: the quote that opens right before the token, after a scheme; None without.
        closing_quote: its counterpart right behind the token.
    """

    authorization: bool = False
    header_value: Span | None = None
    raw_header: bool = False
    request: bool = False
    schemes: tuple[Span, ...] = ()
    gap: Span | None = None
    quote: Span | None = None
    closing_quote: Span | None = None

    @property
    def will_be_sent(self) -> bool:
        """Whether the token is the credential of a request that somebody is about to send."""
        return self.authorization and self.request


def surroundings_of(before: str, after: str, token: Span, request: bool = False) -> Surroundings:
    """Read what stands around ``token``: up to `BEFORE` characters in front of it and `AFTER` behind it."""
    start = token.start - len(before)
    header = _last_header(before)
    value_start = header.start("value") if header else None
    bearer = _BEARER.search(before)
    if header is None and bearer is None:
        return Surroundings(request=request)
    searched_from = value_start if value_start is not None else bearer.start() if bearer else 0
    schemes = tuple(Span(start + found.start(), start + found.end()) for found in _schemes(before, searched_from))
    quote, closing = None, None
    if bearer and bearer["quote"]:
        quote = Span(start + bearer.start("quote"), token.start)
        match = _QUOTE_AFTER.match(after)
        closing = Span(token.end, token.end + match.end()) if match else None
    return Surroundings(
        authorization=True,
        header_value=Span(start + value_start, token.start) if value_start is not None else None,
        raw_header=header is not None and header["raw"] is not None and not header["quote"],
        request=request,
        schemes=schemes,
        gap=Span(schemes[-1].end, quote.start if quote else token.start) if schemes else None,
        quote=quote,
        closing_quote=closing,
    )


def _last_header(before: str) -> re.Match[str] | None:
    """Return the match of the last header name, which is the one the token belongs to."""
    return next(iter([*_HEADER.finditer(before)][-1:]), None)


def _schemes(before: str, start: int) -> list[re.Match[str]]:
    return [*_SCHEMES.finditer(before, start)]
