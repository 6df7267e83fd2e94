"""Real policies, laid out as in their repositories, together in one workspace: no untrue finding about names."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from claimlens.rules.context import Workspace
from claimlens.rules.engine import check
from claimlens.services.workspace_index import Scanned, WorkspaceIndex, facts_in
from claimlens.settings import Settings
from claimlens.text.snapshot import Snapshot

CORPUS = Path(os.environ.get("CLAIMLENS_CORPUS", "missing")) / "apim"
CODES = ("apim-unknown-named-value", "apim-unknown-fragment")
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
DECLARED = "".join(
    f"resource {kind}{index} 'Microsoft.ApiManagement/service/{kind}@2024-05-01' = {{\n  name: '{name}'\n}}\n"
    for kind, names in {
        "namedValues": ("client-id", "tenant-id", "audience", "environment", "backend-url", "api-key"),
        "policyFragments": ("aad-auth", "openai-usage", "throttling", "log"),
    }.items()
    for index, name in enumerate(names)
)
"""Names as many services have them, declared by one of them."""

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="CLAIMLENS_CORPUS names no folder with policies")


def files() -> Mapping[str, str]:
    with (CORPUS / "MANIFEST.csv").open(encoding="utf-8", newline="") as manifest:
        rows = list(csv.DictReader(manifest))
    texts = {row["file"]: (CORPUS / row["file"]).read_text(encoding="utf-8-sig", errors="replace") for row in rows}
    return {f"file:///w/{row['repo']}/{row['path']}": texts[row["file"]] for row in rows}


def test_policies_of_many_services_in_one_workspace() -> None:
    every = {**files(), "file:///w/ours/infra/main.bicep": DECLARED}
    index = WorkspaceIndex()
    index.take(Scanned({uri: facts_in(uri, text) for uri, text in every.items()}))
    workspace = Workspace("file:///w", (), index.declared())

    found = [
        (uri, each.code, each.message)
        for uri, text in every.items()
        for each in check(Snapshot.of(text, uri), Settings(), NOW, workspace=workspace).findings
        if each.code in CODES
    ]
    assert [each for each in found if each[0].startswith("file:///w/ours/")] == []
    assert found == [], "a policy of another service that uses a common name would have to be one of several"
