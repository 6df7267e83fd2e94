"""Read HTTP requests and responses as people paste them: raw, from ``.http`` files, as curl commands, inside logs."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator, Mapping
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


_METHODS = "GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS"
_REQUEST_LINE = re.compile(
    rf"^[> \t]*(?P<method>{_METHODS})[ \t]+(?P<url>(?:(?:https?:/)?/|\{{{{)[^\s]*)[^\n\r]*$", re.MULTILINE
)
_STATUS_LINE = re.compile(r"^[< \t]*HTTP/\d(?:\.\d)?[ \t]+(?P<status>\d{3})\b[^\n\r]*$", re.MULTILINE)
_HEADER_LINE = re.compile(r"[<> \t]*(?P<name>[A-Za-z][A-Za-z0-9-]*)[ \t]*:[ \t]?(?P<value>[^\n\r]*)")
_CURL = re.compile(r"^[$ \t]*curl\b(?:[^\n\\]|\\\r?\n|\\.)*", re.MULTILINE)
_LINE = re.compile(r"[^\n\r]*(?:\r\n|\n|\r|$)")


def read_messages(text: str) -> tuple[tuple[HttpRequest, ...], tuple[HttpResponse, ...]]:
    """Return the requests and responses in ``text``, in order; a text without any gives two empty tuples."""
    marks = sorted((*_REQUEST_LINE.finditer(text), *_STATUS_LINE.finditer(text)), key=lambda found: found.start())
    requests: list[HttpRequest] = []
    responses: list[HttpResponse] = []
    for index, mark in enumerate(marks):
        end = marks[index + 1].start() if index + 1 < len(marks) else len(text)
        end = _separator(text, mark.end(), end)
        headers, body = _headers(text, mark.end(), end)
        span = Span(mark.start(), mark.end())
        if mark.re is _STATUS_LINE:
            responses.append(HttpResponse(int(mark["status"]), headers, body, span))
        else:
            requests.append(HttpRequest(mark["method"], _absolute(mark["url"], headers), headers, body, span))
    requests.extend(_curl_requests(text))
    return tuple(requests), tuple(responses)


def _separator(text: str, start: int, end: int) -> int:
    """A ``###`` line ends a request of a ``.http`` file."""
    found = text.find("\n###", start, end)
    return end if found < 0 else found


def _headers(text: str, start: int, end: int) -> tuple[tuple[Header, ...], str]:
    headers: list[Header] = []
    position = start
    if text.startswith(("\r\n", "\n", "\r"), position):
        position += 2 if text.startswith("\r\n", position) else 1
    while position < end:
        line = _LINE.match(text, position, end)
        if line is None or not line[0].strip("<> \t\r\n"):
            return tuple(headers), text[line.end() if line else position : end]
        found = _HEADER_LINE.match(text, position, line.end())
        if found is not None:
            headers.append(Header(found["name"].lower(), found["value"], Span(*found.span("value"))))
        elif not line[0].lstrip("<> \t").startswith(("#", "//", "(", "*")):
            return tuple(headers), text[position:end]
        position = line.end()
    return tuple(headers), ""


def _absolute(url: str, headers: tuple[Header, ...]) -> str:
    host = next((header.value.strip() for header in headers if header.name == "host"), None)
    return f"https://{host}{url}" if host and url.startswith("/") else url


def _curl_requests(text: str) -> Iterator[HttpRequest]:
    for found in _CURL.finditer(text):
        try:
            words = shlex.split(found[0].replace("\\\r\n", " ").replace("\\\n", " ").lstrip("$ \t"))
        except ValueError:
            continue
        request = _curl_request(words, Span(*found.span()))
        if request is not None:
            yield request


def _curl_request(words: list[str], span: Span) -> HttpRequest | None:
    method, url, body = "", "", []
    headers: list[Header] = []
    remaining = iter(words[1:])
    for word in remaining:
        name, _, attached = word.partition("=")
        if word in ("-X", "--request"):
            method = next(remaining, "")
        elif word in ("-H", "--header"):
            field, _, value = next(remaining, "").partition(":")
            headers.append(Header(field.strip().lower(), value.removeprefix(" "), span))
        elif word in ("-d", "--data", "--data-raw", "--data-urlencode", "--data-binary", "-F", "--form"):
            body.append(next(remaining, ""))
        elif name in ("--url",):
            url = attached or next(remaining, "")
        elif word in ("-o", "-u", "--user", "-A", "--cacert", "--cert", "--key", "-b", "--cookie", "--output"):
            next(remaining, "")
        elif not word.startswith("-") and not url:
            url = word
    if not url:
        return None
    return HttpRequest((method or ("POST" if body else "GET")).upper(), url, tuple(headers), "&".join(body), span)
