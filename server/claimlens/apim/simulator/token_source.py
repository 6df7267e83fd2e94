"""Where a JWT policy finds the token in the request: a header, a query parameter or a value of its own."""

from __future__ import annotations

import re

from claimlens import jose
from claimlens.apim.simulator.check import Check
from claimlens.apim.simulator.members import UndecidedError
from claimlens.apim.simulator.messages import MESSAGES
from claimlens.apim.simulator.run import shown
from claimlens.jose.model import Token, TokenForm

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*")
"""A JWS as Microsoft.IdentityModel takes it (``JwtConstants.JsonCompactSerializationRegex``)."""


def find_token(check: Check) -> Token | None:
    """Return the token that the policy looks at, or None where that cannot be known; refuse what is no token."""
    try:
        found = _sent(check)
    except UndecidedError as error:
        check.unknown(check.policy, "token", f"What the policy looks at is only known in the service: {error}.")
        return None
    if not found:
        detail = "The request carries no token where the policy looks."
        check.refuse(check.policy, "token", detail, "TokenNotPresent", MESSAGES["no token"])
    text = _without_scheme(check, found).strip()
    token = jose.decode(text)
    if token.form is TokenForm.JWE:
        _encrypted(check)
        return None
    if not _COMPACT.fullmatch(text) or token.header is None or token.payload is None:
        check.refuse(check.policy, "format", _not_well_formed(check), "JwtInvalid", MESSAGES["format"])
    check.passed(check.policy, "token", f"Found {token.masked()}.")
    return token


def _sent(check: Check) -> str | None:
    run = check.run
    if (value := run.text(check.policy, "token-value")) is not None:
        return value
    if (parameter := run.text(check.policy, "query-parameter-name")) is not None:
        return next(iter(run.request.query.get(parameter, [])), None)
    return run.header(_header_name(check))


def _header_name(check: Check) -> str:
    return check.run.text(check.policy, "header-name") or "Authorization"


def _reads_authorization(check: Check) -> bool:
    elsewhere = ("token-value", "query-parameter-name")
    named = any(check.policy.attribute(name) is not None for name in elsewhere)
    return not named and _header_name(check).lower() == "authorization"


def _without_scheme(check: Check, value: str) -> str:
    """Take the scheme off an Authorization header; any other source holds the bare token."""
    if not _reads_authorization(check):
        return value
    scheme, blank, rest = value.partition(" ")
    if (required := _required_scheme(check)) is not None:
        _check_scheme(check, scheme if blank else "", required)
    return rest if blank and scheme.isalpha() else value


def _check_scheme(check: Check, scheme: str, required: str) -> None:
    if scheme.lower() == required.lower():
        other_case = scheme != required
        check.passed(check.policy, "require-scheme", f"The scheme is {shown(scheme)}.", reading=other_case)
        return
    begins = shown(scheme[:20]) if scheme else "no scheme"
    detail = f"The scheme is another: the header begins with {begins}, required is {shown(required)}."
    check.refuse(check.policy, "require-scheme", detail, "TokenNotPresent", MESSAGES["no token"], reading=True)


def _required_scheme(check: Check) -> str | None:
    try:
        return check.run.text(check.policy, "require-scheme")
    except UndecidedError as error:
        check.unknown(check.policy, "require-scheme", f"Only known in the service: {error}.")
        return None


def _encrypted(check: Check) -> None:
    """Only the service has the keys to decrypt with; without any it cannot read the token either."""
    holder = check.policy.child("decryption-keys")
    if holder is None:
        detail = "The token is encrypted and the policy names no key to decrypt it with."
        check.refuse(check.policy, "decryption", detail, "JwtInvalid", MESSAGES["no decryption key"], reading=True)
    check.unknown(holder, "decryption", "The token is encrypted; only the service has the key.")


def _not_well_formed(check: Check) -> str:
    request, name = check.run.request, _header_name(check)
    sent = sum(each.lower() == "authorization" for each, _ in request.headers)
    if _reads_authorization(check) and sent > 1:
        return f"The request has {sent} {name} headers, which the policy sees as one, joined by commas."
    return "What was sent is no well-formed JWT."
