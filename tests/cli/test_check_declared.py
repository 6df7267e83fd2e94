"""``claimlens check`` knows what the files it is given declare, as the editor does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import run

POLICY = (
    '<policies><inbound><base /><include-fragment fragment-id="autenticate" />'
    '<set-header name="{{tenant-id}}" /></inbound></policies>'
)
FILES = {
    "apis/orders/policy.xml": POLICY,
    "policy fragments/authenticate/policy.xml": "<fragment><cors /></fragment>",
    "infra/main.bicep": "resource n 'Microsoft.ApiManagement/service/namedValues@2024-05-01' = { name: 'tenant' }",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def found(folder: Path, *arguments: str) -> dict[str, str]:
    ended = run("check", *arguments, "--format", "json", folder=folder)
    codes = {each["code"]: each["severity"] for each in ended.json["findings"]}
    return {code: severity for code, severity in codes.items() if code.startswith("apim-unknown-")}


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_what_a_folder_declares_counts(folder: Path, jobs: str) -> None:
    assert found(folder, ".", "--jobs", jobs) == {"apim-unknown-fragment": "warning"}


def test_a_policy_by_itself_may_use_any_name(folder: Path) -> None:
    assert found(folder, "apis/orders/policy.xml") == {}


def test_templates_that_are_named_beside_it_count(folder: Path) -> None:
    assert found(folder, "apis", "policy fragments") == {"apim-unknown-fragment": "warning"}
