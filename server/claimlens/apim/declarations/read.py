"""Read what one file declares."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

from claimlens.apim.declarations.artifacts import read_artifact
from claimlens.apim.declarations.model import Declaration, with_path
from claimlens.apim.declarations.notation import BICEP, JSON, TERRAFORM
from claimlens.apim.declarations.resources import SIGNS, read_resources

_SYNTAXES: Final = {"bicep": BICEP, "tf": TERRAFORM, "json": JSON, "jsonc": JSON}


def read_declarations(path: str, text: str) -> tuple[Declaration, ...]:
    """Return what a file declares, by its path or URI and its text; nothing for most files, and never an error."""
    plain = unquote(path)
    found = tuple(read_artifact(plain, text))
    syntax = _SYNTAXES.get(plain.rpartition(".")[2].lower())
    if not found and syntax is not None and SIGNS.search(text):
        found = tuple(read_resources(text, syntax))
    return with_path(dict.fromkeys(found), path)
