"""A diagnosis as Markdown: for the editor's preview, a ticket, a printout. Holds no token text."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.diagnosis.model import Cause, Diagnosis, Evidence, StepVerdict, cause_descriptions
from claimlens.text.escape import markdown_code, markdown_text

_MARKS = {StepVerdict.PASS: "✅", StepVerdict.FAIL: "❌", StepVerdict.UNKNOWN: "▫️"}


def markdown(diagnosis: Diagnosis) -> str:
    """Return the report: the verdict in a sentence, the walk, the causes with fix and evidence."""
    return "\n".join(_lines(diagnosis))


def _lines(diagnosis: Diagnosis) -> Iterator[str]:
    yield "# Why this token is rejected"
    yield ""
    yield markdown_text(diagnosis.verdict)
    yield ""
    yield "## The walk"
    yield ""
    for step in diagnosis.steps:
        yield f"- {_MARKS[step.verdict]} **{markdown_text(step.step)}**: {markdown_text(step.summary)}"
    for number, cause in enumerate(diagnosis.causes, 1):
        yield from _cause(number, cause)


def _cause(number: int, cause: Cause) -> Iterator[str]:
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
            yield f"- {_evidence(evidence)}"


def _evidence(evidence: Evidence) -> str:
    return f"{markdown_text(evidence.path)}, line {evidence.line}: {markdown_code(evidence.text)}"
