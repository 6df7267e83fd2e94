"""The queries for logs, read by Microsoft's own parser of KQL against the tables as they are documented."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from claimlens import jose
from claimlens.diagnosis.snippets import write
from tests.support.snippets import CLAIMS, NOW
from tests.support.tokens import compact

HERE = Path(__file__).parent
INSTALLED = HERE.parents[1] / "node_modules" / "@kusto" / "language-service-next"
pytestmark = pytest.mark.skipif(
    shutil.which("node") is None or not INSTALLED.is_dir(), reason="needs Node and the parser of KQL"
)
HOSTILE = 'a"; drop table SigninLogs //\n| x \\'


def tables(*names: str) -> dict[str, str]:
    """Return the schemas of the tables, or of some of them, as KQL writes schemas."""
    described = json.loads((HERE / "kql_tables.json").read_text(encoding="utf-8"))
    return {
        table: "(" + ", ".join(f"{name}: {kind}" for kind, columns in kinds.items() for name in columns.split()) + ")"
        for table, kinds in described.items()
        if kinds.pop("source") and (not names or table in names)
    }


def complaints(queries: list[str], *names: str) -> list[str]:
    """Return what the parser says of the queries, the name of each first line before it."""
    asked = json.dumps({"tables": tables(*names), "queries": queries})
    script = str(HERE / "kql_verdicts.cjs")
    answer = subprocess.run(["node", script], input=asked, capture_output=True, text=True, check=True, timeout=60)
    return [
        f"{query.splitlines()[0]}: {complaint}"
        for query, found in zip(queries, json.loads(answer.stdout), strict=True)
        for complaint in found
    ]


def written(claims: dict[str, Any]) -> list[str]:
    """Return the queries for a token, which are run one at a time, as an empty line ends each."""
    return write(jose.decode(compact(claims)), "kql", NOW).text.split("\n\n")


def test_the_parser_finds_what_is_wrong() -> None:
    wrong = [
        "SigninLogs | wher x",
        "SigninLogs | project Foo",
        "SigninLogs | where TimeGenerated > 1",
        "Nothing | count",
    ]

    assert {complaint.split(": ")[0] for complaint in complaints(wrong)} == set(wrong)


def test_nothing_is_wrong_with_the_queries_for_any_token() -> None:
    tokens = [*CLAIMS.values(), *({**claims, "uti": None, "oid": None} for claims in CLAIMS.values())]
    queries = [query for claims in tokens for query in written(claims)]

    assert len(queries) > 40
    assert complaints(queries) == []


def test_a_hostile_claim_stays_a_text() -> None:
    hostile = dict.fromkeys(("uti", "oid", "aud", "azp"), HOSTILE)

    assert complaints(written({**CLAIMS["entra-v2"], **hostile})) == []


@pytest.mark.parametrize("table", ["SigninLogs", "AADServicePrincipalSignInLogs"])
def test_a_workspace_with_one_of_the_tables_is_enough(table: str) -> None:
    fuzzy = [query for query in written(CLAIMS["entra-v2"]) if "isfuzzy" in query and table in query]
    found = complaints(fuzzy, table)

    assert fuzzy
    assert [complaint for complaint in found if "KS205" not in complaint] == []  # the fuzzy name of another table
