"""Rules about where policies stand: their names, sections and parents."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.apim.document import SECTIONS
from claimlens.apim.facts import Once
from claimlens.apim.knowledge import ROOTS, parents, policies, policy
from claimlens.apim.model import Element
from claimlens.rules.apim import edits
from claimlens.rules.apim.context import Placed, PolicyContext, as_policy, is_section
from claimlens.rules.apim.wording import one_of, tag
from claimlens.rules.model import Edit, Finding, Fix, Related, Severity, rule
from claimlens.text.nearest import is_slip, nearest
from claimlens.text.spans import Span


@rule("apim-unknown-policy", Severity.ERROR, "The policy is unknown")
def apim_unknown_policy(context: PolicyContext) -> Iterator[Finding]:
    """An element stands where policies do, and no policy has its name.

    The service refuses the document.
    Names are compared character by character: capitals count.
    Where no known name is near it is information, as it may be a policy newer than what Claimlens knows.

    ## How to fix it

    Write the name of a policy.

    ## Example

    Bad:

    ```xml
    <validate-jtw header-name="Authorization" />
    ```

    Good:

    ```xml
    <validate-jwt header-name="Authorization" />
    ```

    ## Sources

    - [Policy reference](https://learn.microsoft.com/azure/api-management/api-management-policies)
    """
    for placed in context.placed:
        name = placed.element.name
        if not placed.direct or policy(name) is not None or _is_at_home_elsewhere(placed) or name in SECTIONS:
            continue
        roots = ROOTS if placed.element is context.document.root else ()
        meant = nearest(name, [*policies(), *(placed.parent.children if placed.parent else ()), *roots])
        known = f" Did you mean '{meant}'?" if meant else ""
        yield apim_unknown_policy.finding(
            f"There is no policy {tag(name)}.{known}",
            placed.element.name_span,
            severity=Severity.ERROR if is_slip(name, meant) else Severity.INFORMATION,
            fixes=_renaming(placed.element, meant),
        )


def _renaming(element: Element, meant: str | None) -> tuple[Fix, ...]:
    return (Fix(f"Change to {meant}", edits.rename(element, meant), preferred=True),) if meant else ()


def _is_at_home_elsewhere(placed: Placed) -> bool:
    """Tell whether an element that is no policy is known as a part of some policy."""
    return policy(placed.element.name) is None and placed.element.name in parents()


@rule("apim-unknown-element", Severity.ERROR, "The element is unknown")
def apim_unknown_element(context: PolicyContext) -> Iterator[Finding]:
    """An element in a policy, or below `policies`, has a name that nothing has there.

    The service refuses the document.

    ## How to fix it

    Write the name of an element that may stand there, or remove it.

    ## Example

    Bad:

    ```xml
    <required-claims><clam name="tid" /></required-claims>
    ```

    Good:

    ```xml
    <required-claims><claim name="tid" /></required-claims>
    ```

    ## Sources

    - [Policy reference](https://learn.microsoft.com/azure/api-management/api-management-policies)
    """
    for placed in context.placed:
        name, parent = placed.element.name, placed.parent
        if placed.fact is None and parent is not None and not placed.direct and not _is_known_anywhere(name):
            meant = nearest(name, parent.children)
            expected = f" Expected: {one_of(parent.children)}." if parent.children else " It holds no elements."
            yield apim_unknown_element.finding(
                f"{tag(parent.name)} holds no {tag(name)}.{expected}",
                placed.element.name_span,
                fixes=_renaming(placed.element, meant),
            )
    for section in _top_level(context):
        if not is_section(section) and policy(section.name) is None and section.name not in parents():
            meant = nearest(section.name, SECTIONS)
            yield apim_unknown_element.finding(
                f"There is no section {tag(section.name)}. Expected: {one_of(SECTIONS)}.",
                section.name_span,
                fixes=_renaming(section, meant),
            )


def _is_known_anywhere(name: str) -> bool:
    return policy(name) is not None or name in parents() or name in SECTIONS


def _top_level(context: PolicyContext) -> tuple[Element, ...]:
    root = context.document.root
    return root.elements if root is not None and root.name == "policies" else ()


@rule("apim-wrong-parent", Severity.ERROR, "The element stands in the wrong place")
def apim_wrong_parent(context: PolicyContext) -> Iterator[Finding]:
    """An element that is known stands where it may not: in another element than its own.

    The service refuses the document.

    ## How to fix it

    Move it into the element that it belongs to.

    ## Example

    Bad:

    ```xml
    <validate-jwt header-name="Authorization"><claim name="tid" /></validate-jwt>
    ```

    Good:

    ```xml
    <validate-jwt header-name="Authorization">
      <required-claims><claim name="tid" /></required-claims>
    </validate-jwt>
    ```

    ## Sources

    - [Policy reference](https://learn.microsoft.com/azure/api-management/api-management-policies)
    """
    for placed in context.placed:
        name = placed.element.name
        if placed.fact is not None or not _is_known_anywhere(name) or context.is_behind_damage(placed.element):
            continue
        if placed.parent is None and context.root_name == "fragment" and is_section(placed.element):
            continue  # apim-fragment-content says it
        where = f"in {tag(placed.parent.name)}" if placed.parent else "directly in a section"
        yield apim_wrong_parent.finding(
            f"{tag(name)} may not stand {where}.{_belongs(name)}",
            placed.element.name_span,
            fixes=_wrapping(context, placed),
        )
    for element in _top_level(context):
        if not is_section(element) and _is_known_anywhere(element.name):
            yield apim_wrong_parent.finding(
                f"{tag(element.name)} may not stand directly in '<policies>': put it into a section.",
                element.name_span,
            )


def _wrapping(context: PolicyContext, placed: Placed) -> tuple[Fix, ...]:
    """Put an element into the child of its parent that it belongs into: a claim into required-claims."""
    siblings = placed.parent.children.values() if placed.parent is not None else ()
    around = [
        each.name for each in siblings if each.element is not None and placed.element.name in each.element.children
    ]
    if len(around) != 1:
        return ()
    start, end = placed.element.start, placed.element.end
    changes = (Edit(Span(start, start), f"<{around[0]}>"), Edit(Span(end, end), f"</{around[0]}>"))
    return (Fix(f"Put it into <{around[0]}>", changes),)


def _belongs(name: str) -> str:
    if name in SECTIONS:
        return " A section stands directly in '<policies>'."
    found = parents().get(name, ())
    return f" It belongs into {one_of(dict.fromkeys(path.rpartition('/')[2] for path in found), 3)}." if found else ""


@rule("apim-wrong-section", Severity.ERROR, "The section does not take this policy", cause="policy-section-or-order")
def apim_wrong_section(context: PolicyContext) -> Iterator[Finding]:
    """A policy stands in a section that it does not support.

    The service refuses to save the document.
    In a fragment or a snippet no section is known, and nothing is said.

    ## How to fix it

    Move the policy into one of its sections.

    ## Example

    Bad:

    ```xml
    <outbound><base /><validate-jwt header-name="Authorization" /></outbound>
    ```

    Good:

    ```xml
    <inbound><base /><validate-jwt header-name="Authorization" /></inbound>
    ```

    ## Sources

    - [Policy reference](https://learn.microsoft.com/azure/api-management/api-management-policies)
    """
    for placed in context.placed:
        fact = as_policy(placed.fact)
        if fact is None or not placed.direct or placed.section is None or not fact.sections:
            continue
        if not fact.allowed_in(placed.section) and fact.confidence != "low":
            yield apim_wrong_section.finding(
                f"{tag(fact.name)} may not stand in {placed.section}, only in {one_of(fact.sections)}.",
                placed.element.name_span,
                fixes=_moving(context, placed, fact.sections[0]) if len(fact.sections) == 1 else (),
            )


def _moving(context: PolicyContext, placed: Placed, section: str) -> tuple[Fix, ...]:
    """Move a policy that stands directly in its section to the end of the other section, where there is one."""
    target = context.document.sections().get(section, ())
    around = context.document.parent(placed.element)
    if len(target) != 1 or around is None or not is_section(around):
        return ()
    markup = placed.element.span.slice(context.document.text)
    changes = (edits.add_last(context.document, target[0], [markup]), edits.remove(context.document, placed.element))
    return (Fix(f"Move to {section}", changes),)


@rule("apim-duplicate-policy", Severity.ERROR, "The policy may stand once only")
def apim_duplicate_policy(context: PolicyContext) -> Iterator[Finding]:
    """A policy that may be used once stands a second time, side by side with the first.

    The service refuses it, or only one of them counts.

    ## How to fix it

    Make one policy of the two.

    ## Example

    Bad:

    ```xml
    <inbound><base /><base /></inbound>
    ```

    Good:

    ```xml
    <inbound><base /></inbound>
    ```

    ## Sources

    - [Policy reference](https://learn.microsoft.com/azure/api-management/api-management-policies)
    """
    first: dict[tuple[str, int], Element] = {}
    for placed in context.placed:
        fact = as_policy(placed.fact)
        if fact is None or not placed.direct or fact.once is None or placed.section is None:
            continue
        around = context.document.parent(placed.element)
        if fact.once is Once.DEFINITION and (around is None or not is_section(around)):
            continue  # in the branches of a choose each request meets one of them
        before = first.setdefault((fact.name, id(around)), placed.element)
        if before is not placed.element:
            yield apim_duplicate_policy.finding(
                f"{tag(fact.name)} may stand once only.",
                placed.element.name_span,
                related=(Related("The first one", before.name_span),),
                fixes=(Fix("Remove the second one", (edits.remove(context.document, placed.element),)),)
                if fact.name == "base"
                else (),
            )


RULES = (
    apim_unknown_policy,
    apim_unknown_element,
    apim_wrong_parent,
    apim_wrong_section,
    apim_duplicate_policy,
)
