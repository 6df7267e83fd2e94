"""Gather the values of a file into sections: what stands together states one expectation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from claimlens.expectations.formats.model import Entry, ValueKind
from claimlens.expectations.model import Expectation, SourceKind, Stated
from claimlens.expectations.vocabulary import normal, role_of, role_of_value
from claimlens.text.spans import hull

_ANCHORS: Mapping[str, SourceKind] = {
    **dict.fromkeys(("azuread", "azureadb2c", "azureadciam", "entraid", "entra"), SourceKind.IDENTITY_WEB),
    **dict.fromkeys(
        ("jwt", "jwtbearer", "bearer", "jwtsettings", "jwtoptions", "oidc", "openid"), SourceKind.JWT_BEARER
    ),
    **dict.fromkeys(("azureactivedirectory", "activedirectoryv2"), SourceKind.APP_SERVICE),
    **dict.fromkeys(("activedirectory", "resourceserver"), SourceKind.SPRING),
    **dict.fromkeys(("ida",), SourceKind.FILE),
}
"""Names of sections that state what an API accepts; the innermost of a path counts."""

_OUTBOUND = (
    "downstream",
    "graphapi",
    "microsoftgraph",
    "keyvault",
    "storage",
    "connectionstrings",
    "logging",
    "serilog",
)
"""Sections about calls that the application makes itself: what they name is not what it accepts."""

_NEVER_TRUTH_VALUES = frozenset(("audience", "issuer", "client", "tenant", "scope", "role"))
"""Roles whose names stand in switches too (``validateIssuer: true``)."""

_TOLD_BY_NULL = frozenset(("token_version",))
"""Roles of which null says something; of others it says that nothing is set."""

_MANIFEST_KEYS = frozenset(
    normal(key)
    for key in (
        "identifierUris", "requiredResourceAccess", "signInAudience", "accessTokenAcceptedVersion", "optionalClaims",
        "requestedAccessTokenVersion", "appRoles", "groupMembershipClaims", "acceptMappedClaims", "oauth2Permissions",
        "oauth2AllowImplicitFlow", "oauth2AllowIdTokenImplicitFlow", "preAuthorizedApplications", "replyUrlsWithType",
    )
)  # fmt: skip


def expectations_of(entries: Iterable[Entry], kind: SourceKind) -> Iterator[Expectation]:
    """Yield an expectation for each section of ``entries``; ``kind`` is what sections without a known name are."""
    collected = tuple(entries)
    if _is_manifest(collected):
        yield from _manifest(collected)
        return
    sections: dict[tuple[str, ...], list[tuple[str, Entry]]] = defaultdict(list)
    kinds: dict[tuple[str, ...], SourceKind] = {}
    for entry in collected:
        role = role_of(entry.path) or role_of_value(entry.value)
        if (
            role is None
            or (entry.kind is ValueKind.NULL and role not in _TOLD_BY_NULL)
            or (role in _NEVER_TRUTH_VALUES and entry.value.lower() in ("true", "false"))
            or any(word in normal(part) for part in entry.path for word in _OUTBOUND)
        ):
            continue
        section, section_kind = _section(entry.path, kind)
        sections[section].append((role, entry))
        kinds[section] = section_kind
    for section, found in sections.items():
        yield _expectation(kinds[section], ":".join(section), found)


def _section(path: tuple[str, ...], kind: SourceKind) -> tuple[tuple[str, ...], SourceKind]:
    for index in range(len(path) - 1, 0, -1):
        anchor = _ANCHORS.get(normal(path[index - 1]))
        if anchor is not None:
            return path[:index], anchor
    return ((path[0],) if len(path) > 1 and kind is SourceKind.FILE else ()), kind


def _expectation(kind: SourceKind, label: str, found: list[tuple[str, Entry]]) -> Expectation:
    statements: dict[str, list[Stated]] = defaultdict(list)
    for role, entry in found:
        statements[role].append(Stated(entry.value, entry.span, entry.label))
    return Expectation(
        kind=kind,
        label=label or str(kind),
        span=hull(entry.span for _, entry in found),
        statements={role: tuple(values) for role, values in statements.items()},
    )


def _is_manifest(entries: tuple[Entry, ...]) -> bool:
    """Tell whether the file is an application manifest, in Microsoft Graph's or the older form."""
    top = {normal(part) for entry in entries for part in entry.path[:1]}
    has_id = bool({"appid", "id"} & top)
    return has_id and bool(_MANIFEST_KEYS & {normal(part) for entry in entries for part in entry.path[:2]})


def _manifest(entries: tuple[Entry, ...]) -> Iterator[Expectation]:
    found = []
    for entry in entries:
        names = [normal(part) for part in entry.path if not part.isdigit()]
        role = role_of(entry.path)
        if names[-1:] == ["value"] and any(name.startswith("oauth2permission") for name in names):
            role = "scope"
        elif names[-1:] == ["value"] and "approles" in names:
            role = "role"
        elif names[:1] == ["optionalclaims"]:
            role = "optional_claim"
        elif role in ("scope", "role") or (role == "client" and len(names) > 1):
            role = None  # requiredResourceAccess names the permissions and ids of other applications
        elif names[-1:] == ["acceptedtokenversion"]:
            role = "misnamed_token_version"
        if role is not None:
            found.append((role, entry))
    if found:
        yield _expectation(SourceKind.MANIFEST, "app manifest", found)
