"""The rule about what a verification found. It speaks only where the user had a token verified."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from claimlens.rules.context import Request
from claimlens.rules.engine import run_rules
from claimlens.rules.model import Finding, Severity, rule
from claimlens.rules.registry import rules_of
from claimlens.rules.suppression import directives, ignored_codes, is_ignored, suppress
from claimlens.text.spans import Span


@attrs.frozen
class RefutedSignature:
    """A signature that a verification found invalid.

    Attributes:
        span: where the token stands.
        detail: why it is invalid, in one sentence.
    """

    span: Span
    detail: str


@rule("jwt-signature-invalid", Severity.WARNING, "The signature was checked and is invalid", cause="signature-invalid")
def jwt_signature_invalid(context: RefutedSignature) -> Iterator[Finding]:
    """The token was verified on request, and its signature is not one that the key made.

    The finding stays until the token's text changes or another verification finds otherwise.
    Every verifier refuses such a token; .NET says `IDX10511`, other libraries "invalid signature".

    ## How to fix it

    Get the token anew and copy the whole of it: one character changed by hand, by a line break or by an editor is
    enough.
    If it is untouched, it was signed with another key: compare issuer and `kid` with what the issuer publishes
    ("Claimlens: Show Issuer Metadata"), and see whether it comes from another environment.
    A Microsoft Graph token with a `nonce` in its header is never called invalid: nobody but Graph can verify it.

    ## Example

    Bad:

    ```text
    A token of which one byte of the payload or the signature was changed after it was signed.
    ```

    Good:

    ```text
    The token as the issuer sent it.
    ```

    ## Sources

    - [RFC 7515 section 5.2, verifying](https://www.rfc-editor.org/rfc/rfc7515#section-5.2)
    """
    yield jwt_signature_invalid.finding(f"Signature invalid: {context.detail}", context.span)


RULES = (jwt_signature_invalid,)


def check_refuted(request: Request, refuted: Iterable[RefutedSignature]) -> tuple[Finding, ...]:
    """Return the findings about refuted signatures that neither settings nor comments silence."""
    rules, settings = rules_of("verification"), request.settings
    found = [finding for each in refuted for finding in run_rules(rules, each, settings)[0]]
    if not found:
        return ()
    ignored = ignored_codes(request.snapshot.uri, request.workspace.root, settings.ignore)
    heard = [finding for finding in found if not is_ignored(finding.code, ignored)]
    return tuple(suppress(heard, directives(request.snapshot.text)).findings)
