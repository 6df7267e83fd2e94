"""Tell how the bytes of a file were encoded, and go back and forth without loss."""

from __future__ import annotations

import codecs
import re

import attrs

_SNIFFED = 8_192
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_UNDEFINED_IN_1252 = frozenset(b"\x81\x8d\x8f\x90\x9d")
_ESCAPED_BYTE = re.compile("[\udc80-\udcff]")
_SOUND_CHARACTER = re.compile("[\x80-\ud7ff\ue000-\U0010ffff]")


@attrs.frozen
class Encoding:
    """How a file was encoded.

    Attributes:
        name: Python's name of the codec.
        mark: the byte order mark in front.
        is_exact: whether `encode` gives the very bytes that `decode` was given.
    """

    name: str
    mark: bytes = b""
    is_exact: bool = True

    def decode(self, data: bytes) -> str:
        """Return the text of ``data``; what cannot be decoded exactly is replaced where ``is_exact`` is false."""
        return data[len(self.mark) :].decode(self.name, self._errors)

    def encode(self, text: str) -> bytes:
        """Return the bytes of ``text``, with the mark in front."""
        return self.mark + text.encode(self.name, self._errors)

    @property
    def _errors(self) -> str:
        if not self.is_exact:
            return "replace"
        return "surrogateescape" if self.name == "utf-8" else "surrogatepass" if "utf" in self.name else "strict"


UTF_8 = Encoding("utf-8")


def decode(data: bytes) -> tuple[str, Encoding] | None:
    """Return the text of ``data`` and its encoding, or None where it is binary. Never raises.

    A byte order mark decides. Without one UTF-16 is known by its zero bytes and UTF-8 by being valid. Text with
    characters that are valid UTF-8 and bytes that are not is UTF-8 with damage if the former prevail; else it is
    Windows-1252, in which almost every byte is a character.
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return _decoded(data, Encoding(name, mark))
    sample = data[:_SNIFFED]
    if b"\0" in sample:
        wide = _wide_without_mark(sample)
        return _decoded(data, Encoding(wide)) if wide else None
    text, encoding = _decoded(data, UTF_8)
    damaged = sum(1 for _ in _ESCAPED_BYTE.finditer(text))
    if damaged and sum(1 for _ in _SOUND_CHARACTER.finditer(text)) <= damaged:
        encoding = Encoding("latin-1" if _UNDEFINED_IN_1252.intersection(data) else "cp1252")
        return encoding.decode(data), encoding
    return text, encoding


def _decoded(data: bytes, encoding: Encoding) -> tuple[str, Encoding]:
    try:
        return encoding.decode(data), encoding
    except UnicodeDecodeError:
        damaged = attrs.evolve(encoding, is_exact=False)
        return damaged.decode(data), damaged


def _wide_without_mark(sample: bytes) -> str | None:
    """Recognise UTF-16 without a mark: mostly ASCII, so that every other byte is zero."""
    even, odd = sample[0::2], sample[1::2]
    if len(sample) < 4:
        return None
    if odd.count(0) > 0.7 * len(odd) and even.count(0) < 0.1 * len(even):
        return "utf-16-le"
    if even.count(0) > 0.7 * len(even) and odd.count(0) < 0.1 * len(odd):
        return "utf-16-be"
    return None
