"""Loops of Bicep and Terraform over lists and maps that are written out in the file.

``[for item in items: { … }]``, also with an index, a condition, and ``items(map)``; ``for_each`` over a map, over
``toset([ … ])``, and over ``{ for item in list : item.name => item }``. Of other loops nobody knows the turns.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Final, TypeAlias

from claimlens.apim.declarations.notation import Atom, Entry, Group, Text, Word
from claimlens.text.spans import Span

Names: TypeAlias = Mapping[str, tuple[Atom, ...]]
"""What names stand for, written as a template writes them: ``item``, ``item.name``, ``local.list``."""

_MOST_TURNS: Final = 1000
_DEEPEST: Final = 4


def turns(value: tuple[Atom, ...], constants: Names) -> list[tuple[Group, Names]]:
    """Return the object that a loop makes at each turn and what its names stand for; nothing where it is not known."""
    group = value[0] if len(value) == 1 else None
    if not isinstance(group, Group):
        return []
    found = _of_for_each(group, constants) if group.bracket == "{" else _of_list(group, constants)
    return list(islice(found, _MOST_TURNS))


def _of_list(group: Group, constants: Names) -> Iterator[tuple[Group, Names]]:
    """Yield the turns of ``[for item in list: { … }]``."""
    loop = group.entries[0] if group.entries else Entry()
    body = loop.value[-1] if loop.value else None
    if loop.key == "for" and isinstance(body, Group) and body.bracket == "{":
        for names in _bound(loop, constants):
            yield body, names


def _of_for_each(group: Group, constants: Names) -> Iterator[tuple[Group, Names]]:
    """Yield the turns of a block with ``for_each``."""
    for key, value in _pairs(group.value("for_each"), constants):
        yield group, {**_names("each.value", value), "each.key": key}


def _pairs(atoms: tuple[Atom, ...], constants: Names) -> Iterator[tuple[tuple[Atom, ...], tuple[Atom, ...]]]:
    """Yield the keys and values that ``for_each`` goes through; of a list, each item as both."""
    group = _group(atoms, constants)
    if group is None:
        return
    first = group.entries[0] if group.entries else Entry()
    if first.key == "for" and group.bracket == "{" and len(first.value) >= 2:
        for names in _bound(first, constants):
            key, value = (names.get(_word(each), (each,)) for each in first.value[:2])
            yield key, value
        return
    for entry in group.entries:
        yield (_key(entry) if entry.key else entry.value), entry.value


def _key(entry: Entry) -> tuple[Atom, ...]:
    return (Text((entry.key,), entry.key_span or Span(0, 0), verbatim=True),)


def _bound(loop: Entry, constants: Names) -> Iterator[Names]:
    """Yield what the names of ``for item in list`` stand for at each turn."""
    variables = [_word(each) for each in _inside(loop.labels[:1])]
    if not variables or _word(*loop.labels[1:2]) != "in":
        return
    source = loop.labels[2:]
    if _word(*source[:1]) == "items" and len(source) == 2:
        for key, value in _pairs(_inside(source[1:]), constants):
            yield {**_names(f"{variables[0]}.value", value), f"{variables[0]}.key": key}
        return
    group = _group(source, constants)
    for entry in group.entries if group is not None else ():
        if entry.key and len(variables) > 1:
            yield {**_names(variables[1], entry.value), variables[0]: _key(entry)}
        else:
            yield _names(variables[0], entry.value)


def _names(name: str, atoms: tuple[Atom, ...]) -> dict[str, tuple[Atom, ...]]:
    """Return what a variable and the members of the object that it is stand for."""
    found: dict[str, tuple[Atom, ...]] = {}
    pending = [(name, atoms, 0)]
    while pending:
        path, value, depth = pending.pop()
        found[path] = value
        inside = value[0] if len(value) == 1 and depth < _DEEPEST else None
        if isinstance(inside, Group) and inside.bracket == "{":
            pending.extend((f"{path}.{entry.key}", entry.value, depth + 1) for entry in inside.entries if entry.key)
    return found


def _group(atoms: tuple[Atom, ...], constants: Names) -> Group | None:
    """Return the list or map that a value is: written out, by the name of a constant, or handed to a function."""
    for _ in range(_DEEPEST):
        if len(atoms) == 2 and _word(atoms[0]) in ("toset", "tomap", "tolist"):
            atoms = _inside(atoms[1:])
        atom = atoms[0] if len(atoms) == 1 else None
        if not isinstance(atom, Word):
            return atom if isinstance(atom, Group) and atom.bracket in ("[", "{") else None
        atoms = constants.get(atom.text, ())
    return None


def _inside(atoms: tuple[Atom, ...]) -> tuple[Atom, ...]:
    """Return what stands in parentheses; other atoms as they are."""
    atom = atoms[0] if len(atoms) == 1 else None
    if isinstance(atom, Group) and atom.bracket == "(":
        return tuple(each for entry in atom.entries for each in entry.value)
    return atoms


def _word(*atoms: Atom) -> str:
    """Return the text of a word, or nothing."""
    return atoms[0].text if atoms and isinstance(atoms[0], Word) else ""
