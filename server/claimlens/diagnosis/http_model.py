"""HTTP messages as people paste them, with the places of what they say."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import parse_qsl, urlsplit

import attrs

from claimlens.text.spans import Span


@attrs.frozen
class Header:
    """One header field: its name in lower case, its value as written (blanks and quotes included), its place."""

    name: str
    value: str = attrs.field(repr=False)
    span: Span


@attrs.frozen
class HttpRequest:
    """A request.

    Attributes:
        method: in upper case.
        url: the target, absolute where the text or a Host header says so.
        headers: in order.
        body: the rest, or empty.
        span: the request line.
    """

    method: str
    url: str = attrs.field(repr=False)
    headers: tuple[Header, ...]
    body: str = attrs.field(repr=False)
    span: Span

    def header(self, name: str) -> Header | None:
        """Return the first header of this name, or None."""
        return next((header for header in self.headers if header.name == name.lower()), None)

    @property
    def host(self) -> str:
        """The host asked, in lower case, or empty."""
        try:
            return (urlsplit(self.url).hostname or "").lower()
        except ValueError:
            return ""

    @property
    def parameters(self) -> Mapping[str, str]:
        """The parameters of query and form body, decoded; of several with one name the first."""
        try:
            query = urlsplit(self.url).query
        except ValueError:
            query = ""
        form = self.body.strip() if re.match(r"\s*[\w.]+=", self.body) else ""
        pairs = parse_qsl(query, keep_blank_values=True) + parse_qsl(
            re.sub(r"\s*\n\s*", "", form), keep_blank_values=True
        )
        found: dict[str, str] = {}
        for name, value in pairs:
            found.setdefault(name.lower(), value)
        return found


@attrs.frozen
class HttpResponse:
    """A response: its status, headers and body, and the place of its status line."""

    status: int
    headers: tuple[Header, ...]
    body: str = attrs.field(repr=False)
    span: Span

    def header(self, name: str) -> Header | None:
        """Return the first header of this name, or None."""
        return next((header for header in self.headers if header.name == name.lower()), None)

    def all(self, name: str) -> tuple[Header, ...]:
        """Return every header of this name."""
        return tuple(header for header in self.headers if header.name == name.lower())
