"""Which audiences of a policy nothing in the workspace uses.

Said only where something of the same tenant can be compared, and where it is this policy that is meant: others of its
audiences are used, or it is the only API of which none is, while tokens or settings have one that no policy accepts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import attrs

from claimlens.entra import application
from claimlens.expectations.accepted import accepted_audiences, accepted_issuers
from claimlens.expectations.matching import LAYERS, POLICIES, apis, is_open, same_tenant
from claimlens.expectations.model import Expectation, SourceKind, Stated
from claimlens.expectations.presented import Addressed
from claimlens.expectations.relations import AudienceRelation, relate_audiences

_NAMES = ("audience", "client", "application_uri")
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
    settings = [each for each in every if each.kind not in POLICIES and each.kind in (*LAYERS, SourceKind.MANIFEST)]
    if any(is_open(each, *_NAMES) for each in settings):
        return  # what is filled in elsewhere may be what the policy means
    used = [*_in_settings(settings, section), *_in_tokens(addressed, section)]
    unused = [stated for stated in section.of("audience") if not _is_used(stated.value, used)]
    if not used or not unused:
        return
    policies = [each for each in every if each.kind in POLICIES]
    strays = [
        each for each in used if each.telling and not any(_is_named(each.audience, policy) for policy in policies)
    ]
    if len(unused) < len(section.of("audience")):
        strays = [each for each in used if _is_named(each.audience, section)]
    elif not strays or any(is_open(each, "audience") for each in policies) or _others_unused(policies, section, used):
        return
    others = tuple(dict.fromkeys(each.audience for each in strays))
    users = tuple(each.user for each in strays if each.user is not None)
    yield from (UnusedAudience(stated, others, users) for stated in unused if application(stated.value) is None)


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


def _is_used(audience: str, used: Iterable[_Used]) -> bool:
    return any(relate_audiences(each.audience, audience) is not AudienceRelation.DIFFERENT for each in used)


def _is_named(audience: str, section: Expectation) -> bool:
    return any(
        relate_audiences(audience, known.value) is not AudienceRelation.DIFFERENT
        for known in accepted_audiences(section)
    )


def _others_unused(policies: Iterable[Expectation], section: Expectation, used: Iterable[_Used]) -> bool:
    """Tell whether another API's policies have audiences that nothing uses, so that nobody knows whose is meant."""
    groups = [group for group in apis(policies) if not any(_is_used(audience, used) for audience in group)]
    return any(not any(_is_named(audience, section) for audience in group) for group in groups)
