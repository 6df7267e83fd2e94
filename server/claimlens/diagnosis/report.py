"""A diagnosis as Markdown: for the editor's preview, a ticket, a printout. Holds no token text.

It is read by people in a hurry: what is wrong and what to do stand first, the walk and the commands last. What belongs
side by side, such as the audience that a token has and the one that is accepted, stands in a block of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType

from claimlens.diagnosis.model import Cause, Confidence, Diagnosis, Evidence, Step, StepVerdict, cause_descriptions
from claimlens.text.escape import markdown_block, markdown_code, markdown_sentence

_MARKS = {StepVerdict.PASS: "✓", StepVerdict.FAIL: "✗", StepVerdict.UNKNOWN: "?"}
_STEPS = {"answered-by": "Who answered", "authorization": "Permissions"}
"""What steps are called for people, where that is not their own name."""
_SURENESS = {Confidence.CERTAIN: "This is why", Confidence.LIKELY: "Most likely", Confidence.POSSIBLE: "Possibly"}
_WITHOUT_CAUSE = "Open what the API answered, or its log, beside this file and ask again; or verify the signature."
_NO_LINKS: Mapping[str, str] = MappingProxyType({})


def markdown(diagnosis: Diagnosis, links: Mapping[str, str] = _NO_LINKS, commands: Sequence[str] = ()) -> str:
    """Return the report: the first cause with its fix and evidence, the others, the walk, what to run afterwards.

    Args:
        diagnosis: what was found.
        links: the URIs of files by the names that the evidence gives them; percent-encoded.
        commands: lines for a shell with which to see whether a fix works; comments among them.
    """
    return "\n".join(_lines(diagnosis, links, commands))


def _lines(diagnosis: Diagnosis, links: Mapping[str, str], commands: Sequence[str]) -> Iterator[str]:
    yield "# Why this token is rejected"
    yield ""
    if not diagnosis.causes:
        yield f"{markdown_sentence(diagnosis.verdict)} {_WITHOUT_CAUSE}"
    for number, cause in enumerate(diagnosis.held, 1):
        if number == 2:
            yield from ("", "## Also found")
        if number > 1:
            yield from ("", f"### {number}. {cause_descriptions()[cause.code].title} ({cause.confidence})", "")
        yield from _cause(cause, links, f"**{_SURENESS[cause.confidence]}:** " if number == 1 else "")
    if diagnosis.remote:
        yield from ("", "## Less likely", "")
        yield from (
            f"- **{cause_descriptions()[each.code].title}:** {_prose(each.summary)}" for each in diagnosis.remote
        )
    yield from ("", "## What was checked", "")
    yield from (_step(step, diagnosis.held) for step in diagnosis.steps)
    if commands:
        yield from ("", "## Check the fix", "", markdown_block("\n".join(commands), "sh"))


def _cause(cause: Cause, links: Mapping[str, str], before: str) -> Iterator[str]:
    known = cause_descriptions()[cause.code]
    said, sides = _apart(cause.summary)
    yield before + _prose(said)
    yield ""
    if sides:
        yield from (markdown_block(sides, "text"), "")
    if cause.fix:
        yield from (f"**Fix:** {_prose(cause.fix)}", "")
    if known.meaning not in cause.summary:
        page = _ADDRESS.search(known.source)
        yield from (markdown_sentence(known.meaning) + (f" [More](<{page[0]}>)" if page else ""), "")
    yield from (f"- {_evidence(evidence, links)}" for evidence in cause.evidence)


def _step(step: Step, causes: Sequence[Cause]) -> str:
    """Return a step in a line; where a cause says the same, its number is enough."""
    number = next((number for number, cause in enumerate(causes, 1) if cause.summary == step.summary), None)
    said = _prose(step.summary)
    if number is not None and len(causes) > 1:
        said = f"{cause_descriptions()[causes[number - 1].code].title} ({number})"
    elif number is not None:
        said = cause_descriptions()[causes[0].code].title
    return f"- {_MARKS[step.verdict]} **{_STEPS.get(step.step, step.step.capitalize())}:** {said}"


def _evidence(evidence: Evidence, links: Mapping[str, str]) -> str:
    place = f"{markdown_code(evidence.path)}, line {evidence.line}"
    link = links.get(evidence.path)
    return f"{place if link is None else f'[{place}](<{link}#L{evidence.line}>)'}: {markdown_code(evidence.text)}"


_ADDRESS = re.compile(r"https://[^\s;<>]+")
_QUOTED = re.compile(r"(?<!\w)'([^'\n]+)'(?!\w)")
"""A value in a sentence, as `candidate.shown` writes it."""
_LISTED = r"'[^'\n]+'(?: or '[^'\n]+')*"
_SIDES = re.compile(rf"(.*?): the token's (\w+) is ({_LISTED}), accepted is ({_LISTED})\.")


def _prose(sentence: str) -> str:
    """Return a sentence with its values as code; whatever a value does to get out of its quotes, it stays text."""
    first, *rest = _QUOTED.split(sentence)
    pieces = [markdown_sentence(first)]
    for value, between in zip(rest[::2], rest[1::2], strict=True):
        pieces += [markdown_code(value), markdown_sentence(f"x{between}")[1:] or " "]  # code beside code would merge
    return "".join(pieces).rstrip()


def _apart(summary: str) -> tuple[str, str]:
    """Cut a sentence that compares into what it says and the two sides, one above the other."""
    found = _SIDES.fullmatch(summary)
    if found is None:
        return summary, ""
    rows = [(f"{found[2]} in the token", value) for value in _QUOTED.findall(found[3])]
    rows += [("accepted", value) for value in _QUOTED.findall(found[4])]
    width = max(len(name) for name, _ in rows)
    names = ["" if number and rows[number - 1][0] == name else name for number, (name, _) in enumerate(rows)]
    return f"{found[1]}.", "\n".join(f"{name:{width}}  {value}" for name, (_, value) in zip(names, rows, strict=True))
