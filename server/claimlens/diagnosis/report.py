"""A diagnosis as Markdown: for the editor's preview, a ticket, a printout. Holds no token text."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from claimlens.diagnosis.model import Cause, Diagnosis, Evidence, StepVerdict, cause_descriptions
from claimlens.text.escape import markdown_code, markdown_text

_MARKS = {StepVerdict.PASS: "✓", StepVerdict.FAIL: "✗", StepVerdict.UNKNOWN: "?"}


_NO_LINKS: Mapping[str, str] = MappingProxyType({})


def markdown(diagnosis: Diagnosis, links: Mapping[str, str] = _NO_LINKS, commands: tuple[str, ...] = ()) -> str:
    """Return the report: the verdict in a sentence, the walk, the causes with fix and evidence.

    Args:
        diagnosis: what was found.
        links: the URIs of files by the names that the evidence gives them; percent-encoded.
        commands: command lines with which to see whether a fix works.
    """
    return "\n".join(_lines(diagnosis, links, commands))


def _lines(diagnosis: Diagnosis, links: Mapping[str, str], commands: tuple[str, ...]) -> Iterator[str]:
    yield "# Why this token is rejected"
    yield ""
    yield markdown_text(diagnosis.verdict)
    yield ""
    yield "## The walk"
    yield ""
    for step in diagnosis.steps:
        yield f"- {_MARKS[step.verdict]} **{markdown_text(step.step)}**: {markdown_text(step.summary)}"
    for number, cause in enumerate(diagnosis.causes, 1):
        yield from _cause(number, cause, links)
    if commands:
        yield from ("", "## Check the fix", "")
        yield from (f"- {markdown_code(command)}" for command in commands)


def _cause(number: int, cause: Cause, links: Mapping[str, str]) -> Iterator[str]:
    known = cause_descriptions()[cause.code]
    yield ""
    yield f"## {number}. {known.title} ({cause.confidence})"
    yield ""
    yield markdown_text(cause.summary)
    yield ""
    yield f"**Fix:** {markdown_text(cause.fix)}"
    yield ""
    yield f"{known.meaning}"
    if cause.evidence:
        yield ""
        for evidence in cause.evidence:
            yield f"- {_evidence(evidence, links)}"


def _evidence(evidence: Evidence, links: Mapping[str, str]) -> str:
    place = f"{markdown_text(evidence.path)}, line {evidence.line}"
    link = links.get(evidence.path)
    return f"{place if link is None else f'[{place}](<{link}#L{evidence.line}>)'}: {markdown_code(evidence.text)}"
