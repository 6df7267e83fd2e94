"""Simulate policies from files: the policy, its fragments, the outer scopes and named values of a workspace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from claimlens import jose
from claimlens.apim.declarations import NOTHING_DECLARED, Declaration, Declared, NameKind
from claimlens.apim.document import PolicyDocument
from claimlens.apim.parser import parse
from claimlens.apim.simulator import IssuerDocuments, Request, Scope, Simulation, Surroundings, simulate
from claimlens.apim.sources import find_policies
from claimlens.apim.values import value_of
from claimlens.diagnosis.carriers import parts_of
from claimlens.diagnosis.command_requests import other_requests
from claimlens.diagnosis.http_messages import HttpRequest, read_messages
from claimlens.jose.verification_keys import read_key_set
from claimlens.rules.request_variables import filled, variables_of
from claimlens.services import files
from claimlens.services.files import TextFile
from claimlens.services.policy_scopes import outer_scopes, scope_name
from claimlens.services.workspace_index import WorkspaceIndex, scan


def requests_of(name: str, text: str) -> tuple[Request, ...]:
    """Return the requests in a file of any kind that `parts_of` and `read_messages` know, its variables filled in."""
    variables = variables_of(text)
    return tuple(
        _request(each, variables)
        for part in parts_of(name, text)
        for each in (*read_messages(part.text)[0], *other_requests(part.text))
    )


def _request(message: HttpRequest, variables: Mapping[str, str]) -> Request:
    headers = tuple((header.name, filled(header.value, variables).strip()) for header in message.headers)
    address = next((value.split(",")[0].strip() for name, value in headers if name == "x-forwarded-for"), None)
    url, body = filled(message.url, variables), filled(message.body, variables)
    return Request(message.method, url, headers, body, address)


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
    declared: Declared = NOTHING_DECLARED,
) -> Simulation:
    """Simulate the policy in ``text`` (read from ``policy``) with what the workspace around it holds.

    Args:
        policy: the file; its place tells the scope.
        text: the policy.
        request: the call.
        now: the moment of the call (aware).
        issuers: documents of issuers, as `issuer_documents` returns them.
        named_values: values by name; they stand before declared ones.
        workspace: the folder with the policies of outer scopes.
        declared: the fragments and named values of the workspace, as `declared_in` returns them.
    """
    scopes = [Scope(scope_name(policy, workspace), parse(text))]
    products: tuple[str, ...] = ()
    if workspace is not None:
        outer, products = outer_scopes(policy, workspace)
        scopes += outer
    known = ((name, declared.value_of(name)) for name in declared.names(NameKind.NAMED_VALUE))
    values = {name: value for name, value in known if value is not None}
    fragments = dict(_fragments(scopes, declared))
    return simulate(request, Surroundings(tuple(scopes), issuers, {**values, **named_values}, fragments, products), now)


def declared_in(workspace: Path) -> Declared:
    """Return the named values and fragments that the files of a folder declare."""
    index = WorkspaceIndex()
    index.take(scan([workspace.resolve()]))
    return index.declared()


def first_token(text: str) -> str | None:
    """Return the first token in a text, as a compact serialization."""
    return next((token.text for token in jose.scan(text) if token.text), None)


def _fragments(scopes: Iterable[Scope], declared: Declared) -> Iterator[tuple[str, Scope]]:
    """Yield the fragments that policies, and fragments in them, include, by the ids that they are included by."""
    pending, seen = list(scopes), set[str]()
    for scope in pending:  # grows while it is walked
        for name in _included(scope.document):
            if name in seen:
                continue
            seen.add(name)
            held = (_held(each) for each in declared.find(NameKind.FRAGMENT, name))
            found = next((fragment for fragment in held if fragment is not None), None)
            if found is not None:
                pending.append(found)
                yield name, found


def _included(document: PolicyDocument) -> Iterator[str]:
    for element in document.elements:
        attribute = element.attribute("fragment-id") if element.name == "include-fragment" else None
        if attribute is not None:
            yield value_of(attribute).text


def _held(declaration: Declaration) -> Scope | None:
    """Return a fragment: from its file, or from the template that writes it out."""
    path = files.path_of(declaration.content_path or declaration.path)
    file = files.read_text(path) if path and (declaration.content_path or declaration.inline) else None
    if path is None or not isinstance(file, TextFile):
        return None
    if declaration.content_path:
        return Scope("fragment", parse(file.text), str(path))
    sources = find_policies(file.text, path.name)
    written = (each for each in sources if declaration.inline and declaration.inline.covers(each.span))
    return next((Scope("fragment", each.document, str(path)) for each in written), None)
