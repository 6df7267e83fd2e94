"""Whether what stands near a token accepts it, and if not, what the nearest section holds against it.

Said only where it is certain. A section speaks of a token that is evidently meant for the same API: its audience is one
that the section accepts, or the same application's other name. Sections of one layer are alternatives (branches of a
policy, settings of several environments): one that accepts the token is enough. A token for a wholly other audience is
compared only where it is about to be sent, and where there is but one API that it can be sent to.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from urllib.parse import unquote

import attrs

from claimlens.entra import application
from claimlens.expectations.accepted import Accepted, accepted_audiences, accepted_issuers
from claimlens.expectations.judges import NAMES, Judges, is_open
from claimlens.expectations.model import Expectation, SourceKind, Stated
from claimlens.expectations.overrides import completed
from claimlens.expectations.presented import Presented
from claimlens.expectations.relations import (
    AudienceRelation,
    IssuerRelation,
    relate_audiences,
    relate_issuers,
)


class Layer(enum.IntEnum):
    """Who checks a token, in the order in which a request meets them. Each of them has to accept it."""

    GATEWAY = 1
    PLATFORM = 2
    APPLICATION = 3


LAYERS = {
    SourceKind.VALIDATE_JWT: Layer.GATEWAY,
    SourceKind.VALIDATE_AZURE_AD_TOKEN: Layer.GATEWAY,
    SourceKind.APP_SERVICE: Layer.PLATFORM,
    SourceKind.IDENTITY_WEB: Layer.APPLICATION,
    SourceKind.JWT_BEARER: Layer.APPLICATION,
    SourceKind.SPRING: Layer.APPLICATION,
}
"""The sources that say what an API accepts; others may as well speak of calls that an application makes itself."""

POLICIES = (SourceKind.VALIDATE_JWT, SourceKind.VALIDATE_AZURE_AD_TOKEN)
_SAME_TENANT = frozenset((IssuerRelation.EQUAL, IssuerRelation.VERSION, IssuerRelation.SLASH, IssuerRelation.CASE))

AUDIENCE_CAUSES = {
    AudienceRelation.BLANK: "config-whitespace",
    AudienceRelation.SLASH: "audience-mismatch",
    AudienceRelation.CASE: "audience-mismatch",
    AudienceRelation.SAME_APPLICATION: "audience-guid-vs-app-id-uri",
    AudienceRelation.DIFFERENT: "audience-mismatch",
}
ISSUER_CAUSES = {
    IssuerRelation.BLANK: "config-whitespace",
    IssuerRelation.SLASH: "issuer-trailing-slash-or-case",
    IssuerRelation.CASE: "issuer-trailing-slash-or-case",
    IssuerRelation.VERSION: "issuer-v1-vs-v2",
    IssuerRelation.TENANT: "issuer-wrong-tenant",
    IssuerRelation.CLOUD: "tenant-cross-cloud",
    IssuerRelation.B2C_HOST: "issuer-b2c-vs-entra",
    IssuerRelation.CIAM: "issuer-ciam",
}
CLIENT_CAUSES = {
    SourceKind.VALIDATE_AZURE_AD_TOKEN: "required-claim-mismatch",
    SourceKind.APP_SERVICE: "easyauth-authorization-policy",
}
"""Who compares the calling application with a list: other sections list such applications for other reasons."""


class Aspect(enum.StrEnum):
    """What of a token is not accepted."""

    AUDIENCE = "audience"
    ISSUER = "issuer"
    CLIENT = "client"
    SCOPE = "scope"
    ROLE = "role"


@attrs.frozen
class Mismatch:
    """What a section holds against a token.

    Attributes:
        aspect: what is not accepted.
        cause: the cause code.
        expectation: the section.
        stated: the statements that would have to be others, the most telling first.
        accepted: the values that the section accepts in place of the token's.
    """

    aspect: Aspect
    cause: str
    expectation: Expectation
    stated: tuple[Stated, ...]
    accepted: tuple[str, ...]

    def path_of(self, stated: Stated) -> str | None:
        """Return the file that a statement of the section stands in."""
        return stated.path or self.expectation.path


@attrs.frozen
class Neighbourhood:
    """The sections that a document's tokens are compared with.

    Attributes:
        sections: those nearest to the document that say what an API accepts.
        beside: whether they lie in the document's own folder or below it.
        others: the other sections of the workspace.
    """

    sections: tuple[Expectation, ...]
    beside: bool = False
    others: tuple[Expectation, ...] = attrs.field(default=(), repr=False)

    @cached_property
    def layers(self) -> tuple[Judges, ...]:
        """The nearest sections by who checks a token, in the order in which a request meets them."""
        return tuple(Judges(tuple(each for each in self.sections if LAYERS[each.kind] is layer)) for layer in Layer)

    def names(self, audiences: Iterable[str]) -> bool:
        """Tell whether any section of the workspace names one of these audiences, in whatever form."""
        sought = {audience.removeprefix("api://") for audience in audiences}
        named = (stated for each in (*self.sections, *self.others) for stated in each.all_of(*NAMES))
        return any(stated.value.removeprefix("api://") in sought for stated in named)


def nearest(uri: str, expectations: Iterable[Expectation]) -> Neighbourhood | None:
    """Return the neighbourhood of a document: its folder and those below, or the first folder above with any."""
    judging = completed(expectation for expectation in expectations if expectation.kind in LAYERS and expectation.path)
    folder, steps = unquote(uri).rpartition("/")[0], 0
    while folder and not folder.endswith("/"):
        start = f"{folder}/"
        inside = tuple(each for each in judging if each.location.startswith(start))
        if inside:
            others = tuple(each for each in judging if not each.location.startswith(start))
            return Neighbourhood(inside, steps == 0, others)
        folder, steps = folder.rpartition("/")[0], steps + 1
    return None


def policies_for(audiences: Iterable[str], uri: str, expectations: Iterable[Expectation]) -> Iterator[Expectation]:
    """Yield the policies nearest to a document that accept one of these audiences."""
    near, wanted = nearest(uri, expectations), set(audiences)
    for section in near.sections if near is not None else ():
        if section.kind in POLICIES and any(known.value in wanted for known in accepted_audiences(section)):
            yield section


def mismatch(token: Presented, near: Neighbourhood, *, sent_to: str | None = None) -> Mismatch | None:
    """Return what the sections near a token hold against it, or None where nothing is certain.

    Args:
        token: the token.
        near: the sections.
        sent_to: the host that the token is about to be sent to, in lower case; None where it is not sent.
    """
    for judges in near.layers:
        found = _refusal(token, judges) or (_stranger(token, judges, near, sent_to) if sent_to else None)
        if found is not None:
            return found
    return None


def _refusal(token: Presented, judges: Judges) -> Mismatch | None:
    """Return why the sections that speak of the token's API refuse it; None where one of them accepts it."""
    refusals = []
    for section in () if judges.accept_anything else judges.of(token.audiences):
        relation, named = _nearest_audience(token, accepted_audiences(section))
        refusal = (
            _audience_refusal(section, relation, named)
            or _issuer(token, section)
            or _client(token, section)
            or _permission(token, section)
        )
        if refusal is None:
            return None
        refusals.append((refusal.aspect is Aspect.AUDIENCE, refusal))
    return min(refusals, key=lambda ranked: ranked[0], default=(False, None))[1]


