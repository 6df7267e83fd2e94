"""How long it takes to index a workspace, what that costs in memory, and how soon an edit shows in other files.

A third of the relevant files are settings, a third templates with named values, a third policies.
Run it as ``python benchmarks/index.py [files] [relevant]``. Exit status 1 where reading 20,000 files with 500 relevant
ones takes 5 s, memory grows by 60 MB, or an edit of one file that states something takes 100 ms to show.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from claimlens.rules.context import Workspace  # noqa: E402
from claimlens.rules.engine import check  # noqa: E402
from claimlens.services.workspace_index import WorkspaceIndex, scan  # noqa: E402
from claimlens.settings import Settings  # noqa: E402
from claimlens.text.snapshot import Snapshot  # noqa: E402
from tests.support.tokens import make_token  # noqa: E402

LIMIT_SECONDS, LIMIT_MEGABYTES, LIMIT_EDIT = 5.0, 60.0, 0.1
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
TENANT = "11111111-2222-3333-4444-555555555555"
ENDINGS = ("cs", "ts", "md", "json", "yml", "py")
OPEN_DOCUMENTS = 20
_NAMED_VALUE = """resource value{0} 'Microsoft.ApiManagement/service/namedValues@2024-05-01' = {{
  parent: apim
  name: 'value-{0}'
  properties: {{ displayName: 'value-{0}', value: 'a value' }}
}}
"""
_POLICY = """<policies>
  <inbound>
    <base />
    <validate-azure-ad-token tenant-id="{{{{tenant-{0}}}}}">
      <audiences><audience>api</audience></audiences>
    </validate-azure-ad-token>
    <include-fragment fragment-id="fragment-{0}" />
  </inbound>
</policies>
"""


def main() -> int:
    """Measure, print, and return the exit status."""
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    relevant = int(sys.argv[2]) if len(sys.argv) > 2 else 500
    with tempfile.TemporaryDirectory() as name:
        root = Path(name).resolve()
        _write(root, files, relevant)
        before, started = _memory(), time.perf_counter()
        index = WorkspaceIndex()
        scanned = scan([root])
        index.take(scanned)
        declared = index.declared()
        took, grown = time.perf_counter() - started, _memory() - before
        edit = _edit(root, index)
    print(
        f"{scanned.files} files, {len(scanned.found)} of them say something, {len(declared.declarations)} named values"
    )
    print(f"indexed in {took:.2f} s (limit {LIMIT_SECONDS} s), {grown:.1f} MB more (limit {LIMIT_MEGABYTES} MB)")
    print(f"an edit shows in {OPEN_DOCUMENTS} open documents after {edit * 1000:.1f} ms (limit {LIMIT_EDIT * 1000} ms)")
    return int(took >= LIMIT_SECONDS or grown >= LIMIT_MEGABYTES or edit >= LIMIT_EDIT)


def _write(root: Path, files: int, relevant: int) -> None:
    every = max(1, files // relevant)
    for number in range(files):
        folder = root / f"area{number // 1000}" / f"service{number // 20}"
        folder.mkdir(parents=True, exist_ok=True)
        if number % every == 0:
            name, text = _relevant(number, number // every)
            (folder / name).write_text(text, encoding="utf-8")
        else:
            ending = ENDINGS[number % len(ENDINGS)]
            (folder / f"file{number}.{ending}").write_text('{"name": "nothing of interest"}\n' * 40, encoding="utf-8")


def _relevant(number: int, index: int) -> tuple[str, str]:
    """Return the name and text of a file: settings, a template that declares named values, or a policy, in turn."""
    if index % 3 == 0:
        return f"appsettings.{number}.json", _settings(number)
    if index % 3 == 1:
        return f"main{number}.bicep", "".join(_NAMED_VALUE.format(f"{number}-{each}") for each in range(20))
    return f"policy{number}.xml", _POLICY.format(number)


def _settings(number: int, audience: str = "") -> str:
    section = {
        "Instance": "https://login.microsoftonline.com/",
        "TenantId": TENANT,
        "ClientId": f"aaaaaaaa-0000-4000-8000-{number:012}",
        "Audience": audience or f"aaaaaaaa-0000-4000-8000-{number:012}",
    }
    return json.dumps({"AzureAd": section, "Logging": {"LogLevel": {"Default": "Information"}}}, indent=2)


def _edit(root: Path, index: WorkspaceIndex) -> float:
    """Return the seconds from an edit of settings to the findings of the open requests beside them."""
    folder = root / "area0" / "service0"
    claims = {
        "aud": f"api://aaaaaaaa-0000-4000-8000-{0:012}",
        "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0",
        "tid": TENANT,
        "ver": "2.0",
        "azp": "c",
        "scp": "Orders.Read",
    }
    text = f"GET https://orders.example/1\nAuthorization: Bearer {make_token({'alg': 'RS256'}, claims)}\n"
    requests = [Snapshot.of(text, (folder / f"{number}.http").as_uri()) for number in range(OPEN_DOCUMENTS)]
    settings, uri = Settings(), (folder / "appsettings.0.json").as_uri()
    results = [check(each, settings, NOW, workspace=Workspace(root.as_uri(), index.view())) for each in requests]
    started = time.perf_counter()
    index.document_changed(uri, _settings(0, "api://something-else"))
    workspace = Workspace(root.as_uri(), index.view())
    for request, result in zip(requests, results, strict=True):
        check(request, settings, NOW, workspace=workspace, previous=result)
    return time.perf_counter() - started


def _memory() -> float:
    """Return the megabytes that this process holds now."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:  # not Linux: the most it ever held
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000_000
    return pages * 4096 / 1_000_000


if __name__ == "__main__":
    sys.exit(main())
