"""HTTP statuses as logs, answers and source files tell them."""

from __future__ import annotations

import re

_ANYWHERE = re.compile(
    r"\b(?:status(?:[ _-]?code)?[\"']?\s*[:=]?\s*|HTTP[ /]?(?:\d\.\d )?|-> |returned |\()(40[0-9]|500)\b"
    r"|\b(401|403)\b (?:Unauthorized|Forbidden)",
    re.IGNORECASE,
)
_BEFORE = (
    r"(?:\b(?:status|code|HTTP|error|\w{0,40}exception|response|returned|completed|failed|got)"
    r"(?:[ _-]?(?:status|code|error|of|with|a|is)){0,4}+|[-=]>| - |\" "
    r"|\bfinished[^\n]{0,200}?ms |\b(?:GET|PUT|POST|HEAD|PATCH|DELETE|OPTIONS) \S{1,500} )"
    r"\"?[ \t]{0,3}[:=(\[]?[ \t]{0,3}[\"']?"
)
_BEHIND = (
    r"(?: \{\s*\"|(?:\.\d{1,2})?\b[\"']?[ \t]?[:,()\[\]-]?[ \t]?\(?"
    r"(?:client error|unauthori[sz]ed|forbidden|error|status)\b)"
)
_NO_COUNT = r"(?!\w|\(|[\"']?[ \t]{0,3}[:=]?[ \t]{0,3}0\b)"
"""Behind such a word: it is no part of another one, no function, and no counter at zero."""
_SPOKEN = re.compile(
    rf"{_BEFORE}(401|403)\b|(?<![\w.])(401|403){_BEHIND}|^[ \t]{{0,20}}(401|403)[ \t]{{0,20}}$"
    rf"|(?<![\w.])(?:(?P<unauthorized>unauthorized)|(?P<forbidden>forbidden)){_NO_COUNT}",
    re.IGNORECASE | re.MULTILINE,
)


def told_statuses(text: str, *, spoken: bool) -> frozenset[int]:
    """Return the statuses (400 to 409, and 500) that the words of ``text`` tell.

    Args:
        text: of any kind.
        spoken: whether it is a log, an answer or what somebody wrote, and not settings or source code, in which ``403``
            and ``Forbidden`` are what might be answered.
    """
    found = {int(match[1] or match[2]) for match in _ANYWHERE.finditer(text)}
    for match in _SPOKEN.finditer(text) if spoken else ():
        found.add(
            401 if match["unauthorized"] else 403 if match["forbidden"] else int(match[1] or match[2] or match[3])
        )
    return frozenset(found)
