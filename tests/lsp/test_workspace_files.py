"""Tokens against the files around them, as an editor sees it."""

from __future__ import annotations

import asyncio
import pickle
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from claimlens.lsp.documents import DocumentStore
from claimlens.lsp.workspace_files import WorkspaceFiles
from claimlens.services import workspace_index
from tests.support.server import Session
from tests.support.tokens import make_token

TENANT = "11111111-2222-3333-4444-555555555555"
API = "aaaaaaaa-0000-4000-8000-000000000001"
POLICY = f"""<policies>
    <inbound>
        <validate-jwt header-name="Authorization">
            <openid-config url="https://login.microsoftonline.com/{TENANT}/v2.0/.well-known/openid-configuration" />
            <audiences>
                <audience>{API}</audience>
            </audiences>
        </validate-jwt>
    </inbound>
    <backend />
    <outbound />
    <on-error />
</policies>
"""
CLAIMS = {
    "aud": f"api://{API}",
    "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0",
    "tid": TENANT,
    "ver": "2.0",
    "azp": "c",
    "scp": "Orders.Read",
}
REQUEST = f"GET https://orders.example/1\nAuthorization: Bearer {make_token({'alg': 'RS256', 'kid': 'k'}, CLAIMS)}\n"
CODE = "config-audience-mismatch"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "policy.xml").write_text(POLICY, encoding="utf-8")
    return tmp_path


def opened(folder: Path) -> tuple[Session, str]:
    session = Session(folders=[folder.as_uri()])
    uri = f"{folder.as_uri()}/orders.http"
    session.open(uri, REQUEST, "http")
    return session, uri


def found(session: Session, uri: str) -> list[dict[str, Any]]:
    session.pass_time(timedelta(seconds=1))
    return [item for item in session.diagnostics(uri)["items"] if item["code"] == CODE]


def watched(session: Session, folder: Path, name: str, kind: int) -> None:
    change = {"changes": [{"uri": f"{folder.as_uri()}/{name}", "type": kind}]}
    session.notify("workspace/didChangeWatchedFiles", change)


def accepting(audience: str) -> str:
    return POLICY.replace("</audience>\n", f"</audience><audience>{audience}</audience>\n", 1)


def test_a_server_that_ends_begins_to_read_no_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[object] = []
    monkeypatch.setattr(workspace_index, "scan", lambda *folders, **_: begun.append(folders))
    files = WorkspaceFiles(DocumentStore(), lambda: None)

    files.close()
    asyncio.run(files.read_folders([folder.as_uri()]))

    assert begun == []


def test_a_finding_leads_to_the_line_of_the_other_file(folder: Path) -> None:
    session, uri = opened(folder)
    with session:
        (item,) = found(session, uri)

    (related,) = item["relatedInformation"]
    assert related["location"]["uri"] == f"{folder.as_uri()}/policy.xml"
    assert related["location"]["range"]["start"] == {"line": 5, "character": 26}
    assert API in related["message"]


def test_a_named_value_is_compared_by_what_a_file_declares_for_it(folder: Path) -> None:
    (folder / "policy.xml").write_text(POLICY.replace(API, "{{orders-audience}}", 1), encoding="utf-8")
    session, uri = opened(folder)
    with session:
        before = found(session, uri)
        (folder / "namedValues" / "orders").mkdir(parents=True)
        declaration = '{"properties": {"displayName": "orders-audience", "value": "VALUE"}}'
        file = folder / "namedValues" / "orders" / "namedValueInformation.json"
        file.write_text(declaration.replace("VALUE", API), encoding="utf-8")
        watched(session, folder, "namedValues/orders/namedValueInformation.json", 1)
        (item,) = found(session, uri)
        file.write_text(declaration.replace("VALUE", f"api://{API}"), encoding="utf-8")
        watched(session, folder, "namedValues/orders/namedValueInformation.json", 2)
        after = found(session, uri)

    assert (before, after) == ([], [])
    assert item["relatedInformation"][0]["message"] == f"audience {{{{orders-audience}}}} is '{API}'"


def test_a_named_value_of_the_settings_goes_first(folder: Path) -> None:
    (folder / "policy.xml").write_text(POLICY.replace(API, "{{orders-audience}}", 1), encoding="utf-8")
    settings = {folder.as_uri(): {"policies": {"namedValues": {"orders-audience": API}}}}
    session = Session(folders=[folder.as_uri()], settings=settings)
    uri = f"{folder.as_uri()}/orders.http"
    with session:
        session.open(uri, REQUEST, "http")
        (item,) = found(session, uri)

    assert API in item["relatedInformation"][0]["message"]


