"""Which audiences of a policy nothing in the workspace uses.

Said only where something of the same tenant can be compared, and where it is this policy that is meant: others of its
audiences are used, or it is the only API of which none is, while tokens or settings have one that no policy accepts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from claimlens.entra import application
from claimlens.expectations.accepted import accepted_audiences, accepted_issuers
from claimlens.expectations.judges import is_open
from claimlens.expectations.matching import LAYERS, POLICIES, same_tenant
from claimlens.expectations.model import Expectation, SourceKind, Stated
from claimlens.expectations.presented import Addressed
from claimlens.expectations.relations import application_key

_NAMES = ("audience", "client", "application_uri")
_SETTINGS = frozenset((*LAYERS, SourceKind.MANIFEST)) - frozenset(POLICIES)
_ORIGINS = ("issuer", "metadata", "authority", "tenant", "instance", "domain")


@attrs.frozen
class User:
    """A setting that has an audience, and the file it stands in."""

    stated: Stated
    path: str | None


@attrs.frozen
class UnusedAudience:
    """An audience of a policy that nothing uses.

    Attributes:
        stated: where the policy states it.
        others: the audiences that tokens and settings of the same tenant have.
        users: the settings among these.
    """

    stated: Stated
    others: tuple[str, ...]
    users: tuple[User, ...] = ()


@attrs.frozen
class _Used:
    """An audience that something has; ``telling`` where that something can only be meant for an API."""

    audience: str
    user: User | None = None
    telling: bool = True


def unused_audiences(
    section: Expectation, workspace: Iterable[Expectation], addressed: Iterable[Addressed]
) -> Iterator[UnusedAudience]:
    """Yield the audiences of a policy's section that no token and no setting of the workspace has."""
    if section.kind not in POLICIES or not accepted_issuers(section) or is_open(section, *_ORIGINS):
        return
    every = tuple(workspace)
    settings = [each for each in every if each.kind in _SETTINGS]
    if any(is_open(each, *_NAMES) for each in settings):
        return  # what is filled in elsewhere may be what the policy means
    used = [*_in_settings(settings, section), *_in_tokens(addressed, section)]
    known = {application_key(each.audience) for each in used}
    unused = [stated for stated in section.of("audience") if application_key(stated.value) not in known]
    if not used or not unused:
        return
    strays = _strays(section, [each for each in every if each.kind in POLICIES], used)
    others = tuple(dict.fromkeys(each.audience for each in strays))
    users = tuple(each.user for each in strays if each.user is not None)
    for stated in unused if strays else ():
        if application(stated.value) is None:
            yield UnusedAudience(stated, others, users)


def _strays(section: Expectation, policies: Iterable[Expectation], used: Iterable[_Used]) -> list[_Used]:
    """Return what is used in place of a section's audience: others of its own, or what no policy accepts.

    Nothing where another policy could as well be the one that is meant.
    """
    known = {application_key(each.audience) for each in used}
    own = _keys(section)
    if own & known:
        return [each for each in used if application_key(each.audience) in own]
    accepted: set[str] = set()
    for policy in policies:
        keys = _keys(policy)
        if is_open(policy, "audience") or (keys and not keys & known and not keys & own):
            return []
        accepted |= keys
    return [each for each in used if each.telling and application_key(each.audience) not in accepted]


def _keys(section: Expectation) -> set[str]:
    return {application_key(known.value) for known in accepted_audiences(section)}


def _in_settings(settings: Iterable[Expectation], section: Expectation) -> Iterator[_Used]:
    """A client id alone may be that of an application that calls the API, or only signs people in."""
    for each in settings:
        issuers = [known.value for known in accepted_issuers(each)]
        if each.kind is SourceKind.MANIFEST or any(same_tenant(issuer, section) for issuer in issuers):
            for known in accepted_audiences(each):
                yield _Used(known.value, User(known.stated, each.path), known.stated in each.of("audience"))


def _in_tokens(addressed: Iterable[Addressed], section: Expectation) -> Iterator[_Used]:
    for each in sorted(addressed, key=lambda each: (each.audience, each.issuer)):
        if application(each.audience) is None and same_tenant(each.issuer, section):
            yield _Used(each.audience, telling=each.to_an_api)
