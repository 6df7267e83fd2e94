"""A real Neovim attaches to the server, shows diagnostics and hover, and carries out a code action."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.tokens import compact

NVIM = shutil.which("nvim")
pytestmark = [pytest.mark.neovim, pytest.mark.skipif(NVIM is None, reason="Neovim is not installed")]

TOKEN = compact({"sub": "x", "exp": 1700000000, "iss": "https://issuer.example", "aud": "a", "scp": "read"})


def run(script: str, file: Path) -> str:
    """Run a script in a Neovim that has opened a file; return what it prints."""
    command = [sys.executable, "-I", "-m", "claimlens.lsp", "--stdio"]
    path = Path(__file__).with_name(script)
    assert NVIM
    done = subprocess.run(
        [NVIM, "--headless", "-u", "NONE", "-i", "NONE", "-n", "-c", f"luafile {path}", str(file)],
        cwd=file.parent,
        env={
            **os.environ,
            "CLAIMLENS_COMMAND": "\n".join(command),
            "XDG_STATE_HOME": str(file.parent),
            "XDG_CACHE_HOME": str(file.parent),
        },
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


def test_neovim_attaches(tmp_path: Path) -> None:
    file = tmp_path / "request.http"
    file.write_text(f"GET https://api.example/ HTTP/1.1\nAuthorization: Bearer {TOKEN}\n")
    said = run("attach.lua", file)
    assert "jwt-expired" in said
    assert "HOVER **" in said
    assert "expired" in said
    assert "REDACTED" in said.partition("LINE ")[2]
    assert "CLEAR" in said


def test_neovim_completes_a_policy(tmp_path: Path) -> None:
    file = tmp_path / "policy.xml"
    file.write_text("<policies>\n<inbound>\n<vali\n<base />\n</inbound>\n</policies>\n")
    said = run("complete.lua", file)
    assert "ITEM validate-jwt: `<validate-jwt>`  Lets a request pass only with a JSON Web Token" in said
    assert "LINE <validate-jwt>" in said