def test_an_audience_that_no_token_and_no_setting_has_is_a_hint_while_it_is(folder: Path) -> None:
    (folder / "policy.xml").write_text(POLICY.replace(API, "api://other", 1), encoding="utf-8")
    policy = f"{folder.as_uri()}/policy.xml"

    def hints() -> list[dict[str, Any]]:
        session.pass_time(timedelta(seconds=1))
        return [item for item in session.diagnostics(policy)["items"] if item["code"] == "config-audience-unused"]

    with Session(folders=[folder.as_uri()]) as session:
        session.open(policy, (folder / "policy.xml").read_text(encoding="utf-8"), "xml")
        nothing_to_compare = hints()
        (folder / "orders.http").write_text(REQUEST, encoding="utf-8")
        watched(session, folder, "orders.http", 1)
        (hint,) = hints()
        (folder / "orders.http").unlink()
        watched(session, folder, "orders.http", 3)
        gone = hints()

    assert (nothing_to_compare, gone) == ([], [])
    assert (hint["severity"], hint["range"]["start"]) == (4, {"line": 5, "character": 26})
    assert f"api://{API}" in hint["message"]


def test_the_tokens_of_an_open_document_are_those_that_it_shows(folder: Path) -> None:
    (folder / "policy.xml").write_text(POLICY.replace(API, "api://other", 1), encoding="utf-8")
    policy, calls = f"{folder.as_uri()}/policy.xml", f"{folder.as_uri()}/calls.http"

    def hints() -> int:
        session.pass_time(timedelta(seconds=1))
        return [item["code"] for item in session.diagnostics(policy)["items"]].count("config-audience-unused")

    with Session(folders=[folder.as_uri()]) as session:
        session.open(policy, (folder / "policy.xml").read_text(encoding="utf-8"), "xml")
        session.open(calls, "", "http")
        empty = hints()
        session.change(calls, 2, {"text": REQUEST})
        pasted = hints()
        session.change(calls, 3, {"text": REQUEST + " " * 65_536})
        too_long = hints()
        session.change(calls, 4, {"text": REQUEST})
        session.notify("textDocument/didClose", {"textDocument": {"uri": calls}})
        closed = hints()

    assert (empty, pasted, too_long, closed) == (0, 1, 1, 0)


def test_views_stay_the_same_object_until_something_in_them_changes(folder: Path) -> None:
    (folder / "appsettings.json").write_text('{"AzureAd": {"Audience": "api://a"}}', encoding="utf-8")
    index = workspace_index.WorkspaceIndex()
    index.take(workspace_index.scan([folder]))
    uri = f"{folder.as_uri()}/policy.xml"
    before = index.view(), index.declared(), index.addressed()

    opened = index.document_changed(uri, POLICY)
    blank_line = index.document_changed(uri, f"{POLICY}\n")
    same = [
        one is other for one, other in zip(before, (index.view(), index.declared(), index.addressed()), strict=True)
    ]
    other_audience = index.document_changed(uri, POLICY.replace(API, "b"))
    after = index.view()
    closed = index.document_closed(uri)

    assert (opened, blank_line, same) == (False, False, [True, True, True])
    assert (other_audience, closed) == (True, True)
    assert "b" in [stated.value for section in after for stated in section.of("audience")]
    assert index.view() == before[0]
    assert index.declared() is before[1]


def test_the_index_keeps_of_a_token_only_for_whom_it_is(folder: Path) -> None:
    (folder / "orders.http").write_text(REQUEST, encoding="utf-8")

    scanned = workspace_index.scan([folder])

    (facts,) = (facts for uri, facts in scanned.found.items() if uri.endswith("orders.http"))
    assert [(each.audience, each.issuer) for each in facts.addressed] == [(CLAIMS["aud"], CLAIMS["iss"])]
    kept = pickle.dumps(scanned)
    token = REQUEST.split("Bearer ")[1].strip()
    assert not any(part.encode() in kept for part in token.split("."))


def test_files_that_the_editor_excludes_are_compared_with_nothing(folder: Path) -> None:
    hidden = {"files.exclude": {folder.as_uri(): {"**/policy.xml": True, "**/orders.http": {"when": "x"}}}}
    uri = f"{folder.as_uri()}/orders.http"
    with Session(folders=[folder.as_uri()], editor_settings=dict(hidden)) as session:
        session.open(uri, REQUEST, "http")
        excluded = found(session, uri)
        watched(session, folder, "policy.xml", 2)
        touched = found(session, uri)
        session.editor_settings["files.exclude"] = {folder.as_uri(): {"**/policy.xml": False}}
        session.notify("workspace/didChangeConfiguration", {"settings": None})
        shown = found(session, uri)
        session.editor_settings = dict(hidden)
        session.notify("workspace/didChangeConfiguration", {"settings": None})
        hidden_again = found(session, uri)

    assert (excluded, touched, hidden_again) == ([], [], [])
    assert len(shown) == 1


def test_a_fix_changes_the_other_file(folder: Path) -> None:
    session, uri = opened(folder)
    with session:
        (item,) = found(session, uri)
        place = item["range"]["start"]
        actions = session.code_actions(uri, place["line"], place["character"])
        (action,) = [action for action in actions if action["title"].startswith("Accept the audience")]
        resolved = action if "edit" in action else session.request("codeAction/resolve", action)

    edit = resolved["edit"]
    changes = edit.get("changes") or {
        change["textDocument"]["uri"]: change["edits"] for change in edit["documentChanges"]
    }
    assert list(changes) == [f"{folder.as_uri()}/policy.xml"]
    assert changes[f"{folder.as_uri()}/policy.xml"][0]["newText"].endswith(f"<audience>api://{API}")


