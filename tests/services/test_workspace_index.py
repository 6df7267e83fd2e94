"""How long a file may be that is read for what it says to others."""

from __future__ import annotations

from pathlib import Path

import pytest

from claimlens.apim.declarations import NameKind
from claimlens.services.workspace_index import LARGEST, LARGEST_WITH_POLICIES, WorkspaceIndex, facts_in, scan

POLICY = '<policies><inbound><set-header name="{{tenant-id}}" /></inbound></policies>'


@pytest.mark.parametrize("name", ["policy.xml", "main.bicep", "azuredeploy.json", "main.tf"])
def test_a_file_with_policies_may_be_long(tmp_path: Path, name: str) -> None:
    text = f"{POLICY}\n{' ' * LARGEST}"
    (tmp_path / name).write_text(text, encoding="utf-8")
    (facts,) = scan([tmp_path]).found.values()
    assert facts.uses == {(NameKind.NAMED_VALUE, "tenant-id")}
    assert facts_in(f"file:///{name}", text) == facts
    assert WorkspaceIndex().takes(f"file:///{name}", len(text))
    assert not WorkspaceIndex().takes(f"file:///{name}", LARGEST_WITH_POLICIES + 1)


def test_other_files_are_short(tmp_path: Path) -> None:
    (tmp_path / "application.yml").write_text("issuer: https://issuer.example\n" + " " * LARGEST, encoding="utf-8")
    assert not scan([tmp_path]).found
    assert not WorkspaceIndex().takes("file:///application.yml", LARGEST + 1)
