"""Rules about the C# in policy expressions. Types are never guessed: what is not certain is not said."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claimlens.apim.expression_end import expression_end
from claimlens.apim.expression_facts import error_reasons, unknown_member
from claimlens.apim.model import Comment
from claimlens.apim.values import value_of
from claimlens.rules.apim.code import variable_reads
from claimlens.rules.apim.context import PolicyContext
from claimlens.rules.model import Edit, Finding, Fix, Severity, rule
from claimlens.rules.tokens.wording import quoted
from claimlens.text.nearest import is_slip, nearest
from claimlens.text.spans import Span

_MEMBERS = re.compile(r"context(?<![\w.@]context)((?:\s*+\??\.\s*+[A-Za-z_]\w*+)++)")
_NAME = re.compile(r"[A-Za-z_]\w*")
_RETURN = re.compile(r"\b(?:return|throw)\b")
_GUARD = re.compile(r'\.\s*(?:ContainsKey|TryGetValue|GetValueOrDefault\s*(?:<[^>]*>)?)\s*\(\s*"([^"\\\r\n]*)"')
_REASON = re.compile(
    r'LastError\s*+\??\.\s*+Reason\s*+[=!]=\s*+"(\w+)"|"(\w+)"\s*+[=!]=\s*+context\s*+\.\s*+LastError\s*+\??\.\s*+Reason'
)
_DAMAGED_KEY = re.compile(r'\[\s*+"([\w.-]+)(=\s*)"\s*+\]')
_IN_COMMENT = re.compile(r"(?<!@)@[({]")
_RENAMED = {"TokenNotFound": "TokenNotPresent"}


@rule("apim-return-missing", Severity.ERROR, "The expression returns nothing", cause="policy-expression-error")
def apim_return_missing(context: PolicyContext) -> Iterator[Finding]:
    """An expression of the form `@{ … }` has no `return`.

    Its statements must end with one on every path; the service refuses the document.

    ## How to fix it

    Return a value, or write `@( … )` for a single expression.

    ## Example

    Bad:

    ```xml
    <set-variable name="path" value="@{ context.Request.Url.Path; }" />
    ```

    Good:

    ```xml
    <set-variable name="path" value="@{ return context.Request.Url.Path; }" />
    ```

    ## Sources

    - [Policy expressions](https://learn.microsoft.com/azure/api-management/api-management-policy-expressions)
    """
    for code in context.codes:
        if code.is_statements and not code.is_filled_in and not _RETURN.search(code.bare):
            yield apim_return_missing.finding(
                "These statements return nothing.",
                Span(code.expression.start, code.expression.start + 2),
                fixes=_returning(code.text, code.place(0, len(code.text))),
            )


def _returning(text: str, place: Span) -> tuple[Fix, ...]:
    """Return a fix where the code is a single expression."""
    stripped = text.strip()
    single = stripped.rstrip(";").strip()
    if (
        not single
        or ";" in single
        or "{" in single
        or "=" in single.replace("==", "")
        or "&" in single
        or "/" in single
    ):
        return ()
    start = place.start + len(text) - len(text.lstrip())
    edits = [Edit(Span(start, start), "return ")]
    if not stripped.endswith(";"):
        edits.append(Edit(Span(start + len(stripped), start + len(stripped)), ";"))
    return (Fix("Return it", tuple(edits)),)


@rule("apim-unknown-member", Severity.ERROR, "There is no such member", cause="policy-expression-error")
def apim_unknown_member(context: PolicyContext) -> Iterator[Finding]:
    """An expression uses a member that `context`, or a part of it, does not have.

    The service refuses the document.
    Capitals count.
    Only the types of API Management itself are judged; where no known name is near, it is information.

    ## How to fix it

    Write the name of a member.

    ## Example

    Bad:

    ```xml
    <set-variable name="host" value="@(context.Request.Url.Hostname)" />
    ```

    Good:

    ```xml
    <set-variable name="host" value="@(context.Request.Url.Host)" />
    ```

    ## Sources

    - [Context variable](https://learn.microsoft.com/azure/api-management/api-management-policy-expressions#ContextVariables)
    """
    for code in context.codes:
        if "context" not in code.bare:
            continue
        for match in _MEMBERS.finditer(code.bare):
            names = list(_NAME.finditer(match[1]))
            found = unknown_member([name[0] for name in names])
            if found is None:
                continue
            index, owner = found
            start = match.start(1) + names[index].start()
            written = names[index][0]
            meant = nearest(written, owner.members)
            place = code.place(start, start + len(written))
            where = "context" if owner.name == "Context" else f"context.{'.'.join(name[0] for name in names[:index])}"
            yield apim_unknown_member.finding(
                f"{where} has no member {quoted(written)}." + (f" Did you mean '{meant}'?" if meant else ""),
                place,
                severity=Severity.ERROR if is_slip(written, meant) else Severity.INFORMATION,
                fixes=(Fix(f"Change to {meant}", (Edit(place, meant),), preferred=True),) if meant else (),
            )


@rule("apim-unknown-variable", Severity.WARNING, "The variable is never set", cause="policy-expression-error")
def apim_unknown_variable(context: PolicyContext) -> Iterator[Finding]:
    """An expression reads `context.Variables["name"]`, and nothing sets that variable.

    The request fails with `ExpressionValueEvaluationFailure`.
    Nothing is said where `base` or a fragment may set it, in fragments, and where a name is not known before the policy
    runs.

    ## How to fix it

    Set the variable before, or read it by `context.Variables.GetValueOrDefault<string>("name", "")`.

    ## Example

    Bad:

    ```xml
    <set-header name="X-User"><value>@((string)context.Variables["user"])</value></set-header>
    ```

    Good:

    ```xml
    <set-variable name="user" value="@(context.User.Id)" />
    <set-header name="X-User"><value>@((string)context.Variables["user"])</value></set-header>
    ```

    ## Sources

    - [set-variable](https://learn.microsoft.com/azure/api-management/set-variable-policy)
    """
    reads = [(code, string) for code in context.codes for string in variable_reads(code)]
    known = _variables_set(context) if reads else None
    if known is None:
        return
    known |= {match[1] for code in context.codes for match in _GUARD.finditer(code.text)}
    for code, string in reads:
        if string[1] in known or "{{" in string[1] or "${" in string[1]:
            continue
        meant = nearest(string[1], known)
        place = code.place(*string.span(1))
        yield apim_unknown_variable.finding(
            f"Nothing sets the variable {quoted(string[1])}." + (f" Did you mean {quoted(meant)}?" if meant else ""),
            place,
            fixes=(Fix(f"Change to {meant}", (Edit(place, meant),)),) if meant and meant.isidentifier() else (),
        )


def _variables_set(context: PolicyContext) -> set[str] | None:
    """Return the variables that the document sets, or None where others may be set elsewhere."""
    if context.root_name != "policies" or any(context.named("base", "include-fragment")) or context.document.problems:
        return None
    found = set()
    for element in context.document.elements:
        for attribute in element.attributes:
            if attribute.name.endswith("variable-name") or (
                element.name == "set-variable" and attribute.name == "name"
            ):
                value = value_of(attribute)
                if not value.is_literal:
                    return None
                found.add(value.text)
        if context.is_filled_in(element):
            return None
    return found


@rule("apim-reason-typo", Severity.WARNING, "No error has this reason")
def apim_reason_typo(context: PolicyContext) -> Iterator[Finding]:
    """An expression compares `context.LastError.Reason` with a value that is nearly, but not quite, a reason.

    The comparison is never true.
    Since 2022 a missing token gives `TokenNotPresent`, not `TokenNotFound`.

    ## How to fix it

    Write the reason as documented.

    ## Example

    Bad:

    ```xml
    <when condition="@(context.LastError.Reason == "TokenExpird")" />
    ```

    Good:

    ```xml
    <when condition="@(context.LastError.Reason == "TokenExpired")" />
    ```

    ## Sources

    - [Error handling](https://learn.microsoft.com/azure/api-management/api-management-error-handling-policies)
    """
    for code in context.codes:
        for match in _REASON.finditer(code.text) if "LastError" in code.bare else ():
            group = 1 if match[1] is not None else 2
            written, place = match[group], code.place(*match.span(group))
            meant = _meant_reason(written)
            if meant is not None:
                yield apim_reason_typo.finding(
                    f"No error has the reason {quoted(written)}. Did you mean '{meant}'?",
                    place,
                    fixes=(Fix(f"Change to {meant}", (Edit(place, meant),), preferred=True),),
                )


def _meant_reason(written: str) -> str | None:
    if written in _RENAMED:
        return _RENAMED[written]
    reasons = {entry.reason for entry in error_reasons()}
    if written in reasons:
        return None
    meant = nearest(written, sorted(reasons))
    return meant if is_slip(written, meant) else None


@rule("apim-formatter-damage", Severity.WARNING, "A formatter has broken a string", cause="policy-expression-error")
def apim_formatter_damage(context: PolicyContext) -> Iterator[Finding]:
    """A key in brackets ends with an equals sign, which an XML formatter has put there.

    Formatters that do not know policy expressions take `["name"]` in a value for an attribute.

    ## How to fix it

    Remove the equals sign.

    ## Example

    Bad:

    ```xml
    <set-variable name="a" value="@((string)context.Variables["name="])" />
    ```

    Good:

    ```xml
    <set-variable name="a" value="@((string)context.Variables["name"])" />
    ```

    ## Sources

    - [Policy expressions](https://learn.microsoft.com/azure/api-management/api-management-policy-expressions)
    """
    for code in context.codes:
        for match in _DAMAGED_KEY.finditer(code.text) if '="' in code.text else ():
            place = code.place(*match.span(2))
            yield apim_formatter_damage.finding(
                f"The key {quoted(match[1] + match[2])} ends with an equals sign.",
                code.place(*match.span(1)),
                fixes=(Fix("Remove the equals sign", (Edit(place, ""),), preferred=True),),
            )


@rule("apim-comment-expression", Severity.WARNING, "An expression in a comment is not balanced")
def apim_comment_expression(context: PolicyContext) -> Iterator[Finding]:
    """A comment holds `@(` or `@{` without its closing bracket.

    The service reads expressions in comments too, and refuses the document.

    ## How to fix it

    Close the bracket, or take the `@` away.

    ## Example

    Bad:

    ```xml
    <!-- was @(context.Request.Url -->
    ```

    Good:

    ```xml
    <!-- was @(context.Request.Url) -->
    ```

    ## Sources

    - [Policy expressions in comments](https://github.com/microsoft/vscode-apimanagement/issues/197)
    """
    for node in context.document.walk():
        if not isinstance(node, Comment) or "@" not in node.raw:
            continue
        text, position, end = context.document.text, node.content_span.start, node.content_span.end
        while match := _IN_COMMENT.search(text, position, end):
            found = expression_end(text, match.start(), limit=end)
            position = max(found.end, match.end())
            if found.fault is None and found.unbalanced is None:
                continue
            yield apim_comment_expression.finding(
                "The service reads this expression although it stands in a comment, and it is not balanced.",
                Span(*match.span()),
                fixes=(Fix("Remove the @", (Edit(Span(match.start(), match.start() + 1), ""),)),),
            )
            break


RULES = (
    apim_return_missing,
    apim_unknown_member,
    apim_unknown_variable,
    apim_reason_typo,
    apim_formatter_damage,
    apim_comment_expression,
)
