"""The lifetime of a token, as Microsoft.IdentityModel judges it."""

from __future__ import annotations

import datetime
import re

from claimlens.apim.simulator.check import Check
from claimlens.apim.simulator.members import UndecidedError
from claimlens.apim.simulator.messages import MESSAGES
from claimlens.jose.claims_checks import numeric_date
from claimlens.jose.model import Token

_SECONDS = re.compile(r"[0-9]{1,9}")


def check_lifetime(check: Check, token: Token) -> None:
    """Check ``exp`` and ``nbf`` with the clock skew; exactly at ``exp`` plus skew a token still passes."""
    claims = token.payload or {}
    try:
        skew = _skew(check)
        required = check.run.truth(check.policy.attribute("require-expiration-time"), True)
    except UndecidedError as error:
        check.unknown(check.policy, "lifetime", f"clock-skew or require-expiration-time is not known: {error}.")
        return
    expires, starts = numeric_date(claims.get("exp")), numeric_date(claims.get("nbf"))
    for name, moment in (("exp", expires), ("nbf", starts)):
        if moment is None and claims.get(name) is not None:
            check.unknown(check.policy, "lifetime", f"{name} is no number of seconds that makes a date.")
            return
    if expires is None:
        _without_end(check, required)
    elif starts is not None and starts > expires:
        detail = f"nbf is {_utc(starts)}, which is after exp, {_utc(expires)}."
        text = MESSAGES["upside down"].format(starts=_utc(starts), expires=_utc(expires))
        check.refuse(check.policy, "lifetime", detail, "JwtInvalid", text, reading=True)
    _compare(check, starts, expires, skew)


def _skew(check: Check) -> datetime.timedelta:
    text = (check.run.text(check.policy, "clock-skew") or "0").strip()
    if not _SECONDS.fullmatch(text):
        raise UndecidedError("clock-skew is no whole number of seconds")
    return datetime.timedelta(seconds=int(text))


def _without_end(check: Check, required: bool) -> None:
    if required:
        detail = "The token has no exp and the policy requires one."
        check.refuse(check.policy, "lifetime", detail, "JwtInvalid", MESSAGES["no expiry"], reading=True)
    check.passed(check.policy, "lifetime", "The token has no exp, which the policy allows.")


def _compare(
    check: Check, starts: datetime.datetime | None, expires: datetime.datetime | None, skew: datetime.timedelta
) -> None:
    now = check.run.now
    sides = f"it is {_utc(now)}, clock-skew {int(skew.total_seconds())} s"
    if starts is not None and starts - now > skew:  # a sum could leave the calendar
        text = MESSAGES["not yet valid"].format(starts=_utc(starts), now=_utc(now))
        check.refuse(check.policy, "lifetime", f"nbf is {_utc(starts)}, {sides}.", "JwtInvalid", text, reading=True)
    if expires is None:
        return
    if now - expires > skew:
        text = MESSAGES["expired"].format(expires=_utc(expires), now=_utc(now))
        check.refuse(check.policy, "lifetime", f"exp is {_utc(expires)}, {sides}.", "TokenExpired", text)
    check.passed(check.policy, "lifetime", f"Valid until {_utc(expires)}.")


def _utc(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")
