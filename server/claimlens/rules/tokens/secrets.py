"""The rule about tokens that are good right now."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.entra import TokenKind, ValidityState
from claimlens.jose import redact
from claimlens.jose.model import SegmentRole, TokenForm
from claimlens.rules.context import TokenContext
from claimlens.rules.model import Edit, Finding, Fix, Severity, rule
from claimlens.rules.tokens.wording import utc

_NO_CREDENTIALS = frozenset({TokenKind.DPOP_PROOF, TokenKind.SECURITY_EVENT, TokenKind.LOGOUT})
_DAMAGE = frozenset({"segment-count", "signature-missing", "signature-length", "signature-unexpected"})


@rule("jwt-live-token", Severity.WARNING, "A token that is valid now lies open in a file")
def jwt_live_token(context: TokenContext) -> Iterator[Finding]:
    """The token has not expired: whoever reads this file can use it until then.

    Files are committed, backed up, shared and indexed.
    A token in one is a password in plain sight, if a short-lived one.
    Documents that are no file (a new buffer, an output panel) are left alone, and so are tokens whose signature
    cannot be right.

    ## How to fix it

    Redact the token with the quick fix, or keep it out of the file: a variable of the request tool, an environment
    variable, a file that is not under version control.
    If the file was published already, sign the user out everywhere or rotate the client's secret.

    ## Example

    Bad:

    ```text
    Authorization: Bearer <a token that expires in an hour>
    ```

    Good:

    ```text
    Authorization: Bearer {{token}}
    ```

    ## Sources

    - [RFC 6750 section 5.2, threat mitigation](https://www.rfc-editor.org/rfc/rfc6750#section-5.2)
    """
    expires = context.profile.validity.expires
    if expires is None or not context.on_disk or not _is_good(context):
        return
    redacted = redact(context.written, [context.token.shift(-context.token.span.start)])
    yield jwt_live_token.finding(
        f"This token is valid until {utc(expires)}: whoever reads the file can use it.",
        context.token.span,
        fixes=(Fix("Redact this token", (Edit(context.whole, redacted),), preferred=True),),
    )


def _is_good(context: TokenContext) -> bool:
    """Tell whether a verifier with the right key might take the token now."""
    token, profile = context.token, context.profile
    algorithm = token.algorithm
    return (
        token.form is TokenForm.JWS
        and token.payload is not None
        and algorithm is not None
        and algorithm.lower() != "none"
        and profile.kind not in _NO_CREDENTIALS
        and profile.validity.state is ValidityState.VALID
        and not any(
            defect.code in _DAMAGE or (defect.role is SegmentRole.SIGNATURE and defect.code.startswith("base64url-ch"))
            for defect in token.defects
        )
    )


RULES = (jwt_live_token,)
