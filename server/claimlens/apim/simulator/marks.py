"""What a simulation says of each place in the policy: passed, failed here, left open, not reached."""

from __future__ import annotations

import enum
from collections.abc import Iterator

import attrs

from claimlens.apim.document import PolicyDocument
from claimlens.apim.model import Element
from claimlens.apim.simulator.model import Simulation, Step, StepVerdict
from claimlens.text.spans import Span

_TOKEN_POLICIES = frozenset(("validate-jwt", "validate-azure-ad-token"))
_CONTAINERS = frozenset(("inbound", "fragment", "choose", "when", "otherwise", "retry", "wait"))


class Reached(enum.StrEnum):
    """What became of a place."""

    PASSED = "passed"
    FAILED = "failed"
    OPEN = "open"
    NOT_REACHED = "not reached"


@attrs.frozen
class Mark:
    """A place in the policy under test and what became of it.

    Attributes:
        span: the opening tag of a check, or the whole of an element that was not reached.
        reached: what became of it.
        detail: why, with the values compared; empty for what was not reached. Holds values of the token: escape it.
    """

    span: Span
    reached: Reached
    detail: str = ""


_WORST_FIRST = {
    StepVerdict.FAIL: Reached.FAILED,
    StepVerdict.UNKNOWN: Reached.OPEN,
    StepVerdict.PASS: Reached.PASSED,
}


def marks(simulation: Simulation, document: PolicyDocument) -> tuple[Mark, ...]:
    """Return the marks of the policy under test, in the order of its text.

    Where several checks have one place, the worst of them counts. Skipped steps make no mark.
    """
    steps = [step for step in simulation.steps if not step.path]
    made = [_mark(span, [step for step in steps if step.span == span]) for span in dict.fromkeys(s.span for s in steps)]
    failed = next((step for step in reversed(simulation.steps) if step.verdict is StepVerdict.FAIL), None)
    unreached = _unreached(document, steps, failed.span.start) if failed is not None and not failed.path else ()
    return tuple(sorted((*filter(None, made), *unreached), key=lambda mark: mark.span.start))


def _mark(span: Span, steps: list[Step]) -> Mark | None:
    for verdict, reached in _WORST_FIRST.items():
        found = [step.detail for step in steps if step.verdict is verdict]
        if found:
            return Mark(span, reached, " ".join(found))
    return None


def _unreached(document: PolicyDocument, steps: list[Step], failed: int) -> Iterator[Mark]:
    """Yield the checks and policies behind the one that failed that have no step."""
    seen = {step.span.start for step in steps}
    end = failed
    for element in document.elements:
        reached = element.start <= end or element.start in seen or _holds(element, seen)
        if not reached and _is_check(document.parent(element)):
            end = element.end
            yield Mark(element.span, Reached.NOT_REACHED)


def _is_check(parent: Element | None) -> bool:
    return parent is None or parent.name in _TOKEN_POLICIES or parent.name in _CONTAINERS


def _holds(element: Element, seen: set[int]) -> bool:
    return any(element.start <= start < element.end for start in seen)
