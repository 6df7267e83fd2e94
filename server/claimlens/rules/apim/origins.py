"""Rules about `cors`: the origins it lets in."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claimlens.apim.model import Element
from claimlens.apim.values import Value, text_of
from claimlens.rules.apim import edits
from claimlens.rules.apim.context import PolicyContext, literal
from claimlens.rules.model import Edit, Finding, Fix, Severity, rule
from claimlens.rules.tokens.wording import quoted

_WITH_PATH = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*://[^/\s?#]+)[/?#]\S*")


def _origins(cors: Element) -> Iterator[Value]:
    """Yield the origins that are known before the policy runs."""
    allowed = cors.child("allowed-origins")
    for origin in allowed.elements if allowed is not None else ():
        value = text_of(origin)
        if origin.name == "origin" and value.raw and value.is_literal:
            yield value


@rule("apim-cors-origin", Severity.INFORMATION, "No browser sends such an origin")
def apim_cors_origin(context: PolicyContext) -> Iterator[Finding]:
    """An origin in `cors` has a path, or a slash at its end.

    Browsers send scheme, host and port alone, and the policy compares the whole, so that it never fits.

    ## How to fix it

    Write the origin as the browser sends it.

    ## Example

    Bad:

    ```xml
    <origin>https://app.example.com/</origin>
    ```

    Good:

    ```xml
    <origin>https://app.example.com</origin>
    ```

    ## Sources

    - [cors](https://learn.microsoft.com/azure/api-management/cors-policy)
    - [RFC 6454 section 6.1](https://www.rfc-editor.org/rfc/rfc6454#section-6.1)
    """
    for cors in context.named("cors"):
        for value in _origins(cors):
            match = _WITH_PATH.fullmatch(value.text.strip())
            if match is not None:
                yield apim_cors_origin.finding(
                    "An origin is scheme, host and port alone: this one never fits.",
                    value.span,
                    fixes=(Fix(f"Change to {match[1]}", (Edit(value.span, edits.escaped(match[1])),)),),
                )


@rule("apim-cors-credentials", Severity.INFORMATION, "Credentials and any origin do not go together")
def apim_cors_credentials(context: PolicyContext) -> Iterator[Finding]:
    """The policy `cors` allows credentials, and any origin.

    Browsers refuse an answer with both; it would let every site act in the name of the user.

    ## How to fix it

    List the origins, or remove `allow-credentials`. A token in the Authorization header needs no credentials.

    ## Example

    Bad:

    ```xml
    <cors allow-credentials="true"><allowed-origins><origin>*</origin></allowed-origins></cors>
    ```

    Good:

    ```xml
    <cors allow-credentials="true"><allowed-origins><origin>https://app.example.com</origin></allowed-origins></cors>
    ```

    ## Sources

    - [cors](https://learn.microsoft.com/azure/api-management/cors-policy)
    - [Fetch standard](https://fetch.spec.whatwg.org/#cors-protocol-and-credentials)
    """
    for cors in context.named("cors"):
        attribute = cors.attribute("allow-credentials")
        any_origin = any(value.text.strip() == "*" for value in _origins(cors))
        if attribute is not None and any_origin and (literal(cors, attribute.name) or "").lower() == "true":
            yield apim_cors_credentials.finding(
                f"With the origin {quoted('*')} browsers refuse credentials.",
                attribute.span,
                fixes=(Fix("Remove allow-credentials", (edits.remove_attribute(context.document, attribute),)),),
            )


RULES = (apim_cors_origin, apim_cors_credentials)