def _nearest_audience(token: Presented, audiences: Sequence[Accepted]) -> tuple[AudienceRelation, Accepted]:
    pairs = [(relate_audiences(found, known.value), known) for found in token.audiences for known in audiences]
    return min(pairs, key=lambda pair: pair[0].value)


def _audience_refusal(section: Expectation, relation: AudienceRelation, nearest_one: Accepted) -> Mismatch | None:
    if relation is AudienceRelation.EQUAL:
        return None
    accepted = tuple(dict.fromkeys((nearest_one.value, *(each.value for each in accepted_audiences(section)))))
    return Mismatch(Aspect.AUDIENCE, AUDIENCE_CAUSES[relation], section, (nearest_one.stated,), accepted)


def _issuer(token: Presented, section: Expectation) -> Mismatch | None:
    issuers = accepted_issuers(section)
    if not issuers or is_open(section, "issuer", "metadata", "authority", "tenant", "instance", "domain"):
        return None
    if any(known.admits(token.issuer) for known in issuers):
        return None
    pairs = [(relate_issuers(token.issuer, known.value), known) for known in issuers]
    relation, named = min(pairs, key=lambda pair: pair[0].value)
    if relation not in ISSUER_CAUSES:
        return None  # equal but for the case of a tenant's domain, or of an identity provider that we do not know
    stated = (named.stated, *(stated for stated in section.of("metadata", "authority") if stated != named.stated))
    return Mismatch(Aspect.ISSUER, ISSUER_CAUSES[relation], section, stated, tuple(each.value for each in issuers))


