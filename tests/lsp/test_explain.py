"""Explaining a rejection in the editor: what counts as evidence, that places are links, and that no token is told."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pygls.uris import to_fs_path

from claimlens.diagnosis.carriers import parts_of
from claimlens.lsp import messages
from claimlens.services import files
from claimlens.services.cases import accepting_files, around
from claimlens.services.workspace_index import WorkspaceIndex, scan
from tests.support.server import NOW, RefusedError, Session, at
from tests.support.tokens import compact

TENANT = "11111111-2222-4333-8444-555555555555"
ISSUER = f"https://login.microsoftonline.com/{TENANT}/v2.0"
API = "8c2b7f10-4d6e-4a19-b3c5-6f0e9d8a7b21"
SOON = int(NOW.timestamp()) + 600
CLAIMS = {"iss": ISSUER, "tid": TENANT, "ver": "2.0", "aud": API, "scp": "Orders.Read", "exp": SOON}
GOOD = compact(CLAIMS)
FOR_GRAPH = compact({**CLAIMS, "aud": "00000003-0000-0000-c000-000000000000"})
EXPIRED = compact({**CLAIMS, "exp": 1_700_000_000})
AUDIENCE = "IDX10214: Audience validation failed. Audiences: 'api://other'. Did not match: "
AUDIENCE += f"validationParameters.ValidAudience: '{API}'"
SETTINGS = f'{{"AzureAd": {{"Instance": "https://login.microsoftonline.com/", "TenantId": "{TENANT}", '
SETTINGS += f'"ClientId": "{API}"}}}}'
REQUESTS = f"""\
GET https://api.contoso.com/orders
Authorization: Bearer {GOOD}

###
GET https://api.contoso.com/orders
Authorization: Bearer {EXPIRED}

###
GET https://api.contoso.com/orders
Authorization: Bearer {FOR_GRAPH}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "appsettings.json").write_text(SETTINGS)
    return tmp_path


def explained(session: Session, uri: str, line: int, character: int, **more: Any) -> Any:
    return session.request(messages.EXPLAIN, {**at(uri, line, character), **more})


def codes(answer: Any) -> list[str]:
    return [cause["code"] for cause in answer["causes"]]


def test_each_token_has_the_causes_of_its_own(folder: Path) -> None:
    root = folder.as_uri()
    uri = f"{root}/orders.http"
    with Session(folders=[root]) as session:
        session.open(uri, REQUESTS)
        session.open(f"{root}/service.log", f"fail: {AUDIENCE}\n")  # of another call
        good, expired, graph = (explained(session, uri, line, 40) for line in (1, 5, 9))
    assert codes(good) == []
    assert codes(expired)[0] == "token-expired"
    assert codes(graph)[0] == "graph-token-for-own-api"
    assert good["hasToken"]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_a_token_in_a_fence_of_a_ticket_has_the_causes_of_its_own(end: str) -> None:
    blocks = f"```json\n{SETTINGS}\n```\n", f"```\n{EXPIRED}\n```\n", f"> ```\n> {FOR_GRAPH}\n> ```\n"
    text = ("Neither of these works.\n" + "".join(blocks)).replace("\n", end)
    with Session() as session:
        session.open("untitled:ticket.md", text)
        expired, graph = (explained(session, "untitled:ticket.md", line, 40) for line in (5, 8))
    assert codes(expired)[0] == "token-expired"
    assert codes(graph)[0] == "graph-token-for-own-api"


def test_the_workspace_says_what_is_accepted_and_the_report_links_to_it(folder: Path) -> None:
    uri = f"{folder.as_uri()}/orders.http"
    with Session(folders=[folder.as_uri()]) as session:
        session.open(uri, REQUESTS)
        report = explained(session, uri, 9, 40)["report"]
    assert f"](<{folder.as_uri()}/appsettings.json#L1>)" in report
    assert "claimlens verify -\n" in report


