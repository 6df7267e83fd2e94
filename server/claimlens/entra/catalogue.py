"""Names for the ids that stand in tokens: applications, tenants, directory roles, permissions of Microsoft Graph."""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from typing import Any

from claimlens.entra.data import load
from claimlens.entra.guids import as_guid
from claimlens.entra.model import Application, DirectoryRole, Permission, PermissionType, Tenant

MICROSOFT_GRAPH = "00000003-0000-0000-c000-000000000000"
SHAREPOINT = "00000003-0000-0ff1-ce00-000000000000"
TOKEN_EXCHANGE = "fb60f99c-7a34-4190-8149-302f77469936"  # noqa: S105 (an application id)
PERSONAL_ACCOUNTS = "9188040d-6c67-4c5b-b112-36a304b66dad"

_LONGEST_AUDIENCE = 512


def application(id_or_uri: Any) -> Application | None:
    """Return the Microsoft application with this id or audience URI, or None.

    A prefix ``spn:`` or ``api://`` before an id, a slash at the end and upper case do not matter here: this names
    things, it does not compare audiences.
    """
    if not isinstance(id_or_uri, str) or len(id_or_uri) > _LONGEST_AUDIENCE:
        return None
    key = _normal(id_or_uri)
    found = _applications().get(key)
    if found:
        return found
    return next((known for pattern, known in _audience_patterns() if pattern.fullmatch(key)), None)


def tenant(tenant_id: Any) -> Tenant | None:
    """Return the tenant with this id if it is one that everybody meets, or None."""
    return _tenants().get(as_guid(tenant_id) or "")


def directory_role(template_id: Any) -> DirectoryRole | None:
    """Return the directory role (or marker) that this ``wids`` entry names, or None."""
    return _directory_roles().get(as_guid(template_id) or "")


def permission(value: Any, permission_type: PermissionType) -> Permission | None:
    """Return the permission of Microsoft Graph with this value, such as ``User.Read``, in any case, or None."""
    return _permissions(permission_type).get(value.lower()) if isinstance(value, str) else None


def meaning_of(claim: str, value: Any) -> str | None:
    """Return what a coded value of ``claim`` (``amr``, ``acr``, ``idtyp`` …) means, or None."""
    values: Mapping[str, str] = load("authentication")["values"].get(claim, {})
    return values.get(value) if isinstance(value, str) else None


def _normal(audience: str) -> str:
    key = audience.strip().lower().removeprefix("spn:").rstrip("/")
    identifier = key.removeprefix("api://")[:36]
    rest = key.removeprefix("api://")[36:]
    # SharePoint's older tokens write their audience as id/host@tenant.
    return identifier if as_guid(identifier) and rest[:1] in ("", "/", "@") else key


@functools.cache
def _applications() -> dict[str, Application]:
    table: dict[str, Application] = {}
    for entry in load("applications")["applications"]:
        by_cloud: dict[str, list[str]] = entry.get("audiences", {})
        audiences = tuple(uri for uris in by_cloud.values() for uri in uris)
        table[entry["id"]] = _application(entry, audiences, None)
        for cloud, uris in by_cloud.items():
            for uri in uris:
                table.setdefault(_normal(uri), _application(entry, audiences, cloud))
    return table


def _application(entry: Mapping[str, Any], audiences: tuple[str, ...], cloud: str | None) -> Application:
    return Application(
        id=entry["id"],
        name=entry["name"],
        role=entry["role"],
        audiences=audiences,
        note=entry.get("note", ""),
        cloud=cloud,
        confidence=entry["confidence"],
    )


@functools.cache
def _audience_patterns() -> tuple[tuple[re.Pattern[str], Application], ...]:
    """The audiences with a part that differs from customer to customer, such as ``https://{tenant}.sharepoint.com``."""
    return tuple(
        (re.compile(re.sub(r"\\\{[a-z]+\\\}", "[a-z0-9-]+", re.escape(uri))), known)
        for uri, known in _applications().items()
        if "{" in uri
    )


@functools.cache
def _tenants() -> dict[str, Tenant]:
    return {entry["id"]: Tenant(entry["id"], entry["name"], entry["note"]) for entry in load("tenants")["tenants"]}


@functools.cache
def _directory_roles() -> dict[str, DirectoryRole]:
    content = load("directory_roles")
    roles = [
        DirectoryRole(entry["id"], entry["name"], privileged=entry.get("privileged", False))
        for entry in content["roles"]
    ]
    markers = [
        DirectoryRole(entry["id"], entry["name"], marker=True, note=entry["note"]) for entry in content["markers"]
    ]
    return {role.id: role for role in [*roles, *markers]}


@functools.cache
def _permissions(permission_type: PermissionType) -> dict[str, Permission]:
    return {
        value.lower(): Permission(value, permission_type, identifier, title, admin_consent=rest[0] if rest else True)
        for value, identifier, title, *rest in load("graph_permissions")[permission_type]
    }
