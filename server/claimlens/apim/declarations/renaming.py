"""What a new name for a named value or fragment takes: which declarations change, or why it cannot be given."""

from __future__ import annotations

import re
from typing import Final

import attrs

from claimlens.apim.declarations.artifacts import artifact_folder
from claimlens.apim.declarations.model import Declaration, Declared, NameKind, Strength

_VALID: Final = re.compile(r"[A-Za-z0-9._-]{1,256}")


@attrs.frozen
class Renaming:
    """The declarations that change.

    Attributes:
        written: those that write the name, with a span each.
        folders: the folders, as URIs, that have to be called otherwise.
    """

    written: tuple[Declaration, ...] = ()
    folders: tuple[str, ...] = ()


class CannotRename(Exception):  # noqa: N818 - an answer, told to the user as it stands
    """Why a name cannot be given another one: a sentence."""


def plan(declared: Declared, kind: NameKind, name: str, new_name: str | None = None) -> Renaming:
    """Return what changes when a name becomes ``new_name`` (None to ask whether it can at all).

    Raises:
        CannotRename: where some declaration would be left behind, or the new name is not possible.
    """
    found = declared.find(kind, name)
    making = [each for each in found if each.strength is Strength.DECLARES]
    if not making:
        raise CannotRename(f"Nothing in the workspace declares the {kind}, so its declaration could not follow.")
    if declared.may_be_generated(kind, name):
        raise CannotRename(f"Some names of {kind}s are put together from parameters, and this may be one of them.")
    folders = {folder for each in making if each.span is None and (folder := artifact_folder(kind, each.path))}
    for each in found:
        is_file = each.kind is NameKind.FRAGMENT and each.strength is Strength.MENTIONS and each.content
        if each.strength is Strength.OVERRIDES and each.span is None:
            continue  # it goes by the resource, which keeps its name
        if each.span is None and not is_file and artifact_folder(kind, each.path) is None:
            raise CannotRename(f"A declaration of the {kind} does not write its name where it could be changed.")
    if new_name is not None:
        _check(declared, kind, name, new_name)
    written = {(each.path, each.span): each for each in found if each.span is not None}
    return Renaming(tuple(written.values()), tuple(sorted(folders)))


def _check(declared: Declared, kind: NameKind, name: str, new_name: str) -> None:
    if not _VALID.fullmatch(new_name):
        raise CannotRename("A name has letters, digits, '.', '-' and '_' only.")
    if name.lower() != new_name.lower() and declared.find(kind, new_name):
        raise CannotRename(f"There is a {kind} with this name already.")