def test_files_of_one_name_in_several_folders_all_count_and_each_has_its_link(tmp_path: Path) -> None:
    """The settings of one folder, open in the editor, do not hide those of the folder that is asked about."""
    api, site = tmp_path / "api", tmp_path / "site"
    for folder in (api, site):
        folder.mkdir()
        (folder / "appsettings.json").write_text(SETTINGS, encoding="utf-8")
    uri = f"{api.as_uri()}/orders.http"
    with Session(folders=[api.as_uri(), site.as_uri()]) as session:
        session.open(uri, REQUESTS)
        session.open(f"{site.as_uri()}/appsettings.json", '{"Logging": {}}', "json")
        answer = explained(session, uri, 9, 40)
    assert codes(answer)[0] == "graph-token-for-own-api"
    assert f"api/appsettings.json`, line 1](<{api.as_uri()}/appsettings.json#L1>)" in answer["report"]


def test_the_index_names_the_files_that_a_walk_finds(tmp_path: Path) -> None:
    written = {
        "b/appsettings.json": SETTINGS,
        "a/z/appsettings.json": SETTINGS,
        "a/application.yml": f"app:\n  client-id: {API}\n",
        "appsettings.Development.json": '{"Logging": {}}',
        "package.json": SETTINGS,
        "policy.xml": "<policies><inbound><validate-jwt><audiences><audience>a</audience></audiences></validate-jwt>"
        "</inbound></policies>",
        "notes.md": GOOD,
    }
    for name, text in written.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    index = WorkspaceIndex()
    index.take(scan([tmp_path]))
    known = [Path(to_fs_path(uri) or "") for uri in index.configuring()]

    walked, listed = (
        [found.name for found in accepting_files([tmp_path.as_uri()], files) if found is not None]
        for files in (None, known)
    )

    assert listed == walked
    assert walked == ["policy.xml", "a/application.yml", "a/z/appsettings.json", "b/appsettings.json"]


