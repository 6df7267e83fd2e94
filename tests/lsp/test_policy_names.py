"""Named values and fragments across a workspace on disk: what editors show, find and rename, and the findings."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests.support.cursor import in_inbound, position_of
from tests.support.server import RefusedError, Session, at

NAMED_VALUES = "Microsoft.ApiManagement/service/namedValues@2024-05-01"
FILES = {
    "named values/nv-tenant/namedValueInformation.json": (
        '{\n  "properties": {\n    "displayName": "tenant-id",\n    "value": "contoso.example"\n  }\n}\n'
    ),
    "named values/key/namedValueInformation.json": '{"properties": {"displayName": "api-key", "secret": true}}\n',
    "policy fragments/authenticate/policyFragmentInformation.json": '{"properties": {"description": "d"}}\n',
    "policy fragments/authenticate/policy.xml": "<fragment>\n  <cors />\n</fragment>\n",
    "apis/orders/policy.xml": in_inbound(
        '<include-fragment fragment-id="authenticate" /><set-header name="{{tenant-id}}" />'
    ),
    "apis/stock/policy.xml": in_inbound('<set-header name="{{TENANT-ID}}-{{tenant-id-2}}" />'),
    "infra/main.bicep": (
        "param endpoint string\n@secure()\nparam password string\n"
        "resource nv 'Microsoft.ApiManagement/service/namedValues@2024-05-01' = {\n"
        "  parent: apim\n  name: 'backend-url'\n"
        "  properties: { displayName: 'backend-url', value: endpoint }\n}\n"
        "resource pw 'Microsoft.ApiManagement/service/namedValues@2024-05-01' = {\n"
        "  parent: apim\n  name: 'password'\n  properties: { displayName: 'password', value: password }\n}\n"
        "resource f 'Microsoft.ApiManagement/service/policyFragments@2024-05-01' = {\n"
        "  parent: apim\n  name: 'log-all'\n"
        "  properties: { format: 'rawxml', value: loadTextContent('./log all.xml') }\n}\n"
    ),
    "infra/log all.xml": "<fragment>\n  <trace source='x'><message>m</message></trace>\n</fragment>\n",
    "infra/dev.bicepparam": "using 'main.bicep'\nparam endpoint = 'https://dev.example'\nparam password = 'hunter2'\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def started(folder: Path, text: str, name: str = "apis/new/policy.xml") -> tuple[Session, dict[str, Any]]:
    """Open a text with a cursor; return the session and the parameters of a request about it."""
    session = Session(folders=[folder.as_uri()])
    plain, line, column = position_of(text)
    uri = f"{folder.as_uri()}/{name}"
    session.open(uri, plain, name.rpartition(".")[2])
    return session, at(uri, line, column)


def names_of(folder: Path, uris: list[str]) -> list[str]:
    return [unquote(uri).removeprefix(f"{unquote(folder.as_uri())}/") for uri in uris]


def hover(folder: Path, inside: str) -> str:
    session, where = started(folder, in_inbound(inside))
    with session:
        return session.request("textDocument/hover", where)["contents"]["value"]


def test_hover_on_a_named_value_tells_its_value_and_its_place(folder: Path) -> None:
    shown = hover(folder, '<set-header name="{{tenant<|>-id}}" />')
    assert "Value: `contoso.example`" in shown
    assert f"{folder.as_uri()}/named%20values/nv-tenant/namedValueInformation.json#L3" in shown


def test_hover_never_shows_a_secret(folder: Path) -> None:
    for name in ("api-<|>key", "pass<|>word"):
        shown = hover(folder, f'<set-header name="{{{{{name}}}}}" />')
        assert "Secret: its value is not shown" in shown
        assert "hunter2" not in shown


def test_hover_shows_what_an_environment_changes_and_no_secret_there(folder: Path) -> None:
    written = "namedValues:\n"
    for name, value in (("nv-tenant", "fabrikam.example"), ("api-key", "swordfish")):
        written += f"  - name: {name}\n    properties:\n      value: {value}\n"
    (folder / "configuration.prod.yaml").write_text(written, encoding="utf-8")
    shown = hover(folder, '<set-header name="{{tenant<|>-id}}" />')
    assert "Value: `contoso.example`" in shown
    assert "Value: `fabrikam.example`" in shown
    assert "configuration.prod.yaml" in shown
    assert "swordfish" not in hover(folder, '<set-header name="{{api<|>-key}}" />')


def test_hover_shows_what_a_parameter_file_gives(folder: Path) -> None:
    shown = hover(folder, '<set-header name="{{backend<|>-url}}" />')
    assert "Value: `https://dev.example`, the parameter `endpoint`" in shown


def test_what_git_ignores_gives_no_value(folder: Path) -> None:
    (folder / ".gitignore").write_text("*.bicepparam\n", encoding="utf-8")
    assert "dev.example" not in hover(folder, '<set-header name="{{backend<|>-url}}" />')


def test_hover_previews_a_fragment_that_is_not_open(folder: Path) -> None:
    shown = hover(folder, '<include-fragment fragment-id="authen<|>ticate" />')
    assert "  <cors />" in shown
    assert shown.count("Declared in") == 1
    assert "<trace source='x'>" in hover(folder, '<include-fragment fragment-id="log<|>-all" />')


def test_hover_in_a_declaration(folder: Path) -> None:
    bicep = FILES["infra/main.bicep"].replace("displayName: 'backend-url'", "displayName: 'backend<|>-url'")
    session, where = started(folder, bicep, "infra/main.bicep")
    with session:
        assert "Named value `backend-url`" in session.request("textDocument/hover", where)["contents"]["value"]


def test_a_value_of_liquid_is_no_named_value(folder: Path) -> None:
    session, where = started(folder, in_inbound('<set-body template="liquid">{{tenant<|>-id}}</set-body>'))
    with session:
        assert session.request("textDocument/hover", where) is None
    session, where = started(folder, in_inbound('<set-body template="liquid">{{ten<|>}}</set-body>'))
    with session:
        assert session.request("textDocument/completion", where)["items"] == []


def test_completion_offers_what_the_workspace_declares(folder: Path) -> None:
    session, where = started(folder, in_inbound('<set-header name="{{<|>" />'))
    with session:
        items = {each["label"]: each for each in session.request("textDocument/completion", where)["items"]}
    assert {"tenant-id", "api-key", "backend-url", "password"} <= set(items)
    assert items["tenant-id"]["detail"] == "contoso.example"
    assert items["api-key"]["detail"] == items["password"]["detail"] == "secret"
    session, where = started(folder, in_inbound('<include-fragment fragment-id="<|>" />'))
    with session:
        labels = [each["label"] for each in session.request("textDocument/completion", where)["items"]]
    assert labels[:2] == ["authenticate", "log-all"]


def test_definition_leads_into_files_that_are_not_open(folder: Path) -> None:
    for inside, name, line in (
        ("{{tenant<|>-id}}", "named values/nv-tenant/namedValueInformation.json", 2),
        ("{{backend<|>-url}}", "infra/main.bicep", 6),
    ):
        session, where = started(folder, in_inbound(f'<set-header name="{inside}" />'))
        with session:
            [found] = session.request("textDocument/definition", where)
        assert names_of(folder, [found["uri"]]) == [name]
        assert found["range"]["start"]["line"] == line
    for name, file in (
        ("authen<|>ticate", "policy fragments/authenticate/policy.xml"),
        ("log<|>-all", "infra/log all.xml"),
    ):
        session, where = started(folder, in_inbound(f'<include-fragment fragment-id="{name}" />'))
        with session:
            [found] = session.request("textDocument/definition", where)
            [link] = session.request("textDocument/documentLink", {"textDocument": where["textDocument"]})
        assert names_of(folder, [found["uri"]]) == names_of(folder, [link["target"]]) == [file]


def test_references_are_found_in_every_file(folder: Path) -> None:
    session, where = started(folder, in_inbound('<set-header name="{{tenant<|>-id}}" />'))
    with session:
        found = session.request("textDocument/references", {**where, "context": {"includeDeclaration": True}})
    assert sorted(names_of(folder, [each["uri"] for each in found])) == [
        "apis/new/policy.xml",
        "apis/orders/policy.xml",
        "apis/stock/policy.xml",
        "named values/nv-tenant/namedValueInformation.json",
    ]


def test_rename_changes_declarations_and_uses(folder: Path) -> None:
    session, where = started(folder, in_inbound('<set-header name="{{tenant<|>-id}}" />'))
    with session:
        assert session.request("textDocument/prepareRename", where)["placeholder"] == "tenant-id"
        changes = session.request("textDocument/rename", {**where, "newName": "tenant"})["changes"]
    assert sorted(names_of(folder, list(changes))) == [
        "apis/new/policy.xml",
        "apis/orders/policy.xml",
        "apis/stock/policy.xml",
        "named values/nv-tenant/namedValueInformation.json",
    ]
    assert {edit["newText"] for edits in changes.values() for edit in edits} == {"tenant"}
    assert all(len(edits) == 1 for edits in changes.values())


def test_a_rename_fits_what_lies_on_disk_though_nobody_told_of_it(folder: Path) -> None:
    session, where = started(folder, in_inbound('<set-header name="{{tenant<|>-id}}" />'))
    stock = folder / "apis/stock/policy.xml"
    with session:
        session.request("textDocument/references", {**where, "context": {"includeDeclaration": True}})
        stock.write_text("<!-- new -->\n" + FILES["apis/stock/policy.xml"], encoding="utf-8")
        changes = session.request("textDocument/rename", {**where, "newName": "tenant"})["changes"]
        [edit] = changes[stock.as_uri()]
        assert edit["range"]["start"]["line"] == 3

        declared = folder / "named values/nv-tenant/namedValueInformation.json"
        declared.write_text('{"properties": {"displayName": "tenant-id"}}', encoding="utf-8")
        with pytest.raises(RefusedError, match="has changed and is not read yet"):
            session.request("textDocument/rename", {**where, "newName": "tenant"})


def test_rename_from_a_declaration(folder: Path) -> None:
    bicep = FILES["infra/main.bicep"].replace("displayName: 'backend-url'", "displayName: 'backend<|>-url'")
    session, where = started(folder, bicep, "infra/main.bicep")
    with session:
        changes = session.request("textDocument/rename", {**where, "newName": "url"})["changes"]
    assert [(edit["range"]["start"]["line"], edit["newText"]) for [edit] in changes.values()] == [(6, "url")]


def test_a_fragment_of_a_folder_is_renamed_with_its_folder(folder: Path) -> None:
    session, where = started(folder, in_inbound('<include-fragment fragment-id="authen<|>ticate" />'))
    with session:
        changes = session.request("textDocument/rename", {**where, "newName": "sign-in"})["documentChanges"]
    *edits, renamed = changes
    assert sorted(names_of(folder, [each["textDocument"]["uri"] for each in edits])) == [
        "apis/new/policy.xml",
        "apis/orders/policy.xml",
    ]
    assert renamed["kind"] == "rename"
    assert names_of(folder, [renamed["oldUri"], renamed["newUri"]]) == [
        "policy fragments/authenticate",
        "policy fragments/sign-in",
    ]


@pytest.mark.parametrize(
    ("file", "text", "reason"),
    [
        ("x.bicep", f"resource n '{NAMED_VALUES}' = [for a in b: {{ name: a }}]", "put together"),
        ("x.bicep", "module m 'apim' = { params: { namedValues: [{ name: 'tenant-id' }] } }", "does not write"),
        ("apis/x/policy.xml", in_inbound('<set-body template="liquid">{{tenant-id}}</set-body>'), "Liquid"),
        ("claimlens.toml", "[policies.named-values]\ntenant-id = ''\n", "setting"),
    ],
)  # fmt: skip
def test_a_rename_that_would_leave_something_behind_is_refused(folder: Path, file: str, text: str, reason: str) -> None:
    (folder / file).parent.mkdir(exist_ok=True)
    (folder / file).write_text(text, encoding="utf-8")
    session, where = started(folder, in_inbound('<set-header name="{{tenant<|>-id}}" />'))
    with session:
        for method, more in (("prepareRename", {}), ("rename", {"newName": "tenant"})):
            with pytest.raises(RefusedError, match=reason):
                session.request(f"textDocument/{method}", {**where, **more})


@pytest.mark.parametrize(("name", "reason"), [("api-key", "already"), ("a b", "letters"), ("", "letters")])
def test_a_new_name_that_cannot_be_is_refused(folder: Path, name: str, reason: str) -> None:
    session, where = started(folder, in_inbound('<set-header name="{{tenant<|>-id}}" />'))
    with session, pytest.raises(RefusedError, match=reason):
        session.request("textDocument/rename", {**where, "newName": name})


def test_what_nothing_declares_is_not_renamed(folder: Path) -> None:
    session, where = started(folder, in_inbound('<set-header name="{{un<|>known}}" />'))
    with session, pytest.raises(RefusedError, match="Nothing in the workspace declares the named value"):
        session.request("textDocument/rename", {**where, "newName": "known"})


def codes(session: Session, uri: str) -> list[str]:
    session.pass_time(timedelta(seconds=1))
    found = session.diagnostics(uri)["items"]
    return [each["code"] for each in found if each["code"].startswith("apim-unknown-")]


def test_findings_follow_what_is_declared(folder: Path) -> None:
    text = in_inbound('<set-header name="{{tenant-<|>id}}" /><include-fragment fragment-id="authenticate" />')
    session, where = started(folder, text)
    uri = where["textDocument"]["uri"]
    with session:
        assert codes(session, uri) == []
        shutil.rmtree(folder / "named values/nv-tenant")
        gone = f"{folder.as_uri()}/named%20values/nv-tenant/namedValueInformation.json"
        session.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": gone, "type": 3}]})
        assert codes(session, uri) == ["apim-unknown-named-value"]
        bicep = f"{folder.as_uri()}/more.bicep"
        declaring = "resource n 'Microsoft.ApiManagement/service/namedValues@2024-05-01' = { name: 'tenant-id' }"
        session.open(bicep, declaring, "bicep")
        assert codes(session, uri) == []
        session.change(bicep, 2, {"text": declaring.replace("tenant-id", "tenant")})
        assert codes(session, uri) == ["apim-unknown-named-value"]


def test_folders_of_one_workspace_know_each_other(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    other = tmp_path_factory.mktemp("policies")
    uri = f"{other.as_uri()}/policy.xml"
    with Session(folders=[folder.as_uri(), other.as_uri()]) as session:
        plain, line, column = position_of(in_inbound('<set-header name="{{tenant<|>-id}}" />'))
        session.open(uri, plain, "xml")
        [found] = session.request("textDocument/definition", at(uri, line, column))
    assert names_of(folder, [found["uri"]]) == ["named values/nv-tenant/namedValueInformation.json"]


def test_templates_lead_to_the_policies_that_they_load(folder: Path) -> None:
    terraform = 'a = file("${path.module}/log all.xml")\nb = templatefile("x/${var.name}.xml", {})\n'
    terraform += 'c = file("//elsewhere.example/share/policy.xml")\n<|>'
    session, where = started(folder, terraform, "infra/main.tf")
    with session:
        [link] = session.request("textDocument/documentLink", {"textDocument": where["textDocument"]})
    assert names_of(folder, [link["target"]]) == ["infra/log all.xml"]
