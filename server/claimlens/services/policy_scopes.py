"""The scopes of a policy by where it lies among the artifacts of an API Management service.

The layout is that of apiops: ``policy.xml`` is global, ``apis/orders/policy.xml`` an API's,
``apis/orders/operations/get/policy.xml`` an operation's, ``products/starter/policy.xml`` a product's, and
``workspaces/sales/`` holds the same again. https://github.com/Azure/apiops
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from claimlens.apim.parser import parse
from claimlens.apim.simulator import Scope, decides
from claimlens.services import files
from claimlens.services.files import TextFile

_POLICY_NAMES = ("policy.xml", "policies.xml")
_FOLDERS = (("operations", "operation"), ("apis", "api"), ("products", "product"))
_DEEPEST = 6
"""Names of a path that tell the scope where no folder is known that the artifacts lie in."""
MOST_PRODUCTS = 200


def scope_name(policy: Path, workspace: Path | None = None) -> str:
    """Tell a policy's scope: ``global``, ``workspace``, ``product``, ``api`` or ``operation``."""
    path = policy.resolve()
    root = workspace.resolve() if workspace is not None else None
    parts = path.relative_to(root).parts if root is not None and path.is_relative_to(root) else path.parts[-_DEEPEST:]
    folders = [part.lower() for part in parts[:-1]]
    for folder, scope in _FOLDERS:
        if folder in folders:
            return scope
    if path.name.lower() not in _POLICY_NAMES:
        return "api"
    return "workspace" if folders[-2:-1] == ["workspaces"] else "global"


def outer_scopes(policy: Path, workspace: Path) -> tuple[list[Scope], tuple[str, ...]]:
    """Return the policies around one, innermost first, and the products of its API that are left out.

    The product through which an API is called is known where it is in one alone; of several the subscription decides.
    """
    scopes = list(_above(policy, workspace))
    products = list(_products(policy, workspace))
    if len(products) > 1:
        return scopes, tuple(Path(each.path).parent.name for each in products if decides(each.document))
    inner = sum(scope.name in ("api", "operation") for scope in scopes)
    return [*scopes[:inner], *products, *scopes[inner:]], ()


def _above(policy: Path, workspace: Path) -> Iterator[Scope]:
    folder, root = policy.resolve().parent, workspace.resolve()
    while folder != root and root in folder.parents:
        folder = folder.parent
        yield from _read(folder, workspace)


def _products(policy: Path, workspace: Path) -> Iterator[Scope]:
    """Yield the policies of the products that an API is in."""
    path, root = policy.resolve(), workspace.resolve()
    folders = [each for each in path.parents if each.parent.name.lower() == "apis" and each.is_relative_to(root)]
    if not folders:
        return
    name, artifacts = folders[-1].name, folders[-1].parent.parent
    try:
        products = sorted(islice((artifacts / "products").iterdir(), MOST_PRODUCTS))
    except OSError:
        return
    for product in products:
        if (product / "apis" / name).is_dir() or name in _listed(product / "apis.json"):
            yield from _read(product, workspace)


def _listed(file: Path) -> list[str]:
    """Return the names in a list of APIs: ``[{"name": "orders"}]``."""
    found = files.read_text(file)
    try:
        content = json.loads(found.text) if isinstance(found, TextFile) else []
    except (ValueError, RecursionError):
        return []
    named = (each.get("name") for each in content if isinstance(each, dict)) if isinstance(content, list) else ()
    return [name for name in named if isinstance(name, str)]


def _read(folder: Path, workspace: Path) -> Iterator[Scope]:
    for name in _POLICY_NAMES:
        found = folder / name
        file = files.read_text(found)
        if isinstance(file, TextFile):
            yield Scope(scope_name(found, workspace), parse(file.text), str(found))
