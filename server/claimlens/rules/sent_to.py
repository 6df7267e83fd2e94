"""Where a request of a ``.http`` file goes: the host in the request line above a place, its variables filled in."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

_REQUEST = re.compile(
    r"^[ \t]*(?:GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS|TRACE)[ \t]+(?P<url>\S+)|^[ \t]*(?P<bare>https?://\S+)",
    re.MULTILINE,
)
_VARIABLE = re.compile(r"^[ \t]*@(?P<name>[\w.-]+)[ \t]*=[ \t]*(?P<value>[^\r\n]*)", re.MULTILINE)
_USE = re.compile(r"\{\{[ \t]*([\w.-]+)[ \t]*\}\}")
_FARTHEST = 20_000
"""Characters between a request line and a token in its headers or body."""
_NESTED = 4
"""Variables within variables that are filled in."""


def host_of_request(text: str, offset: int) -> str | None:
    """Return the host, in lower case, that the request at ``offset`` goes to; None where that cannot be known."""
    start = max(text.rfind("\n###", 0, offset), offset - _FARTHEST, 0)
    lines = list(_REQUEST.finditer(text, start, offset))
    if not lines:
        return None
    return _host(_filled(lines[-1]["url"] or lines[-1]["bare"], text))


def _filled(url: str, text: str) -> str:
    variables: dict[str, str] | None = None
    for _ in range(_NESTED):
        if "{{" not in url or len(url) > _FARTHEST:
            break
        if variables is None:
            variables = {found["name"]: found["value"].strip() for found in _VARIABLE.finditer(text)}
        url = _USE.sub(functools.partial(_value, variables), url)
    return url


def _value(variables: Mapping[str, str], use: re.Match[str]) -> str:
    return variables.get(use[1], use[0])


def _host(url: str) -> str | None:
    try:
        parts = urlsplit(url)
        host = parts.hostname if parts.scheme in ("http", "https") else None
    except ValueError:
        return None
    return host.lower() if host and "{" not in host else None
