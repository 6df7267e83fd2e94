"""Comparing two tokens: every claim of either is shown, and the differences that decide something are explained."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimlens.diagnosis.comparison import compare, markdown
from tests.support.tokens import compact, token_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
TENANT = "11111111-2222-4333-8444-555555555555"
OTHER_TENANT = "99999999-2222-4333-8444-555555555555"
API = "8c2b7f10-4d6e-4a19-b3c5-6f0e9d8a7b21"
V2: dict[str, Any] = {
    "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0",
    "tid": TENANT,
    "ver": "2.0",
    "aud": API,
    "azp": "client-1",
    "scp": "Orders.Read",
    "exp": int(NOW.timestamp()) + 600,
}
V1 = {**V2, "iss": f"https://sts.windows.net/{TENANT}/", "ver": "1.0", "aud": f"api://{API}", "appid": "client-1"}
APP_ONLY = {key: value for key, value in V2.items() if key != "scp"} | {"roles": ["Orders.All"], "idtyp": "app"}


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        (V2, V1, "One is of version 2.0, the other of version 1.0"),
        (V2, V1, "Both audiences mean one application"),
        (V2, APP_ONLY, "The first is delegated"),
        (APP_ONLY, V2, "The second is delegated"),
        (V2, APP_ONLY, "Only the second has the permissions Orders.All"),
        (V2, {**V2, "aud": "api://billing"}, "They are for different APIs"),
        (
            V2,
            {**V2, "tid": OTHER_TENANT, "iss": f"https://login.microsoftonline.com/{OTHER_TENANT}/v2.0"},
            "They come from different tenants",
        ),
        (V2, {**V2, "azp": "client-2"}, "different client applications"),
        (V2, {**V2, "exp": V2["exp"] + 3600}, "The second expires 1 h later"),
        (V2, {**V2, "exp": 1_700_000_000}, "The first expires in 10 min, the second expired"),
        (V2, {"iss": "https://accounts.google.com", "aud": API, "exp": V2["exp"]}, "different identity providers"),
    ],
)
def test_a_difference_is_explained(left: dict[str, Any], right: dict[str, Any], said: str) -> None:
    remarks = compare(token_of(left), token_of(right), NOW).remarks
    assert any(said in remark for remark in remarks), remarks


def test_a_token_does_not_differ_from_itself() -> None:
    comparison = compare(token_of(V2), token_of(V2), NOW)
    assert comparison.remarks == ()
    assert all(difference.same for difference in (*comparison.claims, *comparison.header))


def test_every_claim_of_either_is_shown_and_those_that_differ_come_first() -> None:
    comparison = compare(token_of({"a": 1, "same": 2}), token_of({"same": 2, "b": 3}), NOW)
    assert [(each.name, each.left, each.right) for each in comparison.claims] == [
        ("a", "1", None),
        ("b", None, "3"),
        ("same", "2", "2"),
    ]


def test_the_report_holds_no_token_text() -> None:
    report = markdown(compare(token_of(V2), token_of(V1), NOW))
    assert "## What the differences mean" in report
    assert not any(part in report for token in (V2, V1) for part in compact(token).split("."))


@given(
    st.dictionaries(st.text(max_size=8), st.recursive(st.text() | st.integers(), st.lists, max_leaves=4), max_size=5)
)
def test_hostile_claims_stay_inert(claims: dict[str, Any]) -> None:
    report = markdown(compare(token_of(claims), token_of({"x": "</td><script>"}), NOW))
    assert "<script" not in report
    tables = [line for line in report.splitlines() if line.startswith("| ")]
    assert all(line.count("|") == 6 for line in tables)
