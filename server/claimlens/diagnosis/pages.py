"""The documentation of the causes as Markdown: what ``docs/causes`` holds and ``claimlens rule CAUSE`` shows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from claimlens.diagnosis.model import CauseDescription, cause_descriptions
from claimlens.entra.errors.catalogue import entries
from claimlens.rules.registry import registry

_INTRODUCTION = """\
# Causes

`claimlens explain` names one or more of these reasons for which a token is rejected, the most likely first, each with
its evidence and a fix that holds the values of the input. The codes are stable.

- **certain**: the input itself shows it.
- **likely**: the input shows most of it, or a message that usually means it.
- **possible**: worth a look where nothing better is found.

| cause | what it is |
| --- | --- |
"""


def index() -> str:
    """Return the list of all causes with links to their pages."""
    rows = [f"| [{known.code}]({known.code}.md) | {known.title} |\n" for known in cause_descriptions().values()]
    return _INTRODUCTION + "".join(rows)


def page(known: CauseDescription) -> str:
    """Return the page of one cause: its title, then `body`."""
    return f"# {known.code}\n\n{body(known)}"


def body(known: CauseDescription) -> str:
    """Return what it means, what to do, and which messages and rules point to it."""
    return "\n".join(_lines(known))


def _lines(known: CauseDescription) -> Iterator[str]:
    yield f"**{known.title}.** {known.meaning}"
    yield ""
    yield "## Fix"
    yield ""
    yield known.fix
    usual, possible = _messages(known.code)
    for title, found in (("Messages that mean it", usual), ("Messages that may mean it", possible)):
        if found:
            yield from ("", f"## {title}", "")
            yield from (f"- {product}: {', '.join(f'`{name}`' for name in names)}" for product, names in found)
    rules = [rule.code for rule in registry().values() if rule.cause == known.code]
    if rules:
        yield from ("", "## Rules that find its evidence", "")
        yield from (f"- [{code}](../rules/{code}.md)" for code in rules)
    yield from ("", f"Source: {known.source}", "")


def _messages(cause: str) -> tuple[list[tuple[str, list[str]]], list[tuple[str, list[str]]]]:
    """Return the names of the messages by product: those whose usual cause it is, and the others."""
    usual: dict[str, list[str]] = defaultdict(list)
    possible: dict[str, list[str]] = defaultdict(list)
    for entry in entries():
        if cause in entry.causes:
            (usual if entry.causes[0] == cause else possible)[entry.product].append(entry.id)
    return list(usual.items()), list(possible.items())
