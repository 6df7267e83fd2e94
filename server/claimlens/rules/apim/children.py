"""Rules about what stands in the elements of policies: which children, how many, in which order, and text."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.apim.facts import ElementFact, GroupKind, Holds
from claimlens.apim.model import CData, Element, Text
from claimlens.rules.apim import edits
from claimlens.rules.apim.attributes import TOKEN_CHECKS, is_there
from claimlens.rules.apim.context import PolicyContext, literal
from claimlens.rules.apim.wording import one_of, tag
from claimlens.rules.model import Edit, Finding, Fix, Related, Severity, rule
from claimlens.text.spans import Span


@rule("apim-child-order", Severity.ERROR, "The children stand in the wrong order", cause="policy-section-or-order")
def apim_child_order(context: PolicyContext) -> Iterator[Finding]:
    """The children of an element stand in another order than the service wants.

    The service insists on the order in `validate-jwt` and `choose`.
    Its message does not say so: it speaks of an element that is not expected.

    ## How to fix it

    Put the children into the order that the finding names.

    ## Example

    Bad:

    ```xml
    <validate-jwt header-name="Authorization">
      <audiences><audience>api://orders</audience></audiences>
      <openid-config url="https://login.example.com/.well-known/openid-configuration" />
    </validate-jwt>
    ```

    Good:

    ```xml
    <validate-jwt header-name="Authorization">
      <openid-config url="https://login.example.com/.well-known/openid-configuration" />
      <audiences><audience>api://orders</audience></audiences>
    </validate-jwt>
    ```

    ## Sources

    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    - [choose](https://learn.microsoft.com/azure/api-management/choose-policy)
    """
    for placed in context.placed:
        fact = placed.fact
        if fact is None or not fact.order_enforced:
            continue
        ranks = {name: rank for rank, name in enumerate(fact.order)}
        children = placed.element.elements
        highest: Element | None = None
        for child in children:
            if child.name not in ranks:
                continue
            if highest is not None and ranks[child.name] < ranks[highest.name]:
                wanted = sorted(children, key=lambda each: ranks.get(each.name, len(ranks)))
                fix = Fix("Put the children in order", edits.reorder(context.document, placed.element, wanted), True)
                yield apim_child_order.finding(
                    f"{tag(child.name)} has to stand before {tag(highest.name)}.",
                    child.name_span,
                    related=(Related("This has to come later", highest.name_span),),
                    fixes=(fix,),
                )
                break
            highest = child


@rule("apim-missing-child", Severity.ERROR, "A child element is missing")
def apim_missing_child(context: PolicyContext) -> Iterator[Finding]:
    """An element lacks a child that it must have.

    The service refuses the document.

    ## How to fix it

    Add the child.

    ## Example

    Bad:

    ```xml
    <set-header name="X-Request-Id" exists-action="override" />
    ```

    Good:

    ```xml
    <set-header name="X-Request-Id" exists-action="override"><value>1</value></set-header>
    ```

    ## Sources

    - [Policy reference](https://learn.microsoft.com/azure/api-management/api-management-policies)
    """
    for placed in context.placed:
        element, fact = placed.element, placed.fact
        missing = list(_missing(element, fact)) if fact is not None and (fact.children or fact.groups) else []
        if not missing or fact is None or not context.is_whole(element) or context.is_filled_in(element):
            continue
        if fact.holds is Holds.NOTHING and any(child.name not in fact.children for child in element.elements):
            continue  # one of these was meant, and has a finding of its own
        for name in missing:
            yield apim_missing_child.finding(f"{tag(element.name)} needs {name}.", element.name_span)


def _missing(element: Element, fact: ElementFact) -> Iterator[str]:
    """Yield in words which children are missing; of several of which one is needed, all."""
    missing = [name for name, child in fact.children.items() if child.least and element.child(name) is None]
    yield from map(tag, missing)
    for group in fact.groups if fact.name not in TOKEN_CHECKS else ():
        names = [name for alternative in group.alternatives for name in alternative]
        has_child = any(not name[0].isalpha() for name in names)
        if has_child and group.kind is not GroupKind.AT_MOST_ONE and not any(is_there(element, name) for name in names):
            yield one_of(name.replace("#text", "text") for name in names)
    for need in fact.needs:
        wanted = need.name.startswith("<") and literal(element, need.condition.attribute) in need.condition.values
        name = need.name[1:-1]
        if wanted and element.child(name) is None and name not in missing:
            yield tag(name)


@rule("apim-duplicate-child", Severity.ERROR, "A child element stands too often")
def apim_duplicate_child(context: PolicyContext) -> Iterator[Finding]:
    """An element has more children of one name than it may have.

    The service refuses the document.

    ## How to fix it

    Put what stands in the second one into the first, or remove it.

    ## Example

    Bad:

    ```xml
    <choose><otherwise /><otherwise /></choose>
    ```

    Good:

    ```xml
    <choose><when condition="@(true)" /><otherwise /></choose>
    ```

    ## Sources

    - [Policy reference](https://learn.microsoft.com/azure/api-management/api-management-policies)
    """
    for placed in context.placed:
        if placed.fact is None or not placed.fact.children:
            continue
        seen: dict[str, list[Element]] = {}
        for child in placed.element.elements:
            seen.setdefault(child.name, []).append(child)
        for name, elements in seen.items():
            known = placed.fact.children.get(name)
            if known is not None and known.most is not None and len(elements) > known.most:
                again = elements[known.most]
                yield apim_duplicate_child.finding(
                    f"{tag(placed.element.name)} takes {known.most} {tag(name)}, not {len(elements)}.",
                    again.name_span,
                    related=(Related("The first one", elements[0].name_span),),
                )


@rule("apim-unexpected-text", Severity.ERROR, "Text stands where none may be")
def apim_unexpected_text(context: PolicyContext) -> Iterator[Finding]:
    """Text stands in an element that holds elements only.

    The service refuses the document.
    It is often a comment without its delimiters, or a value that lost its element.

    ## How to fix it

    Remove the text, make a comment of it, or put it into the element that it belongs to.

    ## Example

    Bad:

    ```xml
    <audiences>api://orders</audiences>
    ```

    Good:

    ```xml
    <audiences><audience>api://orders</audience></audiences>
    ```

    ## Sources

    - [Policy reference](https://learn.microsoft.com/azure/api-management/api-management-policies)
    """
    places = [
        place for each in context.document.problems for place in (each.span, *(near.span for near in each.related))
    ]
    damage = min((place.start for place in places), default=len(context.document.text))
    root = context.document.root
    frame = [root, *root.elements] if root is not None and root.name == "policies" else []
    frame += [root] if root is not None and root.name == "fragment" else []
    known = [each.element for each in context.placed if each.fact and not each.fact.text and _holds_no_text(each.fact)]
    for element in [*frame, *known]:
        if element is None or context.is_filled_in(element):
            continue
        for node in element.children:
            if node.end > damage:
                break  # behind a broken tag much looks like text
            if isinstance(node, CData) or (isinstance(node, Text) and not node.is_blank):
                stripped = node.raw.strip()
                start = node.start + node.raw.index(stripped)
                span = Span(start, start + len(stripped))
                comment = Edit(span, f"<!-- {stripped} -->")
                fixes = (Fix("Make it a comment", (comment,)),) if "--" not in stripped and stripped[-1] != "-" else ()
                yield apim_unexpected_text.finding(f"{tag(element.name)} holds no text.", span, fixes=fixes)


def _holds_no_text(fact: ElementFact) -> bool:
    return fact.holds is not Holds.MARKUP


RULES = (apim_child_order, apim_missing_child, apim_duplicate_child, apim_unexpected_text)
