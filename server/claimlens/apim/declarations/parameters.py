"""The values that parameter files give to templates: ``.bicepparam``, ``.tfvars``, deployment parameters in JSON.

They hold secrets like any others, so nothing of them is kept: one value is looked up when it is asked for.
"""

from __future__ import annotations

import re
from typing import Final

from claimlens.apim.declarations.notation import BICEP, JSON, TERRAFORM, Atom, Group, Text, Word, read_objects

_NAME: Final = re.compile(r"\.bicepparam\Z|\.tfvars\Z|(?:\A|/)[^/]*param[^/]*\.json\Z", re.IGNORECASE)
_SENSITIVE: Final = re.compile(r"\bsensitive\s*+=\s*+true\b")


def is_parameter_file(path: str) -> bool:
    """Tell by its name whether a file may give values to the parameters of a template."""
    return _NAME.search(path) is not None


def parameter_value(path: str, text: str, name: str) -> str | None:
    """Return the value that a parameter file writes out for one parameter, or None."""
    if path.lower().endswith(".bicepparam"):
        entries = read_objects(text, BICEP).entries
        given = (each.value for each in entries if each.key == "param" and _is_word(each.labels[:1], name))
        return _plain(next(given, ()))
    if path.lower().endswith(".tfvars"):
        return _plain(read_objects(text, TERRAFORM).value(name))
    return _plain(_in_json(read_objects(text, JSON), name))


def is_sensitive(text: str, name: str) -> bool:
    """Tell whether a Terraform file declares a variable of this name as sensitive."""
    for entry in read_objects(text, TERRAFORM).entries:
        label = entry.labels[0] if entry.key == "variable" and entry.labels else None
        if isinstance(label, Text) and label.whole == name:
            return any(isinstance(each, Group) and _SENSITIVE.search(each.span.slice(text)) for each in entry.value)
    return False


def _in_json(root: Group, name: str) -> tuple[Atom, ...]:
    """Return the value of a parameter in ``{"parameters": {"name": {"value": …}}}``."""
    atoms = tuple(atom for entry in root.entries for atom in entry.value)
    for key in ("parameters", name, "value"):
        inside = next((atom for atom in atoms if isinstance(atom, Group)), None)
        atoms = inside.value(key) if inside is not None else ()
    return atoms


def _is_word(atoms: tuple[Atom, ...], name: str) -> bool:
    return len(atoms) == 1 and isinstance(atoms[0], Word) and atoms[0].text == name


def _plain(atoms: tuple[Atom, ...]) -> str | None:
    return atoms[0].whole if len(atoms) == 1 and isinstance(atoms[0], Text) else None
