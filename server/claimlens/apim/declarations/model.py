"""A declaration of a named value or a policy fragment, and many of them together."""

from __future__ import annotations

import enum
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property
from urllib.parse import quote, unquote, urljoin, urlsplit

import attrs

from claimlens.text.spans import Span

_ARTIFACT = re.compile(r"/(?:named ?values|policy ?fragments)/[^/]+/[^/]+\Z", re.IGNORECASE)
ANYTHING = "*"
"""Stands in a name for what is not known before the deployment; names of the service never hold it."""


class NameKind(enum.StrEnum):
    """What a name belongs to."""

    VARIABLE = "variable"
    FRAGMENT = "fragment"
    NAMED_VALUE = "named value"


class Strength(enum.StrEnum):
    """How far a declaration goes."""

    DECLARES = "declares"
    """It makes the thing: whoever asks may rely on all of its kind being declared like this."""
    MENTIONS = "mentions"
    """It shows that the thing exists, or may exist: a parameter of a module, a fragment's file, a text to replace."""
    OVERRIDES = "overrides"
    """It gives the thing another value in one environment; ``resource`` names the thing."""


def file_beside(uri: str, path: str) -> str | None:
    """Return the URI of the file that another one, at ``uri``, names by a path; None for one on another host.

    Windows signs in to a host to read a file there, so whoever writes the path would learn who reads it.
    """
    found = urlsplit(urljoin(uri, quote(path)))
    return found.geturl() if found.netloc == urlsplit(uri).netloc and not found.path.startswith("//") else None


@attrs.frozen
class Declaration:
    """One place that declares something for policies.

    Attributes:
        kind: a named value or a fragment.
        name: what policies write: the display name of a named value, the id of a fragment; with `ANYTHING` where a
            part of it is put together.
        strength: whether it makes the thing, or only shows that it exists.
        span: where the name is written, or None where a folder gives it or it is put together.
        resource: the name of the resource, which policies cannot use, where it differs.
        value: of a named value, where it is written out and not secret.
        secret: whether the value is secret, or in a key vault.
        parameter: the name of the parameter or variable that carries the value.
        content: of a fragment, the file that holds it, relative to the file that declares it.
        inline: of a fragment, where in the declaring file it is written out.
        path: the URI or path of the declaring file, once a caller knows it.
    """

    kind: NameKind
    name: str
    strength: Strength = Strength.DECLARES
    span: Span | None = None
    resource: str | None = None
    value: str | None = attrs.field(default=None, repr=False)
    secret: bool = False
    parameter: str | None = None
    content: str | None = None
    inline: Span | None = None
    path: str = ""

    @property
    def is_exact(self) -> bool:
        """Whether the whole name is known."""
        return ANYTHING not in self.name

    @property
    def content_path(self) -> str | None:
        """The URI of the file that holds a fragment, or None."""
        return file_beside(self.path, unquote(self.content)) if self.content else None


