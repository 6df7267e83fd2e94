"""Rules about JSON Web Keys (RFC 7517), codes ``jwk-``."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.rules.context import KeyContext
from claimlens.rules.model import Finding, Severity, rule
from claimlens.rules.tokens.wording import quoted


@rule("jwk-private-key", Severity.WARNING, "A private or secret key lies open")
def jwk_private_key(context: KeyContext) -> Iterator[Finding]:
    """A JSON Web Key in this file holds members that only its owner may know.

    They are `d`, `p`, `q`, `dp`, `dq`, `qi` or `oth` of a private key, or `k` of a shared secret.
    Whoever has them can sign tokens in the name of the issuer.
    In a key set that is published (`jwks_uri`) this gives everything away.

    ## How to fix it

    Publish the public members alone: `kty`, `n` and `e`, or `crv`, `x` and `y`, with `kid`, `use` and `alg`.
    Keep private keys in a vault.
    A key that was published is lost: replace it.
    For a key made for tests, say so: `claimlens: ignore[jwk-private-key]`.
    A key that stands alone is information, because private keys are kept so; a key set is made to be published.

    ## Example

    Bad:

    ```json
    {"keys": [{"kty": "EC", "crv": "P-256", "x": "…", "y": "…", "d": "…"}]}
    ```

    Good:

    ```json
    {"keys": [{"kty": "EC", "crv": "P-256", "x": "…", "y": "…"}]}
    ```

    ## Sources

    - [RFC 7517 section 9.2](https://www.rfc-editor.org/rfc/rfc7517#section-9.2)
    - [RFC 7518 section 6](https://www.rfc-editor.org/rfc/rfc7518#section-6)
    """
    if not context.on_disk:
        return
    for key in context.document.keys:
        if key.private:
            kind = "shared secret" if key.key_type == "oct" else "private key"
            name = f" {quoted(key.key_id)}" if key.key_id else ""
            yield jwk_private_key.finding(
                f"The {kind}{name} lies open: whoever reads this file can sign or decrypt in its owner's name.",
                key.span,
                severity=jwk_private_key.severity if context.document.is_set else Severity.INFORMATION,
            )


RULES = (jwk_private_key,)
