"""Which files are found under a path, and how they are read."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from claimlens.services import files
from claimlens.services.files import TextFile, Unreadable, belongs, discover, path_of, read_text


def make(root: Path, tree: dict[str, str]) -> None:
    for name, content in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")


def found(root: Path) -> list[str]:
    return [path.relative_to(root).as_posix() for path in discover([root])]


def test_folders_are_walked_in_order(tmp_path: Path) -> None:
    make(tmp_path, {"b.txt": "", "a/z.txt": "", "a/.hidden": "", "a/b/c.txt": "", ".env": ""})

    assert found(tmp_path) == [".env", "b.txt", "a/.hidden", "a/z.txt", "a/b/c.txt"]


def test_a_path_is_found_once_and_one_that_is_not_there_is_kept(tmp_path: Path) -> None:
    make(tmp_path, {"a.txt": ""})
    gone = tmp_path / "gone"

    assert list(discover([tmp_path / "a.txt", tmp_path, gone, gone])) == [tmp_path / "a.txt", gone]


IGNORING = {
    ".gitignore": "*.log\n!keep.log\n/build/\nnested/only-here.txt\n# comment\n\\#literal\n",
    "a.log": "",
    "keep.log": "",
    "#literal": "",
    "build/x.txt": "",
    "deep/build/x.txt": "",
    "deep/.gitignore": "!a.log\nkeep.log\n",
    "deep/a.log": "",
    "deep/keep.log": "",
    "nested/only-here.txt": "",
    "nested/deeper/only-here.txt": "",
    "closed/.gitignore": "*\n",
    "closed/x.txt": "",
    "node_modules/x.js": "",
}


def test_ignore_files_count_where_they_lie(tmp_path: Path) -> None:
    make(tmp_path, IGNORING)

    assert found(tmp_path) == [
        ".gitignore", "keep.log", "deep/.gitignore", "deep/a.log", "deep/build/x.txt", "nested/deeper/only-here.txt",
    ]  # fmt: skip


@pytest.mark.skipif(shutil.which("git") is None, reason="compares with git itself")
def test_git_leaves_out_the_same(tmp_path: Path) -> None:
    make(tmp_path, IGNORING)
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    (tmp_path / ".git/info/exclude").write_text("keep.log\n")
    listed = subprocess.run(
        ["git", "ls-files", "--others", "--exclude-standard"], cwd=tmp_path, check=True, capture_output=True, text=True
    )

    theirs = {name for name in listed.stdout.splitlines() if not name.startswith("node_modules/")}
    assert set(found(tmp_path)) == theirs


def test_rules_above_the_folder_count_up_to_the_repository(tmp_path: Path) -> None:
    make(tmp_path, {".gitignore": "*.txt\n", "repo/.gitignore": "*.log\n", "repo/in/a.log": "", "repo/in/a.txt": ""})
    (tmp_path / "repo/.git").mkdir()

    assert found(tmp_path / "repo/in") == ["a.txt"]


def test_an_ignored_folder_that_is_named_is_walked(tmp_path: Path) -> None:
    make(tmp_path, {".gitignore": "build/\n*.tmp\n", "build/a.txt": "", "build/b.tmp": ""})
    (tmp_path / ".git").mkdir()

    assert found(tmp_path / "build") == ["a.txt", "b.tmp"]


def test_a_line_that_is_no_pattern_costs_itself_alone(tmp_path: Path) -> None:
    make(tmp_path, {".gitignore": "!\n*.log\n", "a.log": "", "b.txt": ""})

    assert found(tmp_path) == [".gitignore", "b.txt"]


@pytest.mark.skipif(os.name == "nt", reason="links need privileges on Windows")
def test_links_are_not_followed(tmp_path: Path) -> None:
    make(tmp_path, {"a/b.txt": ""})
    (tmp_path / "a/loop").symlink_to(tmp_path)
    (tmp_path / "a/again.txt").symlink_to(tmp_path / "a/b.txt")

    assert found(tmp_path) == ["a/b.txt"]
    assert [path.name for path in discover([tmp_path / "a/again.txt"])] == ["again.txt"], "but one that is named is"


def test_a_folder_that_cannot_be_listed_is_kept_so_that_it_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(files.os, "scandir", refuse)

    (path,) = discover([tmp_path])

    assert isinstance(read_text(path), Unreadable)


def test_binaries_are_read_only_where_they_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"\0\0\xff")

    assert read_text(tmp_path / "a.bin") is None
    read = read_text(tmp_path / "a.bin", named=True)
    assert isinstance(read, TextFile)
    assert read.encoding.encode(read.text) == b"\0\0\xff"


def test_large_texts_are_read_only_where_they_are_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "LARGEST", 10)
    (tmp_path / "a.log").write_text("x" * 11)
    (tmp_path / "a.bin").write_bytes(b"\0" * 11)

    left_out = read_text(tmp_path / "a.log")

    assert isinstance(left_out, Unreadable)
    assert left_out.left_out
    assert read_text(tmp_path / "a.bin") is None
    assert isinstance(read_text(tmp_path / "a.log", named=True), TextFile)


@pytest.mark.parametrize("name", ["gone.txt", ".", "a\0b"])
def test_what_cannot_be_read_has_a_reason(tmp_path: Path, name: str) -> None:
    read = read_text(tmp_path / name)

    assert isinstance(read, Unreadable)
    assert read.reason
    assert not read.left_out


def test_no_line_end_is_changed(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(b"a\r\nb\rc\nd\xe2\x80\xa8")

    read = read_text(tmp_path / "a.txt")

    assert isinstance(read, TextFile)
    assert read.text == "a\r\nb\rc\nd\u2028"


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///a%20b/%C3%A4.http", "/a b/ä.http"),
        ("file:///c%3A/x.http", "c:/x.http"),
        ("file:///C:/x.http", "C:/x.http"),
        ("file://host/share/x", "//host/share/x"),
        ("file:///%FF", "/\udcff"),
        ("untitled:x", None),
        ("http://[", None),
    ],
)
def test_the_path_of_a_uri(uri: str, path: str | None) -> None:
    assert path_of(uri) == (Path(path) if path is not None else None)


@pytest.mark.parametrize(
    ("globs", "left"),
    [
        ([], ["a.json", "b.txt", "deep/a.json", "deep/er/b.txt"]),
        (["**/a.json"], ["b.txt", "deep/er/b.txt"]),
        (["a.json"], ["b.txt", "deep/a.json", "deep/er/b.txt"]),
        (["*.txt"], ["a.json", "deep/a.json", "deep/er/b.txt"]),
        (["deep"], ["a.json", "b.txt"]),
        (["**/er/**"], ["a.json", "b.txt", "deep/a.json"]),
        (["**/*.{json,txt}"], []),
        (["{deep,b.*}"], ["a.json"]),
        (["!a.json", "[", "", "{a,{b,c}}" * 50], ["a.json", "b.txt", "deep/a.json", "deep/er/b.txt"]),
    ],
)
def test_globs_of_the_editor_leave_out_what_they_name(tmp_path: Path, globs: list[str], left: list[str]) -> None:
    make(tmp_path, dict.fromkeys(["a.json", "b.txt", "deep/a.json", "deep/er/b.txt"], "x"))
    everything = [path.relative_to(tmp_path).as_posix() for path in discover([tmp_path])]

    found = [path.relative_to(tmp_path).as_posix() for path in discover([tmp_path], globs)]

    assert sorted(found) == left
    assert [name for name in everything if belongs(tmp_path / name, tmp_path, globs)] == found


def test_no_ignore_file_brings_back_what_the_editor_leaves_out(tmp_path: Path) -> None:
    make(tmp_path, {".gitignore": "!a.json\n", "a.json": "x"})

    assert [path.name for path in discover([tmp_path], ["**/a.json"])] == [".gitignore"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_pipes_in_the_place_of_files_are_not_waited_for(tmp_path: Path) -> None:
    make(tmp_path, {"a.json": "x"})
    for name in (".gitignore", "b.json"):
        os.mkfifo(tmp_path / name)

    assert [path.name for path in discover([tmp_path])] == ["a.json"]
    assert read_text(tmp_path / "b.json") == Unreadable(tmp_path / "b.json", "not a regular file", left_out=True)


def test_what_a_link_leads_to_does_not_belong(tmp_path: Path) -> None:
    make(tmp_path, {"deep/a.json": "x"})
    (tmp_path / "b.json").symlink_to(tmp_path / "deep/a.json")
    (tmp_path / "deep/loop").symlink_to(tmp_path)
    (tmp_path / "door").symlink_to(tmp_path / "deep")

    names = ["deep/a.json", "b.json", "deep/loop/deep/a.json", "door/a.json"]

    assert [name for name in names if belongs(tmp_path / name, tmp_path)] == ["deep/a.json"]
    assert belongs(tmp_path / "door/a.json", tmp_path / "door")