def test_an_open_document_stands_before_its_file(folder: Path) -> None:
    session, uri = opened(folder)
    with session:
        policy = f"{folder.as_uri()}/policy.xml"
        session.open(policy, accepting(f"api://{API}"), "xml")
        assert found(session, uri) == []
        session.change(policy, 2, {"text": f"\n{POLICY}"})
        (item,) = found(session, uri)
        assert item["relatedInformation"][0]["location"]["range"]["start"]["line"] == 6
        session.change(policy, 3, {"text": ""})
        assert found(session, uri) == []
        session.notify("textDocument/didClose", {"textDocument": {"uri": policy}})
        assert len(found(session, uri)) == 1


def test_files_that_are_made_changed_and_removed_count_at_once(folder: Path) -> None:
    session, uri = opened(folder)
    with session:
        (folder / "policy.xml").unlink()
        watched(session, folder, "policy.xml", 3)
        assert found(session, uri) == []
        (folder / "policy.xml").write_text(POLICY, encoding="utf-8")
        watched(session, folder, "policy.xml", 1)
        assert len(found(session, uri)) == 1
        (folder / "policy.xml").write_text(accepting(f"api://{API}"), encoding="utf-8")
        watched(session, folder, "policy.xml", 2)
        assert found(session, uri) == []


def test_a_file_that_changes_while_the_folders_are_read_counts_as_it_is_now(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_read, may_end, scan = threading.Event(), threading.Event(), workspace_index.scan

    def slow_scan(*folders: Any, **more: Any) -> workspace_index.Scanned:
        scanned = scan(*folders, **more)
        has_read.set()
        may_end.wait(10)
        return scanned

    async def run() -> None:
        reading = asyncio.create_task(files.read_folders([folder.as_uri()]))
        await asyncio.to_thread(has_read.wait, 10)
        (folder / "policy.xml").write_text(accepting("api://later"), encoding="utf-8")
        await files.files_changed([f"{folder.as_uri()}/policy.xml"])
        may_end.set()
        await reading

    monkeypatch.setattr(workspace_index, "scan", slow_scan)
    files = WorkspaceFiles(DocumentStore(), lambda: None)
    asyncio.run(run())

    assert "api://later" in str(files.stated(folder.as_uri(), {}))


def test_a_folder_that_comes_or_goes_as_a_whole_counts_though_no_file_of_it_is_told(folder: Path) -> None:
    (folder / ".gitignore").write_text("ignored/\n", encoding="utf-8")
    (folder / "orders").mkdir()
    (folder / "policy.xml").rename(folder / "orders" / "policy.xml")
    session, uri = opened(folder)
    with session:
        before = found(session, uri)
        (folder / "orders").rename(folder / "ignored")
        watched(session, folder, "orders", 3)
        watched(session, folder, "ignored", 1)
        away = found(session, uri)
        (folder / "ignored").rename(folder / "billing")
        watched(session, folder, "ignored", 3)
        watched(session, folder, "billing", 1)
        back = found(session, uri)

    assert (len(before), len(away), len(back)) == (1, 0, 1)
    assert back[0]["relatedInformation"][0]["location"]["uri"] == f"{folder.as_uri()}/billing/policy.xml"


def test_what_git_ignores_counts_neither_at_the_start_nor_later(folder: Path) -> None:
    (folder / ".gitignore").write_text("policy.xml\n", encoding="utf-8")
    session, uri = opened(folder)
    with session:
        assert found(session, uri) == []
        watched(session, folder, "policy.xml", 2)
        assert found(session, uri) == []


def test_the_client_is_asked_to_ask_again_when_what_is_stated_changes(folder: Path) -> None:
    session, _ = opened(folder)
    with session:
        before = len(session.notifications("workspace/diagnostic/refresh"))
        session.open(f"{folder.as_uri()}/policy.xml", accepting("x"), "xml")
        session.pass_time(timedelta(seconds=1))
        assert len(session.notifications("workspace/diagnostic/refresh")) == before + 1


def test_a_folder_that_is_added_is_read_and_one_that_goes_is_forgotten(folder: Path, tmp_path_factory: Any) -> None:
    other = tmp_path_factory.mktemp("other")
    session = Session(folders=[other.as_uri()])
    uri = f"{folder.as_uri()}/orders.http"
    with session:
        session.open(uri, REQUEST, "http")
        assert found(session, uri) == []
        workspace_folder = {"uri": folder.as_uri(), "name": "a"}
        event = {"added": [workspace_folder], "removed": []}
        session.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        assert len(found(session, uri)) == 1
        event = {"added": [], "removed": [workspace_folder]}
        session.notify("workspace/didChangeWorkspaceFolders", {"event": event})
        assert found(session, uri) == []
