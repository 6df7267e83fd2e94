"""Settings files of a folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from claimlens.services.settings_files import LARGEST, find, read


def write(folder: Path, name: str, content: str | bytes) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)


def test_a_file_of_its_own_comes_before_the_project(tmp_path: Path) -> None:
    write(tmp_path, "pyproject.toml", "[tool.claimlens]\nclock-skew-seconds = 1")
    project = read(tmp_path)
    write(tmp_path, "claimlens.toml", "clock-skew-seconds = 2")
    own = read(tmp_path)

    assert project is not None
    assert own is not None
    assert (project.name, project.values) == ("pyproject.toml", {"clock-skew-seconds": 1})
    assert (own.name, own.values) == ("claimlens.toml", {"clock-skew-seconds": 2})


@pytest.mark.parametrize("content", ["[tool.ruff]", "", "this is = no TOML", "[project]\nname = 'claimlens'"])
def test_a_project_that_sets_nothing_for_us_is_not_looked_at_further(tmp_path: Path, content: str) -> None:
    write(tmp_path, "pyproject.toml", content)

    assert read(tmp_path) is None


def test_the_nearest_folder_above_counts(tmp_path: Path) -> None:
    write(tmp_path, "claimlens.toml", "")
    write(tmp_path / "a" / "b", "pyproject.toml", "[tool.ruff]")
    found = find(tmp_path / "a" / "b")

    assert found is not None
    assert found.path == tmp_path / "claimlens.toml"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("secret = hunter2", "is not valid TOML (line 1, column 10)"),
        (b"\xff\xfe = 1", "is not valid TOML (line 1, column 1)"),
        ("a = " + "[" * 50_000, "is not valid TOML"),
        ("a = 1" + "0" * 5000, "is not valid TOML"),
        ("#" * (LARGEST + 1), "is larger than a settings file can be"),
    ],
)
def test_a_file_that_cannot_be_read_is_a_problem_and_no_crash(
    tmp_path: Path, content: str | bytes, problem: str
) -> None:
    write(tmp_path, "claimlens.toml", content)
    found = read(tmp_path)

    assert found is not None
    assert (found.values, found.problem) == ({}, problem)


def test_a_byte_order_mark_does_no_harm(tmp_path: Path) -> None:
    write(tmp_path, "claimlens.toml", b"\xef\xbb\xbfa = 1")
    found = read(tmp_path)

    assert found is not None
    assert found.values == {"a": 1}
