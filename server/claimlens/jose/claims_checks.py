"""Check the claims of a token against what was asked for (RFC 7519 section 4.1, RFC 8725 sections 3.8 to 3.9).

Each check answers pass, fail or unknown. A check that nobody asked for is listed as unknown with the value found, so
that a report can say "audience not checked" instead of keeping silent.
"""

from __future__ import annotations

import datetime
import enum
from collections.abc import Callable, Collection, Mapping
from typing import Any

import attrs

from claimlens.text.escape import visible

MAXIMUM_SHOWN = 120


class CheckVerdict(enum.StrEnum):
    """What one check found."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"


@attrs.frozen
class Check:
    """One check.

    Attributes:
        name: what was looked at.
        verdict: what came out.
        asked: False where nobody said what to expect, so that an unknown verdict leaves nothing open.
    """

    name: str
    verdict: CheckVerdict
    _detail: str | Callable[[], str] = attrs.field(repr=False)
    asked: bool = True

    @property
    def detail(self) -> str:
        """Why, in one sentence. It is put together when somebody reads it, which costs more than the check."""
        return self._detail if isinstance(self._detail, str) else self._detail()


@attrs.frozen
class Expected:
    """What the token should say. Empty means that nobody asked.

    Attributes:
        audiences: any one of them will do.
        tenants: any one of them will do.
        clients: application ids of callers, any one.
        scopes: any one of them in ``scp`` (or ``scope``, RFC 8693 section 4.2) will do.
        roles: any one of them in ``roles`` will do; where scopes are given too, one of either.
        leeway: how far clocks may differ.
    """

    audiences: tuple[str, ...] = ()
    tenants: tuple[str, ...] = ()
    clients: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    leeway: datetime.timedelta = datetime.timedelta(0)


def check_claims(claims: Mapping[str, Any] | None, expected: Expected, now: datetime.datetime) -> tuple[Check, ...]:
    """Return the checks of times, audience, tenant, client, scopes and roles, in this order."""
    if claims is None:
        return (Check("claims", CheckVerdict.UNKNOWN, "The token holds no readable claims, so none was checked."),)
    return (
        *_check_times(claims, expected.leeway, now),
        _check_member("audience", "aud", strings(claims.get("aud")), expected.audiences),
        _check_member("tenant", "tid", strings(claims.get("tid")), expected.tenants, case=False),
        _check_member("client", "azp or appid", _clients(claims), expected.clients, case=False),
        *_check_permissions(claims, expected),
    )


def numeric_date(value: Any) -> datetime.datetime | None:
    """Return a NumericDate (RFC 7519 section 2: seconds since 1970, a JSON number) as a date, or None."""
    if type(value) not in (int, float):  # a bool is an int to isinstance
        return None
    try:
        return datetime.datetime.fromtimestamp(value, datetime.UTC)
    except (OverflowError, ValueError, OSError):  # beyond the calendar, infinite or not a number
        return None


def strings(value: Any) -> tuple[str, ...]:
    """Return a claim that is a string or a list of strings as a tuple; anything else is empty."""
    if isinstance(value, str):
        return (value,)
    if isinstance(value, list):
        return tuple(item for item in value if isinstance(item, str))
    return ()


def _check_times(claims: Mapping[str, Any], leeway: datetime.timedelta, now: datetime.datetime) -> tuple[Check, ...]:
    return (
        _check_expiry(claims.get("exp"), leeway, now),
        _check_start("not before", claims.get("nbf"), leeway, now),
        _check_start("issued at", claims.get("iat"), leeway, now),
    )


def _check_expiry(value: Any, leeway: datetime.timedelta, now: datetime.datetime) -> Check:
    if value is None:
        # RFC 7519 section 4.1.4: exp is optional. Rules warn about its absence; a verifier cannot fail it.
        return Check(
            "expiry", CheckVerdict.UNKNOWN, "Not checked: the token has no exp, so it never expires.", asked=False
        )
    expiry = numeric_date(value)
    if expiry is None:
        return Check("expiry", CheckVerdict.FAIL, "exp is not a number of seconds.")
    if now - expiry < leeway:  # a sum could leave the calendar: "never" is often written as the year 9999
        return Check("expiry", CheckVerdict.PASS, lambda: f"Valid until {_utc(expiry)}.")
    return Check("expiry", CheckVerdict.FAIL, f"Expired at {_utc(expiry)}; it is {_utc(now)}.")


def _check_start(name: str, value: Any, leeway: datetime.timedelta, now: datetime.datetime) -> Check:
    claim = "nbf" if name == "not before" else "iat"
    if value is None:
        return Check(name, CheckVerdict.PASS, f"The token has no {claim}, which is allowed.")
    start = numeric_date(value)
    if start is None:
        return Check(name, CheckVerdict.FAIL, f"{claim} is not a number of seconds.")
    if start - now <= leeway:
        return Check(name, CheckVerdict.PASS, lambda: f"{claim} is {_utc(start)}.")
    return Check(name, CheckVerdict.FAIL, f"{claim} is {_utc(start)}, but it is only {_utc(now)}: a clock is wrong.")


def _check_member(
    name: str, claim: str, found: tuple[str, ...], wanted: tuple[str, ...], *, case: bool = True
) -> Check:
    """Check that one of the values found is one of those wanted."""
    if not wanted:
        return _open(name, claim, lambda: found)
    if not found:
        return Check(name, CheckVerdict.FAIL, f"The token has no {claim}; expected {_listed(wanted)}.")
    fold = (lambda value: value) if case else str.casefold
    if {fold(value) for value in found} & {fold(value) for value in wanted}:
        return Check(name, CheckVerdict.PASS, f"{claim} is {_listed(found)}.")
    return Check(name, CheckVerdict.FAIL, f"{claim} is {_listed(found)}; expected {_listed(wanted)}.")


def _open(name: str, claim: str, found: Callable[[], tuple[str, ...]]) -> Check:
    """Return the check that nobody asked for; what the token holds is looked at when it is told."""
    return Check(name, CheckVerdict.UNKNOWN, lambda: _not_asked(claim, found()), asked=False)


def _not_asked(claim: str, found: tuple[str, ...]) -> str:
    told = f"the token says {_listed(found)}" if found else f"the token has no {claim}"
    return f"Not checked: nothing was expected; {told}."


def _check_permissions(claims: Mapping[str, Any], expected: Expected) -> tuple[Check, ...]:
    """Check scopes and roles: tokens of users carry the ones, those of applications the others; one is enough."""
    if not (expected.scopes or expected.roles):
        return (
            _open("scopes", "scp", lambda: _scopes(claims)),
            _open("roles", "roles", lambda: strings(claims.get("roles"))),
        )
    checks = (
        _check_member("scopes", "scp", _scopes(claims), expected.scopes),
        _check_member("roles", "roles", strings(claims.get("roles")), expected.roles),
    )
    if not any(check.verdict is CheckVerdict.PASS for check in checks):
        return checks
    return tuple(_not_needed(check) if check.verdict is CheckVerdict.FAIL else check for check in checks)


def _not_needed(check: Check) -> Check:
    other = "role" if check.name == "scopes" else "scope"
    return Check(check.name, CheckVerdict.PASS, f"Not needed: the token has a {other} that is expected.")


def _scopes(claims: Mapping[str, Any]) -> tuple[str, ...]:
    value = claims.get("scp", claims.get("scope"))
    return tuple(scope for entry in strings(value) for scope in entry.split())


def _clients(claims: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(strings(claims.get("azp")) + strings(claims.get("appid"))))


def _listed(values: Collection[str]) -> str:
    text = ", ".join(visible(value) for value in values)
    return text if len(text) <= MAXIMUM_SHOWN else text[: MAXIMUM_SHOWN - 1] + "…"


def _utc(moment: datetime.datetime) -> str:
    return f"{str(moment)[:19]} UTC"
