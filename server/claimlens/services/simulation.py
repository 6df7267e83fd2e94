"""Simulate policies from files: the policy, its fragments, the outer scopes and named values of a workspace."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from claimlens import jose
from claimlens.apim.document import PolicyDocument
from claimlens.apim.parser import parse
from claimlens.apim.simulator import IssuerDocuments, Request, Scope, Simulation, Surroundings, simulate
from claimlens.diagnosis.http_messages import read_messages
from claimlens.jose.verification_keys import read_key_set
from claimlens.services import files
from claimlens.services.files import TextFile

_POLICY_NAMES = ("policy.xml", "policies.xml")
_MAXIMUM_FILES = 2_000


def request_of(text: str) -> Request | None:
    """Return the first request in a raw HTTP or ``.http`` text, or None."""
    requests, _ = read_messages(text)
    if not requests:
        return None
    first = requests[0]
    headers = tuple((header.name, header.value.strip()) for header in first.headers)
    address = next((value.split(",")[0].strip() for name, value in headers if name == "x-forwarded-for"), None)
    return Request(first.method, first.url, headers, first.body, address)


def request_with(token: str, document: PolicyDocument) -> Request:
    """Return a GET that carries ``token`` where the document's first JWT policy looks for it."""
    for element in document.elements:
        if element.name not in ("validate-jwt", "validate-azure-ad-token"):
            continue
        parameter, header = element.attribute("query-parameter-name"), element.attribute("header-name")
        if parameter is not None:
            return Request(url=f"https://gateway.example/?{parameter.raw}={token}")
        if header is not None and header.raw.lower() != "authorization":
            return Request(headers=((header.raw, token),))
        scheme = element.attribute("require-scheme")
        word = scheme.raw if scheme is not None and scheme.raw.isalpha() else "Bearer"
        return Request(headers=(("Authorization", f"{word} {token}"),))
    return Request(headers=(("Authorization", f"Bearer {token}"),))


def issuer_documents(
    metadata: Iterable[tuple[str, Mapping[str, Any]]], key_sets: Iterable[tuple[str, Mapping[str, Any]]]
) -> dict[str, IssuerDocuments]:
    """Join metadata and key sets by the ``openid-config`` URL they serve; an empty URL serves every one."""
    issuers = {url: document.get("issuer") for url, document in metadata}
    rings = {
        url: read_key_set([key for key in document.get("keys", []) if isinstance(key, Mapping)])
        for url, document in key_sets
    }
    found = {}
    for url in {*issuers, *rings}:
        issuer = issuers.get(url, issuers.get(""))
        found[url] = IssuerDocuments(issuer if isinstance(issuer, str) else None, rings.get(url, rings.get("")))
    return found


def run_policy(
    policy: Path,
    text: str,
    request: Request,
    now: datetime,
    *,
    issuers: Mapping[str, IssuerDocuments],
    named_values: Mapping[str, str],
    workspace: Path | None = None,
) -> Simulation:
    """Simulate the policy in ``text`` (read from ``policy``) with what the workspace around it holds."""
    scopes = [Scope(_scope_name(policy), parse(text))]
    fragments: dict[str, Scope] = {}
    values = dict(named_values)
    if workspace is not None:
        scopes += _outer_scopes(policy, workspace)
        fragments = dict(_fragments(workspace))
        values = {**_named_values(workspace), **values}
    return simulate(request, Surroundings(tuple(scopes), issuers, values, fragments), now)


def first_token(text: str) -> str | None:
    """Return the first token in a text, as a compact serialization."""
    return next((token.text for token in jose.scan(text) if token.text), None)


def _scope_name(policy: Path) -> str:
    """Tell a policy's scope by the conventional layout of API Management artifacts."""
    parts = [part.lower() for part in policy.parts]
    for folder, scope in (
        ("operations", "operation"),
        ("apis", "api"),
        ("products", "product"),
        ("workspaces", "workspace"),
    ):
        if folder in parts[:-1]:
            return scope
    return "global" if policy.name.lower() in _POLICY_NAMES else "api"


def _outer_scopes(policy: Path, workspace: Path) -> Iterator[Scope]:
    """Yield the policies of the folders above, innermost first; the products of an API are not known from files."""
    folder = policy.resolve().parent
    root = workspace.resolve()
    while folder != root and root in folder.parents:
        folder = folder.parent
        for name in _POLICY_NAMES:
            found = folder / name
            file = files.read_text(found) if found.is_file() else None
            if isinstance(file, TextFile):
                yield Scope(_scope_name(found), parse(file.text), str(found))


def _fragments(workspace: Path) -> Iterator[tuple[str, Scope]]:
    for file in _workspace_files(workspace, ".xml"):
        if "<fragment" in file.text[:2_000]:
            name = file.path.parent.name if file.path.name.lower() in _POLICY_NAMES else file.path.stem
            yield name.removesuffix(".policy"), Scope("fragment", parse(file.text), str(file.path))


def _named_values(workspace: Path) -> dict[str, str]:
    """Return named values that are declared with their values (``namedValueInformation.json`` of artifacts)."""
    found: dict[str, str] = {}
    for file in _workspace_files(workspace, ".json"):
        if not file.path.name.lower().startswith("namedvalueinformation"):
            continue
        try:
            properties = json.loads(file.text).get("properties", {})
        except (ValueError, AttributeError, RecursionError):
            continue
        name, value = properties.get("displayName"), properties.get("value")
        if isinstance(name, str) and isinstance(value, str):
            found[name] = value
    return found


def _workspace_files(workspace: Path, ending: str) -> Iterator[TextFile]:
    for count, path in enumerate(files.discover([workspace])):
        if count >= _MAXIMUM_FILES:
            return
        if path.suffix.lower() == ending:
            file = files.read_text(path)
            if isinstance(file, TextFile):
                yield file
