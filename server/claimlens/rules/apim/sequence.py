"""Rules about which policy runs before which, and about policies around those that check tokens."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claimlens.apim.model import Element
from claimlens.rules.apim import edits
from claimlens.rules.apim.checks import TokenCheck
from claimlens.rules.apim.code import variable_reads
from claimlens.rules.apim.context import PolicyContext, literal, literal_of
from claimlens.rules.apim.wording import tag
from claimlens.rules.model import Finding, Fix, Related, Severity, rule

_NAME_PART = re.compile(r"\s*(?:[A-Za-z][A-Za-z0-9-]*|\d+(?:\.\d+)+)\s*=")


def _inbound(context: PolicyContext) -> tuple[Element, ...]:
    """Return the policies of the section inbound, or of a fragment, in the order in which they run."""
    root = context.document.root
    if root is not None and root.name == "fragment":
        return root.elements
    sections = context.document.sections().get("inbound", ())
    return sections[0].elements if len(sections) == 1 else ()


def _first_check(context: PolicyContext, *, of_authorization: bool = False) -> Element | None:
    checks = (each for each in _inbound(context) if each.name in ("validate-jwt", "validate-azure-ad-token"))
    return next((c for c in checks if not of_authorization or TokenCheck(c, context).reads_authorization), None)


@rule("apim-cors-after-check", Severity.WARNING, "Preflight requests are refused", cause="policy-section-or-order")
def apim_cors_after_check(context: PolicyContext) -> Iterator[Finding]:
    """The policy `cors` stands behind a check of tokens.

    The preflight request of a browser carries no token, so that it is answered by 401 before `cors` has seen it.

    ## How to fix it

    Put `cors` first in `inbound`.

    ## Example

    Bad:

    ```xml
    <inbound>
      <validate-azure-ad-token tenant-id="{{tenant}}" />
      <cors><allowed-origins><origin>https://app.example.com</origin></allowed-origins></cors>
    </inbound>
    ```

    Good:

    ```xml
    <inbound>
      <cors><allowed-origins><origin>https://app.example.com</origin></allowed-origins></cors>
      <validate-azure-ad-token tenant-id="{{tenant}}" />
    </inbound>
    ```

    ## Sources

    - [cors](https://learn.microsoft.com/azure/api-management/cors-policy)
    """
    check = _first_check(context)
    for element in _inbound(context) if check is not None else ():
        if element.name == "cors" and check is not None and element.start > check.start:
            yield apim_cors_after_check.finding(
                f"Preflight requests carry no token: {tag(check.name)} refuses them before '<cors>' answers.",
                element.name_span,
                related=(Related("The check", check.name_span),),
                fixes=(Fix("Move cors before the check", edits.move_before(context.document, element, check)),),
            )


@rule(
    "apim-mi-before-jwt",
    Severity.WARNING,
    "The caller's token is replaced before it is checked",
    cause="authorization-header-replaced",
)
def apim_mi_before_jwt(context: PolicyContext) -> Iterator[Finding]:
    """The policy `authentication-managed-identity` stands before a check of the Authorization header.

    It puts the token of the gateway into that header, and the check sees that one: it refuses every caller, or none.

    ## How to fix it

    Move it behind the check, or keep its token in a variable by `output-token-variable-name`.

    ## Example

    Bad:

    ```xml
    <authentication-managed-identity resource="https://storage.azure.com/" />
    <validate-azure-ad-token tenant-id="{{tenant}}" />
    ```

    Good:

    ```xml
    <validate-azure-ad-token tenant-id="{{tenant}}" />
    <authentication-managed-identity resource="https://storage.azure.com/" />
    ```

    ## Sources

    - [authentication-managed-identity](https://learn.microsoft.com/azure/api-management/authentication-managed-identity-policy)
    """
    check = _first_check(context, of_authorization=True)
    for element in _inbound(context) if check is not None else ():
        if check is None or element.start > check.start or element.name != "authentication-managed-identity":
            continue
        if element.attribute("output-token-variable-name") is None and context.is_whole(element):
            keep = edits.add_attribute(element, "output-token-variable-name", "managed-identity-token")
            yield apim_mi_before_jwt.finding(
                f"This replaces the Authorization header that {tag(check.name)} looks at.",
                element.name_span,
                related=(Related("The check", check.name_span),),
                fixes=(
                    Fix("Move the check before it", edits.move_before(context.document, check, element)),
                    Fix("Keep the token in a variable", (keep,)),
                ),
            )


@rule(
    "apim-authorization-overwritten",
    Severity.WARNING,
    "The Authorization header is replaced before it is checked",
    cause="authorization-header-replaced",
)
def apim_authorization_overwritten(context: PolicyContext) -> Iterator[Finding]:
    """The policy `authentication-basic`, or a `set-header` of Authorization, stands before a check of that header.

    The check sees the header that the policy has written, not that of the caller.

    ## How to fix it

    Move it behind the check.

    ## Example

    Bad:

    ```xml
    <authentication-basic username="{{user}}" password="{{password}}" />
    <validate-azure-ad-token tenant-id="{{tenant}}" />
    ```

    Good:

    ```xml
    <validate-azure-ad-token tenant-id="{{tenant}}" />
    <authentication-basic username="{{user}}" password="{{password}}" />
    ```

    ## Sources

    - [authentication-basic](https://learn.microsoft.com/azure/api-management/authentication-basic-policy)
    """
    check = _first_check(context, of_authorization=True)
    for element in _inbound(context) if check is not None else ():
        if check is not None and element.start < check.start and _writes_authorization(element):
            yield apim_authorization_overwritten.finding(
                f"This replaces the Authorization header that {tag(check.name)} looks at.",
                element.name_span,
                severity=Severity.WARNING if element.name == "authentication-basic" else Severity.INFORMATION,
                related=(Related("The check", check.name_span),),
                fixes=(Fix("Move the check before it", edits.move_before(context.document, check, element)),),
            )


def _writes_authorization(element: Element) -> bool:
    if element.name == "authentication-basic":
        return True
    if element.name != "set-header" or (literal(element, "name") or "").lower() != "authorization":
        return False
    return literal(element, "exists-action") in (None, "override") and element.child("value") is not None


@rule("apim-check-after-use", Severity.WARNING, "A token is used before it is checked", cause="policy-section-or-order")
def apim_check_after_use(context: PolicyContext) -> Iterator[Finding]:
    """An expression reads the token of a check before the check has run.

    The variable that `output-token-variable-name` names is not set yet, and the request fails with
    `ExpressionValueEvaluationFailure`.

    ## How to fix it

    Move the check up.

    ## Example

    Bad:

    ```xml
    <set-variable name="user" value="@(((Jwt)context.Variables["jwt"]).Subject)" />
    <validate-azure-ad-token tenant-id="{{tenant}}" output-token-variable-name="jwt" />
    ```

    Good:

    ```xml
    <validate-azure-ad-token tenant-id="{{tenant}}" output-token-variable-name="jwt" />
    <set-variable name="user" value="@(((Jwt)context.Variables["jwt"]).Subject)" />
    ```

    ## Sources

    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    """
    check, policies = _first_check(context), _inbound(context)
    name = literal(check, "output-token-variable-name") if check is not None else None
    if check is None or not name or any(policy.name in ("base", "include-fragment") for policy in policies):
        return
    setters = [each for each in policies if each.start < check.start and _may_set(context, each, name)]
    for code in context.codes if not setters else ():
        if not policies[0].start < code.expression.start < check.start:
            continue
        for match in variable_reads(code):
            if match[1] == name:
                yield apim_check_after_use.finding(
                    f"{tag(check.name)} sets this variable further on.",
                    code.place(*match.span(1)),
                    related=(Related("The check", check.name_span),),
                )


def _may_set(context: PolicyContext, policy: Element, name: str) -> bool:
    """Tell whether the variable ``name``, or one whose name is not known yet, is set in a policy."""
    return any(
        literal_of(attribute) in (name, None)
        for element in context.document.elements
        if policy.span.covers(element.span)
        for attribute in element.attributes
        if attribute.name.endswith("variable-name") or (element.name == "set-variable" and attribute.name == "name")
    )


@rule("apim-on-error-hides-message", Severity.INFORMATION, "The message of the check does not reach the caller")
def apim_on_error_hides_message(context: PolicyContext) -> Iterator[Finding]:
    """A check has a `failed-validation-error-message`, and the section `on-error` writes an answer of its own.

    The answer of `on-error` is what the caller gets.

    ## How to fix it

    Remove the attribute, or let `on-error` look at `context.LastError.Source` first.

    ## Example

    Bad:

    ```xml
    <on-error><base /><set-body>Failed.</set-body></on-error>
    ```

    Good:

    ```xml
    <on-error><base /></on-error>
    ```

    ## Sources

    - [Error handling](https://learn.microsoft.com/azure/api-management/api-management-error-handling-policies)
    """
    sections = context.document.sections().get("on-error", ())
    answers = [
        each for section in sections for each in section.elements if each.name in ("set-body", "return-response")
    ]
    for element in context.named("validate-jwt", "validate-azure-ad-token") if answers else ():
        attribute = element.attribute("failed-validation-error-message")
        if attribute is not None:
            yield apim_on_error_hides_message.finding(
                f"{tag(answers[0].name)} in on-error writes another answer.",
                attribute.name_span,
                related=(Related("The other answer", answers[0].name_span),),
                fixes=(
                    Fix(
                        "Remove failed-validation-error-message",
                        (edits.remove_attribute(context.document, attribute),),
                    ),
                ),
            )


@rule("apim-vcc-subject-quotes", Severity.WARNING, "A comma splits the name of the subject")
def apim_vcc_subject_quotes(context: PolicyContext) -> Iterator[Finding]:
    """A subject or issuer of `validate-client-certificate` has a value with a comma, and no quotation marks around it.

    The comma begins the next part of the name, so that no certificate fits.

    ## How to fix it

    Put the value in quotation marks: `O=&quot;Contoso, Inc.&quot;`.

    ## Example

    Bad:

    ```xml
    <identity subject="CN=orders, O=Contoso, Inc." />
    ```

    Good:

    ```xml
    <identity subject="CN=orders, O=&quot;Contoso, Inc.&quot;" />
    ```

    ## Sources

    - [validate-client-certificate](https://learn.microsoft.com/azure/api-management/validate-client-certificate-policy)
    """
    for policy in context.named("validate-client-certificate"):
        for identity in (each for group in policy.elements for each in group.elements if each.name == "identity"):
            for name in ("subject", "issuer-subject"):
                attribute, value = identity.attribute(name), literal(identity, name)
                quoted = _with_quotes(value) if value is not None else None
                if attribute is not None and quoted is not None:
                    change = edits.set_value(attribute, quoted)
                    yield apim_vcc_subject_quotes.finding(
                        "A value with a comma needs quotation marks around it.",
                        attribute.value_span,
                        fixes=(Fix("Add the quotation marks", (change,)),),
                    )


def _with_quotes(name: str) -> str | None:
    """Return a distinguished name with marks around its values with commas, or None where all is well."""
    if '"' in name or "\\" in name:
        return None
    parts: list[str] = []
    for part in name.split(","):
        if parts and not _NAME_PART.match(part):
            parts[-1] += f",{part}"
        else:
            parts.append(part)
    if not any("," in part for part in parts) or not _NAME_PART.match(parts[0]):
        return None
    return ",".join(re.sub(r"=\s*(.*,.*)$", r'="\1"', part) for part in parts)


@rule("apim-gac-identity", Severity.INFORMATION, "The attribute identity has no effect")
def apim_gac_identity(context: PolicyContext) -> Iterator[Finding]:
    """A `get-authorization-context` has `identity` without `identity-type="jwt"`.

    With the managed identity, which is the default, the attribute is not looked at.

    ## How to fix it

    Remove `identity`, or use `identity-type="jwt"`.

    ## Example

    Bad:

    ```xml
    <get-authorization-context provider-id="p" authorization-id="a" context-variable-name="c" identity-type="managed"
        identity="@("x")" />
    ```

    Good:

    ```xml
    <get-authorization-context provider-id="p" authorization-id="a" context-variable-name="c" identity-type="managed" />
    ```

    ## Sources

    - [get-authorization-context](https://learn.microsoft.com/azure/api-management/get-authorization-context-policy)
    """
    for element in context.named("get-authorization-context"):
        identity, kind = element.attribute("identity"), element.attribute("identity-type")
        if identity is not None and (kind is None or literal(element, "identity-type") == "managed"):
            yield apim_gac_identity.finding(
                "With the managed identity this attribute is not looked at.",
                identity.name_span,
                fixes=(Fix("Remove identity", (edits.remove_attribute(context.document, identity),)),),
            )


RULES = (
    apim_cors_after_check,
    apim_mi_before_jwt,
    apim_authorization_overwritten,
    apim_check_after_use,
    apim_on_error_hides_message,
    apim_vcc_subject_quotes,
    apim_gac_identity,
)
