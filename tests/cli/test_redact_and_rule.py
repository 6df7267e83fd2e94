"""``claimlens redact`` changes tokens and nothing else; ``claimlens rule`` tells what the registry holds."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from claimlens.cli.commands import redact
from claimlens.rules.registry import registry
from tests.support.command import run
from tests.support.compact import jws

TOKEN = jws(claims={"sub": "somebody"})


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16-le", "utf-16-be", "utf-16-le-bom", "utf-16-be-bom", "cp1252", "latin-1"]
)
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_every_byte_but_the_token_stays(tmp_path: Path, encoding: str, newline: str) -> None:
    mark = "\ufeff" if encoding.endswith("-bom") else ""
    codec = encoding.removesuffix("-bom")
    letters = "é\x81" if encoding == "latin-1" else "é€" if encoding == "cp1252" else "é🔑\u2028"
    text = f"{mark}first {letters}{newline}Bearer {TOKEN}{newline}last\t{newline}"
    before = text.encode(codec)
    file = tmp_path / "a.log"
    file.write_bytes(before)

    printed = run("redact", file)
    ended = run("redact", "--in-place", file)

    after = file.read_bytes()
    secret = TOKEN.encode(codec.removesuffix("-sig"))
    first, last = before.split(secret)
    assert printed.raw == after
    assert (ended.status, ended.errors) == (0, "claimlens: redacted 1 token in 1 file\n")
    assert len(after) == len(before)
    assert after.startswith(first)
    assert after.endswith(last)
    assert secret not in after


def test_a_file_without_a_token_is_not_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.txt"
    file.write_bytes(b"nothing\r\n\xff")
    monkeypatch.setattr(redact, "_replace", lambda *_: pytest.fail("written"))

    ended = run("redact", "--in-place", file)

    assert (ended.status, ended.errors) == (0, "claimlens: redacted 0 tokens in 0 files\n")


def test_keeping_the_claims_takes_the_signature_alone(tmp_path: Path) -> None:
    ended = run("redact", "--keep-claims", "-", stdin=f"<{TOKEN}>")

    header, payload, signature = TOKEN.split(".")
    assert ended.output.startswith(f"<{header}.{payload}.")
    assert signature not in ended.output
    assert len(ended.output) == len(TOKEN) + 2


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes and no links without privileges")
def test_mode_and_links_stay(tmp_path: Path) -> None:
    file = tmp_path / "run.sh"
    file.write_text(TOKEN)
    file.chmod(0o750)
    link = tmp_path / "link.sh"
    link.symlink_to(file)

    run("redact", "--in-place", link)

    assert link.is_symlink()
    assert stat.S_IMODE(file.stat().st_mode) == 0o750
    assert TOKEN not in file.read_text()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link.sh", "run.sh"]


def test_a_file_that_cannot_be_written_stays_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "a.txt"
    file.write_text(TOKEN)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(redact.shutil, "copymode", full)
    ended = run("redact", "--in-place", file)

    assert ended.status == 2
    assert f"{file}: not written: no space left on device" in ended.errors
    assert [path.read_text() for path in tmp_path.iterdir()] == [TOKEN]


def test_a_damaged_file_is_not_written_with_losses(tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    damaged = b"\xff\xfe" + TOKEN.encode("utf-16-le") + b"\0\0\n"
    file.write_bytes(damaged)

    ended = run("redact", "--in-place", file)

    assert ended.status == 2
    assert "damaged UTF-16-LE" in ended.errors
    assert file.read_bytes() == damaged


def test_how_many_files_were_written_is_told_whatever_was_taken_out(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text("password=hunter2hunter2\n")
    (tmp_path / "b.log").write_text("all is well\n")

    ended = run("redact", "--everything", "--in-place", ".", folder=tmp_path)

    assert ended.errors == "claimlens: redacted everything in 1 file\n"


def test_json_tells_how_many_there_were(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text(f"{TOKEN} {TOKEN}")

    told = run("redact", "--in-place", "--format", "json", ".", folder=tmp_path).json

    assert told == [{"path": "a.txt", "tokens": 2}]


def test_the_list_names_every_rule() -> None:
    listed = run("rule", "--format", "json").json
    text = run("rule").output.splitlines()

    assert [rule["code"] for rule in listed] == [*registry()]
    assert [line.split()[0] for line in text] == [*registry()]


def test_a_page_is_the_documentation() -> None:
    rule = registry()["jwt-expired"]

    assert rule.documentation in run("rule", "jwt-expired").output
    assert run("rule", "jwt-expired", "--format", "json").json["documentation"] == rule.documentation


def test_a_cause_of_a_diagnosis_has_a_page_too() -> None:
    page = run("rule", "audience-mismatch")
    object_ = run("rule", "audience-mismatch", "--format", "json").json

    assert page.status == 0
    assert "**Wrong audience.**" in page.output
    assert object_["summary"] == "Wrong audience"
    assert object_["documentation"] in page.output
