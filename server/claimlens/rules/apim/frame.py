"""Rules about the frame of a document: its sections, fragments, and what scope and gateway it is for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claimlens.apim.document import SECTIONS
from claimlens.apim.facts import Gateway
from claimlens.rules.apim import edits
from claimlens.rules.apim.context import PolicyContext, as_policy
from claimlens.rules.apim.wording import one_of, tag
from claimlens.rules.model import Finding, Fix, Related, Severity, rule

_WITHOUT_BASE = {
    "inbound": "Without '<base />' the inbound policies of wider scopes, checks of tokens among them, do not run.",
    "backend": "Without '<base />' and '<forward-request>' the backend is not called.",
    "outbound": "Without '<base />' the outbound policies of wider scopes do not run.",
    "on-error": "Without '<base />' what wider scopes do about errors does not run.",
}
_FRAGMENT_LIMIT = 32 * 1024
_SCOPE = re.compile(r"/(?:(apis|products|workspaces)/[^/]+/(operations/[^/]+/)?)?policy\.xml$")
_SCOPES = {"apis": "api", "products": "product", "workspaces": "workspace"}


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


@rule(
    "apim-missing-base",
    Severity.INFORMATION,
    "Policies of wider scopes do not run",
    cause="policy-fragment-or-base-missing",
)
def apim_missing_base(context: PolicyContext) -> Iterator[Finding]:
    """A section of a policy document has no `base`.

    What wider scopes do in that section does not run: in `inbound` for instance a check of tokens for all APIs, in
    `backend` the call of the backend itself, in `on-error` the shaping of errors.
    At the global scope there is no wider one, so nothing is lost; a document is taken to be for that scope where its
    file says so, and where `forward-request` stands in `backend` and `base` nowhere.
    Sections without any policy are not looked at, `backend` aside.

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
    for name, sections in context.document.sections().items() if not _is_global(context) else ():
        section = sections[0]
        if len(sections) > 1 or context.is_filled_in(section) or not (section.elements or name == "backend"):
            continue
        inside = [each for each in context.by_name.get("base", ()) if section.span.covers(each.span)]
        calls = name == "backend" and any(
            section.span.covers(each.span) for each in context.named("forward-request", "include-fragment")
        )
        if not inside and not calls:
            addition = edits.add_first(context.document, section, ["<base />"])
            yield apim_missing_base.finding(
                _WITHOUT_BASE[name], section.name_span, fixes=(Fix(f"Add <base /> to {name}", (addition,)),)
            )


def _is_global(context: PolicyContext) -> bool:
    """Tell whether a document is for the whole service: by where its file stands, else by how it calls the backend."""
    scope = _scope(context)
    if scope is not None:
        return scope == "global"
    backend = context.document.sections().get("backend", ())
    calls = any(section.child("forward-request") is not None for section in backend)
    return calls and not any(context.named("base", "include-fragment"))


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


@rule("apim-wrong-scope", Severity.WARNING, "The scope does not take this policy", cause="policy-section-or-order")
def apim_wrong_scope(context: PolicyContext) -> Iterator[Finding]:
    """A policy stands in a document of a scope that it does not support.

    The scope is told by where the file stands, as APIOps lays files out: `apis/<api>/policy.xml`,
    `apis/<api>/operations/<operation>/policy.xml`, `products/<product>/policy.xml`,
    `workspaces/<workspace>/policy.xml`; for the whole service, `policy.xml` beside the folders `named values` or
    `policy fragments`.
    The service refuses to save the document.

    ## How to fix it

    Move the policy to a scope that it supports.

    ## Example

    Bad, in `apis/orders/policy.xml`:

    ```xml
    <quota calls="1000" renewal-period="86400" />
    ```

    Good, in `products/gold/policy.xml`:

    ```xml
    <quota calls="1000" renewal-period="86400" />
    ```

    ## Sources

    - [Policy reference](https://learn.microsoft.com/azure/api-management/api-management-policies)
    """
    scope = _scope(context)
    for placed in context.placed if scope else ():
        fact = as_policy(placed.fact)
        if fact is None or not placed.direct or fact.confidence != "high" or scope in fact.scopes:
            continue
        if fact.name != "base":  # that the service refuses it where nothing is wider is not documented
            yield apim_wrong_scope.finding(
                f"{tag(fact.name)} is not for the scope {scope}, only for {one_of(fact.scopes)}.",
                placed.element.name_span,
            )


def _scope(context: PolicyContext) -> str | None:
    """Return the scope of a document by where its file stands; that of the service, where artifacts stand beside it."""
    match = _SCOPE.search(context.uri) if context.root_name == "policies" else None
    if match is None:
        return None
    if match[1]:
        return "operation" if match[2] else _SCOPES[match[1]]
    return "global" if context.declared.is_service(context.uri.rpartition("/")[0]) else None


RULES = (
    apim_duplicate_section,
    apim_missing_base,
    apim_fragment_content,
    apim_fragment_too_large,
    apim_gateway_unsupported,
    apim_wrong_scope,
)
