"""Files are checked with the settings of the folder they lie in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from claimlens.services.checking import check_file, settings_for
from claimlens.services.files import TextFile
from tests.support.compact import jws

NOW = datetime(2026, 3, 2, 10, tzinfo=UTC)
EXPIRED = jws(claims={"exp": 1})


def codes(path: Path) -> set[str]:
    return {finding.code for finding in check_file(TextFile(path, EXPIRED), NOW).result.findings}


def test_the_nearest_settings_file_holds(tmp_path: Path) -> None:
    (tmp_path / "claimlens.toml").write_text("clock-skew-seconds = 1")
    (tmp_path / "inner" / "deep").mkdir(parents=True)
    (tmp_path / "inner" / "pyproject.toml").write_text("[tool.claimlens]\nclock-skew-seconds = 2")
    (tmp_path / "inner" / "deep" / "pyproject.toml").write_text("[tool.other]\n")

    outer, inner = settings_for(tmp_path / "a.txt"), settings_for(tmp_path / "inner" / "deep" / "a.txt")

    assert (outer.settings.clock_skew_seconds, outer.root) == (1, tmp_path)
    assert (inner.settings.clock_skew_seconds, inner.root) == (2, tmp_path / "inner")


def test_globs_are_relative_to_the_settings_file(tmp_path: Path) -> None:
    (tmp_path / "claimlens.toml").write_text('ignore = ["/samples/**"]')
    (tmp_path / "samples").mkdir()

    assert codes(tmp_path / "samples" / "a.txt") == set()
    assert "jwt-expired" in codes(tmp_path / "a.txt")


def test_a_broken_settings_file_is_told_of_and_the_defaults_hold(tmp_path: Path) -> None:
    (tmp_path / "claimlens.toml").write_text("not toml at all")

    folder = settings_for(tmp_path / "a.txt")

    assert [problem.message for problem in folder.problems]
    assert folder.source == str(tmp_path / "claimlens.toml")
    assert "jwt-expired" in codes(tmp_path / "a.txt")


def test_a_workspace_cannot_set_the_network(tmp_path: Path) -> None:
    (tmp_path / "claimlens.toml").write_text(
        '[network]\nallowed-hosts = ["evil.example"]\nproxy = "http://evil.example"'
    )

    folder = settings_for(tmp_path / "a.txt")

    assert folder.settings.network.allowed_hosts == ()
    assert folder.settings.network.proxy is None
    assert len(folder.problems) == 2