def _client(token: Presented, section: Expectation) -> Mismatch | None:
    """Judge the application that asked for the token, where a section lists those that may call."""
    cause = CLIENT_CAUSES.get(section.kind)
    if cause is None or token.client is None or is_open(section, "allowed_client"):
        return None
    stated = section.of("allowed_client")
    allowed = tuple(each.value for each in stated)
    if not stated or token.client.lower() in [value.lower() for value in allowed]:
        return None
    return Mismatch(Aspect.CLIENT, cause, section, stated, allowed)


def _permission(token: Presented, section: Expectation) -> Mismatch | None:
    """Judge what a policy requires, and what Microsoft.Identity.Web asks of a user's token."""
    if section.kind not in POLICIES and not (section.kind is SourceKind.IDENTITY_WEB and token.scopes):
        return None
    for aspect, granted, other in ((Aspect.SCOPE, token.scopes, token.roles), (Aspect.ROLE, token.roles, token.scopes)):
        if aspect is Aspect.ROLE and section.kind not in POLICIES:
            continue
        stated = section.of(aspect.value)
        wanted = tuple(dict.fromkeys(word.rpartition("/")[2] for each in stated for word in each.value.split()))
        if not wanted or is_open(section, aspect.value) or granted.intersection(wanted):
            continue
        cause = "scope-vs-role-confusion" if other and not granted else f"missing-{aspect.value}"
        return Mismatch(aspect, cause, section, stated, wanted)
    return None


def _stranger(token: Presented, judges: Judges, near: Neighbourhood, sent_to: str) -> Mismatch | None:
    """Judge a token for a wholly other audience: only where it cannot be meant for anybody else."""
    known = [application(audience) for audience in token.audiences]
    if any(known):
        if _is_microsoft(sent_to):
            return None
    elif not near.beside:
        return None
    if not judges.list_audiences or not judges.are_of_one_api or judges.of(token.audiences):
        return None
    if near.names(token.audiences) or not any(same_tenant(token.issuer, section) for section in judges.sections):
        return None
    section = judges.sections[0]
    graph = any(each is not None and each.name == "Microsoft Graph" for each in known)
    cause = "graph-token-for-own-api" if graph else "audience-mismatch"
    accepted = tuple(each.value for each in accepted_audiences(section))
    return Mismatch(Aspect.AUDIENCE, cause, section, section.of("audience")[:1], accepted)


def sections_for(manifest: Expectation, workspace: Iterable[Expectation]) -> Iterator[Expectation]:
    """Yield the sections of a workspace that accept tokens for the application of a manifest, and no others."""
    names = {accepted.value for accepted in accepted_audiences(manifest)}
    for section in workspace:
        stated = {accepted.value for accepted in accepted_audiences(section)} if section.kind in LAYERS else set()
        if stated and stated <= names | {f"api://{name}" for name in names}:
            yield section


def only_version_of(section: Expectation) -> str | None:
    """Return the one version, ``1.0`` or ``2.0``, of the Entra ID tokens that a section accepts; None where not one."""
    if is_open(section, "issuer", "metadata", "authority"):
        return None
    versions = {_version(accepted.value) for accepted in accepted_issuers(section)}
    return versions.pop() if len(versions) == 1 else None


def _version(issuer: str) -> str | None:
    if "://sts." in issuer:
        return "1.0"
    return "2.0" if "://login." in issuer and issuer.endswith("/v2.0") else None


def same_tenant(issuer: str, section: Expectation) -> bool:
    """Tell whether a section accepts tokens of an issuer's tenant, whatever their version."""
    return any(relate_issuers(issuer, known.value) in _SAME_TENANT for known in accepted_issuers(section))


_MICROSOFT = tuple(
    f".{domain}"
    for domain in (
        "microsoft.com", "microsoft.us", "microsoftonline.com", "azure.com", "azure.net", "azure.us", "azure.cn",
        "windows.net", "chinacloudapi.cn", "usgovcloudapi.net", "dynamics.com", "sharepoint.com", "office.com",
        "office365.com", "powerbi.com", "powerapps.com", "visualstudio.com", "loganalytics.io",
        "applicationinsights.io", "azuredatabricks.net",
    )
)  # fmt: skip
"""Where Microsoft's own services answer, to which its own tokens belong."""


def _is_microsoft(host: str) -> bool:
    return f".{host}".endswith(_MICROSOFT)
