"""Read what one file declares."""

from __future__ import annotations

from typing import Final
from urllib.parse import unquote

from claimlens.apim.declarations.artifacts import read_artifact
from claimlens.apim.declarations.model import Declaration, with_path
from claimlens.apim.declarations.notation import BICEP, JSON, TERRAFORM
from claimlens.apim.declarations.resources import read_resources
from claimlens.apim.declarations.scripts import read_script

_SYNTAXES: Final = {"bicep": BICEP, "tf": TERRAFORM, "json": JSON, "jsonc": JSON}
_SCRIPTS: Final = frozenset({"yml", "yaml", "sh", "ps1", "psm1", "azcli", "http", "rest"})


_SIGNS: Final = (
    *("namedvalue", "named_value", "named-value", "policyfragment", "policy_fragment", "policy-fragment"),
    *("service/properties", "management_property", "managementproperty", "apim nv", "replace("),
)
"""One of these, in lower case, stands in every template or script that declares or mentions something."""


def read_declarations(path: str, text: str) -> tuple[Declaration, ...]:
    """Return what a file declares, by its path or URI and its text; nothing for most files, and never an error."""
    plain = unquote(path)
    found = tuple(read_artifact(plain, text))
    ending = plain.rpartition(".")[2].lower()
    if not found and (ending in _SYNTAXES or ending in _SCRIPTS) and _has_a_sign(text):
        syntax = _SYNTAXES.get(ending)
        found = tuple(read_resources(text, syntax) if syntax is not None else read_script(text))
    return with_path(dict.fromkeys(found), path)


def _has_a_sign(text: str) -> bool:
    lowered = text.lower()
    return any(sign in lowered for sign in _SIGNS)
