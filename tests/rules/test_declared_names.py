"""Names that policies use against what files declare: how sure a finding is, and that hostile files cost little."""

from __future__ import annotations

import time

import pytest

from claimlens.rules.model import Severity
from claimlens.settings import Settings
from tests.support.checking import check_with

POLICY = "file:///service/apis/orders/policy.xml"
DECLARED = {
    "file:///service/named%20values/nv/namedValueInformation.json": '{"properties": {"displayName": "client-id"}}',
}


def severity(name: str) -> Severity | None:
    text = f'<policies><inbound><base /><set-variable name="a" value="{{{{{name}}}}}" /></inbound></policies>'
    found = check_with(text, Settings(), uri=POLICY, files=DECLARED).findings
    return next((each.severity for each in found if each.code == "apim-unknown-named-value"), None)


@pytest.mark.parametrize("name", ["clientid", "client_id", "clent-id", "client-idd", "cleint-id", "nv"])
def test_a_slip_is_a_warning(name: str) -> None:
    assert severity(name) is Severity.WARNING


@pytest.mark.parametrize("name", ["client-id2", "client-ix", "other", "api-client-id"])
def test_what_may_be_another_name_is_information(name: str) -> None:
    assert severity(name) is Severity.INFORMATION


@pytest.mark.parametrize("name", ["client-id", "CLIENT-ID"])
def test_a_declared_name_is_no_finding(name: str) -> None:
    assert severity(name) is None


def test_many_names_and_comments_take_no_time() -> None:
    text = f"<policies><inbound>{'<!-- {{a}} -->{{b}}' * 3_000}</inbound></policies>"
    started = time.process_time()
    check_with(text, Settings(), uri=POLICY, files=DECLARED)
    assert time.process_time() - started < 5
