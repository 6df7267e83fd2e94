"""What holds for all of the code, whoever writes it. The layers themselves are held by import-linter."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "server" / "claimlens"
PURE = ("text", "jose", "entra", "apim", "rules", "settings", "expectations", "diagnosis")
SOURCES = {path.relative_to(PACKAGE).as_posix(): path for path in sorted(PACKAGE.rglob("*.py"))}
PURE_SOURCES = [name for name in SOURCES if name.split("/")[0] in PURE]

IMPURE_MODULES = {
    "asyncio", "io", "logging", "os", "random", "secrets", "shutil", "socket", "ssl", "subprocess", "tempfile",
    "threading", "time",
}  # fmt: skip
IMPURE_CALLS = {"open", "print", "input", "eval", "exec"}
CLOCKS = {"now", "utcnow", "today"}
MOST_LINES = 450


def tree(name: str) -> ast.Module:
    return ast.parse(SOURCES[name].read_text(encoding="utf-8"))


def imported(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


@pytest.mark.parametrize("name", PURE_SOURCES)
def test_below_the_services_nobody_looks_at_the_clock_a_file_or_a_socket(name: str) -> None:
    module = tree(name)
    modules = {each for each in imported(module) if each.split(".")[0] in IMPURE_MODULES or each == "pathlib.Path"}
    calls = {
        ast.unparse(node.func)
        for node in ast.walk(module)
        if isinstance(node, ast.Call)
        and (
            (isinstance(node.func, ast.Name) and node.func.id in IMPURE_CALLS)
            or (isinstance(node.func, ast.Attribute) and node.func.attr in CLOCKS)
        )
    }

    assert not modules | calls


@pytest.mark.parametrize("name", SOURCES)
def test_a_file_can_be_read_in_one_go(name: str) -> None:
    lines = SOURCES[name].read_text(encoding="utf-8").count("\n")

    assert lines <= MOST_LINES, "put a part of it in a module of its own"


@pytest.mark.parametrize("name", SOURCES)
def test_nothing_is_left_to_be_done(name: str) -> None:
    text = SOURCES[name].read_text(encoding="utf-8")

    assert not [word for word in ("TODO", "FIXME", "XXX", "NotImplemented") if word in text]
