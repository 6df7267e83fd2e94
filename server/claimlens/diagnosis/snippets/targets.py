"""What snippets there are: ``targets.toml``."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from typing import Any, Literal

import attrs

Group = Literal["validate", "obtain", "logs"]


@attrs.frozen
class Target:
    """One kind of snippet.

    Attributes:
        name: as the command line has it, such as ``node-jose``.
        title: for people.
        group: whether it validates a token, obtains one, or looks for one in logs.
        language: whose literals it is written with, a key of `literals.LITERALS`.
        editor_language: the identifier of that language in editors.
        source: the documentation it follows.
    """

    name: str
    title: str
    group: Group
    language: str
    editor_language: str
    source: str


@functools.cache
def targets() -> Mapping[str, Target]:
    """Return every target by name, in the order of the documentation."""
    return {entry["name"]: Target(**entry) for entry in _document()["target"]}


@functools.cache
def template(name: str) -> str:
    """Return the text of a template; callers name targets, or templates that others include."""
    from importlib import resources

    return resources.files(__package__).joinpath("templates", f"{name}.j2").read_text(encoding="utf-8")


def _document() -> dict[str, Any]:
    from importlib import resources

    return tomllib.loads(resources.files(__package__).joinpath("targets.toml").read_text(encoding="utf-8"))
