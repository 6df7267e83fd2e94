"""Makes any text one literal of a language, quotes included, so that nothing in it can act there.

A claim can hold anything: quotes, ``$(…)``, backticks, line breaks, ``]]>``, characters that reorder a line. One
function per language; each writes invisible characters as escapes, so that what is shown is what there is.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote
from xml.sax.saxutils import escape

from claimlens.text.escape import visible

_ASTRAL = re.compile("[\U00010000-\U0010ffff]")
_SURROGATE = re.compile("[\ud800-\udfff]")
_QUOTES_OF_POWERSHELL = re.compile("['\u2018\u2019\u201a\u201b]")
"""PowerShell ends a single-quoted string at any of them, and takes two for one."""
_POLICY_EXPRESSION = re.compile(r"\s*@|\{\{|\}\}")
_PLAIN_IN_CSHARP = re.compile(r"[A-Za-z0-9 ._:/-]")


class Url(str):
    """A URL in which every character that means something outside URLs is percent-encoded."""

    __slots__ = ()

    @classmethod
    def of(cls, text: str) -> Url:
        """Return ``text`` with unsafe characters percent-encoded (RFC 3986 section 2.1)."""
        return cls(quote(_without_surrogates(text), safe="%:/?&=@+,;~-._"))


def utf16_escapes(value: str) -> str:
    r"""Return a literal of JSON, JavaScript, C# and Java: ASCII, with ``\uD83D\uDE00`` beyond the first plane.

    Java reads ``\u`` escapes before it looks for the ends of strings and lines; quotes and line breaks are therefore
    written as ``\"`` and ``\n``, never as ``\u0022`` and ``\u000a``.
    """
    return json.dumps(value)


def utf32_escapes(value: str) -> str:
    r"""Return a literal of Python and Go: ASCII, with ``\U0001F600`` beyond the first plane."""
    kept = _without_surrogates(value)
    return "".join(
        f"\\U{ord(piece):08x}" if _ASTRAL.fullmatch(piece) else json.dumps(piece)[1:-1] for piece in kept
    ).join('""')


def shell(value: str) -> str:
    """Return a word of a POSIX shell; where invisible characters are in it, of bash and zsh (``$'…'``)."""
    if value == visible(value):
        return "'" + value.replace("'", "'\\''") + "'"
    octets = _without_surrogates(value).encode()
    return "$'" + "".join(chr(each) if _is_plain(each) else f"\\x{each:02x}" for each in octets) + "'"


def powershell(value: str) -> str:
    """Return a PowerShell string; where invisible characters are in it, an expression in parentheses."""
    pieces = [
        "'" + _QUOTES_OF_POWERSHELL.sub(r"\g<0>\g<0>", piece) + "'" if hidden == "" else _as_char(hidden)
        for piece, hidden in _pieces(value)
    ]
    return pieces[0] if len(pieces) == 1 and pieces[0][0] == "'" else f"('' + {' + '.join(pieces)})"


def policy(value: str) -> str:
    """Return text of a policy, for between tags and between quotes.

    Where API Management would take it for an expression (``@``) or a named value (``{{``), it becomes an expression
    that yields it.
    """
    if _POLICY_EXPRESSION.search(value):
        units = value.encode("utf-16-be", "surrogatepass")
        codes = (int.from_bytes(units[index : index + 2]) for index in range(0, len(units), 2))
        inner = "".join(chr(code) if _PLAIN_IN_CSHARP.fullmatch(chr(code)) else f"\\u{code:04x}" for code in codes)
        return f"@(&quot;{inner}&quot;)"
    return "".join(
        escape(piece, {'"': "&quot;", "'": "&apos;"}) if hidden == "" else _reference(hidden)
        for piece, hidden in _pieces(value)
    )


def form(value: str) -> str:
    """Return a value of ``application/x-www-form-urlencoded``, or a URL as it is."""
    return value if isinstance(value, Url) else quote(_without_surrogates(value), safe="")


LITERALS: Mapping[str, Callable[[str], str]] = {
    "javascript": utf16_escapes,
    "csharp": utf16_escapes,
    "java": utf16_escapes,
    "json": utf16_escapes,
    "kql": utf16_escapes,
    "python": utf32_escapes,
    "go": utf32_escapes,
    "shell": shell,
    "powershell": powershell,
    "policy": policy,
    "form": form,
}
"""By language, as ``targets.toml`` names it."""


def _pieces(value: str) -> list[tuple[str, str]]:
    """Cut a text into runs of visible characters and single invisible ones: ``(run, "")`` and ``("", character)``."""
    found: list[tuple[str, str]] = []
    run: list[str] = []
    for character in _without_surrogates(value):
        if character == visible(character):
            run.append(character)
            continue
        if run:
            found.append(("".join(run), ""))
            run = []
        found.append(("", character))
    return [*found, ("".join(run), "")] if run or not found else found


def _as_char(character: str) -> str:
    """Return an expression of PowerShell; a ``[char]`` is one unit of UTF-16."""
    code = f"0x{ord(character):X}"
    return f"[char]::ConvertFromUtf32({code})" if _ASTRAL.fullmatch(character) else f"[char]{code}"


def _reference(character: str) -> str:
    """Return a character reference, or U+FFFD for what XML 1.0 cannot hold (section 2.2)."""
    code = ord(character)
    allowed = code in (0x9, 0xA, 0xD) or 0x20 <= code <= 0xFFFD or code >= 0x10000
    return f"&#x{code if allowed else 0xFFFD:X};"


def _is_plain(octet: int) -> bool:
    return 0x20 <= octet < 0x7F and octet not in b"'\\!"  # shells look for ! in their history even here


def _without_surrogates(value: str) -> str:
    return _SURROGATE.sub("\ufffd", value)
