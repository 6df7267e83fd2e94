"""Gather the case that an editor asks about: a place in a document, what else is open, what the workspace accepts."""

from __future__ import annotations

import itertools
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote, urlsplit

import attrs

from claimlens import jose
from claimlens.apim.declarations import Declared
from claimlens.apim.declarations.read import read_declarations
from claimlens.apim.sources import find_policies
from claimlens.diagnosis.carriers import Part, parts_of
from claimlens.diagnosis.case import Artefact, Case, read_artefacts, read_part
from claimlens.diagnosis.environments import shared_variables
from claimlens.entra.errors import recognise
from claimlens.expectations.named_values import with_named_values
from claimlens.services import files
from claimlens.services.files import TextFile
from claimlens.text.snapshot import Snapshot

MAXIMUM_PATHS = 20_000
"""Paths of the workspace that are looked at."""
MAXIMUM_READ = 300
"""Files of the workspace that are read."""
MAXIMUM_BYTES = 512 * 1024
"""Bytes of a file that is read; settings and policies are far smaller."""
NEARBY_LINES = 10
"""Lines of a log above and below an error that belong to it."""
GIVEN = "the token that was given"

_SETTINGS = re.compile(
    r"(?:appsettings|local\.settings|host|manifest|auth|secrets|app-?registration)[^/]*\.json"
    r"|[^/]*polic[^/]*\.xml|application[^/]*\.(?:ya?ml|properties)|[^/]*\.(?:bicep|tf)",
    re.IGNORECASE,
)
"""Names of files that say which tokens are accepted."""


@attrs.frozen
class Question:
    """What is asked about.

    Attributes:
        document: the document the user looks at.
        offset: the place in it that is meant, or None for all of it.
        token: a token that was given apart from it, or None.
    """

    document: Snapshot
    offset: int | None = None
    token: str | None = attrs.field(default=None, repr=False)


def case_of(
    question: Question, opened: Sequence[Snapshot], accepting: Iterable[Artefact], folders: Sequence[str], now: datetime
) -> tuple[Case, Mapping[str, str]]:
    """Return the case, and the URIs of its files by their names.

    A place on a token or an error asks about that one: the lines around it and what is accepted make up the case. Any
    other place asks about everything that is open.

    Args:
        question: what is asked about.
        opened: the open documents.
        accepting: files of the workspace (`accepting_files`); those that are open are taken as they are open.
        folders: URIs of the workspace's folders, to name files by.
        now: the time.
    """
    document = question.document
    name = name_of(document.uri, folders)
    shared = shared_variables((name_of(each.uri, folders), each.text) for each in opened)
    parts, place = around(parts_of(name, document.text, shared), question.offset)
    first = read_part(name, parts[0])
    asked = _asked(first, place) if question.token is None else None
    artefacts: dict[str, tuple[Artefact, ...]] = {}
    if question.token is not None:
        given = artefacts[GIVEN] = read_artefacts(GIVEN, question.token)
        asked = next(((each, each.tokens[0].span.start) for each in given if each.tokens), None)

    def belonging(others: Iterable[Artefact]) -> Iterator[Artefact]:
        return (each for each in others if place is None or each.expectations or (asked is None and each.tokens))

    artefacts[name] = (first, *belonging(read_part(name, part) for part in parts[1:]))
    for snapshot in opened:
        name = name_of(snapshot.uri, folders)
        if name not in artefacts and snapshot.lines.length <= MAXIMUM_BYTES:
            artefacts[name] = tuple(belonging(read_artefacts(name, snapshot.text, shared)))
    for artefact in accepting:
        artefacts.setdefault(artefact.path, (artefact,))
    gathered = tuple(itertools.chain.from_iterable(artefacts.values()))
    return Case(gathered, now, asked=asked), _links(artefacts, opened, folders)


def with_declared(case: Case, value_of: Callable[[str], str | None]) -> Case:
    """Return the case with the named values of its policies filled in, as far as ``value_of`` knows them."""
    return case.with_artefacts(
        [attrs.evolve(each, expectations=with_named_values(each.expectations, value_of)) for each in case.artefacts]
    )


def declared_by(case: Case) -> Declared:
    """Return what the files of a case declare for policies."""
    return Declared(tuple(found for each in case.artefacts for found in read_declarations(each.name, each.text)))


def around(parts: Sequence[Part], offset: int | None) -> tuple[Sequence[Part], int | None]:
    """Return the lines around the token or the error at an offset of a file as its first part, and the place in them.

    An error brings the token above it, a token the errors below it; others of their kind do not belong to them. Where
    ``offset`` is on neither, the parts are returned as they are, and None.
    """
    for index, part in enumerate(parts):
        place = part.place_of(offset) if offset is not None else None
        if place is not None and (found := _lines_around(part, place)) is not None:
            first = attrs.evolve(part, lines=part.lines[found.start : found.stop])
            return (first, *parts[:index], *parts[index + 1 :]), first.place_of(offset or 0)
    return parts, None


