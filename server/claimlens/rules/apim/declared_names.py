"""Rules about names that other files declare: named values and fragments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice

from claimlens.apim.declarations import NameKind
from claimlens.apim.liquid import liquid_templates
from claimlens.apim.model import Comment
from claimlens.apim.values import Placeholder, named_values, value_of
from claimlens.rules.apim.context import PolicyContext
from claimlens.rules.model import Edit, Finding, Fix, Severity, rule
from claimlens.rules.tokens.wording import quoted
from claimlens.text.nearest import nearest
from claimlens.text.spans import Span, Spans

_MOST_COMPARED = 20
_OF_ANOTHER_TEMPLATE = re.compile(r"[$#%{]$")
_INTERPOLATED = re.compile(r"""\$@?(?:"|&quot;)|String\.Format|string\.Format""")


@rule("apim-unknown-named-value", Severity.INFORMATION, "The named value is not declared")
def apim_unknown_named_value(context: PolicyContext) -> Iterator[Finding]:
    """A named value is used that nothing in the workspace declares.

    The service refuses a policy that uses a named value which it does not have.
    Named values are declared by artifacts of APIOps, Bicep, ARM templates and Terraform, and by the setting
    `claimlens.policies.namedValues`.
    Nothing is said where none of them declares any, where names are put together from parameters, and where most names
    that the policy and those beside it use are declared nowhere, as they may be those of another service.
    Where a declared name differs by a slip only, or the name is that of the resource in place of its display name, it
    is a warning.

    ## How to fix it

    Correct the name, or create the named value and declare it.

    ## Example

    Bad, with `named-values = { tenant-id = "" }`:

    ```xml
    <validate-azure-ad-token tenant-id="{{tenantid}}" />
    ```

    Good:

    ```xml
    <validate-azure-ad-token tenant-id="{{tenant-id}}" />
    ```

    ## Sources

    - [Named values](https://learn.microsoft.com/azure/api-management/api-management-howto-properties)
    """
    declared, kind = context.declared, NameKind.NAMED_VALUE
    settings = {name.lower(): name for name in context.settings.policies.named_values}
    used = tuple(_named_values(context))
    unknown = [each for each in used if each.name.lower() not in settings and not declared.knows(kind, each.name)]
    if not unknown or not (settings or declared.serves(kind, context.uri, (each.name for each in used))):
        return
    near = _nearest_of((each.name for each in unknown), (*settings.values(), *declared.names(kind)))
    for each in unknown:
        shown = declared.meant_by_resource(each.name)
        meant = shown or near.get(each.name)
        told = f"The named value {quoted(each.name)} is not declared."
        if shown:
            told = f"{quoted(each.name)} is the resource's name; policies use the display name {quoted(shown)}."
        elif meant:
            told += f" Did you mean {quoted(meant)}?"
        yield apim_unknown_named_value.finding(
            told,
            each.span,
            severity=Severity.WARNING if shown or _is_misspelt(each.name, meant) else Severity.INFORMATION,
            fixes=(Fix(f"Change to {meant}", (Edit(each.span, f"{{{{{meant}}}}}"),)),) if meant else (),
        )


@rule(
    "apim-unknown-fragment",
    Severity.INFORMATION,
    "The fragment is not declared",
    cause="policy-fragment-or-base-missing",
)
def apim_unknown_fragment(context: PolicyContext) -> Iterator[Finding]:
    """A fragment is included that nothing in the workspace declares.

    The service refuses a policy that includes a fragment which it does not have.
    Fragments are declared by artifacts of APIOps, Bicep, ARM templates and Terraform.
    Nothing is said where none of them declares any, where ids are put together from parameters, where a file that holds
    a fragment has the name, and where most fragments that the policy and those beside it include are declared nowhere,
    as they may be those of another service.
    Where a declared id differs by a slip only, it is a warning.

    ## How to fix it

    Correct the id, or create the fragment and declare it.

    ## Example

    Bad, with a folder `policy fragments/authenticate`:

    ```xml
    <include-fragment fragment-id="autenticate" />
    ```

    Good:

    ```xml
    <include-fragment fragment-id="authenticate" />
    ```

    ## Sources

    - [Policy fragments](https://learn.microsoft.com/azure/api-management/policy-fragments)
    """
    declared, kind = context.declared, NameKind.FRAGMENT
    attributes = (element.attribute("fragment-id") for element in context.named("include-fragment"))
    used = [value for attribute in attributes if attribute and (value := value_of(attribute)).is_literal]
    unknown = [each for each in used if each.text and not declared.knows(kind, each.text)]
    if not unknown or not declared.serves(kind, context.uri, (each.text for each in used)):
        return
    near = _nearest_of((each.text for each in unknown), declared.names(kind))
    for value in unknown:
        meant = near.get(value.text)
        yield apim_unknown_fragment.finding(
            f"The fragment {quoted(value.text)} is not declared."
            + (f" Did you mean {quoted(meant)}?" if meant else ""),
            value.span,
            severity=Severity.WARNING if _is_misspelt(value.text, meant) else Severity.INFORMATION,
            fixes=(Fix(f"Change to {meant}", (Edit(value.span, meant),)),) if meant else (),
        )


def _named_values(context: PolicyContext) -> Iterator[Placeholder]:
    """Yield the named values, without what other languages write alike: Liquid, other templates, strings of C#."""
    document = context.document
    comments = (node.span for node in document.walk() if isinstance(node, Comment))
    left_out = Spans((*liquid_templates(document), *comments) if "{{" in document.text else ())
    for used in named_values(document.text):
        if left_out.cover(used.span):
            continue
        before = Span(max(0, used.span.start - 1), used.span.start).slice(document.text)
        code = document.expression_at(used.span.start)
        is_text = code is not None and code.span.covers(used.span) and _INTERPOLATED.search(code.raw)
        if not is_text and not _OF_ANOTHER_TEMPLATE.search(before) and not used.name.startswith("."):
            yield used


def _nearest_of(unknown: Iterable[str], known: Sequence[str]) -> Mapping[str, str | None]:
    """Return the known name that each unknown one is near to; of many unknown ones the first, as looking takes time."""
    return {name: nearest(name, known) for name in islice(dict.fromkeys(unknown), _MOST_COMPARED)}


def _is_misspelt(name: str, meant: str | None) -> bool:
    """Tell whether two names differ in punctuation, or by one letter that is missing, doubled or swapped.

    Names that differ in a number, or by another letter, may well be two.
    """
    if meant is None:
        return False
    ours, theirs = (re.sub(r"[._-]", "", each.lower()) for each in (name, meant))
    if ours == theirs:
        return True
    longer, shorter = sorted((ours, theirs), key=len, reverse=True)
    if len(longer) == len(shorter):
        swapped = (f"{ours[:at]}{ours[at + 1]}{ours[at]}{ours[at + 2 :]}" for at in range(len(ours) - 1))
        return theirs in swapped
    return any(f"{longer[:at]}{longer[at + 1 :]}" == shorter for at, each in enumerate(longer) if each.isalpha())


RULES = (apim_unknown_named_value, apim_unknown_fragment)
