"""Rules about how names are written: of named values, and of types of .NET."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claimlens.apim.expression_facts import allowed_type, namespaces
from claimlens.rules.apim.context import PolicyContext
from claimlens.rules.model import Edit, Finding, Fix, Severity, rule
from claimlens.rules.tokens.wording import quoted
from claimlens.text.spans import Span

_QUALIFIED = re.compile(r"System(?<![\w.]System)(?:\.[A-Z]\w*)++")
_BRACES = re.compile(r"\{\{([^{}\r\n]*)\}\}")
_NAME = re.compile(r"\s*[A-Za-z0-9._-]+\s*")
_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")


@rule("apim-named-value-syntax", Severity.INFORMATION, "This is no named value")
def apim_named_value_syntax(context: PolicyContext) -> Iterator[Finding]:
    """Double braces in an attribute hold something that cannot be the name of a named value.

    Names have letters, digits, `.`, `-` and `_` only; anything else stays as it is written.

    ## How to fix it

    Write the name of the named value: `{{backend-url}}`.

    ## Example

    Bad:

    ```xml
    <set-backend-service base-url="{{backend url}}" />
    ```

    Good:

    ```xml
    <set-backend-service base-url="{{backend-url}}" />
    ```

    ## Sources

    - [Named values](https://learn.microsoft.com/azure/api-management/api-management-howto-properties)
    """
    for element in context.document.elements:
        for attribute in element.attributes:
            if attribute.expressions or "{{" not in attribute.raw:
                continue
            for match in _BRACES.finditer(attribute.raw):
                if not _NAME.fullmatch(match[1]):
                    span = Span(*match.span()).shift(attribute.value_start)
                    meant = _NO_NAME.sub("-", match[1].strip())
                    yield apim_named_value_syntax.finding(
                        f"{quoted(match[1])} cannot be the name of a named value.",
                        span,
                        fixes=(Fix(f"Change to {meant}", (Edit(span, f"{{{{{meant}}}}}"),)),) if meant else (),
                    )


@rule("apim-type-not-allowed", Severity.WARNING, "The type may not be used", cause="policy-expression-error")
def apim_type_not_allowed(context: PolicyContext) -> Iterator[Finding]:
    """An expression names a type of .NET, with its namespace, that policy expressions may not use.

    The service refuses the document.

    ## How to fix it

    Use a type that the documentation lists.

    ## Example

    Bad:

    ```xml
    <set-variable name="a" value="@(System.IO.File.ReadAllText("a"))" />
    ```

    Good:

    ```xml
    <set-variable name="a" value="@(System.Net.WebUtility.UrlEncode("a"))" />
    ```

    ## Sources

    - [Policy expressions](https://learn.microsoft.com/azure/api-management/api-management-policy-expressions#CLRTypes)
    """
    for code in context.codes:
        for match in _QUALIFIED.finditer(code.bare) if "System." in code.bare else ():
            if not _is_allowed(match[0].split(".")):
                yield apim_type_not_allowed.finding(
                    f"Policy expressions may not use {quoted(match[0])}.", code.place(*match.span())
                )


def _is_allowed(names: list[str]) -> bool:
    """Tell whether the names lead to an allowed type, or to nothing but a namespace."""
    paths = [".".join(names[:count]) for count in range(2, len(names) + 1)]
    return len(names) < 3 or any(allowed_type(path) is not None for path in paths) or paths[-1] in namespaces()


RULES = (apim_named_value_syntax, apim_type_not_allowed)
