"""A simulation as Markdown: for the editor's preview, a ticket, a printout. Holds no token text."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from claimlens.apim.simulator.model import LastError, Outcome, Simulation, Step, StepVerdict
from claimlens.text.escape import markdown_block, markdown_text
from claimlens.text.spans import Span

_SIGNS = {StepVerdict.PASS: "✓", StepVerdict.FAIL: "✗", StepVerdict.UNKNOWN: "?", StepVerdict.SKIPPED: "–"}
_OUTCOMES = {
    Outcome.PASS: "The request passes the policies.",
    Outcome.FAIL: "The request is refused",
    Outcome.UNDETERMINED: "Nothing refuses the request, but not every check could be made.",
}


def markdown(simulation: Simulation, line_of: Callable[[Span], int], link: str | None = None) -> str:
    """Return the report: the answer in a sentence, every check with its place, the body, ``context.LastError``.

    Args:
        simulation: what came out.
        line_of: the 1-based line of a span of the policy under test.
        link: the URI of the file with the policy, percent-encoded, or None for no links.
    """
    return "\n".join(_lines(simulation, line_of, link))


def headline(simulation: Simulation) -> str:
    """Return the answer in a sentence of plain text."""
    words = _OUTCOMES[simulation.outcome]
    status = f" with status {simulation.status}" if simulation.status else ""
    reason = f": {simulation.error.reason}" if simulation.error else ""
    if simulation.outcome is Outcome.FAIL:
        return f"{words}{status}{reason}."
    if simulation.error is not None:
        return f"A branch that is not decided may answer first; if not, the request is refused{status}{reason}."
    return words


def _lines(simulation: Simulation, line_of: Callable[[Span], int], link: str | None) -> Iterator[str]:
    yield "# Would this token pass?"
    yield ""
    yield f"**{markdown_text(headline(simulation))}**"
    if simulation.error is not None:
        yield from ("", markdown_text(simulation.error.message))
    yield from ("", "## The checks", "", "| | where | check | |", "|:--|:--|:--|:--|")
    for step in simulation.steps:
        yield _row(step, line_of, link)
    if simulation.body:
        yield from ("", "## What the caller gets", "", markdown_block(simulation.body, "json"))
    if simulation.error is not None:
        yield from _last_error(simulation.error)


def _row(step: Step, line_of: Callable[[Span], int], link: str | None) -> str:
    if step.path:
        place = markdown_text(step.path)
    else:
        line = line_of(step.span)
        place = f"[line {line}](<{link}#L{line}>)" if link else f"line {line}"
    check = step.element if step.check == step.element else f"{step.element}: {step.check}"
    reading = " *(our reading, not documented)*" if step.reading else ""
    return f"| {_SIGNS[step.verdict]} | {place} | {markdown_text(check)} | {markdown_text(step.detail)}{reading} |"


def _last_error(error: LastError) -> Iterator[str]:
    yield from ("", "## context.LastError", "", "| | |", "|:--|:--|")
    rows = {
        "Source": error.source,
        "Reason": error.reason,
        "Message": error.message,
        "Section": error.section,
        "Path": error.path,
        "Scope": error.scope,
        "PolicyId": error.policy_id or "",
    }
    for name, value in rows.items():
        if value:
            yield f"| {name} | {markdown_text(value)} |"
