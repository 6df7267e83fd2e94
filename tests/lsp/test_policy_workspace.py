"""The real server over pipes, with a workspace on disk: what is declared is found at the start, and followed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.support.cursor import in_inbound
from tests.support.server import capabilities
from tests.support.stdio import Client

REFRESH = "workspace/diagnostic/refresh"
POLICY = in_inbound('<include-fragment fragment-id="authenticate" /><include-fragment fragment-id="log" />')


def started(folder: Path) -> Client:
    client = Client()
    folders = [{"uri": folder.as_uri(), "name": "service"}]
    params = {"processId": None, "rootUri": None, "capabilities": capabilities(), "workspaceFolders": folders}
    client.request("initialize", params)
    client.notify("initialized", {})
    return client


def wait_until_told(client: Client) -> None:
    """Answer what the server asks until it says that diagnostics have changed."""
    while (message := client.receive()) is not None:
        if "method" in message and "id" in message:
            items = (message.get("params") or {}).get("items")
            client.send({"id": message["id"], "result": [None] * len(items) if items else None})
        if message.get("method") == REFRESH:
            return
    raise EOFError


def wait_for(client: Client, uri: str, names: list[str]) -> None:
    """Wait until just these names are told to be unknown; each change is told, so that there is no need to sleep."""
    while unknown(client, uri) != names:
        wait_until_told(client)


def unknown(client: Client, uri: str) -> list[str]:
    params = {"textDocument": {"uri": uri}}
    items: list[dict[str, Any]] = client.request("textDocument/diagnostic", params)["result"]["items"]
    lines = POLICY.splitlines()
    places = [each["range"] for each in items if each["code"] == "apim-unknown-fragment"]
    return [lines[each["start"]["line"]][each["start"]["character"] : each["end"]["character"]] for each in places]


def write(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path.as_uri()


def test_fragments_are_found_at_the_start_and_followed_by_watching(tmp_path: Path) -> None:
    write(tmp_path, "policy fragments/authenticate/policy.xml", "<fragment><cors /></fragment>")
    uri = write(tmp_path, "apis/orders/policy.xml", POLICY)
    with started(tmp_path) as client:
        client.open(uri, POLICY, "xml")
        wait_for(client, uri, ["log"])

        template = "resource f 'Microsoft.ApiManagement/service/policyFragments@2024-05-01' = { name: 'log' }"
        bicep = write(tmp_path, "infra/main.bicep", template)
        client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": bicep, "type": 1}]})
        wait_for(client, uri, [])

        (tmp_path / "infra/main.bicep").unlink()
        client.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": bicep, "type": 3}]})
        wait_for(client, uri, ["log"])

        status, errors = client.stop()
    assert (status, errors) == (0, "")
