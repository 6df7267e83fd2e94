"""Settings that override those of another file: ``appsettings.Production.json``, ``application-dev.yml``.

Such a file alone says too little: what it leaves out stands in the file of the same folder that it overrides.
https://learn.microsoft.com/aspnet/core/fundamentals/configuration#default-application-configuration-sources
https://docs.spring.io/spring-boot/reference/features/external-config.html#features.external-config.files.profile-specific
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import attrs

from claimlens.expectations.model import Expectation, SourceKind, Stated

_FAMILIES = (
    (re.compile(r"(.*/appsettings)\.[^./]+(?:\.[^./]+)*\.json"), (".json",)),
    (re.compile(r"(.*/application)-[^/]+\.(?:ya?ml|properties)"), (".yml", ".yaml", ".properties")),
)
"""Files that override others, and how those end."""
_Section = tuple[str, SourceKind, str]
_POSITION = re.compile(r"(?::\d+)+\Z")


def completed(sections: Iterable[Expectation]) -> tuple[Expectation, ...]:
    """Return the sections, behind the others those that override one of them, completed from it.

    A section that is overridden stays as it is: it counts wherever no other file does.
    """
    every = tuple(sections)
    known = {_identity(each, each.location): each for each in every}
    alone, overriding = [], []
    for section in every:
        base = next((known[each] for each in _overridden(section) if each in known), None)
        if base is None:
            alone.append(section)
        else:
            overriding.append(_completed(section, base))
    return (*alone, *overriding)


def _overridden(section: Expectation) -> Iterator[_Section]:
    for pattern, endings in _FAMILIES:
        if found := pattern.fullmatch(section.location):
            yield from (_identity(section, found[1] + ending) for ending in endings)


def _identity(section: Expectation, location: str) -> _Section:
    return location, section.kind, section.label.lower()


def _completed(section: Expectation, base: Expectation) -> Expectation:
    restated = {_key(section, stated) for values in section.statements.values() for stated in values}
    statements = dict(section.statements)
    for role, values in base.statements.items():
        kept = (attrs.evolve(each, path=base.path) for each in values if _key(base, each) not in restated)
        statements[role] = (*kept, *statements.get(role, ()))
    return attrs.evolve(section, statements=statements)


def _key(section: Expectation, stated: Stated) -> str:
    """Return what has to be the same for a statement to override another: .NET overrides items of lists one by one."""
    label = stated.label.lower()
    return _POSITION.sub("", label) if section.kind is SourceKind.SPRING else label
