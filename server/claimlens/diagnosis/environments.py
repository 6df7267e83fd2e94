"""Read what environments of HTTP clients set: Postman, Bruno, ``http-client.env.json`` and ``.env`` files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from claimlens.diagnosis.stored_json import Stored, stored

_CLIENT = re.compile(r"(?:^|[/\\])http-client(?:\.private)?\.env\.json(?:\.user)?$", re.IGNORECASE)
_DOTENV = re.compile(r"(?:^|[/\\])\.env(?:\.[\w.-]+)?$", re.IGNORECASE)
_BRUNO = re.compile(r"(?:^|[/\\])environments[/\\][^/\\]+\.bru$", re.IGNORECASE)
_ASSIGNED = re.compile(r"^[ \t]*(?:export[ \t]+)?(?P<name>[A-Za-z_]\w*)[ \t]*=[ \t]*(?P<value>[^\r\n]*)", re.MULTILINE)
_VARS = re.compile(r"^vars[ \t]*\{[ \t]*\r?\n(?P<body>.*?)^\}", re.MULTILINE | re.DOTALL)
_MEMBER = re.compile(r"^[ \t]*(?P<name>[\w.-]+)[ \t]*:[ \t]*(?P<value>[^\r\n]*)", re.MULTILINE)


def shared_variables(files: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return what the environments among ``files`` (name and content) set; nothing for what they set differently."""
    found: dict[str, set[str]] = {}
    for name, text in files:
        for variable, value in _variables(name, text):
            if value:
                found.setdefault(variable, set()).add(value)
    return {variable: values.pop() for variable, values in found.items() if len(values) == 1}


def _variables(name: str, text: str) -> Iterator[tuple[str, str]]:
    if _CLIENT.search(name):
        for environment in stored(text).items:
            yield from ((variable, _text(value)) for variable, value in environment.members.items())
    elif _DOTENV.search(name):
        yield from ((found["name"], found["value"].strip().strip("\"'")) for found in _ASSIGNED.finditer(text))
    elif _BRUNO.search(name):
        for block in _VARS.finditer(text):
            yield from ((found["name"], found["value"].strip()) for found in _MEMBER.finditer(block["body"]))
    elif '"_postman_variable_scope"' in text:
        for item in stored(text)["values"].items:
            if item["enabled"].text != "false":
                yield item["key"].text, item["value"].text


def _text(value: Stored) -> str:
    """Return a value that stands there, or in an object of its own."""
    return value.text or value["value"].text
