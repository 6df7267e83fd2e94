"""Claims that hold anything at all are checked without a failure of ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from claimlens.jose.claims_checks import CheckVerdict, Expected, check_claims, numeric_date

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BEYOND = [10**400, -(10**400), 1e308, float("inf"), float("nan"), True, "1772366400", [], {}]


@pytest.mark.parametrize("value", BEYOND, ids=lambda value: str(value)[:12])
def test_what_is_no_moment_is_none(value: object) -> None:
    assert numeric_date(value) is None


@pytest.mark.parametrize("claim", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", BEYOND, ids=lambda value: str(value)[:12])
def test_a_time_that_is_no_moment_fails_its_check(claim: str, value: object) -> None:
    checks = check_claims({claim: value}, Expected(), NOW)

    failed = [check for check in checks if check.verdict is CheckVerdict.FAIL]
    assert [check.detail for check in failed] == [f"{claim} is not a number of seconds."]


@pytest.mark.parametrize("year", [1, 9999])
def test_leeway_at_the_ends_of_the_calendar_does_no_harm(year: int) -> None:
    edge = datetime(year, 1, 1, tzinfo=UTC) if year == 1 else datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)
    claims = dict.fromkeys(("exp", "nbf", "iat"), int(edge.timestamp()))

    checks = check_claims(claims, Expected(leeway=timedelta(days=1)), NOW)

    assert [check.verdict for check in checks[:3]] == (
        [CheckVerdict.FAIL, CheckVerdict.PASS, CheckVerdict.PASS]
        if year == 1
        else [CheckVerdict.PASS, CheckVerdict.FAIL, CheckVerdict.FAIL]
    )


def test_every_detail_can_be_read_and_names_what_was_found() -> None:
    claims = {"exp": 1772370000, "aud": ["a", "b"], "scp": "x y", "tid": "t", "azp": "c", "roles": ["r"]}

    details = {check.name: check.detail for check in check_claims(claims, Expected(), NOW)}

    assert details["expiry"] == "Valid until 2026-03-01 13:00:00 UTC."
    assert details["audience"] == "Not checked: nothing was expected; the token says a, b."
    assert details["scopes"] == "Not checked: nothing was expected; the token says x, y."


@pytest.mark.parametrize(
    ("claims", "verdict"),
    [
        ({"scp": "read other"}, "pass"),  # a user's token: one of the scopes, and no role
        ({"roles": ["Admin"]}, "pass"),  # an application's
        ({"scp": "read", "roles": ["Reader"]}, "pass"),
        ({"scp": "other", "roles": ["Reader"]}, "fail"),
        ({}, "fail"),
    ],
)
def test_one_permission_of_those_that_are_expected_is_enough(claims: dict[str, object], verdict: str) -> None:
    expected = Expected(scopes=("read", "write"), roles=("Admin",))

    checks = {check.name: check.verdict for check in check_claims(claims, expected, NOW)}

    assert (checks["scopes"], checks["roles"]) == (verdict, verdict)
