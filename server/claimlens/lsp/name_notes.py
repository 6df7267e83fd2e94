"""What a hover says of a named value or fragment: who declares it, with which value, and what a fragment holds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pygls.uris import from_fs_path, to_fs_path

from claimlens.lsp.policies import fragments

if TYPE_CHECKING:
    from claimlens.apim.declarations import Declaration, NameKind
    from claimlens.apim.editing.hover import Note, Source
    from claimlens.lsp.server import ClaimlensServer

_SETTING = "the setting claimlens.policies.namedValues"


def note_of(server: ClaimlensServer, uri: str, kind: NameKind, name: str) -> Note:
    """Return what is known of a named value or fragment that a document uses or declares."""
    from claimlens.apim.editing.hover import Note, Source

    found = _telling(server.workspace_of(uri).declared.find(kind, name))
    if kind.value == "fragment":
        return Note([_source(server, each) for each in found], _text(server, found, name))
    settings = server.settings(uri).policies.named_values
    sources = [Source(_SETTING, value=value) for key, value in settings.items() if key.lower() == name.lower()]
    secret = any(each.secret for each in found)
    return Note([*sources, *(_source(server, each, secret=secret) for each in found), *_given(server, uri, found)])


def _telling(found: tuple[Declaration, ...]) -> tuple[Declaration, ...]:
    """Return the declarations to be told: those that make or change the thing, where any do; of a file one."""
    making = tuple(each for each in found if each.strength.value != "mentions") or found
    return tuple({each.content_path or (each.path, each.span): each for each in reversed(making)}.values())[::-1]


def _source(server: ClaimlensServer, declaration: Declaration, *, secret: bool = False) -> Source:
    from claimlens.apim.editing.hover import Source
    from claimlens.services.cases import link, name_of

    snapshot = server.files.snapshot(declaration.path) if declaration.span else None
    line = snapshot.lines.position(declaration.span.start).line + 1 if snapshot and declaration.span else None
    label = name_of(declaration.path, list(server.workspace.folders))
    return Source(
        f"{label}:{line}" if line else label,
        link(declaration.path) + (f"#L{line}" if line else ""),
        None if secret else declaration.value,
        declaration.secret,
        declaration.parameter,
    )


def _given(server: ClaimlensServer, uri: str, found: tuple[Declaration, ...]) -> Iterator[Source]:
    """Yield the values that parameter files give, where a parameter carries the value and is not secret."""
    from claimlens.apim.editing.hover import Source
    from claimlens.services.cases import link, name_of
    from claimlens.services.parameter_values import given_values

    folder = Path(to_fs_path(server.configuration.folder_of(uri)) or "")
    for each in found:
        template = to_fs_path(each.path) if each.parameter and not each.secret else None
        for path, value in given_values(Path(template), each.parameter or "", folder) if template else ():
            file = from_fs_path(str(path)) or ""
            yield Source(name_of(file, list(server.workspace.folders)), link(file), value, False, each.parameter)


def _text(server: ClaimlensServer, found: tuple[Declaration, ...], name: str) -> str | None:
    """Return the text of a fragment: of its file, of the template that writes it out, of an open document."""
    for each in found:
        held = server.files.snapshot(each.content_path) if each.content_path else None
        if held is not None:
            return held.text
        written = server.files.snapshot(each.path) if each.inline else None
        if written is not None and each.inline is not None:
            return each.inline.slice(written.text)
    return fragments(server).get(name)
