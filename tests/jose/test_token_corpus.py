"""Real files, where a folder of them is at hand: look-alikes are left alone, wrapped tokens found.

The folder holds ``jwt/with``, ``jwt/without`` and ``jwt/wrapped``; the tests beside this one cover the same ground.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from claimlens.jose import TokenForm, scan

CORPUS = Path(os.environ.get("CLAIMLENS_CORPUS", "missing")) / "jwt"
COMPLETE = (TokenForm.JWS, TokenForm.JWE)

pytestmark = pytest.mark.skipif(not CORPUS.is_dir(), reason="CLAIMLENS_CORPUS names no folder")


def files(folder: str) -> Iterator[tuple[str, str]]:
    for path in sorted((CORPUS / folder).iterdir()):
        yield path.name, path.read_text("utf-8", errors="replace")


def test_every_file_with_tokens_gives_some() -> None:
    silent = [name for name, text in files("with") if not any(token.form in COMPLETE for token in scan(text))]
    assert silent == []


def test_files_without_tokens_give_none() -> None:
    reported = [name for name, text in files("without") if any(token.form in COMPLETE for token in scan(text))]
    assert reported == []


def test_wrapped_tokens_are_found_whole() -> None:
    for name, text in files("wrapped"):
        found = [token for token in scan(text) if token.pieces]
        assert found, name
        assert all(token.form is TokenForm.JWS for token in found)
