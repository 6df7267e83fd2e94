"""The validation snippets are run: they accept a token of a real provider and refuse it for another audience."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from claimlens import jose
from claimlens.diagnosis.snippets import write
from tests.support.provider import ROOT, Provider
from tests.support.tokens import compact

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("provider")]

NODE = """\
import { validate } from './snippet.mjs';
try {
  console.log(`accepted ${(await validate(process.argv[2])).aud}`);
} catch (error) {
  console.log(`refused ${error.code} ${error.claim} ${error.message}`);
}
"""
PYTHON = """\
import sys
from snippet import validate
try:
    print("accepted", validate(sys.argv[1])["aud"])
except Exception as error:
    print("refused", type(error).__name__, error)
"""


def for_claims(token: str, target: str, **changed: object) -> str:
    """Return the snippet for a token like this one but for some claims."""
    real = jose.decode(token)
    claims = {**(real.payload or {}), **changed}
    return write(jose.decode(compact(claims, real.header)), target, datetime.now(UTC)).text


def run_node(folder: Path, provider: Provider, snippet: str, token: str) -> str:
    (folder / "node_modules").symlink_to(ROOT / "node_modules", target_is_directory=True)
    (folder / "snippet.mjs").write_text(snippet)
    (folder / "run.mjs").write_text(NODE)
    return _run(folder, [str(shutil.which("node")), "run.mjs", token], NODE_EXTRA_CA_CERTS=str(provider.ca_file))


def run_python(folder: Path, provider: Provider, snippet: str, token: str) -> str:
    (folder / "snippet.py").write_text(snippet)
    (folder / "run.py").write_text(PYTHON)
    return _run(folder, [sys.executable, "run.py", token], SSL_CERT_FILE=str(provider.ca_file))


def _run(folder: Path, command: list[str], **environment: str) -> str:
    ended = subprocess.run(
        command, cwd=folder, env={**os.environ, **environment}, capture_output=True, text=True, timeout=60
    )
    return ended.stdout + ended.stderr


RUNTIMES = {"node-jose": run_node, "python-pyjwt": run_python}


@pytest.mark.parametrize("target", RUNTIMES)
class TestRun:
    @pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
    def test_the_token_is_accepted(self, provider: Provider, tmp_path: Path, target: str, algorithm: str) -> None:
        token = provider.token(algorithm)

        assert RUNTIMES[target](tmp_path, provider, for_claims(token, target), token) == "accepted api://orders\n"

    def test_another_audience_is_refused(self, provider: Provider, tmp_path: Path, target: str) -> None:
        token = provider.token()
        answer = RUNTIMES[target](tmp_path, provider, for_claims(token, target, aud="api://invoices"), token)

        assert answer.startswith("refused")
        assert "aud" in answer.lower()

    def test_another_permission_is_refused(self, provider: Provider, tmp_path: Path, target: str) -> None:
        token = provider.token()
        answer = RUNTIMES[target](tmp_path, provider, for_claims(token, target, scope="Orders.Delete"), token)

        assert answer.startswith("refused")
        assert "permissions" in answer

    def test_another_algorithm_is_refused(self, provider: Provider, tmp_path: Path, target: str) -> None:
        token = provider.token("RS256")
        answer = RUNTIMES[target](tmp_path, provider, for_claims(provider.token("ES256"), target), token)

        assert answer.startswith("refused")
