"""A token's times against a clock, and durations in words."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimlens.entra import ValidityState, likely_moment, numeric_date, validity
from claimlens.text.durations import duration, relative

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
STAMP = int(NOW.timestamp())
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("claims", "state", "summary"),
    [
        ({"exp": STAMP + 3600}, ValidityState.VALID, "expires in 1 h"),
        ({"exp": STAMP + 0.5}, ValidityState.VALID, "expires now"),
        ({"exp": STAMP}, ValidityState.EXPIRED, "expired now"),
        ({"exp": STAMP - 3 * 3600}, ValidityState.EXPIRED, "expired 3 h ago"),
        ({"exp": STAMP + 60, "nbf": STAMP}, ValidityState.VALID, "expires in 1 min"),
        ({"exp": STAMP + 600, "nbf": STAMP + 300}, ValidityState.NOT_YET_VALID, "not yet valid, starts in 5 min"),
        ({"exp": STAMP - 600, "nbf": STAMP + 300}, ValidityState.EXPIRED, "expired 10 min ago"),
        ({"nbf": STAMP - 1}, ValidityState.NO_EXPIRY, "never expires"),
        ({}, ValidityState.NO_EXPIRY, "never expires"),
        (None, ValidityState.NO_EXPIRY, "never expires"),
        ({"exp": None}, ValidityState.NO_EXPIRY, "never expires"),
        ({"exp": str(STAMP)}, ValidityState.UNREADABLE, "validity unreadable"),
        ({"exp": STAMP * 1000}, ValidityState.UNREADABLE, "validity unreadable"),
        ({"exp": True}, ValidityState.UNREADABLE, "validity unreadable"),
        ({"exp": [STAMP]}, ValidityState.UNREADABLE, "validity unreadable"),
        ({"exp": STAMP + 60, "nbf": "soon"}, ValidityState.UNREADABLE, "validity unreadable"),
        ({"exp": STAMP - 60, "nbf": "soon"}, ValidityState.EXPIRED, "expired 1 min ago"),
    ],
)
def test_state_and_summary(claims, state, summary):
    judged = validity(claims, NOW)

    assert (judged.state, judged.summary) == (state, summary)


def test_lifetime_remaining_time_and_next_change():
    judged = validity({"iat": STAMP - 600, "nbf": STAMP - 500, "exp": STAMP + 3000}, NOW)

    assert judged.lifetime == HOUR
    assert judged.remaining == timedelta(minutes=50)
    assert judged.next_change == NOW + timedelta(minutes=50)
    assert judged.starts == NOW - timedelta(seconds=500)


def test_without_iat_the_lifetime_counts_from_nbf():
    assert validity({"nbf": STAMP, "exp": STAMP + 3600}, NOW).lifetime == HOUR


def test_a_token_that_is_not_yet_valid_changes_when_it_begins():
    assert validity({"nbf": STAMP + 60, "exp": STAMP + 120}, NOW).next_change == NOW + timedelta(minutes=1)


def test_an_expired_token_never_changes():
    assert validity({"exp": STAMP - 1}, NOW).next_change is None


def test_skew_is_granted_on_both_sides():
    skew = timedelta(minutes=5)

    assert validity({"exp": STAMP - 299}, NOW, skew).state is ValidityState.VALID
    assert validity({"exp": STAMP - 300}, NOW, skew).state is ValidityState.EXPIRED
    assert validity({"exp": STAMP + 999, "nbf": STAMP + 300}, NOW, skew).state is ValidityState.VALID
    assert validity({"exp": STAMP + 999, "nbf": STAMP + 301}, NOW, skew).state is ValidityState.NOT_YET_VALID


def test_the_names_of_unreadable_times_are_told():
    assert validity({"iat": "x", "nbf": {}, "exp": 10**400}, NOW).unreadable == ("iat", "nbf", "exp")


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (0, datetime(1970, 1, 1, tzinfo=UTC)),
        (1.5, datetime(1970, 1, 1, 0, 0, 1, 500_000, tzinfo=UTC)),
        (-1, datetime(1969, 12, 31, 23, 59, 59, tzinfo=UTC)),
        (STAMP, NOW),
        (10**18, None),
        (-(10**18), None),
        (float("inf"), None),
        (float("nan"), None),
        ("1", None),
        (False, None),
        (None, None),
        ({}, None),
    ],
)
def test_numeric_date(value, moment):
    assert numeric_date(value) == moment


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        (STAMP, NOW),
        (STAMP * 1000, NOW),
        (str(STAMP), NOW),
        (f" {STAMP}.0 ", NOW),
        (str(STAMP * 1000), NOW),
        ("2026-01-01", None),
        ("1" * 10_000, None),
        ("\u0661\u0662", None),
        ("nan", None),
        (True, None),
    ],
)
def test_likely_moment(value, moment):
    assert likely_moment(value) == moment


@given(
    st.dictionaries(
        st.sampled_from(["iat", "nbf", "exp"]),
        st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(), st.lists(st.integers())),
    ),
    st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=36_500)),
)
def test_no_times_make_it_raise(claims, skew):
    judged = validity(claims, NOW, skew)

    assert judged.next_change is None or judged.next_change > NOW
    assert set(judged.unreadable) <= set(claims)


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(0), "0 s"),
        (timedelta(seconds=59.9), "59 s"),
        (timedelta(seconds=60), "1 min"),
        (timedelta(minutes=59, seconds=59), "59 min"),
        (HOUR, "1 h"),
        (timedelta(minutes=90), "1 h 30 min"),
        (timedelta(hours=3, minutes=30), "3 h"),
        (timedelta(hours=47), "47 h"),
        (timedelta(days=2), "2 days"),
        (timedelta(days=364), "364 days"),
        (timedelta(days=550), "1.5 years"),
        (timedelta(days=36525), "100 years"),
        (-HOUR, "1 h"),
        (timedelta.max, "2737851 years"),
    ],
)
def test_duration(length, words):
    assert duration(length) == words


@pytest.mark.parametrize(
    ("distance", "words"), [(HOUR, "in 1 h"), (-HOUR, "1 h ago"), (timedelta(seconds=-0.5), "now")]
)
def test_relative(distance, words):
    assert relative(distance) == words
