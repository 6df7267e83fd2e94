"""Values in source code and configuration languages, without knowing the language.

C#, Java, JavaScript, TypeScript, Python, Go, PHP, Ruby, Elixir, HCL (Terraform) and Bicep all give a value a name in
one of a few ways: ``name = "value"``, ``name: "value"``, ``"name" => "value"``, ``name("value")``, ``Name { … }``. This
reader follows brackets and those signs, and yields every literal with the names that lead to it. It understands nothing
else, so it cannot be led astray by anything else.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs

from claimlens.expectations.formats.json_values import split_keys
from claimlens.expectations.formats.model import Entry, ValueKind
from claimlens.text.spans import Span

MAXIMUM_DEPTH = 64

_LEXEME = re.compile(
    r"""
    (?P<comment> //[^\n\r]*+ | /\*(?:[^*]|\*(?!/))*+\*/ | (?<![\w"'])\#[^\n\r]*+ )
  | (?P<markup> <<[-~]?["']?(?P<tag>[A-Za-z_]\w*)["']?[ \t]*\r?\n\s*<(?:[^\n]*+\n)*?[ \t]*(?P=tag)\b )
  | (?P<raw> '''(?:[^']|'(?!''))*+''' | \"{3}(?:[^"]|"(?!""))*+\"{3} )
  | (?P<verbatim> @"(?:[^"]|"")*+" )
  | (?P<prefix> (?<![\w"'])[fFrRbBuU]{1,2}(?=["']) | \$@?(?=") )
  | "(?P<double>(?:[^"\\\n\r]|\\.)*+)" | '(?P<single>(?:[^'\\\n\r]|\\.)*+)' | `(?P<back>(?:[^`\\]|\\.)*+)`
  | (?P<name> [@$]?[A-Za-z_][\w-]*+(?:(?:::|\?\.|->|\.)[A-Za-z_]\w*+)*+[?!]? | (?<=\.)[A-Za-z_]\w*+ )
  | (?P<number> \d[\w.]*+ )
  | (?P<arrow> => | -> ) | (?P<assign> :=|=(?!=)|:(?!:) ) | (?P<compare> [=!<>]=+ | && | \|\| )
  | (?P<empty> \[\](?=\s*[{]) | <[A-Za-z][\w.]*[?]?>(?=\() )
  | (?P<open> [({\[] ) | (?P<close> [)}\]] ) | (?P<comma> [,;] ) | (?P<newline> [\n\r] )
    """,
    re.VERBOSE | re.DOTALL,
)
_LITERALS = frozenset(("double", "single", "back", "raw", "verbatim"))
_HOLE = re.compile(r"(?<![{$])\{([^{}]*)\}(?!\})")
"""A value to be filled in, in f-strings and in C#; written as ``${…}``, as JavaScript and configuration files do."""
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_NOISE = frozenset(("new", "await", "typeof", "const", "final", "public", "private", "static", "return"))
_WORDS = {
    **dict.fromkeys(("true", "false", "True", "False"), ValueKind.BOOLEAN),
    **dict.fromkeys(("null", "None", "nil", "nullptr", "undefined"), ValueKind.NULL),
}


@attrs.define
class _Scope:
    """One pair of brackets: what led to it, and what stands at its beginning."""

    names: tuple[str, ...]
    bracket: str
    items: int = 0


@attrs.define
class _Reader:
    text: str
    is_declarative: bool = False
    scopes: list[_Scope] = attrs.field(factory=list)
    last: str = ""  # the name or literal just seen: a key, if a sign follows
    last_span: Span | None = None
    labels: list[str] = attrs.field(factory=list)  # literals after a name, as in HCL: resource "type" "name" {
    key: str = ""  # the name in front of the sign just seen
    key_span: Span | None = None

    def forget(self) -> None:
        self.last = self.key = ""
        self.last_span = self.key_span = None
        self.labels = []

    @property
    def is_in_list(self) -> bool:
        return bool(self.scopes) and self.scopes[-1].bracket == "["

    def path(self) -> tuple[str, ...]:
        names = [name for scope in self.scopes for name in scope.names]
        scope = self.scopes[-1] if self.scopes else None
        if self.key:
            names.append(self.key)
        elif scope is not None and scope.bracket in "[({":
            names.append(str(scope.items))
        return split_keys(tuple(names))


def read_code(text: str) -> Iterator[Entry]:
    """Yield the literals of a source file, and the bare values that follow a name and a sign."""
    return _read(_Reader(text))


def read_declarations(text: str) -> Iterator[Entry]:
    """Yield the literals of Bicep and Terraform, and wherever a value may stand, names and calls in its place."""
    return _read(_Reader(text, is_declarative=True))


def _read(reader: _Reader) -> Iterator[Entry]:
    text = reader.text
    has_holes = False
    for found in _LEXEME.finditer(text):
        kind = found.lastgroup or ""
        if kind == "prefix":
            has_holes = any(sign in found[0] for sign in "fF$")
            continue
        if kind in ("comment", "empty", "markup") or found[0] in _NOISE:
            continue
        if kind in _LITERALS:
            yield from _literal(reader, found, has_holes=has_holes)
        elif kind in ("name", "number"):
            yield from _bare(reader, found)
        elif kind in ("assign", "arrow"):
            reader.key, reader.key_span = reader.last or reader.key, reader.last_span or reader.key_span
            reader.last, reader.last_span, reader.labels = "", None, []
        elif kind == "open":
            _open(reader, found[0])
        elif kind == "close":
            if reader.scopes:
                reader.scopes.pop()
            reader.forget()
        elif kind == "comma":
            if reader.scopes:
                reader.scopes[-1].items += 1
            reader.forget()
        elif kind == "compare":
            reader.forget()
        elif kind == "newline" and not reader.key and not reader.labels:
            reader.last, reader.last_span = "", None
        has_holes = False


def _literal(reader: _Reader, found: re.Match[str], *, has_holes: bool) -> Iterator[Entry]:
    value, span = _content(found)
    if has_holes:
        value = _HOLE.sub(r"${\1}", value)
    follows_name = bool(reader.last) and not reader.key
    if follows_name:
        reader.labels.append(value)
    path = reader.path() if not follows_name else (*reader.path()[:-1], reader.last)
    if not _is_key(reader.text, found.end()):
        yield Entry(path, value, span, ValueKind.TEXT, reader.key_span)
        reader.key, reader.key_span = ("", None) if not reader.labels else (reader.key, reader.key_span)
    if not follows_name:
        reader.last, reader.last_span = value, span


def _bare(reader: _Reader, found: re.Match[str]) -> Iterator[Entry]:
    word, span = found[0], Span(*found.span())
    is_key = _is_key(reader.text, found.end())
    if reader.is_declarative and not is_key and (reader.key or reader.is_in_list) and found.lastgroup == "name":
        yield Entry(reader.path(), word, span, _WORDS.get(word, ValueKind.NAME), reader.key_span)
        if not _opens(reader.text, found.end()):
            reader.key, reader.key_span = "", None
    elif reader.key and not is_key and not _opens(reader.text, found.end()):
        kind = ValueKind.NUMBER if found.lastgroup == "number" else _WORDS.get(word, ValueKind.NAME)
        yield Entry(reader.path(), word, span, kind, reader.key_span)
        reader.key, reader.key_span = "", None
    reader.last, reader.last_span, reader.labels = word.rpartition(".")[2], span, []


def _open(reader: _Reader, bracket: str) -> None:
    names = tuple(part for part in (reader.key, reader.last, *reader.labels) if part)
    if len(reader.scopes) < MAXIMUM_DEPTH:
        reader.scopes.append(_Scope(names, bracket))
    reader.forget()


def _content(found: re.Match[str]) -> tuple[str, Span]:
    kind = found.lastgroup or ""
    start, end = found.span()
    if kind == "raw":
        return found[0][3:-3], Span(start + 3, end - 3)
    if kind == "verbatim":
        return found[0][2:-1].replace('""', '"'), Span(start + 2, end - 1)
    inner = found[kind]
    return (_ESCAPE.sub(r"\1", inner) if "\\" in inner else inner), Span(*found.span(kind))


_KEY_SIGN = re.compile(r"[ \t]*(?:=>|:(?![:/])|=(?![=>]))")
_OPENING = re.compile(r"[ \t]*(?:<[A-Za-z][\w.]*\??>)?[({\[]")


def _is_key(text: str, end: int) -> bool:
    """Tell whether a sign follows that makes the literal or word before it a key."""
    return _KEY_SIGN.match(text, end) is not None


def _opens(text: str, end: int) -> bool:
    return _OPENING.match(text, end) is not None
