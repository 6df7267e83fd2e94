"""Rules about the claims that token checks require."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.rules.apim import edits
from claimlens.rules.apim.checks import Claim, TokenCheck, token_checks
from claimlens.rules.apim.context import PolicyContext
from claimlens.rules.model import Finding, Fix, Severity, rule

_ONE_VALUE = frozenset({"aud", "azp", "appid", "iss", "tid", "ver", "oid", "sub", "idtyp", "preferred_username", "upn"})
_SPACE_SEPARATED = frozenset({"scp", "scope"})
_ARRAYS = frozenset({"roles", "groups", "wids"})


def _claims(context: PolicyContext) -> Iterator[tuple[TokenCheck, Claim]]:
    for check in token_checks(context):
        for claim in check.claims:
            if context.is_whole(claim.element):
                yield check, claim


@rule(
    "apim-claim-match-all-alternatives",
    Severity.WARNING,
    "A claim must have several values at once",
    cause="required-claim-mismatch",
)
def apim_claim_match_all_alternatives(context: PolicyContext) -> Iterator[Finding]:
    """A required claim lists several values, and `match` is `all`, as it is by default.

    The claim has one value in each token of Entra ID, so that no token has all of those listed.

    ## How to fix it

    Add `match="any"`.

    ## Example

    Bad:

    ```xml
    <claim name="appid"><value>{{client-1}}</value><value>{{client-2}}</value></claim>
    ```

    Good:

    ```xml
    <claim name="appid" match="any"><value>{{client-1}}</value><value>{{client-2}}</value></claim>
    ```

    ## Sources

    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    """
    for _, claim in _claims(context):
        if claim.name not in _ONE_VALUE or claim.match != "all" or len(claim.values) < 2:
            continue
        attribute = claim.element.attribute("match")
        change = (
            edits.set_value(attribute, "any")
            if attribute is not None
            else edits.add_attribute(claim.element, "match", "any")
        )
        yield apim_claim_match_all_alternatives.finding(
            f"A token has one {claim.name}, and it would need all {len(claim.values)} values.",
            claim.element.open_tag_span,
            fixes=(Fix('Use match="any"', (change,), preferred=True),),
        )


@rule("apim-scope-separator", Severity.INFORMATION, "Scopes are one string", cause="required-claim-separator")
def apim_scope_separator(context: PolicyContext) -> Iterator[Finding]:
    """A required claim `scp` or `scope` has no `separator`.

    All scopes of a token are one string with blanks between them.
    Without the separator the whole string must equal the value, so a token with two scopes is refused.

    ## How to fix it

    Add `separator=" "`.

    ## Example

    Bad:

    ```xml
    <claim name="scp"><value>orders.read</value></claim>
    ```

    Good:

    ```xml
    <claim name="scp" match="any" separator=" "><value>orders.read</value></claim>
    ```

    ## Sources

    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    - [RFC 8693 section 4.2](https://www.rfc-editor.org/rfc/rfc8693#section-4.2)
    """
    for _, claim in _claims(context):
        if claim.name in _SPACE_SEPARATED and claim.values and claim.element.attribute("separator") is None:
            yield apim_scope_separator.finding(
                "Without separator a token with several scopes is refused.",
                claim.element.open_tag_span,
                fixes=(Fix('Add separator=" "', (edits.add_attribute(claim.element, "separator", " "),)),),
            )


@rule(
    "apim-array-claim-separator", Severity.INFORMATION, "The claim is a list already", cause="required-claim-separator"
)
def apim_array_claim_separator(context: PolicyContext) -> Iterator[Finding]:
    """A required claim `roles`, `groups` or `wids` has a `separator`.

    These claims are JSON arrays, whose values need no cutting; a value that holds the separator is cut apart.

    ## How to fix it

    Remove `separator`.

    ## Example

    Bad:

    ```xml
    <claim name="roles" separator=" "><value>Orders.Read</value></claim>
    ```

    Good:

    ```xml
    <claim name="roles"><value>Orders.Read</value></claim>
    ```

    ## Sources

    - [Access token claims](https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference)
    """
    for _, claim in _claims(context):
        separator = claim.element.attribute("separator")
        if claim.name in _ARRAYS and separator is not None:
            yield apim_array_claim_separator.finding(
                f"{claim.name} is a JSON array, and needs no separator.",
                separator.span,
                fixes=(Fix("Remove separator", (edits.remove_attribute(context.document, separator),)),),
            )


@rule("apim-claim-no-value", Severity.HINT, "Any value of the claim passes")
def apim_claim_no_value(context: PolicyContext) -> Iterator[Finding]:
    """A required claim lists no value.

    A token passes when it has the claim, whatever its value.

    ## How to fix it

    Add a `value`, if one was meant.

    ## Example

    Bad:

    ```xml
    <claim name="roles" />
    ```

    Good:

    ```xml
    <claim name="roles"><value>Orders.Read</value></claim>
    ```

    ## Sources

    - [validate-jwt](https://learn.microsoft.com/azure/api-management/validate-jwt-policy)
    """
    for _, claim in _claims(context):
        if claim.name and not claim.values and not context.is_filled_in(claim.element):
            yield apim_claim_no_value.finding("Only the presence of the claim is checked.", claim.element.open_tag_span)


@rule("apim-claim-v1-v2", Severity.INFORMATION, "The claim is one of the other version", cause="issuer-v1-vs-v2")
def apim_claim_v1_v2(context: PolicyContext) -> Iterator[Finding]:
    """A required claim `appid` stands beside metadata of version 2.0, or `azp` beside that of version 1.0.

    The client's id is `appid` in version 1.0 tokens and `azp` in those of version 2.0.
    Nothing is said where `issuers` lists an issuer of the claim's own version: the metadata of either version has the
    keys of both.

    ## How to fix it

    Require the claim of the version that the API gets.

    ## Example

    Bad:

    ```xml
    <openid-config url="https://login.microsoftonline.com/{{tenant}}/v2.0/.well-known/openid-configuration" />
    <required-claims><claim name="appid"><value>{{client}}</value></claim></required-claims>
    ```

    Good:

    ```xml
    <openid-config url="https://login.microsoftonline.com/{{tenant}}/v2.0/.well-known/openid-configuration" />
    <required-claims><claim name="azp"><value>{{client}}</value></claim></required-claims>
    ```

    ## Sources

    - [Access token claims](https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference)
    """
    for check, claim in _claims(context):
        wrong = {frozenset({"v2"}): ("appid", "azp"), frozenset({"v1"}): ("azp", "appid")}.get(check.entra_versions)
        name = claim.element.attribute("name")
        if check.is_jwt and wrong is not None and name is not None and claim.name == wrong[0]:
            if not check.issuer_versions <= check.entra_versions:
                continue
            version = "2.0" if wrong[0] == "appid" else "1.0"
            yield apim_claim_v1_v2.finding(
                f"Version {version} tokens have {wrong[1]}, not {wrong[0]}.",
                name.value_span,
                fixes=(Fix(f"Change to {wrong[1]}", (edits.set_value(name, wrong[1]),)),),
            )


RULES = (
    apim_claim_match_all_alternatives,
    apim_scope_separator,
    apim_array_claim_separator,
    apim_claim_no_value,
    apim_claim_v1_v2,
)
