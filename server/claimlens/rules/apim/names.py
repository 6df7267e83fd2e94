"""Rules about how names are written: of named values, and of types of .NET."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claimlens.apim.expression_facts import allowed_type, namespaces
from claimlens.apim.liquid import liquid_templates
from claimlens.apim.model import Element, Text
from claimlens.rules.apim.context import PolicyContext
from claimlens.rules.model import Edit, Finding, Fix, Severity, rule
from claimlens.rules.tokens.wording import quoted
from claimlens.text.spans import Span, Spans

_QUALIFIED = re.compile(r"System(?<![\w.]System)(?:\.[A-Z]\w*)++")
_BRACES = re.compile(r"\{\{([^{}\r\n]*)\}\}")
_NAME = re.compile(r"\s*[A-Za-z0-9._-]+\s*")
_NO_NAME = re.compile(r"[^A-Za-z0-9._-]+")


@rule("apim-named-value-syntax", Severity.INFORMATION, "This is no named value")
def apim_named_value_syntax(context: PolicyContext) -> Iterator[Finding]:
    """Double braces hold something that cannot be the name of a named value.

    Names have letters, digits, `.`, `-` and `_` only; anything else stays as it is written.
    In text only what looks like an expression is reported, and nothing in Liquid templates, where braces mean more.

    ## How to fix it

    Write the name of the named value, `{{backend-url}}`, or an expression, `@(context.Variables["url"])`.

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
    if "{{" not in context.document.text:
        return
    liquid = Spans(liquid_templates(context.document))
    for node in context.document.walk():
        if isinstance(node, Element):
            for attribute in node.attributes:
                if "{{" in attribute.raw and not attribute.expressions and not liquid.cover(node.span):
                    yield from _no_named_values(attribute.raw, attribute.value_start)
        elif isinstance(node, Text) and "{{" in node.raw and not node.expressions and not liquid.cover(node.span):
            yield from _no_named_values(node.raw, node.start, only_code=True)


def _no_named_values(raw: str, start: int, *, only_code: bool = False) -> Iterator[Finding]:
    for match in _BRACES.finditer(raw):
        code = match[1].strip().startswith("context.")
        if _NAME.fullmatch(match[1]) or (only_code and not code):
            continue
        span = Span(*match.span()).shift(start)
        meant = _NO_NAME.sub("-", match[1].strip()) if not code else ""
        yield apim_named_value_syntax.finding(
            f"{quoted(match[1])} cannot be the name of a named value."
            + (" An expression is written '@(…)'." if code else ""),
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
