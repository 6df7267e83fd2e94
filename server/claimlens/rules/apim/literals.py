"""Rules about literals: characters of C#, and text that stands beside an expression."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from claimlens.apim.csharp import CodeKind, tokenize
from claimlens.apim.liquid import liquid_templates
from claimlens.apim.model import Expression, Text
from claimlens.apim.values import text_of, value_of
from claimlens.rules.apim.code import Code
from claimlens.rules.apim.context import PolicyContext
from claimlens.rules.model import Edit, Finding, Fix, Severity, rule
from claimlens.rules.tokens.wording import quoted
from claimlens.text.spans import Spans

_BETWEEN_QUOTES = re.compile(r"'([^'\r\n]*)'")
_INTERPOLATED = re.compile(r'\$@?"|@\$"')
_FILLED_IN = re.compile(r"\{\{|[$%#]\{")


@rule("apim-character-literal", Severity.ERROR, "Single quotes hold one character", cause="policy-expression-error")
def apim_character_literal(context: PolicyContext) -> Iterator[Finding]:
    """An expression has a string between single quotes.

    In C# they are for a single character; the service refuses the document.
    In a file that another tool still has to fill in (`@{{ … }}`) it is information: that tool may write other quotes.

    ## How to fix it

    Write the string between double quotes.
    They need no escape in the value of an attribute where the policy is saved as `rawxml`, as the portal does.

    ## Example

    Bad:

    ```xml
    <set-variable name="plan" value="@(context.Request.Headers.GetValueOrDefault('X-Plan', "free"))" />
    ```

    Good:

    ```xml
    <set-variable name="plan" value="@(context.Request.Headers.GetValueOrDefault("X-Plan", "free"))" />
    ```

    ## Sources

    - [Policy expressions](https://learn.microsoft.com/azure/api-management/api-management-policy-expressions)
    - [Compiler error CS1012](https://learn.microsoft.com/dotnet/csharp/misc/cs1012)
    """
    severity = Severity.INFORMATION if "@{{" in context.document.text else apim_character_literal.severity
    for code in context.codes:
        for match in _strings_in_single_quotes(code) if _may_hold_one(code) else ():
            place, quote = code.place(*match.span()), "&quot;" if code.expression.escaped else '"'
            plain = '"' not in match[1] and "&" not in match[1]
            change = Edit(place, f"{quote}{match[1]}{quote}")
            yield apim_character_literal.finding(
                f"Single quotes hold one character, not {quoted(match[1])}." if match[1] else "Here is no character.",
                place,
                severity=severity,
                fixes=(Fix("Write it between double quotes", (change,), preferred=True),) if plain else (),
            )


def _may_hold_one(code: Code) -> bool:
    """Tell cheaply whether a single quote may stand outside strings, characters and comments."""
    if "'" not in code.text:
        return False
    interpolated = _INTERPOLATED.search(code.text)  # `bare` does not look into its holes
    return "'" in code.bare or (interpolated is not None and code.text.rfind("'") > interpolated.start())


def _strings_in_single_quotes(code: Code) -> Iterator[re.Match[str]]:
    behind = 0
    for token in tokenize(code.text):
        if token.kind is not CodeKind.PUNCTUATION or token.text != "'" or token.start < behind:
            continue
        match = _BETWEEN_QUOTES.match(code.text, token.start)
        if match is None:
            return
        behind = match.end()
        if not _FILLED_IN.search(match[1]):
            yield match


@rule("apim-expression-mixed", Severity.INFORMATION, "Text beside an expression")
def apim_expression_mixed(context: PolicyContext) -> Iterator[Finding]:
    """A value is made of text and of an expression.

    The service evaluates an expression that is the whole value; beside text it stays as it is written.

    ## How to fix it

    Make the text a part of the expression.

    ## Example

    Bad:

    ```xml
    <set-header name="Authorization"><value>Bearer @((string)context.Variables["token"])</value></set-header>
    ```

    Good:

    ```xml
    <set-header name="Authorization"><value>@("Bearer " + context.Variables["token"])</value></set-header>
    ```

    ## Sources

    - [rewrite-uri](https://learn.microsoft.com/azure/api-management/rewrite-uri-policy)
    - [Policy expressions](https://learn.microsoft.com/azure/api-management/api-management-policy-expressions)
    """
    liquid = Spans(liquid_templates(context.document))
    for element in context.language:
        mixed = [attribute for attribute in element.attributes if _is_mixed(attribute.raw, attribute.expressions)]
        values = [value_of(attribute) for attribute in mixed]
        texts = [node for node in element.children if isinstance(node, Text) and _is_mixed(node.raw, node.expressions)]
        if texts and not element.elements:
            values.append(text_of(element))
        for value in values:
            if value.expressions and not value.is_expression and not liquid.cover(value.span):
                yield apim_expression_mixed.finding(
                    "Beside text the expression is not evaluated.", value.expressions[0].span
                )


def _is_mixed(raw: str, expressions: Sequence[Expression]) -> bool:
    """Tell whether a value holds expressions and is not just one."""
    return bool(expressions) and not (len(expressions) == 1 and raw.strip("\ufeff \t\r\n") == expressions[0].raw)


RULES = (apim_character_literal, apim_expression_mixed)
