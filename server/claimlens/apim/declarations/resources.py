"""Named values and fragments as Bicep, ARM templates and Terraform declare them.

A resource is known by its type, wherever it stands: at the top, as a child of another one, in a loop. Lists that are
handed to modules (``namedValues: [ … ]``) show which names exist; so do texts that are replaced in a policy before it
is deployed. What is put together from parameters keeps the parts that are known (`claimlens.apim.declarations.model`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cached_property
from itertools import pairwise
from typing import Final

import attrs

from claimlens.apim.declarations.arm_expressions import evaluated, parameter_of
from claimlens.apim.declarations.loops import Names, turns
from claimlens.apim.declarations.model import ANYTHING, Declaration, NameKind, Strength
from claimlens.apim.declarations.notation import JSON, Atom, Entry, Group, Syntax, Text, Word, groups, read_objects
from claimlens.text.spans import Span

_TYPE: Final = re.compile(r"(?:\A|/)(namedValues|policyFragments|(?<=service/)properties)(?:@.*)?\Z", re.IGNORECASE)
"""Named values were called properties until 2019."""
_AZURERM: Final = {
    "azurerm_api_management_named_value": NameKind.NAMED_VALUE,
    "azurerm_api_management_property": NameKind.NAMED_VALUE,
    "azurerm_api_management_policy_fragment": NameKind.FRAGMENT,
}
_KINDS: Final = {
    "namedvalues": NameKind.NAMED_VALUE,
    "properties": NameKind.NAMED_VALUE,
    "policyfragments": NameKind.FRAGMENT,
}
_LISTS: Final = {name: kind for name, kind in _KINDS.items() if name != "properties"}
_OF_A_PARAMETER: Final = frozenset({"type", "value", "defaultValue", "metadata"})
_DISPLAY_NAME: Final = ("displayName", "display_name")
_KEY_VAULT: Final = ("keyVault", "value_from_key_vault")
_LOADERS: Final = frozenset({"loadTextContent", "file", "templatefile"})
_IN_BRACES: Final = re.compile(r"\{\{\s*+([A-Za-z0-9._-]+)\s*+\}\}")


@attrs.frozen
class _Parameter:
    """A parameter of a template: its default, and whether it is secret."""

    default: tuple[Atom, ...] = ()
    secret: bool = False


def read_resources(text: str, syntax: Syntax) -> Iterator[Declaration]:
    """Yield what a template declares, outer resources before those in them; never raises."""
    yield from _Template(text, syntax, read_objects(text, syntax)).declarations()


def read_information(text: str, resource: str) -> Declaration:
    """Return the named value whose properties a JSON file holds, by the name of its resource; never raises."""
    template = _Template(text, JSON, read_objects(text, JSON))
    documents = [each for entry in template.root.entries for each in _objects(entry.value)]
    return template.named_value(documents[0] if documents else template.root, (resource, None))


@attrs.frozen(eq=False)
class _Template:
    text: str
    syntax: Syntax
    root: Group
    scope: Names = attrs.field(factory=dict)
    """What names stand for at one turn of a loop."""
    whole: _Template | None = None
    """The template that the loop stands in, or None for the template itself."""

    def declarations(self) -> Iterator[Declaration]:
        for group in groups(self.root):
            kind = _kind_of(group.value("type")) if group.bracket == "{" else None
            if kind is not None:
                yield self._resource(kind, group, Strength.DECLARES)
            for entry in group.entries:
                yield from self._of_entry(entry)

    def _of_entry(self, entry: Entry) -> Iterator[Declaration]:
        kind = _kind_of(entry.labels)
        if entry.key in ("resource", "data") and kind is not None:
            known = any(isinstance(each, Word) and each.text == "existing" for each in entry.labels)
            yield from self._resources(kind, entry, Strength.MENTIONS if known else Strength.DECLARES)
        label = entry.labels[0] if entry.key in ("var", "param") and entry.labels else None
        name = label.text if isinstance(label, Word) else entry.key
        listed = _LISTS.get(name.lower().replace("_", ""))
        if listed is not None and not _kind_of(entry.labels):
            yield from self._listed(listed, entry)
        yield from self._replaced((*entry.labels, *entry.value))

    def _resources(self, kind: NameKind, entry: Entry, strength: Strength) -> Iterator[Declaration]:
        """Yield what a resource makes: one thing, or one at each turn of its loop."""
        known = turns(entry.value, self.constants)
        for group, scope in known:
            yield self._at(scope)._resource(kind, group, strength)
        if known:
            return
        for group in _objects(entry.value):
            yield self._resource(kind, group, strength)
        for group, scope in turns(entry.value, self._defaults):
            yield self._at(scope)._resource(kind, group, Strength.MENTIONS)

    def _at(self, scope: Names) -> _Template:
        return _Template(self.text, self.syntax, self.root, scope, self)

    def _resource(self, kind: NameKind, group: Group, strength: Strength) -> Declaration:
        name, span = self._name(group.value("name"))
        if kind is NameKind.FRAGMENT:
            return attrs.evolve(self._fragment(group), name=name, span=span, strength=strength)
        return attrs.evolve(self.named_value(group, (name, span)), strength=strength)

    def named_value(self, group: Group, resource: tuple[str, Span | None]) -> Declaration:
        """Return the named value that an object is, by the name of its resource and where that stands."""
        details = _details(group)
        shown = _first(details, *_DISPLAY_NAME)
        name, span = self._name(shown) if shown else resource
        if not shown and len(details) == 1 and group.value("properties"):
            name, span = ANYTHING, None  # the properties stand elsewhere
        other = resource[0] if resource[0] != name and ANYTHING not in resource[0] else None
        return attrs.evolve(self._value(details), name=name, span=span, resource=other)

    def _value(self, details: list[Group]) -> Declaration:
        """Return a declaration that has everything but a name."""
        written, unnamed = _first(details, "value"), Declaration(NameKind.NAMED_VALUE, "")
        parameter = self._parameter(written)
        known = self.parameters.get(parameter or "", _Parameter())
        if _first(details, *_KEY_VAULT) or known.secret or not _is_false(self._resolved(_first(details, "secret"))):
            return attrs.evolve(unnamed, secret=True, parameter=parameter)
        return attrs.evolve(unnamed, value=self._plain(known.default if parameter else written), parameter=parameter)

    def _fragment(self, group: Group) -> Declaration:
        """Return a declaration that has everything but a name."""
        written = self._resolved(_first(_details(group), "value"))
        inline = written[0].span if len(written) == 1 and isinstance(written[0], Text) else None
        whole = inline is not None and "<" in inline.slice(self.text)
        return Declaration(NameKind.FRAGMENT, "", content=_loaded(written), inline=inline if whole else None)

    def _listed(self, kind: NameKind, entry: Entry) -> Iterator[Declaration]:
        """Yield what a list for a module names: its items' names, or the keys of a map."""
        lists = [atom for atom in entry.value if isinstance(atom, Group)]
        if entry.value and not lists and not all(isinstance(atom, Text) for atom in entry.value):
            yield Declaration(kind, ANYTHING, Strength.MENTIONS)
        for item in (each for group in lists for each in group.entries):
            if item.key == "type":  # a parameter: what it is given stands elsewhere
                yield Declaration(kind, ANYTHING, Strength.MENTIONS)
            elif item.key and item.key not in _OF_A_PARAMETER:
                yield Declaration(kind, item.key, Strength.MENTIONS)
            for group in _objects(item.value):
                for names in (("name",), _DISPLAY_NAME):
                    if group.value(*names):
                        yield Declaration(kind, self._name(group.value(*names))[0], Strength.MENTIONS)

    def _replaced(self, atoms: tuple[Atom, ...]) -> Iterator[Declaration]:
        """Yield the texts in double braces that ``replace(…)`` takes out of a policy."""
        for before, atom in pairwise(atoms):
            if isinstance(before, Word) and before.text == "replace" and isinstance(atom, Group):
                for argument in (each for entry in atom.entries for each in entry.value):
                    if isinstance(argument, Text) and argument.pieces[0].startswith("{{"):
                        whole = _IN_BRACES.fullmatch(argument.whole or "")
                        yield Declaration(NameKind.NAMED_VALUE, whole[1] if whole else ANYTHING, Strength.MENTIONS)

    def _name(self, atoms: tuple[Atom, ...]) -> tuple[str, Span | None]:
        """Return a name, without those of the resources around it, and where it stands if all of it is known."""
        atoms = self._resolved(atoms)
        if len(atoms) != 1 or not isinstance(atoms[0], Text):
            return ANYTHING, None
        text, written = atoms[0], ANYTHING.join(atoms[0].pieces)
        if self.syntax is JSON:
            written = evaluated(written, self._variable)
        name = written.rpartition("/")[2]
        start = text.span.slice(self.text).rfind(name) + text.span.start
        span = Span(start, start + len(name)) if ANYTHING not in name and start >= text.span.start else None
        return name, span

    def _plain(self, atoms: tuple[Atom, ...]) -> str | None:
        """Return a text that is written out."""
        atoms = self._resolved(atoms)
        whole = atoms[0].whole if len(atoms) == 1 and isinstance(atoms[0], Text) else None
        return None if whole is None or (self.syntax is JSON and whole.startswith("[")) else whole

    def _resolved(self, atoms: tuple[Atom, ...]) -> tuple[Atom, ...]:
        """Return what a name stands for, and a text with what stands for the names in its holes."""
        atom = atoms[0] if len(atoms) == 1 else None
        if isinstance(atom, Word):
            atoms = self.scope.get(atom.text, atoms)
            atom = atoms[0] if len(atoms) == 1 else None
        if isinstance(atom, Word):
            return self.constants.get(atom.text, atoms)
        return (self._filled_in(atom),) if isinstance(atom, Text) and self.scope else atoms

    def _filled_in(self, text: Text) -> Text:
        holes = (
            self.syntax.hole.findall(text.span.slice(self.text)) if self.syntax.hole and len(text.pieces) > 1 else ()
        )
        if len(holes) != len(text.pieces) - 1:
            return text
        pieces = [text.pieces[0]]
        for hole, behind in zip(holes, text.pieces[1:], strict=True):
            known = self.scope.get(hole[2:-1].strip(), ())
            value = known[0].whole if len(known) == 1 and isinstance(known[0], Text) else None
            if value is None:
                pieces.append(behind)
            else:
                pieces[-1] += value + behind
        return Text(tuple(pieces), text.span, text.verbatim)

    def _variable(self, name: str) -> str | None:
        return self._plain(self.constants.get(name, ()))

    def _parameter(self, atoms: tuple[Atom, ...]) -> str | None:
        """Return the name of the parameter that a value is."""
        atom = atoms[0] if len(atoms) == 1 else None
        if isinstance(atom, Word):
            if atom.text.startswith("var."):
                return atom.text.removeprefix("var.")
            return atom.text if atom.text in self.parameters else None
        return parameter_of(atom.whole or "") if isinstance(atom, Text) and self.syntax is JSON else None

    @cached_property
    def constants(self) -> Mapping[str, tuple[Atom, ...]]:
        """The values that have a name in the template itself."""
        if self.whole is not None:
            return self.whole.constants
        found: dict[str, tuple[Atom, ...]] = {}
        for entry in self.root.entries:
            if entry.key == "var" and entry.labels and isinstance(entry.labels[0], Word):
                found[entry.labels[0].text] = entry.value
            elif entry.key == "locals":
                inner = (each for group in _objects(entry.value) for each in group.entries)
                found |= {f"local.{each.key}": each.value for each in inner}
        for group in self._top("variables"):
            found |= {each.key: each.value for each in group.entries}
        return found

    @property
    def _defaults(self) -> Names:
        """The defaults of the parameters, by the names that Bicep and Terraform have for them."""
        return {f"{mark}{name}": found.default for name, found in self.parameters.items() for mark in ("", "var.")}

    @cached_property
    def parameters(self) -> Mapping[str, _Parameter]:
        """The parameters of the template."""
        if self.whole is not None:
            return self.whole.parameters
        found: dict[str, _Parameter] = {}
        secret = False
        for entry in self.root.entries:
            if entry.key == "param" and entry.labels and isinstance(entry.labels[0], Word):
                found[entry.labels[0].text] = _Parameter(entry.value, secret)
            elif entry.key == "variable" and entry.labels and isinstance(entry.labels[0], Text):
                for group in _objects(entry.value):
                    sensitive = not _is_false(group.value("sensitive"))
                    found[entry.labels[0].whole or ""] = _Parameter(group.value("default"), sensitive)
            secret = entry.key in ("@secure", "@sys.secure") or (secret and entry.key.startswith("@"))
        for entry in (each for group in self._top("parameters") for each in group.entries):
            for group in _objects(entry.value):
                kind = self._plain(group.value("type")) or ""
                found[entry.key] = _Parameter(group.value("defaultValue"), kind.lower().startswith("secure"))
        return found

    def _top(self, key: str) -> Iterator[Group]:
        """Yield the object with this key in a JSON document."""
        for entry in self.root.entries:
            for document in _objects(entry.value) if not entry.key else ():
                yield from _objects(document.value(key))


