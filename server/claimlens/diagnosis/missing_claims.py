"""Why a token lacks a claim, what adds it, and what to read in its place (``missing_claims.toml``)."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

import attrs

from claimlens.entra import Profile, TokenKind
from claimlens.entra.model import Flow

_ISSUED_BY_ENTRA = frozenset(("entra", "microsoft", "microsoft-legacy", "easyauth"))
_EXTENSIONS = ("extn.", "extension_")


@attrs.frozen
class MissingClaim:
    """What is known about the absence of a claim.

    Attributes:
        why: in which tokens the claim stands, and in which not.
        fix: what makes the issuer add it.
        instead: what to read in its place, or empty.
        source: where that is documented.
    """

    why: str
    fix: str
    instead: str
    source: str

    @property
    def advice(self) -> str:
        """What to do: the fix, and what to read instead."""
        return f"{self.fix} Instead: {self.instead}" if self.instead else self.fix


def missing_claim(claim: str, profile: Profile | None = None) -> MissingClaim:
    """Return why ``claim`` may be absent from a token, and from one with this profile in particular.

    The sentences hold the name where it is a known one; they never hold a name that somebody else made up.
    """
    entry = _document().get(claim, {})
    known: dict[str, str] = {}
    for name in _applicable(claim, entry, profile):
        known |= {key: value for key, value in _table(claim, name).items() if isinstance(value, str)}
    where = "idToken" if profile is not None and profile.kind is TokenKind.ID else "accessToken"
    shown = claim if entry else "the claim"
    return MissingClaim(
        *(known[key].replace("{where}", where).replace("{claim}", shown) for key in ("why", "fix", "instead", "source"))
    )


def known_claims() -> tuple[str, ...]:
    """Return the names of the claims that have an entry."""
    return tuple(name for name in _document() if not name.startswith("*"))


def _applicable(claim: str, entry: Mapping[str, Any], profile: Profile | None) -> Iterator[str]:
    """Yield what applies, the most general first: tables with a star, the entry itself (an empty name), its parts."""
    yield "*extension" if claim.startswith(_EXTENSIONS) else "*any"
    yield ""
    if profile is None:
        return
    family = profile.issuer.family if profile.issuer else "entra"
    about_user = entry.get("about") == "user" or not entry
    if family == "b2c" and entry.get("entra"):
        yield "*b2c-entra"
    elif family in ("b2c", "ciam"):
        if about_user and not entry.get("entra"):
            yield f"*{family}"
    elif family == "adfs":
        yield "*adfs"
    elif family not in _ISSUED_BY_ENTRA:
        yield "*other"
    if family in ("b2c", "ciam"):
        yield family
    if profile.version == "1.0" and family in _ISSUED_BY_ENTRA:
        yield "v1"
    if profile.flow is Flow.APP_ONLY and family in _ISSUED_BY_ENTRA:
        if entry.get("about") == "user":
            yield "*app-only"
        yield "app-only"


def _table(claim: str, name: str) -> Mapping[str, Any]:
    if name.startswith("*"):
        return _document()[name]
    entry = _document().get(claim, {})
    return entry.get(name, {}) if name else entry


@functools.cache
def _document() -> Mapping[str, Mapping[str, Any]]:
    return tomllib.loads((resources.files("claimlens.diagnosis") / "missing_claims.toml").read_text(encoding="utf-8"))
