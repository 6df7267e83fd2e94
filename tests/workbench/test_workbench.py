"""The packed extension in a real VS Code: every scenario of scenarios.mjs is one test here.

The scenarios share one window, so they run together, once (give xdist `--dist=loadfile`); screenshots and logs are left
in artifacts/workbench, and docs/images/hover.png is a copy of readme.png there.

Negative control: in an unpacked VSIX let `hover` in claimlens/lsp/features/hover.py return None, zip it again and run
`node tests/workbench/run.mjs broken.vsix artifacts/broken hover`: the scenarios with a hover fail, each alone.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ARCHITECTURE = {"aarch64": "arm64"}.get(platform.machine(), "x64")
VSIX = ROOT / "build" / f"claimlens-linux-{ARCHITECTURE}.vsix"
ARTIFACTS = ROOT / "artifacts" / "workbench"
SOURCES = [path.read_text("utf-8") for path in sorted((ROOT / "tests" / "workbench").glob("*.mjs"))]
SCENARIOS = tuple(name for source in SOURCES for name in re.findall(r"^  '([^']+)': async", source, re.MULTILINE))

pytestmark = pytest.mark.workbench


@pytest.fixture(scope="module")
def results() -> Mapping[str, Mapping[str, object]]:
    """What became of each scenario."""
    if "workbench" not in os.environ.get("CLAIMLENS_REQUIRE", ""):
        if not VSIX.exists():
            pytest.skip("the extension is not packed: python3 run.py package")
        if shutil.which("node") is None or shutil.which("chromium") is None:
            pytest.skip("needs Node and Chromium")
    subprocess.run(["node", "tests/workbench/install.mjs"], cwd=ROOT, check=True, timeout=600)
    subprocess.run(["node", "tests/workbench/run.mjs", VSIX, ARTIFACTS], cwd=ROOT, check=True, timeout=900)
    return json.loads((ARTIFACTS / "results.json").read_text("utf-8"))


def test_there_are_scenarios() -> None:
    assert len(SCENARIOS) > 10


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_scenario(results: Mapping[str, Mapping[str, object]], scenario: str) -> None:
    assert results[scenario].get("error") is None, results[scenario]["error"]
