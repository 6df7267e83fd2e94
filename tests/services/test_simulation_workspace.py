"""A simulation with what the files of a workspace declare: one reader for rules, editors and the simulator."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from claimlens.apim.simulator import Outcome, Request, Simulation
from claimlens.services.policy_scopes import scope_name
from claimlens.services.simulation import declared_in, run_policy

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
POLICY = (
    '<policies><inbound><include-fragment fragment-id="{fragment}" /></inbound><backend><forward-request /></backend>'
    "<outbound /></policies>"
)
CHECK = (
    '<fragment><check-header name="x-key" failed-check-httpcode="403">'
    "<value>{{expected}}</value></check-header></fragment>"
)
NAMED_VALUE = (
    "resource n 'Microsoft.ApiManagement/service/namedValues@2024-05-01' = {{ name: 'expected'\nproperties: {{ {} }} }}"
)
FRAGMENT = (
    "resource f 'Microsoft.ApiManagement/service/policyFragments@2024-05-01' = {{\n  name: 'from-bicep'\n"
    "  properties: {{ value: {} }}\n}}\n"
)


def simulated(workspace: Path, sent: str, fragment: str = "from-bicep") -> Simulation:
    policy, request = workspace / "apis/a/policy.xml", Request(headers=(("x-key", sent),))
    text, declared = POLICY.format(fragment=fragment), declared_in(workspace)
    return run_policy(policy, text, request, NOW, issuers={}, named_values={}, workspace=workspace, declared=declared)


@pytest.mark.parametrize("value", [f"'''{CHECK}'''", "loadTextContent('../fragments/check key.xml')"])
def test_fragments_and_named_values_of_bicep(tmp_path: Path, value: str) -> None:
    for name, text in {
        "infra/main.bicep": FRAGMENT.format(value) + NAMED_VALUE.format("value: 'right'"),
        "fragments/check key.xml": CHECK,
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")

    assert simulated(tmp_path, "right").outcome is Outcome.PASS
    assert simulated(tmp_path, "wrong").status == 403


def test_artifacts(tmp_path: Path) -> None:
    for name, text in {
        "policy fragments/check/policy.xml": CHECK,
        "named values/nv/namedValueInformation.json": '{"properties": {"displayName": "expected", "value": "right"}}',
    }.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text, encoding="utf-8")

    assert simulated(tmp_path, "right", "check").outcome is Outcome.PASS
    assert simulated(tmp_path, "wrong", "check").outcome is Outcome.FAIL


def test_a_secret_is_not_known(tmp_path: Path) -> None:
    secret = NAMED_VALUE.format("value: 'right', secret: true")
    (tmp_path / "main.bicep").write_text(FRAGMENT.format(f"'''{CHECK}'''") + secret, encoding="utf-8")

    assert simulated(tmp_path, "right").outcome is Outcome.UNDETERMINED


def test_a_fragment_in_a_fragment_is_followed_and_a_circle_ends(tmp_path: Path) -> None:
    outer = '<fragment><include-fragment fragment-id="check" /></fragment>'
    circle = '<fragment><include-fragment fragment-id="circle" /></fragment>'
    named_value = '{"properties": {"displayName": "expected", "value": "right"}}'
    for name, text in {
        "policy fragments/outer/policy.xml": outer,
        "policy fragments/check/policy.xml": CHECK,
        "policy fragments/circle/policy.xml": circle,
        "named values/nv/namedValueInformation.json": named_value,
    }.items():
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text(text, encoding="utf-8")

    refused = simulated(tmp_path, "wrong", "outer")

    assert refused.outcome is Outcome.FAIL
    assert refused.steps[-1].path == str(tmp_path / "policy fragments/check/policy.xml")
    assert simulated(tmp_path, "right", "outer").outcome is Outcome.PASS
    assert simulated(tmp_path, "right", "circle").outcome is Outcome.UNDETERMINED


REQUIRING = '<policies><inbound><base /><check-header name="{}" failed-check-httpcode="403" /></inbound></policies>'
OPEN = "<policies><inbound><base /></inbound></policies>"


def asked(workspace: Path, policy: str, *headers: str) -> Simulation:
    """Simulate a policy of the artifacts with a request that has these headers."""
    text = (workspace / policy).read_text(encoding="utf-8")
    request = Request(headers=tuple((name, "1") for name in headers))
    return run_policy(workspace / policy, text, request, NOW, issuers={}, named_values={}, workspace=workspace)


def artifacts(folder: Path, **files: str) -> Path:
    root = folder / "artifacts"
    for name, text in {"policy.xml": "<policies><inbound /></policies>", **files}.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.mark.parametrize("membership", ["apis.json", "apis/orders/productApiInformation.json"])
def test_the_one_product_of_an_api_stands_between_it_and_the_service(tmp_path: Path, membership: str) -> None:
    root = artifacts(
        tmp_path,
        **{
            "policy.xml": REQUIRING.format("global").replace("<base />", ""),
            "products/gold/policy.xml": REQUIRING.format("product"),
            "products/other/policy.xml": REQUIRING.format("other"),
            "apis/orders/policy.xml": REQUIRING.format("api"),
            "apis/orders/operations/get/policy.xml": OPEN,
            f"products/gold/{membership}": '[{"name": "orders"}]',
        },
    )
    operation = "apis/orders/operations/get/policy.xml"

    assert asked(root, operation, "global", "product", "api").outcome is Outcome.PASS
    for missing in ("global", "product", "api"):
        refused = asked(root, operation, *({"global", "product", "api"} - {missing}))
        assert refused.error is not None
        assert (refused.error.message.split()[1], refused.error.scope) == (missing, missing)


def test_of_several_products_the_subscription_decides(tmp_path: Path) -> None:
    root = artifacts(
        tmp_path,
        **{
            "products/gold/policy.xml": REQUIRING.format("product"),
            "products/gold/apis.json": '[{"name": "orders"}, {"name": "stock"}]',
            "products/free/policy.xml": OPEN,
            "products/free/apis.json": '[{"name": "orders"}, 1, {}]',
            "products/odd/apis.json": "[",
            "apis/orders/policy.xml": OPEN,
            "apis/stock/policy.xml": OPEN,
        },
    )

    open_one = asked(root, "apis/orders/policy.xml")

    assert open_one.outcome is Outcome.UNDETERMINED
    assert "'gold'" in open_one.steps[0].detail
    assert asked(root, "apis/stock/policy.xml").outcome is Outcome.FAIL


@pytest.mark.parametrize(
    ("path", "scope"),
    [
        ("policy.xml", "global"),
        ("service/policy.xml", "global"),
        ("workspaces/sales/policy.xml", "workspace"),
        ("workspaces/sales/apis/orders/policy.xml", "api"),
        ("workspaces/sales/products/gold/policy.xml", "product"),
        ("apis/orders/operations/get/policy.xml", "operation"),
        ("orders.xml", "api"),
    ],
)
def test_the_place_of_a_policy_tells_its_scope_wherever_the_folder_lies(tmp_path: Path, path: str, scope: str) -> None:
    workspace = tmp_path / "workspaces" / "apis"

    assert scope_name(workspace / path, workspace) == scope
