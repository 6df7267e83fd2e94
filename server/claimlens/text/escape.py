"""Make hostile text inert for the place where it is shown.

Whatever comes from a token or a document can hold Markdown, HTML, terminal escapes or characters that reorder or hide
what stands beside them (CVE-2021-42574). One function per target; each shows what it took out.
"""

from __future__ import annotations

import re

_INVISIBLE = (
    "\x00-\x1f\x7f-\x9f"  # C0 and C1 controls
    "\xa0\xad"  # no-break space and soft hyphen
    "\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f"
    "\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164"  # blanks, zero widths, line ends, directions
    "\ud800-\udfff\ue000-\uf8ff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\uffff"
    "\U000e0000-\U000e0fff\U000f0000-\U0010ffff"
)
_HIDDEN = re.compile(f"[{_INVISIBLE}]")
_HIDDEN_BUT_LINES = re.compile(f"(?![\n\t])[{_INVISIBLE}]")
_MEANINGFUL = re.compile(r"[!-/:-@\[-`{-~]|\A ")
_MEANINGFUL_IN_SENTENCES = re.compile(
    r"(?:\A\d{1,9}(?=[.)]))|[\\`*_\[\]<>#&|~$^=+@{}]|\A[ ()-]|[.:](?!\s|\Z|(?<=\d.)\d)|/(?=/)|(?<=/)/"
)
_BACKTICKS = re.compile("`+")


def visible(value: str) -> str:
    r"""Return ``value`` with every invisible character written as ``\u{202E}``, line breaks and tabs included.

    >>> visible("a\u202eb\n")
    'a\\u{202E}b\\u{A}'
    """
    if value.isascii() and value.isprintable():  # nearly everything
        return value
    return _HIDDEN.sub(_shown, value)


def terminal(value: str) -> str:
    """Return ``value`` for a terminal: as `visible`, but line breaks and tabs stay."""
    return _HIDDEN_BUT_LINES.sub(_shown, value)


def markdown_text(value: str) -> str:
    """Return ``value`` as one line of Markdown text in which no character means anything.

    Every ASCII punctuation character, and a blank at the beginning, which could indent a code block, becomes a numeric
    entity (CommonMark section 2.5), which no Markdown engine takes for structure, or for a part of a URL.
    """
    return _MEANINGFUL.sub(lambda found: f"&#{ord(found[0])};", visible(value))


def markdown_sentence(value: str) -> str:
    """As `markdown_text`, for prose that people read as source too: what cannot act where it stands is left as it is.

    Left are commas, quotes, brackets, and full stops and colons before a blank: no link, list or rule is made of those.
    """
    return _MEANINGFUL_IN_SENTENCES.sub(_entities, visible(value))


def _entities(found: re.Match[str]) -> str:
    return "".join(f"&#{ord(character)};" for character in found[0])


def markdown_code(value: str) -> str:
    """Return ``value`` as an inline code span (CommonMark section 6.1), fenced longer than any run of backticks inside.

    Inside a table cell use `markdown_text`: a ``|`` ends the cell even in code.
    """
    inert = visible(value) or " "
    longest = max((len(run) for run in _BACKTICKS.findall(inert)), default=0)
    fence = "`" * (longest + 1)
    ends = inert[0] + inert[-1] if inert.strip(" ") else ""  # blanks alone are taken as they are
    padding = " " if "`" in ends or ends == "  " else ""
    return f"{fence}{padding}{inert}{padding}{fence}"


def markdown_block(value: str, language: str = "") -> str:
    """Return ``value`` as a fenced code block whose fence is longer than any run of backticks inside."""
    longest = max((len(run) for run in _BACKTICKS.findall(value)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{terminal(value)}\n{fence}"


def _shown(found: re.Match[str]) -> str:
    return f"\\u{{{ord(found[0]):X}}}"
