"""The pictures of the documentation are small enough for a README."""

from __future__ import annotations

from pathlib import Path

import pytest

PICTURES = sorted((Path(__file__).resolve().parents[2] / "docs" / "images").glob("*"))


@pytest.mark.parametrize("picture", PICTURES, ids=lambda path: path.name)
def test_a_picture_is_a_small_png(picture: Path) -> None:
    data = picture.read_bytes()
    assert data.startswith(b"\x89PNG")
    assert len(data) < 300_000
