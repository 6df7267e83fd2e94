"""Rules about where policies stand: their names, sections, parents and the frame of the document."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.apim.document import SECTIONS
from claimlens.apim.facts import Gateway, Once
from claimlens.apim.knowledge import parents, policies, policy
from claimlens.apim.model import Element
from claimlens.rules.apim import edits
from claimlens.rules.apim.context import Placed, PolicyContext, as_policy, is_section
from claimlens.rules.apim.wording import is_slip, one_of, tag
from claimlens.rules.model import Finding, Fix, Related, Severity, rule
from claimlens.text.nearest import nearest

_FRAGMENT_LIMIT = 32 * 1024


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
        meant = nearest(name, [*policies(), *(placed.parent.children if placed.parent else ())])
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
        yield apim_wrong_parent.finding(f"{tag(name)} may not stand {where}.{_belongs(name)}", placed.element.name_span)
    for element in _top_level(context):
        if not is_section(element) and _is_known_anywhere(element.name):
            yield apim_wrong_parent.finding(
                f"{tag(element.name)} may not stand directly in '<policies>': put it into a section.",
                element.name_span,
            )


def _belongs(name: str) -> str:
    if name in SECTIONS:
        return " A section stands directly in '<policies>'."
    found = parents().get(name, ())
    return f" It belongs into {one_of([path.rpartition('/')[2] for path in found], 3)}." if found else ""


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


@rule("apim-duplicate-section", Severity.ERROR, "A section stands twice")
def apim_duplicate_section(context: PolicyContext) -> Iterator[Finding]:
    """A policy document has a section more than once.

    The service refuses the document.

    ## How to fix it

    Put all policies of the section into one element.

    ## Example

    Bad:

    ```xml
    <policies><inbound><base /></inbound><inbound /></policies>
    ```

    Good:

    ```xml
    <policies><inbound><base /></inbound></policies>
    ```

    ## Sources

    - [Policies in API Management](https://learn.microsoft.com/azure/api-management/api-management-howto-policies)
    """
    for name, sections in context.document.sections().items():
        for again in sections[1:]:
            related = (Related("The first one", sections[0].name_span),)
            empty = not again.elements and not any(
                expression for expression in context.document.expressions if again.span.covers(expression.span)
            )
            yield apim_duplicate_section.finding(
                f"The section {name} stands twice.",
                again.name_span,
                related=related,
                fixes=(Fix("Remove the empty section", (edits.remove(context.document, again),)),) if empty else (),
            )


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


@rule(
    "apim-missing-base",
    Severity.INFORMATION,
    "Policies of wider scopes do not run",
    cause="policy-fragment-or-base-missing",
)
def apim_missing_base(context: PolicyContext) -> Iterator[Finding]:
    """The section `inbound` of a policy document has no `base`.

    What wider scopes do there, such as a check of tokens for all APIs, does not run.
    At the global scope there is no wider one, so nothing is lost.

    ## How to fix it

    Put `<base />` first, unless the wider policies are left out on purpose.

    ## Example

    Bad:

    ```xml
    <inbound><set-backend-service base-url="https://orders.example.com" /></inbound>
    ```

    Good:

    ```xml
    <inbound><base /><set-backend-service base-url="https://orders.example.com" /></inbound>
    ```

    ## Sources

    - [Scopes and base](https://learn.microsoft.com/azure/api-management/api-management-howto-policies#apply-policies-specified-at-different-scopes)
    """
    sections = context.document.sections().get("inbound", ())
    if (
        len(sections) != 1
        or not sections[0].elements
        or any(context.document.section_of(base) == "inbound" for base in context.named("base"))
    ):
        return
    yield apim_missing_base.finding(
        "Without '<base />' the inbound policies of wider scopes do not run.",
        sections[0].name_span,
        fixes=(Fix("Add <base />", (edits.add_first(context.document, sections[0], ["<base />"]),)),),
    )


@rule("apim-fragment-content", Severity.ERROR, "A fragment holds what it may not")
def apim_fragment_content(context: PolicyContext) -> Iterator[Finding]:
    """A policy fragment holds a section, `base`, or another fragment.

    The service refuses it: a fragment is a run of policies that is put in as it stands.

    ## How to fix it

    Remove the section and keep what stands in it; include the other fragment beside this one.

    ## Example

    Bad:

    ```xml
    <fragment><inbound><set-method>GET</set-method></inbound></fragment>
    ```

    Good:

    ```xml
    <fragment><set-method>GET</set-method></fragment>
    ```

    ## Sources

    - [Policy fragments](https://learn.microsoft.com/azure/api-management/policy-fragments)
    """
    if context.root_name != "fragment":
        return
    for element in context.named(*SECTIONS, "base", "include-fragment", "policies"):
        fixes = (Fix(f"Remove <{element.name}>", (edits.remove(context.document, element),)),)
        yield apim_fragment_content.finding(
            f"A fragment may not hold {tag(element.name)}.",
            element.name_span,
            fixes=fixes if element.name == "base" else (),
        )


@rule("apim-fragment-too-large", Severity.ERROR, "The fragment is too large")
def apim_fragment_too_large(context: PolicyContext) -> Iterator[Finding]:
    """A policy fragment is longer than 32 KB.

    The service refuses it.

    ## How to fix it

    Make two fragments of it.

    ## Example

    Bad: a fragment of 40 KB.

    Good:

    ```xml
    <fragment><set-method>GET</set-method></fragment>
    ```

    ## Sources

    - [Policy fragments](https://learn.microsoft.com/azure/api-management/policy-fragments)
    """
    root = context.document.root
    if root is None or root.name != "fragment":
        return
    size = len(root.span.slice(context.document.text).encode("utf-8", "surrogatepass"))
    if size > _FRAGMENT_LIMIT:
        yield apim_fragment_too_large.finding(
            f"The fragment has {size:,} bytes; {_FRAGMENT_LIMIT:,} are allowed.", root.name_span
        )


@rule("apim-gateway-unsupported", Severity.WARNING, "The gateway does not support the policy")
def apim_gateway_unsupported(context: PolicyContext) -> Iterator[Finding]:
    """The gateway named in the setting `claimlens.policies.gateway` does not support a policy.

    The service refuses the document there, or the policy has no effect.
    Without the setting nothing is said.

    ## How to fix it

    Use a policy that the gateway supports, or correct the setting.

    ## Example

    Bad, with `gateway = "consumption"`:

    ```xml
    <rate-limit-by-key calls="5" renewal-period="60" counter-key="all" />
    ```

    Good:

    ```xml
    <rate-limit calls="5" renewal-period="60" />
    ```

    ## Sources

    - [Policy reference](https://learn.microsoft.com/azure/api-management/api-management-policies)
    """
    wanted = context.settings.policies.gateway
    if wanted is None or wanted not in set(Gateway):
        return
    for placed in context.placed:
        fact = as_policy(placed.fact)
        if fact is not None and fact.gateways and Gateway(wanted) not in fact.gateways and fact.gateways_note is None:
            yield apim_gateway_unsupported.finding(
                f"The {wanted} gateway does not support {tag(fact.name)}.", placed.element.name_span
            )


RULES = (
    apim_unknown_policy,
    apim_unknown_element,
    apim_wrong_parent,
    apim_wrong_section,
    apim_duplicate_section,
    apim_duplicate_policy,
    apim_missing_base,
    apim_fragment_content,
    apim_fragment_too_large,
    apim_gateway_unsupported,
)
