"""JSON as people write it: comments, trailing commas, single quotes, missing ends. Never fails, never recurses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claimlens.expectations.formats.model import Entry, ValueKind
from claimlens.text.spans import Span

MAXIMUM_DEPTH = 64
_NESTED_LIMIT = 20_000

_LEXEME = re.compile(
    r"""
    (?P<blank>[\s,]++ | //[^\n\r]*+ | /\*(?:[^*]|\*(?!/))*+\*/ | \ufeff)
  | (?P<open>[{\[]) | (?P<close>[}\]]) | (?P<colon>:)
  | "(?P<double>(?:[^"\\\n\r]|\\.)*+)"? | '(?P<single>(?:[^'\\\n\r]|\\.)*+)'?
  | (?P<bare>[^\s,{}\[\]:"']++)
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r'\\(?:u([0-9A-Fa-f]{4})|(["\\/bfnrt\'])|(.))', re.DOTALL)
_SIMPLE = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t"}


def read_json(text: str, start: int = 0, end: int | None = None) -> Iterator[Entry]:
    """Yield the values of the JSON document in ``text[start:end]`` with their paths."""
    path: list[str] = []
    counters: list[int | None] = []  # None for an object, the next index for a list
    empty: list[tuple[int, bool]] = []  # where each open container begins, and whether nothing was in it yet
    key: tuple[str, Span] | None = None
    pending: tuple[str, Span] | None = None  # a string in an object that may turn out to be a key
    for found in _LEXEME.finditer(text, start, len(text) if end is None else end):
        kind = found.lastgroup
        if kind == "blank":
            continue
        if kind == "colon":
            key, pending = pending, None
            continue
        if kind == "close":
            pending = None
            if counters:
                opened, nothing = empty.pop()
                is_list = counters.pop() is not None
                if nothing:
                    shape = ValueKind.EMPTY_LIST if is_list else ValueKind.EMPTY_OBJECT
                    yield Entry(tuple(path), "", Span(opened, found.end()), shape)
                if path:
                    path.pop()
            key = None
            continue
        if counters and counters[-1] is None and key is None and kind != "open":
            pending = (_unescaped(found), _inner(found))
            continue
        segment, key_span = _segment(counters, key)
        if empty:
            empty[-1] = (empty[-1][0], False)
        key = None
        if kind == "open":
            if len(counters) >= MAXIMUM_DEPTH:
                return
            if counters or segment is not None:
                path.append(segment or "")
            counters.append(0 if found[0] == "[" else None)
            empty.append((found.start(), True))
            continue
        full = (*path, segment) if segment is not None else tuple(path)
        entry = Entry(split_keys(full), _unescaped(found), _inner(found), _kind(found), key_span)
        yield entry
        if entry.value.lstrip().startswith("{") and len(entry.value) < _NESTED_LIMIT and '"' in entry.value:
            yield from _nested(entry)


def split_keys(path: tuple[str, ...]) -> tuple[str, ...]:
    """Take apart the separators that .NET and environment variables put into one key (``AzureAd:TenantId``)."""
    if not any(":" in part or "__" in part for part in path):
        return path
    split = (piece for part in path for piece in re.split(r":(?!//)|__", part))
    return tuple(piece for piece in split if piece)


def _nested(outer: Entry) -> Iterator[Entry]:
    """Yield the values of JSON that stands as a string inside JSON; their place is the string's."""
    for entry in read_json(outer.value):
        if not entry.value.lstrip().startswith("{"):
            yield Entry((*outer.path, *entry.path), entry.value, outer.span, entry.kind)


def _segment(counters: list[int | None], key: tuple[str, Span] | None) -> tuple[str | None, Span | None]:
    if not counters:
        return None, None
    counter = counters[-1]
    if counter is None:
        return (key[0], key[1]) if key else ("", None)
    counters[-1] = counter + 1
    return str(counter), None


def _inner(found: re.Match[str]) -> Span:
    return Span(*found.span(found.lastgroup or 0))


def _kind(found: re.Match[str]) -> ValueKind:
    if found.lastgroup != "bare":
        return ValueKind.TEXT
    word = found[0]
    if word in ("true", "false"):
        return ValueKind.BOOLEAN
    if word in ("null", "undefined"):
        return ValueKind.NULL
    return ValueKind.NUMBER if re.fullmatch(r"-?\d[\d.eE+-]*", word) else ValueKind.TEXT


def _unescaped(found: re.Match[str]) -> str:
    text = found[found.lastgroup or 0]
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(escape: re.Match[str]) -> str:
    if escape[1]:
        return chr(int(escape[1], 16))
    return _SIMPLE.get(escape[2], escape[2]) if escape[2] else escape[3]
