"""Settings in plain text, YAML and XML: properties, ini, ``.env``, ``application.yml``, ``Web.config``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from claimlens.expectations.formats.json_values import split_keys
from claimlens.expectations.formats.model import Entry, ValueKind
from claimlens.text.spans import Span

MAXIMUM_YAML = 1_000_000
"""Longest YAML text in characters that is parsed; settings are far smaller."""

_LINE = re.compile(
    r"""^[ \t]*+(?:export[ \t]++|set[ \t]++|@|\$env:|-\s*)?
        (?P<key>[A-Za-z_][\w.:/\\-]*+)[ \t]*+(?P<sign>[=:])[ \t]*+
        (?:"(?P<double>[^"\n\r]*+)"[ \t;,]*+|'(?P<single>[^'\n\r]*+)'[ \t;,]*+|(?P<bare>[^\n\r]*+))$""",
    re.MULTILINE | re.VERBOSE,
)


def read_lines(text: str) -> Iterator[Entry]:
    """Yield ``key=value`` and ``key: value`` lines: properties, ini, ``.env``, app settings, ``.http`` variables.

    Blanks at the end of a value are kept: some parsers keep them too, and then nothing matches.
    """
    for found in _LINE.finditer(text):
        key = found["key"].rstrip(":")
        path = split_keys((key,))
        if "." in key:
            path = tuple(piece for part in path for piece in part.split("."))
        value = "double" if found["double"] is not None else "single" if found["single"] is not None else "bare"
        yield Entry(path, found[value], Span(*found.span(value)), ValueKind.TEXT, Span(*found.span("key")))


def read_yaml(text: str) -> Iterator[Entry]:
    """Yield the scalars of every document; where YAML cannot be parsed, whatever `read_lines` finds."""
    import yaml

    if len(text) > MAXIMUM_YAML:
        return
    try:
        # compose makes nodes with places and no objects; tags and aliases are not followed into values.
        documents = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
    except (yaml.YAMLError, RecursionError, ValueError):
        yield from read_lines(text)
        return
    for document in documents:
        yield from _yaml_values(document)


def _yaml_values(root: Any) -> Iterator[Entry]:
    import yaml

    todo: list[tuple[Any, tuple[str, ...], Span | None]] = [(root, (), None)]
    seen: set[int] = set()
    while todo:
        node, path, key_span = todo.pop()
        if node is None or (not isinstance(node, yaml.ScalarNode) and id(node) in seen):
            continue  # an alias: its values have been told where they are written
        if isinstance(node, yaml.ScalarNode):
            yield Entry(split_keys(path), node.value, _yaml_span(node), _yaml_kind(node), key_span)
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            for key, value in reversed(node.value):
                name = str(key.value) if isinstance(key, yaml.ScalarNode) else ""
                parts = tuple(name.split(".")) if re.fullmatch(r"[\w-]+(?:\.[\w-]+)+", name) else (name,)
                todo.append((value, (*path, *parts), _yaml_span(key)))
        elif isinstance(node, yaml.SequenceNode):
            todo.extend((item, (*path, str(index)), None) for index, item in reversed(list(enumerate(node.value))))


def _yaml_span(node: Any) -> Span:
    start, end = node.start_mark.index, node.end_mark.index
    if getattr(node, "style", None) in ("'", '"'):
        start, end = start + 1, max(start + 1, end - 1)
    return Span(start, end)


def _yaml_kind(node: Any) -> ValueKind:
    tag = node.tag.rpartition(":")[2]
    kinds = {"bool": ValueKind.BOOLEAN, "int": ValueKind.NUMBER, "float": ValueKind.NUMBER, "null": ValueKind.NULL}
    return kinds.get(tag, ValueKind.TEXT)


_ATTRIBUTE = r"""[ \t\r\n]+%s[ \t\r\n]*=[ \t\r\n]*(?:"(?P<%s_d>[^"<]*)"|'(?P<%s_s>[^'<]*)')"""
_ADD = re.compile(
    r"<(?:\w+:)?(?:add|setting|property|param|parameter)\b(?=[^<>]{0,2000}?"
    + _ATTRIBUTE % ("(?:key|name)", "key", "key")
    + r")(?=[^<>]{0,2000}?"
    + _ATTRIBUTE % ("value", "value", "value")
    + r")[^<>]*>",
    re.IGNORECASE,
)
_ELEMENT = re.compile(r"<(?P<name>[A-Za-z][\w.:-]*)(?:[ \t][^<>]{0,2000})?>(?P<value>[^<>]+)</(?P=name)[ \t]*>")


def read_xml(text: str) -> Iterator[Entry]:
    """Yield ``<add key="ida:Audience" value="…"/>`` and ``<name>value</name>`` of a settings file."""
    for found in _ADD.finditer(text):
        key = "key_d" if found["key_d"] is not None else "key_s"
        value = "value_d" if found["value_d"] is not None else "value_s"
        path = split_keys((unescape(found[key]),))
        yield Entry(path, unescape(found[value]), Span(*found.span(value)), ValueKind.TEXT, Span(*found.span(key)))
    for found in _ELEMENT.finditer(text):
        yield Entry(
            (found["name"],),
            unescape(found["value"].strip()),
            Span(*found.span("value")),
            ValueKind.TEXT,
            Span(*found.span("name")),
        )
