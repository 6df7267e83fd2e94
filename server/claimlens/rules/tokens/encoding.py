"""Rules about how a token is encoded: one for each group of defects that `claimlens.jose` tells apart.

A token that is cut off is reported as that alone; what its last part lacks is no news.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping

from claimlens.jose.model import Defect, SegmentRole, TokenForm
from claimlens.rules.context import TokenContext
from claimlens.rules.model import Edit, Finding, Fix, Severity, rule

MALFORMED: Mapping[str, Severity] = {
    "segment-count": Severity.WARNING,
    "segment-empty": Severity.WARNING,
    "base64url-padding": Severity.INFORMATION,
    "base64url-alphabet": Severity.WARNING,
    "base64url-character": Severity.WARNING,
    "base64url-length": Severity.WARNING,
    "base64url-trailing-bits": Severity.HINT,
    "bom": Severity.INFORMATION,
    "utf8-invalid": Severity.WARNING,
    "json-empty": Severity.WARNING,
    "json-invalid": Severity.WARNING,
    "json-not-object": Severity.WARNING,
    "json-too-deep": Severity.WARNING,
    "alg-missing": Severity.WARNING,
    "alg-not-text": Severity.WARNING,
    "enc-missing": Severity.WARNING,
    "enc-not-text": Severity.WARNING,
}
"""The defects that ``jwt-malformed`` speaks of, each with its severity."""

UNPORTABLE = frozenset({"json-nan", "json-number-range", "json-lone-surrogate"})
"""The defects that ``jwt-unportable-value`` speaks of."""

_NO_CLAIMS = frozenset({"utf8-invalid", "json-empty", "json-invalid", "json-not-object"})
"""Defects that a payload has which was never meant to be a claims set."""


UNDECODABLE = ("base64url-character", "base64url-length")
"""Defects with which the bytes of a part are not those that were meant."""
_FOLLOWS: Mapping[str, tuple[str, ...]] = {
    "base64url-length": ("base64url-character",),
    "base64url-trailing-bits": (*UNDECODABLE, "utf8-invalid", "json-invalid", "signature-length"),
    **dict.fromkeys(("utf8-invalid", "json-empty", "json-invalid", "json-not-object"), UNDECODABLE),
}
"""Defects that merely follow from another one in the same part."""


@rule("jwt-malformed", Severity.WARNING, "The token is damaged", cause="token-malformed")
def jwt_malformed(context: TokenContext) -> Iterator[Finding]:
    """A part of the token is not encoded as RFC 7515 says, so strict verifiers refuse the token.

    The message says which part and what is wrong with it: characters that base64url does not have, padding, a character
    too few or too many, bytes that are not UTF-8, text that is not JSON, JSON that is not an object, a header without
    `alg`, a wrong number of parts.
    .NET says `IDX12741`, `IDX12729` or `IDX14100`, `validate-jwt` says `JwtInvalid`.

    What most readers forgive is less severe: padding and a byte order mark are information, stray bits in the last
    character are a hint.
    A payload that is no JSON in a token whose header does not say `"typ": "JWT"` is a hint too: a JWS may carry
    anything, it is only no JWT.

    ## How to fix it

    Send the token exactly as it was issued, without line breaks, quotes or URL encoding.
    If you make tokens yourself, use a library; encode with base64url (`-` and `_`, no `=`).
    Padding and the letters of ordinary base64 can be corrected by the quick fix, if the signature was made over the
    corrected form.

    ## Example

    Bad, padded and in ordinary base64:

    ```text
    eyJhbGciOiJub25lIn0=.eyJzdWIiOiI/Pz8ifQ==.
    ```

    Good:

    ```text
    eyJhbGciOiJub25lIn0.eyJzdWIiOiI_Pz8ifQ.
    ```

    ## Sources

    - [RFC 7515 section 2, base64url](https://www.rfc-editor.org/rfc/rfc7515#section-2)
    - [RFC 7515 section 7.1, compact serialization](https://www.rfc-editor.org/rfc/rfc7515#section-7.1)
    - [RFC 7519 section 7.2, validating a JWT](https://www.rfc-editor.org/rfc/rfc7519#section-7.2)
    """
    if context.token.form is TokenForm.TRUNCATED:
        return
    if _is_no_jwt(context):
        if (context.header.get("cty") or "") not in ("JWT", "jwt"):
            message = "The payload is no JSON object: this is a signed message (JWS), but not a JWT."
            yield jwt_malformed.finding(message, context.claim_span(), severity=Severity.HINT, cause=None)
        return
    for defects in _causes(context):
        first, *others = defects
        part = f"{first.role.value.capitalize()}: " if first.role else ""
        more = f" So it is in {len(others)} more places." if others else ""
        yield jwt_malformed.finding(
            f"{part}{first.message}{more}",
            first.span,
            severity=MALFORMED[first.code],
            fixes=tuple(_fixes(context, defects)),
        )


@rule("jwt-truncated", Severity.INFORMATION, "The token is cut off", cause="token-malformed")
def jwt_truncated(context: TokenContext) -> Iterator[Finding]:
    """The text holds the beginning of a token and not its end.

    Log writers cut long lines, people put `...` where they do not want to show a secret, terminals and chats lose what
    goes beyond their width.
    Without its end the token cannot be verified, but header and often claims can still be read.
    In the `Authorization` header of a request file it is a warning, because the request will fail.

    ## How to fix it

    Copy the whole token. Where a log cuts it, log the claims you need in its place: a token does not belong in a log.

    ## Example

    Bad:

    ```text
    Authorization: Bearer eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3...
    ```

    Good: all of it, up to the end of the third part.

    ## Sources

    - [RFC 7515 section 7.1, compact serialization](https://www.rfc-editor.org/rfc/rfc7515#section-7.1)
    """
    if context.token.form is TokenForm.TRUNCATED and context.surroundings.interruption is None:  # jwt-header-value
        severity = Severity.WARNING if context.surroundings.will_be_sent else jwt_truncated.severity
        yield jwt_truncated.finding(
            "The token is cut off: its end is missing, so it cannot be verified.", context.token.span, severity=severity
        )


@rule("jwt-oversized", Severity.INFORMATION, "The token is too long to be decoded")
def jwt_oversized(context: TokenContext) -> Iterator[Finding]:
    """The token has more than 256,000 characters and is not looked into.

    No web server takes a header of that size; 8 to 32 KB is the usual limit.

    ## How to fix it

    Find out what makes it so long.
    Usually it is a list of groups or roles, which the application should look up instead, or a file that was put into a
    claim.

    ## Example

    Bad: a token with ten thousand groups in it.

    Good: a token with the roles that the API needs.

    ## Sources

    - [RFC 9110 section 5.4, limits of header fields](https://www.rfc-editor.org/rfc/rfc9110#section-5.4)
    """
    if context.token.form is TokenForm.OVERSIZED:
        yield jwt_oversized.finding(
            f"The token has {len(context.token.text):,} characters: too many to be decoded or sent in a header.",
            context.token.span,
        )


@rule("jwt-duplicate-member", Severity.WARNING, "A member stands twice in the token")
def jwt_duplicate_member(context: TokenContext) -> Iterator[Finding]:
    """Header or payload hold two members of the same name, which RFC 7515 and RFC 7519 forbid.

    One reader takes the first, another the last, a third refuses the token.
    If the component that checks the token and the one that uses it differ, the one can be made to approve what the
    other never sees.

    ## How to fix it

    Make the token with a library that writes each member once.
    As a verifier, refuse such tokens.

    ## Example

    Bad:

    ```json
    {"sub": "alice", "role": "reader", "role": "admin"}
    ```

    Good:

    ```json
    {"sub": "alice", "role": "reader"}
    ```

    ## Sources

    - [RFC 7519 section 4](https://www.rfc-editor.org/rfc/rfc7519#section-4)
    - [RFC 7515 section 4](https://www.rfc-editor.org/rfc/rfc7515#section-4)
    """
    for role, defects in _by_role(context, frozenset({"json-duplicate-member"})).items():
        more = f" There are {len(defects)} such members." if len(defects) > 1 else ""
        yield jwt_duplicate_member.finding(f"{role.value.capitalize()}: {defects[0].message}{more}", defects[0].span)


@rule("jwt-unportable-value", Severity.WARNING, "Readers differ on a value in the token")
def jwt_unportable_value(context: TokenContext) -> Iterator[Finding]:
    """A value in header or payload is not portable JSON: NaN or Infinity, a number beyond 64 bits, half a character.

    Some readers refuse the token, others round the number (JavaScript keeps 53 bits) or put something else in place of
    the character, so two components may see different values.

    ## How to fix it

    Write large numbers and identifiers as text, leave out what has no value, and escape characters beyond U+FFFF as a
    whole surrogate pair or not at all.

    ## Example

    Bad:

    ```json
    {"sub": 123456789012345678901234567890, "score": NaN}
    ```

    Good:

    ```json
    {"sub": "123456789012345678901234567890", "score": null}
    ```

    ## Sources

    - [RFC 8259 section 6, numbers](https://www.rfc-editor.org/rfc/rfc8259#section-6)
    - [RFC 7493, I-JSON](https://www.rfc-editor.org/rfc/rfc7493#section-2)
    """
    for defects in _grouped(context, UNPORTABLE).values():
        first, *others = defects
        part = f"{first.role.value.capitalize()}: " if first.role else ""
        more = f" So it is in {len(others)} more places." if others else ""
        yield jwt_unportable_value.finding(f"{part}{first.message}{more}", first.span)


def _is_no_jwt(context: TokenContext) -> bool:
    """Tell whether this is a JWS whose payload is something else than claims and whose header does not promise any."""
    if context.token.form is not TokenForm.JWS or "jwt" in str(context.header.get("typ")).lower():
        return False
    wrong = {defect.code for defect in context.token.defects if defect.role is not SegmentRole.SIGNATURE}
    header_is_sound = all(defect.role is not SegmentRole.HEADER for defect in context.token.defects)
    return header_is_sound and bool(wrong) and wrong <= _NO_CLAIMS


def _grouped(context: TokenContext, codes: Collection[str]) -> dict[tuple[str, SegmentRole | None], list[Defect]]:
    """Return the defects with these codes by code and part: a hostile token may have very many of one kind."""
    groups: dict[tuple[str, SegmentRole | None], list[Defect]] = defaultdict(list)
    for defect in context.token.defects:
        if defect.code in codes:
            groups[defect.code, defect.role].append(defect)
    return groups


def _causes(context: TokenContext) -> Iterator[list[Defect]]:
    """Yield the groups of defects that do not merely follow from another: what cannot be decoded is no JSON either."""
    groups = _grouped(context, MALFORMED)
    there = {(defect.code, defect.role) for defect in context.token.defects}
    if ("segment-count", None) in groups:
        yield groups["segment-count", None]
        return
    for (code, role), defects in groups.items():
        if not any((cause, role) in there for cause in _FOLLOWS.get(code, ())):
            yield defects


def _by_role(context: TokenContext, codes: Collection[str]) -> dict[SegmentRole, list[Defect]]:
    return {role: defects for (_, role), defects in _grouped(context, codes).items() if role is not None}


def _fixes(context: TokenContext, defects: list[Defect]) -> Iterator[Fix]:
    """Offer what is mechanical: take out padding, write the letters of base64url."""
    code = defects[0].code
    if code == "base64url-padding":
        yield Fix("Remove the padding", tuple(Edit(defect.span, "") for defect in defects))
    elif code == "base64url-alphabet":
        edits = (Edit(each.span, context.written_at(each.span).translate(_URL_SAFE)) for each in defects)
        yield Fix("Write base64url letters", tuple(edits))


_URL_SAFE = str.maketrans("+/", "-_")

RULES = (jwt_malformed, jwt_truncated, jwt_oversized, jwt_duplicate_member, jwt_unportable_value)
