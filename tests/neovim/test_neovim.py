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


def test_neovim_attaches(tmp_path: Path) -> None:
    file = tmp_path / "request.http"
    file.write_text(f"GET https://api.example/ HTTP/1.1\nAuthorization: Bearer {TOKEN}\n")
    command = [sys.executable, "-I", "-m", "claimlens.lsp", "--stdio"]
    script = Path(__file__).with_name("attach.lua")
    assert NVIM
    done = subprocess.run(
        [NVIM, "--headless", "-u", "NONE", "-i", "NONE", "-n", "-c", f"luafile {script}", str(file)],
        cwd=tmp_path,
        env={
            **os.environ,
            "CLAIMLENS_COMMAND": "\n".join(command),
            "XDG_STATE_HOME": str(tmp_path),
            "XDG_CACHE_HOME": str(tmp_path),
        },
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "jwt-expired" in said
    assert "HOVER **" in said
    assert "expired" in said
    assert "REDACTED" in said.partition("LINE ")[2]
    assert "CLEAR" in said
