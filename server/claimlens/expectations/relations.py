"""How two audiences, or two issuers, that should be equal differ."""

from __future__ import annotations

import enum
import re
from urllib.parse import urlsplit

from claimlens import entra
from claimlens.expectations.accepted import TENANT

_GUID = re.compile(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")


_TENANT_HOSTS = frozenset({"sts.windows.net", "login.microsoftonline.com", "login.microsoftonline.us"})
"""Hosts whose issuers differ by the tenant alone (and the version, which is told from the path)."""


class AudienceRelation(enum.Enum):
    """How an expected audience relates to the one found."""

    EQUAL = enum.auto()
    BLANK = enum.auto()
    """The same but for blanks around it."""
    SLASH = enum.auto()
    """The same but for a slash at the end."""
    CASE = enum.auto()
    SAME_APPLICATION = enum.auto()
    """Client id against Application ID URI of one application."""
    DIFFERENT = enum.auto()


def relate_audiences(found: str, expected: str) -> AudienceRelation:
    """Say how ``expected`` relates to ``found``."""
    if found == expected:
        return AudienceRelation.EQUAL
    if found.strip() == expected.strip():
        return AudienceRelation.BLANK
    found, expected = found.strip(), expected.strip()
    if found.rstrip("/") == expected.rstrip("/"):
        return AudienceRelation.SLASH
    if found.lower() == expected.lower():
        return AudienceRelation.CASE
    ours, theirs = _GUID.findall(found.lower()), _GUID.findall(expected.lower())
    if ours and theirs and ours[-1] == theirs[-1]:
        return AudienceRelation.SAME_APPLICATION
    known, wanted = entra.application(found), entra.application(expected)
    if known is not None and wanted is not None and known.id == wanted.id:
        return AudienceRelation.SAME_APPLICATION
    return AudienceRelation.DIFFERENT


def application_key(audience: str) -> str:
    """Return what is the same for audiences that differ in their form alone, to look one up among many."""
    bare = audience.strip().rstrip("/").lower()
    guids = _GUID.findall(bare)
    return guids[-1] if guids else bare


class IssuerRelation(enum.Enum):
    """How an expected issuer relates to the one found."""

    EQUAL = enum.auto()
    BLANK = enum.auto()
    SLASH = enum.auto()
    CASE = enum.auto()
    VERSION = enum.auto()
    """The same tenant's other token version."""
    TENANT = enum.auto()
    """Another tenant of the same kind."""
    CLOUD = enum.auto()
    """Another national cloud."""
    B2C_HOST = enum.auto()
    """b2clogin.com against login.microsoftonline.com."""
    CIAM = enum.auto()
    """ciamlogin.com, or an External ID tenant, against another host."""
    DIFFERENT = enum.auto()


def relate_issuers(found: str, expected: str) -> IssuerRelation:
    """Say how ``expected`` (which may hold `TENANT`) relates to ``found``."""
    if found == expected:
        return IssuerRelation.EQUAL
    if found.strip() == expected.strip():
        return IssuerRelation.BLANK
    found, expected = found.strip(), expected.strip()
    ours, theirs = entra.match_issuer(found), entra.match_issuer(expected.replace(TENANT, _tenant_in(found)))
    if TENANT in expected and expected.replace(TENANT, _tenant_in(found)).lower() == found.lower():
        return IssuerRelation.EQUAL
    if found.rstrip("/") == expected.rstrip("/"):
        return IssuerRelation.SLASH
    if found.lower() == expected.lower():
        return IssuerRelation.CASE
    hosts = {_host(found), _host(expected)}
    if any(host.endswith(".ciamlogin.com") for host in hosts):
        return (
            IssuerRelation.CIAM
            if len(hosts) > 1 or _tenant_in(found) == _tenant_in(expected)
            else IssuerRelation.TENANT
        )
    if any(host.endswith(".b2clogin.com") for host in hosts) and len(hosts) > 1:
        return IssuerRelation.B2C_HOST
    if ours is None or theirs is None:
        # A tenant may be named, or its id left out by whoever reports the message.
        return IssuerRelation.TENANT if len(hosts) == 1 and hosts <= _TENANT_HOSTS else IssuerRelation.DIFFERENT
    if ours.family != theirs.family:
        return IssuerRelation.B2C_HOST if {ours.family, theirs.family} == {"b2c", "entra"} else IssuerRelation.DIFFERENT
    if ours.cloud and theirs.cloud and ours.cloud != theirs.cloud:
        return IssuerRelation.CLOUD
    if ours.family == "entra":
        same = ours.tenant_id == theirs.tenant_id or TENANT in expected or theirs.tenant_id is None
        return IssuerRelation.VERSION if same and ours.id != theirs.id else IssuerRelation.TENANT
    return IssuerRelation.TENANT if _tenant_in(found) != _tenant_in(expected) else IssuerRelation.DIFFERENT


def _tenant_in(issuer: str) -> str:
    found = _GUID.search(issuer)
    return found[0].lower() if found else "00000000-0000-0000-0000-000000000000"


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
