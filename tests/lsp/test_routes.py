"""The table of routes: its handlers are glue, and the answer to ``initialize`` is what the golden file says."""

from __future__ import annotations

import ast
import inspect
import json
import os
from pathlib import Path

import pytest

import claimlens.lsp.features
from claimlens.lsp import routes
from tests.support.server import Session

GOLDEN = Path(__file__).with_name("golden") / "initialize.json"
LONGEST_HANDLER = 15
FEATURES = sorted(Path(claimlens.lsp.features.__path__[0]).glob("*.py"))


def lines_of_code(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function's body, without its docstring."""
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0  # type: ignore[operator]


@pytest.mark.parametrize("module", FEATURES, ids=lambda path: path.stem)
def test_handlers_are_glue(module: Path) -> None:
    functions = [
        node
        for node in ast.walk(ast.parse(module.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert {
        function.name: lines_of_code(function) for function in functions if lines_of_code(function) > LONGEST_HANDLER
    } == {}


def test_each_method_has_one_row_and_a_documented_handler() -> None:
    methods = [route.method for route in routes.ROUTES]
    assert len(methods) == len(set(methods))
    assert all(inspect.getdoc(route.handler) for route in routes.ROUTES)


def test_the_answer_to_initialize_is_the_golden_one() -> None:
    """Run with UPDATE_GOLDEN=1 to accept a change; the difference shows in the commit."""
    with Session() as session:
        answered = {**session.initialized, "serverInfo": {"name": "claimlens"}}
    text = json.dumps(answered, indent=2) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(text)
    assert text == GOLDEN.read_text()


def test_every_request_of_ours_is_in_the_documentation() -> None:
    documented = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text()
    ours = [route.method for route in routes.ROUTES if route.method.startswith("claimlens/")]
    assert ours
    assert all(f"`{method}`" in documented for method in [*ours, *(command for command, _ in routes.COMMANDS)])
