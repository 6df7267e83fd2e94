"""Where tokens are sent, and what they were asked for, as requests, logs and source code tell it."""

from __future__ import annotations

import re
from collections.abc import Iterator

import attrs

from claimlens.diagnosis.case import Artefact, Case
from claimlens.diagnosis.microsoft_services import service_at
from claimlens.diagnosis.model import Evidence

MAXIMUM_PLACES = 200
"""Addresses that are looked at in one file."""

_ADDRESS = re.compile(r"https?://(?P<host>[A-Za-z0-9.-]{4,200})(?::\d{1,5})?(?P<path>/[^\s\"'`<>)\\]{0,1000})?")
_IDENTITY_HOST = re.compile(
    r"^login\.|\.(?:b2clogin|ciamlogin)\.com$|^sts\.|schemas|^aka\.ms$|^(?:learn|docs)\.|^(?:www\.)?(?:rfc-editor|ietf)"
    r"|tools\.ietf|w3\.org$|github|\.scm\.|^jwt\.|^localhost$|^169\.254\.|^127\."
)
_CALLED = re.compile(r"\b(?:GET|POST|PUT|PATCH|DELETE|for url|40[13]|calling|called|request)\b", re.IGNORECASE)
_OPERATION = re.compile(r"/(?:v\d|beta\b|subscriptions\b|_api\b|_vti_bin\b|api\b|secrets\b|keys\b)|/[^/?]+/[^/?]+|\?")
_RESOURCES = (
    re.compile(r"(?P<resource>(?:https?|api)://[^\s\"'`<>,;|]{3,200}?)/{1,2}\.default\b"),
    re.compile(
        r"(?:\b(?:\w{1,30}_)?resource(?:_?(?:url|id|uri)|_\w{1,30})?|--resource|-Resource(?:Url)?)[\"']?(?:\s{0,5}[:=,]\s{0,5}|\s{1,5})[\[(]?[\"']?"
        r"(?P<resource>(?:https?|api)://[^\s\"'`<>,;&)]{3,200})",
        re.IGNORECASE,
    ),
)

_BY_DEFAULT = re.compile(
    r"\baz account get-access-token(?![^\n|)]{0,300}--(?:resource|scope))"
    r"|\bGet-AzAccessToken\b(?![^\n|]{0,300}-Resource)",
    re.IGNORECASE,
)
"""Commands that ask for a token of Azure Resource Manager where nothing else is named."""
_MANAGEMENT = "https://management.azure.com"


@attrs.frozen
class Target:
    """A host that is called, and the rest of the address."""

    host: str
    path: str
    evidence: Evidence

    @property
    def is_function(self) -> bool:
        """Whether this may be a function of Azure Functions, called without its key."""
        return self.host.endswith(".azurewebsites.net") and "/api/" in self.path and "code=" not in self.path


@attrs.frozen
class Asked:
    """A resource for which a token is asked, without ``/.default``."""

    resource: str
    evidence: Evidence


def targets(case: Case) -> tuple[Target, ...]:
    """Return the hosts that are called, as far as the input tells; else those that source code would call."""
    return told_targets(case) or _called_in(case, spoken=False)


def told_targets(case: Case) -> tuple[Target, ...]:
    """Return the hosts that were called, as whole requests or else logs tell; hosts that issue tokens are left out."""
    requests = tuple(
        Target(request.host, request.url, artefact.evidence(request.span))
        for artefact, request in case.requests
        if request.host and not _IDENTITY_HOST.search(request.host)
    )
    return requests or _called_in(case, spoken=True)


def _called_in(case: Case, *, spoken: bool) -> tuple[Target, ...]:
    return tuple(
        target
        for artefact in case.artefacts
        if artefact.is_spoken is spoken and not (spoken and artefact.requests)
        for target in _addresses(artefact)
    )


def _addresses(artefact: Artefact) -> Iterator[Target]:
    """Yield the hosts of addresses in a log or in source that are called, not named as an audience or a scope."""
    for found, _ in zip(_ADDRESS.finditer(artefact.text), range(MAXIMUM_PLACES), strict=False):
        host, path = found["host"].lower(), found["path"] or ""
        if (
            _IDENTITY_HOST.search(host)
            or "/.default" in path
            or path.endswith("/getMemberObjects")
            or not _OPERATION.search(path)
        ):
            continue
        evidence = artefact.evidence_at(found.start())
        if service_at(host) is not None or _CALLED.search(evidence.text):
            yield Target(host, path, evidence)


def asked(case: Case) -> Iterator[Asked]:
    """Yield the resources for which tokens are asked in requests and source."""
    for artefact in case.artefacts:
        for pattern in _RESOURCES:
            for found in pattern.finditer(artefact.text):
                yield Asked(found["resource"].rstrip("/") or found["resource"], artefact.evidence_at(found.start()))
        for found in _BY_DEFAULT.finditer(artefact.text):
            yield Asked(_MANAGEMENT, artefact.evidence_at(found.start()))
