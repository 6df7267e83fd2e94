"""Objects as Bicep, Terraform and JSON write them, without knowing these languages.

All three give a value a name by a sign (``name: value``, ``name = value``) or a block (``name "label" { … }``), hold
objects in braces and lists in brackets, and write text in quotes, with holes that are filled in later (``${…}``). That
is all this reader knows; whatever else stands in a file is words to it. It never fails, never recurses, and takes time
in proportion to the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, TypeAlias

import attrs

from claimlens.text.spans import Span

_DEEPEST: Final = 64
_BICEP_HOLE: Final = r"\$\{(?:[^{}'\r\n]|'(?:[^'\\\r\n]|\\.)*+'|\{[^{}\r\n]*+\})*+\}"
_TERRAFORM_HOLE: Final = r'[$%]\{(?:[^{}"\r\n]|"(?:[^"\\\r\n]|\\.)*+"|\{[^{}\r\n]*+\})*+\}'
_HEREDOC: Final = r"""
    <<-?(?P<marker>[A-Za-z_][\w-]*+)[ \t]*+\r?\n
    (?P<heredoc>(?:(?![ \t]*+(?P=marker)[ \t]*+\r?$)[^\n]*+(?:\n|\Z))*+) (?:[ \t]*+(?P=marker))?+
"""
_ESCAPE: Final = re.compile(
    r"\\(?:((?:u[0-9a-fA-F]{4})(?:\\u[dD][c-fC-F][0-9a-fA-F]{2})?)|u\{([0-9a-fA-F]{1,6})\}|(.))|[$%](?=[$%]\{)",
    re.DOTALL,
)
_LETTERS: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_REST: Final = r"""
  | (?P<open>[\[({]) | (?P<close>[\])}]) | (?P<newline>\r\n?|\n)
  | (?P<operator>[=!<>]=|&&|\|\||=~) | (?P<sign>=>|[:=]) | (?P<comma>[,;])
  | (?P<word>[^\s\[\](){},;:='"]++|['"])
"""


@attrs.frozen
class Syntax:
    """How a language writes text, and whether the end of a line ends a value."""

    lexeme: re.Pattern[str]
    hole: re.Pattern[str] | None
    lines_matter: bool = True


BICEP: Final = Syntax(
    re.compile(
        rf"(?P<comment>//[^\r\n]*+|/\*(?:[^*]|\*(?!/))*+\*/) | '''(?P<verbatim>(?:[^']|'(?!''))*+)'''"
        rf" | '(?P<text>(?:[^'\\$\r\n]|\\.|\$(?!\{{)|{_BICEP_HOLE})*+)'{_REST}",
        re.VERBOSE,
    ),
    re.compile(rf"(?<!\\){_BICEP_HOLE}"),
)
TERRAFORM: Final = Syntax(
    re.compile(
        rf"(?P<comment>(?://|\#)[^\r\n]*+|/\*(?:[^*]|\*(?!/))*+\*/) | {_HEREDOC}"
        rf' | "(?P<text>(?:[^"\\$%\r\n]|\\.|\$\$\{{|%%\{{|[$%](?!\{{)|{_TERRAFORM_HOLE})*+)"{_REST}',
        re.VERBOSE | re.MULTILINE,
    ),
    re.compile(rf"(?<![$%]){_TERRAFORM_HOLE}"),
)
JSON: Final = Syntax(
    re.compile(
        rf'(?P<comment>//[^\r\n]*+|/\*(?:[^*]|\*(?!/))*+\*/) | "(?P<text>(?:[^"\\\r\n]|\\.)*+)"{_REST}', re.VERBOSE
    ),
    None,
    lines_matter=False,
)


@attrs.frozen
class Word:
    """A name, a number, a keyword, an operator."""

    text: str
    span: Span


@attrs.frozen
class Text:
    """A text in quotes.

    Attributes:
        pieces: what stands around its holes, as written; one piece where it has none.
        span: where it stands, quotes left out.
        verbatim: whether a backslash in it is a backslash.
    """

    pieces: tuple[str, ...] = attrs.field(repr=False)
    span: Span
    verbatim: bool = False

    @property
    def whole(self) -> str | None:
        """The text without escapes, or None where a part of it is filled in later."""
        if len(self.pieces) != 1:
            return None
        return self.pieces[0] if self.verbatim else _ESCAPE.sub(_unescaped, self.pieces[0])


@attrs.frozen
class Group:
    """What stands in a pair of brackets."""

    bracket: str
    entries: tuple[Entry, ...] = attrs.field(repr=False)
    span: Span

    def value(self, *names: str) -> tuple[Atom, ...]:
        """Return the value with one of these names, or nothing."""
        return next((entry.value for entry in self.entries if entry.key in names), ())


Atom: TypeAlias = Word | Text | Group


@attrs.frozen
class Entry:
    """One item of a group.

    Attributes:
        key: the word or text in front of the sign, or in front of a block; empty for an item of a list.
        labels: what stands between the key and the sign, or the block.
        value: what stands behind the sign; of a block, the block.
        key_span: where the key stands, or None.
    """

    key: str = ""
    labels: tuple[Atom, ...] = ()
    value: tuple[Atom, ...] = ()
    key_span: Span | None = None


@attrs.define
class _Open:
    """A pair of brackets that is being read."""

    bracket: str
    start: int
    entries: list[Entry] = attrs.field(factory=list)
    before: list[Atom] = attrs.field(factory=list)
    value: list[Atom] | None = None

    def add(self, atom: Atom) -> None:
        (self.before if self.value is None else self.value).append(atom)

    def end_entry(self) -> None:
        if self.before or self.value:
            self.entries.append(_entry(self.before, self.value, may_be_block=self.bracket in ("", "{")))
        self.before, self.value = [], None


def read_objects(text: str, syntax: Syntax) -> Group:
    """Return the top level of a text as a group without brackets."""
    opened = [_Open("", 0)]
    for kind, atom, start in _lexemes(text, syntax):
        top = opened[-1]
        if kind == "open" and len(opened) <= _DEEPEST:
            opened.append(_Open(text[start], start))
        elif kind == "close" and len(opened) > 1:
            _close(opened, start + 1)
        elif kind == "sign" and top.value is None and top.before:
            top.value = []
        elif kind == "comma" or (kind == "newline" and syntax.lines_matter and top.bracket != "(" and top.value != []):
            top.end_entry()
        elif atom is not None:
            top.add(atom)
    while len(opened) > 1:
        _close(opened, len(text))
    opened[0].end_entry()
    return Group("", tuple(opened[0].entries), Span(0, len(text)))


def groups(root: Group) -> Iterator[Group]:
    """Yield a group and every group in it, in the order of the text."""
    pending = [root]
    while pending:
        group = pending.pop()
        yield group
        inside = [atom for entry in group.entries for atom in (*entry.labels, *entry.value)]
        pending.extend(atom for atom in reversed(inside) if isinstance(atom, Group))


def _close(opened: list[_Open], end: int) -> None:
    done = opened.pop()
    done.end_entry()
    opened[-1].add(Group(done.bracket, tuple(done.entries), Span(done.start, end)))


def _entry(before: list[Atom], value: list[Atom] | None, *, may_be_block: bool) -> Entry:
    first = before[0] if before else None
    is_item = value is None and (len(before) == 1 or not may_be_block)
    if first is None or isinstance(first, Group) or is_item:
        return Entry(value=tuple(before if value is None else value))
    if value is None:
        value = [before.pop()] if isinstance(before[-1], Group) else []
    key = first.text if isinstance(first, Word) else first.whole or ""
    return Entry(key, tuple(before[1:]), tuple(value), first.span)


def _lexemes(text: str, syntax: Syntax) -> Iterator[tuple[str, Atom | None, int]]:
    """Yield the kind of each lexeme, the atom that it is (of words and texts), and where it starts."""
    for found in syntax.lexeme.finditer(text):
        kind = found.lastgroup or ""
        if kind in ("word", "operator"):
            yield kind, Word(found[kind], Span(*found.span())), found.start()
        elif kind in ("text", "heredoc", "verbatim"):
            pieces = (found[kind],) if kind == "verbatim" else _pieces(found[kind], syntax.hole)
            yield kind, Text(pieces, Span(*found.span(kind)), kind != "text"), found.start()
        elif kind != "comment":
            yield kind, None, found.start()


def _pieces(written: str, hole: re.Pattern[str] | None) -> tuple[str, ...]:
    return tuple(hole.split(written)) if hole is not None and "{" in written else (written,)


def _unescaped(found: re.Match[str]) -> str:
    """Return what an escape stands for; the languages agree on nearly all of them."""
    units, code, letter = found.groups()
    if units:
        return bytes.fromhex(re.sub(r"[u\\]", "", units)).decode("utf-16-be", errors="replace")
    if code:
        return chr(min(int(code, 16), 0x10FFFF))
    return _LETTERS.get(letter, letter) if letter else found[0][1:]
