"""Settings that are written as a list of names and values.

App Service and container settings stand like that: ``[{"name": "AzureAd:TenantId", "value": "…"}]`` in JSON (the
answer of ``az webapp config appsettings list``, ARM templates), ``{ name: 'AzureAd__TenantId', value: '…' }`` in Bicep,
``- name: AzureAd__TenantId`` in the manifests of Kubernetes, ``- AzureAd__TenantId=…`` in those of Docker Compose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import attrs

from claimlens.expectations.formats.json_values import split_keys
from claimlens.expectations.formats.model import Entry
from claimlens.expectations.vocabulary import role_of
from claimlens.text.spans import Span

_NAME = re.compile(r"[A-Za-z_][\w.:-]{1,200}")
_ASSIGNMENT = re.compile(r"([A-Za-z_][\w.:-]{1,200})=")


def with_named_pairs(entries: Iterable[Entry]) -> Iterator[Entry]:
    """Yield the entries; a value whose name means something stands under that name."""
    names: dict[tuple[str, ...], str] = {}
    unnamed: dict[tuple[str, ...], Entry] = {}
    for entry in entries:
        parent, key = entry.path[:-1], entry.path[-1].lower() if entry.path else ""
        if key.isdigit() and (assigned := _ASSIGNMENT.match(entry.value)) and _is_telling(assigned[1]):
            yield _assigned(entry, assigned)
        elif key == "name" and _is_telling(entry.value):
            if parent in unnamed:
                yield _named(unnamed.pop(parent), entry.value)
            else:
                names[parent] = entry.value
        elif key == "value" and parent in names:
            yield _named(entry, names.pop(parent))
        elif key == "value" and parent not in unnamed:
            unnamed[parent] = entry
        else:
            yield entry
    yield from unnamed.values()


def _is_telling(name: str) -> bool:
    return _NAME.fullmatch(name) is not None and role_of(split_keys((name,))) is not None


def _named(value: Entry, name: str) -> Entry:
    return attrs.evolve(value, path=split_keys((name,)))


def _assigned(item: Entry, assignment: re.Match[str]) -> Entry:
    value, span = item.value[assignment.end() :], item.span
    if len(item.value) == len(span):  # nothing in it is escaped
        span = Span(span.start + assignment.end(), span.end)
    return Entry((*item.path[:-1], *split_keys((assignment[1],))), value, span, item.kind)
