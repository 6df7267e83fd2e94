"""Strict JSON (RFC 8259) that says where every member stands and everything that is wrong.

The parser of the standard library takes ``NaN``, keeps the last of two members of the same name without a word, falls
over when arrays are nested too deeply, and tells no positions. Tokens come from strangers, so all of that matters here.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from functools import cached_property
from typing import Any

import attrs

from claimlens.text.spans import Span

Path = tuple[str | int, ...]
"""Member names and array indexes from the root to a value."""

MAXIMUM_DEPTH = 64
"""Objects and arrays inside one another; no honest token comes near, and few consumers survive more."""

_TOKEN = re.compile(
    r"""[ \t\n\r]*+(?:
        (?P<mark>[{}\[\]:,])
      | (?P<string>"(?:[^"\\\x00-\x1f]++|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*+")
      | (?P<number>-?(?:0|[1-9][0-9]*+)(?P<float>(?:\.[0-9]++)?+(?:[eE][+-]?[0-9]++)?+)(?![0-9A-Za-z.+]))
      | (?P<word>true|false|null)(?![0-9A-Za-z_])
      | (?P<nan>-?(?:NaN|Infinity))(?![0-9A-Za-z_])
      | (?P<end>\Z)
    )""",
    re.VERBOSE,
)
_BLANKS = re.compile(r"[ \t\n\r]*+")
_WORDS = {"true": True, "false": False, "null": None}
_ESCAPED_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


@attrs.frozen
class Fault:
    """One thing wrong with a JSON text: a defect code, one sentence, and the place in the text."""

    code: str
    message: str
    span: Span


@attrs.frozen
class Place:
    """Where a value stands in a JSON text, and, for a member of an object, its name (quotes included)."""

    value: Span
    name: Span | None = None


@attrs.frozen
class Document:
    """A parsed JSON text.

    Attributes:
        text: what was parsed.
        value: the value, or None where the text is not JSON.
        faults: what is wrong; only ``json-invalid``, ``json-empty`` and ``json-too-deep`` leave no value.
    """

    text: str = attrs.field(repr=False)
    value: Any = attrs.field(repr=False)
    faults: tuple[Fault, ...] = ()

    @cached_property
    def places(self) -> Mapping[Path, Place]:
        """Where each value stands, by path from the root (which is ``()``); worked out when it is first asked for."""
        parser = _Parser(self.text)
        parser.run()
        return parser.places


@attrs.define(repr=False)
class _Container:
    """An object or array that is still open."""

    value: dict[str, Any] | list[Any]
    path: Path
    start: int
    name: str = ""
    name_span: Span | None = None

    def next_path(self) -> Path:
        return (*self.path, self.name if isinstance(self.value, dict) else len(self.value))

    def add(self, value: Any) -> None:
        if isinstance(self.value, dict):
            self.value[self.name] = value
        else:
            self.value.append(value)


class _Broken(Exception):  # noqa: N818 - it never leaves this module
    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.code)
        self.fault = fault


class _Parser:
    """One pass over the text with an explicit stack, so that no nesting can exhaust Python's own."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.position = 0
        self.faults: list[Fault] = []
        self.places: dict[Path, Place] = {}
        self.open: list[_Container] = []
        self.root: Any = None

    def run(self) -> Document:
        try:
            if _BLANKS.fullmatch(self.text):
                raise _Broken(Fault("json-empty", "There is no JSON in it.", Span(0, len(self.text))))
            self._document()
        except _Broken as broken:
            return Document(self.text, None, (*self.faults, broken.fault))
        return Document(self.text, self.root, tuple(self.faults))

    def _document(self) -> None:
        match = self._next("a value")
        while True:
            match = self._value(match)
            while self.open and match["mark"] in ("}", "]"):
                match = self._close(match)
            if not self.open:
                break
            if match["mark"] != ",":
                raise self._expected("a comma or the closing bracket", match)
            match = self._member(self._next("a value"))
        if match["end"] is None:
            raise self._expected("the end", match)

    def _value(self, match: re.Match[str]) -> re.Match[str]:
        """Read one value, or descend to the first value inside it; return what follows."""
        while match["mark"] in ("{", "["):
            is_object = match["mark"] == "{"
            path = self.open[-1].next_path() if self.open else ()
            if len(self.open) == MAXIMUM_DEPTH:
                message = f"More than {MAXIMUM_DEPTH} objects and arrays stand inside one another."
                raise _Broken(Fault("json-too-deep", message, Span(match.start("mark"), len(self.text))))
            self.open.append(_Container({} if is_object else [], path, match.start("mark")))
            match = self._next("a value")
            if match["mark"] == ("}" if is_object else "]"):
                return match
            match = self._member(match)
        value = self._scalar(match)
        self._put(value, Span(match.start(match.lastgroup or 0), match.end()))
        return self._next("a comma")

    def _member(self, match: re.Match[str]) -> re.Match[str]:
        """Read the name and colon where an object is open; return what the value begins with."""
        container = self.open[-1]
        if isinstance(container.value, list):
            return match
        if match["string"] is None:
            raise self._expected("a member name in double quotes", match)
        container.name = self._string(match)
        container.name_span = Span(*match.span("string"))
        if container.name in container.value:
            message = "A member stands twice; one reader takes the first, another the last."
            self.faults.append(Fault("json-duplicate-member", message, container.name_span))
        colon = self._next("a colon")
        if colon["mark"] != ":":
            raise self._expected("a colon", colon)
        return self._next("a value")

    def _close(self, match: re.Match[str]) -> re.Match[str]:
        container = self.open.pop()
        if (match["mark"] == "}") != isinstance(container.value, dict):
            raise self._expected("the other closing bracket", match)
        self._put(container.value, Span(container.start, match.end()))
        return self._next("a comma")

    def _put(self, value: Any, span: Span) -> None:
        if not self.open:
            self.root = value
            self.places[()] = Place(span)
            return
        parent = self.open[-1]
        self.places[parent.next_path()] = Place(span, parent.name_span)
        parent.add(value)

    def _scalar(self, match: re.Match[str]) -> Any:
        if match["string"] is not None:
            return self._string(match)
        if match["number"] is not None:
            return self._number(match)
        if match["word"] is not None:
            return _WORDS[match["word"]]
        if match["nan"] is not None:
            message = "NaN and Infinity are not JSON numbers (RFC 8259 section 6)."
            self.faults.append(Fault("json-nan", message, Span(*match.span("nan"))))
            return None
        raise self._expected("a value", match)

    def _string(self, match: re.Match[str]) -> str:
        text = match["string"]
        if "\\" not in text:
            return text[1:-1]
        value: str = json.loads(text)
        if _LONE_SURROGATE.search(value):
            message = "Half of a surrogate pair is escaped in it: not a character (RFC 8259 section 8.2)."
            self.faults.append(Fault("json-lone-surrogate", message, Span(*match.span("string"))))
            value = _LONE_SURROGATE.sub("\ufffd", value)
        return value

    def _number(self, match: re.Match[str]) -> int | float | None:
        text = match["number"]
        value: int | float | None = None
        if match["float"]:
            number = float(text)
            value = number if math.isfinite(number) else None
        elif len(text) <= 32:
            value = int(text)
        if value is None or (isinstance(value, int) and not -(2**63) <= value < 2**64):
            message = "The number needs more than 64 bits: readers round it or refuse it (RFC 8259 section 6)."
            self.faults.append(Fault("json-number-range", message, Span(*match.span("number"))))
        return value

    def _next(self, expected: str) -> re.Match[str]:
        match = _TOKEN.match(self.text, self.position)
        if match is None:
            blanks = _BLANKS.match(self.text, self.position)
            self.position = blanks.end() if blanks else self.position
            raise _Broken(self._invalid(expected, self.position))
        self.position = match.end()
        return match

    def _expected(self, expected: str, match: re.Match[str]) -> _Broken:
        return _Broken(self._invalid(expected, match.start(match.lastgroup or 0)))

    def _invalid(self, expected: str, position: int) -> Fault:
        place = "it ends" if position >= len(self.text) else f"something else stands at character {position + 1}"
        span = Span(position, min(position + 1, len(self.text)))
        return Fault("json-invalid", f"Not JSON: {expected} is expected where {place}.", span)


class _Unusual(ValueError):  # noqa: N818 - it never leaves this module
    """Something that the quick way does not judge."""


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise _Unusual
    return members


def _integer(digits: str) -> int:
    if len(digits) > 18:
        raise _Unusual
    return int(digits)


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise _Unusual
    return value


def _constant(name: str) -> Any:
    raise _Unusual(name)


_QUICK = json.JSONDecoder(
    object_pairs_hook=_members, parse_int=_integer, parse_float=_finite, parse_constant=_constant, strict=True
)
"""The parser of the standard library, five times as fast, made to give up wherever anything could be wrong."""


def parse(text: str) -> Document:
    """Parse a JSON text (RFC 8259) in time linear in its length; never raises.

    >>> parse('{"a": [1, NaN]}').value
    {'a': [1, None]}
    """
    if text.count("{") + text.count("[") <= MAXIMUM_DEPTH and not _ESCAPED_SURROGATE.search(text):
        try:
            return Document(text, _QUICK.decode(text))
        except ValueError:
            pass
    return _Parser(text).run()
