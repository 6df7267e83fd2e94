"""Where a request of a ``.http`` file goes: the host in the request line above a place, its variables filled in."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from claimlens.rules.request_variables import filled, variables_of

_REQUEST = re.compile(
    r"^[ \t]*(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|TRACE)[ \t]+(?P<url>\S+)|^[ \t]*(?P<bare>https?://\S+)",
    re.MULTILINE,
)
_FARTHEST = 20_000
"""Characters between a request line and a token in its headers or body."""


def host_of_request(text: str, offset: int) -> str | None:
    """Return the host, in lower case, that the request at ``offset`` goes to; None where that cannot be known."""
    start = max(text.rfind("\n###", 0, offset), offset - _FARTHEST, 0)
    lines = list(_REQUEST.finditer(text, start, offset))
    if not lines:
        return None
    url = lines[-1]["url"] or lines[-1]["bare"]
    return _host(filled(url, variables_of(text)) if "{{" in url else url)


def _host(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.scheme in ("http", "https") else None
    except ValueError:
        return None
    return host.lower() if host and "{" not in host else None
