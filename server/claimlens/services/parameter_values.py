"""The values that parameter files beside a template give to one of its parameters, read when somebody asks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from claimlens.apim.declarations.parameters import is_parameter_file, is_sensitive, parameter_value
from claimlens.services.files import TextFile, belongs, discover, read_text

MOST_FILES = 500
"""Files beside and below a template whose names are looked at."""
MOST_VALUES = 3


def given_values(template: Path, name: str, folder: Path) -> tuple[tuple[Path, str], ...]:
    """Return the files beside and below a template that give a value to its parameter ``name``, with the value.

    Files that git ignores in ``folder``, the workspace's, are left out, as they hold what others are not meant to see.
    Nothing is returned for a variable that Terraform files beside the template declare as sensitive; never raises.
    """
    beside = list(islice(discover([template.parent]), MOST_FILES))
    if template.suffix == ".tf" and any(is_sensitive(text, name) for _, text in _texts(beside, ".tf")):
        return ()
    files = _texts([path for path in beside if is_parameter_file(path.name) and belongs(path, folder)], "")
    found = ((path, value) for path, text in files if (value := parameter_value(path.name, text, name)) is not None)
    return tuple(islice(found, MOST_VALUES))


def _texts(paths: list[Path], ending: str) -> Iterator[tuple[Path, str]]:
    for path in paths:
        file = read_text(path) if path.name.endswith(ending) else None
        if isinstance(file, TextFile):
            yield path, file.text
