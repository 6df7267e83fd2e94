"""Read HTTP requests and responses as people paste them: raw, from ``.http`` files, as curl commands, inside logs."""

from __future__ import annotations

import re

from claimlens.diagnosis.command_requests import curl_requests
from claimlens.diagnosis.http_model import Header, HttpRequest, HttpResponse
from claimlens.text.spans import Span

__all__ = ["Header", "HttpRequest", "HttpResponse", "read_messages"]

_METHODS = "GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS"
_REQUEST_LINE = re.compile(
    rf"^[> \t]*(?P<method>{_METHODS})[ \t]+(?P<url>(?:(?:https?:/)?/|\{{{{)[^\s]*)[^\n\r]*$", re.MULTILINE
)
_STATUS_LINE = re.compile(r"^[< \t]*HTTP/\d(?:\.\d)?[ \t]+(?P<status>\d{3})\b[^\n\r]*$", re.MULTILINE)
_HEADER_LINE = re.compile(r"[<> \t]*(?P<name>[A-Za-z][A-Za-z0-9-]*)[ \t]*:[ \t]?(?P<value>[^\n\r]*)")
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
    requests.extend(curl_requests(text))
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
