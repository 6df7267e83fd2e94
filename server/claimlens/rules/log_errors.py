"""Find the errors in logs and responses that stand out by themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from claimlens.entra.errors import ErrorMention, recognise

if TYPE_CHECKING:
    from claimlens.rules.context import Request

_LANGUAGES = frozenset({"", "log", "Log", "plaintext", "http", "rest", "json", "jsonl"})
_SUFFIXES = frozenset({"", ".log", ".txt", ".out", ".err", ".trace", ".http", ".rest", ".json", ".jsonl", ".ndjson"})
_ROTATED = re.compile(r"\.log[.-][\w.-]{1,40}$")
_MESSAGE = re.compile(r"\s?[:-]\s{0,3}[\w'\"\[{]")
_NAMED = re.compile(r"code\\?['\"]?:\s?\\?['\"]$")
"""How Node prints the code of an error: ``code: 'ERR_JWT_EXPIRED'``."""


def errors_in_log(request: Request) -> Iterator[ErrorMention]:
    """Yield the known errors of a log or response, one a line; nothing from source, prose and settings."""
    if not _is_log(request):
        return
    text = request.snapshot.text
    last = None
    for mention in recognise(text, loose=False):
        line = text.rfind("\n", 0, mention.span.start)
        if line != last and _stands_out(text, mention):
            last = line
            yield mention


def _is_log(request: Request) -> bool:
    path = PurePosixPath(request.snapshot.uri.replace("\\", "/"))
    if _ROTATED.search(path.name.lower()):
        return True
    return request.snapshot.language_id in _LANGUAGES and path.suffix.lower() in _SUFFIXES


def _stands_out(text: str, mention: ErrorMention) -> bool:
    """Tell whether the mention is an error that happened: a code with its message, or words nobody writes elsewhere."""
    if mention.entry.severity == "note":
        return False
    if mention.entry.pattern is not None or _MESSAGE.match(text, mention.span.end):
        return True
    start = mention.span.start
    return mention.entry.id.startswith("ERR_") and _NAMED.search(text[max(0, start - 10) : start]) is not None