def _kind_of(atoms: tuple[Atom, ...]) -> NameKind | None:
    """Return what a type of a resource, which is one of these, makes."""
    for atom in atoms:
        if isinstance(atom, Text):
            written = ANYTHING.join(atom.pieces)
            found = _TYPE.search(written)
            if found or written in _AZURERM:
                return _KINDS[found[1].lower()] if found else _AZURERM[written]
    return None


def _objects(atoms: tuple[Atom, ...]) -> Iterator[Group]:
    """Yield the objects that a value is, or is made of by a loop, a condition or a call; not those inside them."""
    pending = [*reversed(atoms)]
    while pending:
        atom = pending.pop()
        if isinstance(atom, Group) and atom.bracket == "{":
            yield atom
        elif isinstance(atom, Group):
            pending.extend(each for entry in reversed(atom.entries) for each in reversed(entry.value))


def _details(group: Group) -> list[Group]:
    """Return the objects that hold what a resource is: it, its properties, the properties of its body."""
    bodies = [group, *_objects(group.value("body"))]
    return [group, *(each for body in bodies for each in _objects(body.value("properties")))]


def _first(details: list[Group], *names: str) -> tuple[Atom, ...]:
    """Return the first value with one of these names."""
    return next((value for each in details if (value := each.value(*names))), ())


def _loaded(atoms: tuple[Atom, ...]) -> str | None:
    """Return the path of the first file that a value loads, relative to the template."""
    pending = [atoms]
    while pending:
        inside = pending.pop()
        for before, atom in zip((None, *inside), inside, strict=False):  # the first has nothing before it
            if isinstance(atom, Group):
                if isinstance(before, Word) and before.text in _LOADERS:
                    first = atom.entries[0].value[:1] if atom.entries else ()
                    path = first[0].pieces[-1] if first and isinstance(first[0], Text) else ""
                    return re.sub(r"[\\/]+", "/", path).lstrip("/") or None
                pending.extend(entry.value for entry in atom.entries)
    return None


def _is_false(atoms: tuple[Atom, ...]) -> bool:
    """Tell whether a switch is off: left out, or written as ``false``."""
    return not atoms or (len(atoms) == 1 and isinstance(atoms[0], Word) and atoms[0].text == "false")