def _lines_around(part: Part, place: int) -> range | None:
    tokens = jose.scan(part.text)
    token = next((each for each in tokens if each.span.contains(place)), None)
    first = part.line_at(token.span.start if token else place)
    last = part.line_at(token.span.end if token else place)
    near = range(max(0, first - NEARBY_LINES), min(len(part.lines), last + NEARBY_LINES + 1))
    errors = {index for index in near if recognise(part.lines[index].text, loose=False)}
    if token is None and first not in errors:
        return None
    bearing = {part.line_at(each.span.start) for each in tokens}
    separating = {index for index in near if part.lines[index].text.startswith("###")}
    while first - 1 in near and first - 1 not in errors | separating and not (token and first - 1 in bearing):
        first -= 1
        if first in bearing:
            break
    while last + 1 in near and last + 1 not in bearing | separating | (set() if token else errors):
        last += 1
    return range(first, last + 1)


def accepting_files(folders: Sequence[str], known: Sequence[Path] | None = None) -> Iterator[Artefact | None]:
    """Yield the files of folders that say which tokens they accept; None for each that was looked at in vain.

    Args:
        folders: the URIs of the folders.
        known: the only files that are worth a look, where that is known; else the folders are walked.
    """
    read = 0
    for root in filter(None, map(files.path_of, folders)):
        inside = files.discover([root]) if known is None else (path for path in known if path.is_relative_to(root))
        for count, path in enumerate(inside):
            if count >= MAXIMUM_PATHS or read >= MAXIMUM_READ:
                return
            if _SETTINGS.fullmatch(path.name):
                read += 1
                yield _accepting(path, name_of(path.as_uri(), folders))
            else:
                yield None


def commands_for(case: Case) -> tuple[str, ...]:
    """Return the lines for a shell that show whether a fix works, with the token that it gives and with these files."""
    if case.token is None:
        return ()
    policies = [artefact.path for artefact in case.artefacts if find_policies(artefact.text, artefact.name)]
    return (
        "# The new token: paste it, then press Enter and Ctrl+D",
        "claimlens verify -",
        *(f"claimlens simulate - --policy {shlex.quote(policy)}" for policy in policies[:1]),
        "# Everything in this folder once more",
        "claimlens explain --dir .",
    )


def name_of(uri: str, folders: Sequence[str]) -> str:
    """Return what a document is called: its path in its folder, behind that of the folder where there are several.

    A document in none of the folders (URIs) goes by its last name.
    """
    plain = unquote(uri)
    inside = [(root, prefix) for root, prefix in _prefixes(folders) if plain.startswith(f"{root}/")]
    if not inside:
        return PurePosixPath(urlsplit(plain).path).name or plain
    root, prefix = max(inside, key=lambda each: len(each[0]))
    return f"{prefix}{plain[len(root) + 1 :]}"


def _prefixes(folders: Sequence[str]) -> list[tuple[str, str]]:
    """Return each folder and what the names of its files begin with, so that no two files have one name."""
    roots = [unquote(folder).rstrip("/") for folder in folders]
    names = [root.rpartition("/")[2] for root in roots]
    if len(roots) == 1:
        return [(roots[0], "")]
    return [(root, f"{name if names.count(name) == 1 else root}/") for root, name in zip(roots, names, strict=True)]


def link(uri: str) -> str:
    """Return a URI with nothing in it that Markdown gives a meaning."""
    return quote(uri, safe="/:%.-_~@+,=")


def _accepting(path: Path, name: str) -> Artefact | None:
    try:
        if path.stat().st_size > MAXIMUM_BYTES:
            return None
    except OSError:
        return None
    file = files.read_text(path)
    found = read_artefacts(name, file.text) if isinstance(file, TextFile) else ()
    return next((artefact for artefact in found if artefact.expectations), None)


def _asked(first: Artefact, place: int | None) -> tuple[Artefact, int] | None:
    """Return where the token stands that a place asks about: the one there, or the one nearest above an error."""
    if place is None or not first.tokens:
        return None
    here = next((token for token in first.tokens if token.span.contains(place)), first.tokens[-1])
    return first, here.span.start


def _links(artefacts: Iterable[str], opened: Iterable[Snapshot], folders: Sequence[str]) -> dict[str, str]:
    open_ones = {name_of(snapshot.uri, folders): link(snapshot.uri) for snapshot in opened}
    starts = [(prefix, link(root)) for root, prefix in _prefixes(folders)]
    others = {
        name: f"{root}/{quote(name.removeprefix(prefix))}"
        for name in artefacts
        for prefix, root in starts
        if name != GIVEN and name.startswith(prefix)
    }
    return {**others, **open_ones}