def test_once_the_folders_are_read_they_are_not_walked_again(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    uri = f"{folder.as_uri()}/orders.http"
    with Session(folders=[folder.as_uri()]) as session:
        session.open(uri, REQUESTS)
        monkeypatch.setattr(files, "discover", lambda paths: pytest.fail("walked"))
        answer = explained(session, uri, 9, 40)

    assert codes(answer)[0] == "graph-token-for-own-api"
    assert "appsettings.json" in answer["report"]


@pytest.mark.parametrize("declared", [False, True])
def test_named_values_of_policies_are_filled_in(tmp_path: Path, declared: bool) -> None:
    policy = f"""<policies><inbound><validate-jwt header-name="Authorization">
<openid-config url="{ISSUER}/.well-known/openid-configuration" />
<audiences><audience>{{{{orders}}}}</audience></audiences>
</validate-jwt></inbound></policies>"""
    (tmp_path / "policy.xml").write_text(policy, encoding="utf-8")
    if declared:
        file = tmp_path / "namedValues" / "orders" / "namedValueInformation.json"
        file.parent.mkdir(parents=True)
        file.write_text(f'{{"properties": {{"displayName": "orders", "value": "{API}"}}}}', encoding="utf-8")
    uri = f"{tmp_path.as_uri()}/orders.http"
    with Session(folders=[tmp_path.as_uri()]) as session:
        session.open(uri, f"Authorization: Bearer {compact({**CLAIMS, 'aud': f'api://{API}'})}\n", "http")
        answer = explained(session, uri, 0, 40)

    assert ("audience-guid-vs-app-id-uri" in codes(answer)) is declared


def test_no_report_holds_token_text(folder: Path) -> None:
    uri = f"{folder.as_uri()}/orders.http"
    with Session(folders=[folder.as_uri()]) as session:
        session.open(uri, REQUESTS + f"\nHTTP/1.1 401 Unauthorized\n\n{EXPIRED} was rejected\n")
        answers = str([explained(session, uri, line, 40) for line in range(13)])
    for token in (GOOD, EXPIRED, FOR_GRAPH):
        assert not any(part in answers for part in token.split("."))


def test_an_error_of_a_log_is_about_the_token_above_it(folder: Path) -> None:
    uri = f"{folder.as_uri()}/service.log"
    log = f"call with {GOOD}\nok\ncall with {FOR_GRAPH}\nfail: {AUDIENCE}\ncall with {EXPIRED}\n"
    with Session(folders=[folder.as_uri()]) as session:
        session.open(uri, log)
        answer = explained(session, uri, 3, 8)
    assert answer["hasToken"]
    assert codes(answer)[0] == "graph-token-for-own-api"
    assert "token-expired" not in codes(answer)


def test_a_log_alone_gives_a_cause() -> None:
    with Session() as session:
        session.open("untitled:log", f"fail: {AUDIENCE}\n")
        answer = explained(session, "untitled:log", 0, 8)
    assert not answer["hasToken"]
    assert "audience-mismatch" in codes(answer)


def test_a_token_can_be_given_apart(folder: Path) -> None:
    uri = f"{folder.as_uri()}/notes.txt"
    with Session(folders=[folder.as_uri()]) as session:
        session.open(uri, "it is refused\n")
        without = explained(session, uri, 0, 0)
        answer = explained(session, uri, 0, 0, text=EXPIRED)
    assert not without["hasToken"]
    assert without["causes"] == []
    assert codes(answer)[0] == "token-expired"


def test_what_is_not_open_is_not_explained_and_a_place_needs_a_document() -> None:
    with Session() as session:
        assert explained(session, "file:///etc/hostname", 0, 0) is None
        with pytest.raises(RefusedError):
            session.request(messages.EXPLAIN, {"text": GOOD})


@pytest.mark.parametrize(
    ("line", "title"),
    [
        (0, "Explain why this token is rejected"),
        (1, "Explain this error"),
        (2, "Explain why a token is rejected here"),
        (3, None),
    ],
)
def test_the_code_action_says_what_it_explains(line: int, title: str | None) -> None:
    text = f'{GOOD}\n{AUDIENCE}\n<validate-jwt header-name="Authorization">\nnothing\n'
    with Session(options={"commands": [messages.EXPLAIN_REJECTION]}) as session:
        session.open("file:///a.txt", text)
        actions = session.code_actions("file:///a.txt", line, 3)
    found = [action for action in actions if action["title"].startswith("Explain")]
    assert [action["title"] for action in found] == ([title] if title else [])
    assert all(action["command"]["command"] == messages.EXPLAIN_REJECTION for action in found)


def test_lines_keep_their_numbers() -> None:
    text = f"one\r\ntwo\r\n###\r\nBearer {GOOD}\r\n{AUDIENCE}\r\n###\r\nlast"
    (part,), place = around(parts_of("a.log", text), text.index(GOOD) + 3)
    assert [(line.number, line.text) for line in part.lines] == [(4, f"Bearer {GOOD}"), (5, AUDIENCE)]
    assert place is not None
    assert part.text[place - 3 :].startswith(GOOD)


# Hovering an error


def test_an_error_is_explained_with_its_values_side_by_side() -> None:
    with Session() as session:
        session.open("file:///service.log", f"info: start\nfail: {AUDIENCE}\n")
        on_code, in_words = (session.hover("file:///service.log", 1, character) for character in (8, 40))
        elsewhere = session.hover("file:///service.log", 0, 3)
    assert on_code == in_words
    assert on_code is not None
    assert on_code.startswith("**IDX10214 (Microsoft.IdentityModel)**")
    for words in ("another audience", "Usual causes: Wrong audience", "Fix:", "| found | `api://other` |", f"`{API}`"):
        assert words in on_code
    assert "[Read more](<https://" in on_code
    assert elsewhere is None


def test_values_of_a_message_stay_inert() -> None:
    with Session() as session:
        session.open("file:///a.log", AUDIENCE.replace("api://other", "a|`<img src=x>"))
        shown = session.hover("file:///a.log", 0, 3)
    assert shown is not None
    assert "| found | ``a\\u{7C}`<img src=x>`` |" in shown


def test_the_message_of_the_next_entry_is_not_part_of_this_one() -> None:
    issuer = "IDX10205: Issuer validation failed. Issuer: 'https://a.example'. Did not match: "
    text = f"12:00 {AUDIENCE}\n12:01 {issuer}validationParameters.ValidIssuer: 'https://b.example'\n"
    with Session() as session:
        session.open("file:///a.log", text)
        shown = session.hover("file:///a.log", 0, 8)
    assert shown is not None
    assert "a.example" not in shown


def test_a_client_without_markdown_gets_plain_text() -> None:
    with Session(client={}) as session:
        session.open("file:///a.log", AUDIENCE)
        shown = session.hover("file:///a.log", 0, 3)
    assert shown is not None
    assert "Read more: https://" in shown
    assert "**" not in shown