@attrs.frozen(eq=False)
class Declared:
    """What the files of a workspace declare. Names are compared without case.

    Attributes:
        declarations: in the order of their paths.
        uses: by the path of each file with policies, the names that these use, in lower case.
    """

    declarations: tuple[Declaration, ...] = attrs.field(default=(), repr=False)
    uses: Mapping[str, frozenset[tuple[NameKind, str]]] = attrs.field(factory=dict, repr=False)

    def serves(self, kind: NameKind, path: str, used: Iterable[str]) -> bool:
        """Tell whether what a policy uses may be expected among the declarations of a kind.

        A workspace may hold several services, and policies of services whose declarations are elsewhere. A policy is
        served by declarations in its own folder or one around it, and where at least half of the names are declared
        that it and the policies beside it use (those below the outermost folder around it that holds no declaration).

        Args:
            kind: a named value or a fragment.
            path: of the file with the policy.
            used: the names that the policy uses.
        """
        places = self._places.get(kind, frozenset())
        around = set(_ancestors(unquote(path).rpartition("/")[0]))
        if not places or not around.isdisjoint(places):
            return bool(places)
        holding = {folder for place in places for folder in _ancestors(place)}
        own = min(around - holding, key=len, default="")
        if not own:
            return True
        beside = (those for file, those in self.uses.items() if unquote(file).startswith(f"{own}/"))
        names = {name.lower() for name in used}.union(
            *({name for each, name in those if each is kind} for those in beside)
        )
        return 2 * sum(self.knows(kind, name) for name in names) >= len(names)

    def knows(self, kind: NameKind, name: str) -> bool:
        """Tell whether a name is declared, or may be: a part of some declared name is not known."""
        return (kind, name.lower()) in self._by_name or self.may_be_generated(kind, name)

    def find(self, kind: NameKind, name: str) -> tuple[Declaration, ...]:
        """Return the declarations of a name, those that make the thing first; generated names are left out."""
        return self._by_name.get((kind, name.lower()), ())

    def value_of(self, name: str) -> str | None:
        """Return what a named value stands for, where all that give it a value write out the same; else None."""
        found = self.find(NameKind.NAMED_VALUE, name)
        values = {None if each.parameter else each.value for each in found if each.strength is not Strength.MENTIONS}
        return values.pop() if len(values) == 1 else None

    def names(self, kind: NameKind) -> tuple[str, ...]:
        """Return every known name of a kind, in alphabetical order; not that of a file that is loaded as a fragment."""
        loaded = {each.content_path for each in self.declarations if each.strength is Strength.DECLARES} - {None}
        first = (found[0] for found in self._by_name.values())
        return tuple(
            sorted(
                each.name
                for each in first
                if each.kind is kind and (each.strength is Strength.DECLARES or each.content_path not in loaded)
            )
        )

    def meant_by_resource(self, name: str) -> str | None:
        """Return the display name of the named value whose resource has this name, or None."""
        return self._by_resource.get(name.lower())

    def may_be_generated(self, kind: NameKind, name: str) -> bool:
        """Tell whether a name may be one that is put together during the deployment."""
        return any(_fits(pattern, name.lower()) for pattern in self._patterns.get(kind, ()))

    def is_service(self, folder: str) -> bool:
        """Tell whether the artifacts of a whole service lie in a folder."""
        return unquote(folder) in self._services

    @cached_property
    def _services(self) -> frozenset[str]:
        artifacts = (each for each in self.declarations if _ARTIFACT.search(unquote(each.path)))
        return frozenset(_folder_of(each) for each in artifacts)

    @cached_property
    def _places(self) -> Mapping[NameKind, frozenset[str]]:
        """The folders that make things of each kind."""
        made = [each for each in self.declarations if each.strength is Strength.DECLARES]
        return {kind: frozenset(_folder_of(each) for each in made if each.kind is kind) for kind in NameKind}

    @cached_property
    def _by_name(self) -> Mapping[tuple[NameKind, str], tuple[Declaration, ...]]:
        found: dict[tuple[NameKind, str], list[Declaration]] = {}
        for each in self.declarations:
            if each.is_exact:
                found.setdefault((each.kind, self._name_of(each).lower()), []).append(each)
        return {key: tuple(sorted(those, key=lambda each: each.strength.value)) for key, those in found.items()}

    def _name_of(self, each: Declaration) -> str:
        """Return the name by which policies know a thing; what overrides it may only know its resource."""
        if each.strength is Strength.OVERRIDES and each.name == each.resource:
            return self._by_resource.get(each.name.lower(), each.name)
        return each.name

    @cached_property
    def _by_resource(self) -> Mapping[str, str]:
        return {
            each.resource.lower(): each.name
            for each in self.declarations
            if each.resource and each.is_exact and each.strength is not Strength.OVERRIDES
        }

    @cached_property
    def _patterns(self) -> Mapping[NameKind, frozenset[str]]:
        generated = [each for each in self.declarations if not each.is_exact]
        return {kind: frozenset(each.name.lower() for each in generated if each.kind is kind) for kind in NameKind}


NOTHING_DECLARED = Declared()


def with_path(declarations: Iterable[Declaration], path: str) -> tuple[Declaration, ...]:
    """Return declarations with the file they stand in."""
    return tuple(attrs.evolve(each, path=path) for each in declarations)


def _folder_of(declaration: Declaration) -> str:
    """Return the folder of a file that declares; of an artifact, that of the service that it belongs to."""
    path = unquote(declaration.path)
    found = _ARTIFACT.search(path)
    return path[: found.start()] if found else path.rpartition("/")[0]


def _ancestors(folder: str) -> Iterator[str]:
    """Yield a folder and those around it."""
    while folder:
        yield folder
        folder = folder.rpartition("/")[0]


def _fits(pattern: str, name: str) -> bool:
    """Tell whether a name has the known parts of a pattern, in their order; takes time in proportion to both."""
    first, *middle, last = pattern.split(ANYTHING)
    if len(name) < len(first) + len(last) or not (name.startswith(first) and name.endswith(last)):
        return False
    cursor, end = len(first), len(name) - len(last)
    for part in middle:
        found = name.find(part, cursor, end)
        if found < 0:
            return False
        cursor = found + len(part)
    return True
