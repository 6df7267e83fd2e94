"""Where settings come from, what wins, and that a mistake is named once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from claimlens.settings import ExpectedSettings, Settings, merge
from tests.support.server import Session, capabilities
from tests.support.tokens import compact

TOKEN = compact({"exp": 1700000000, "iss": "https://issuer.example", "aud": "a"})
OFF = {"rules": {"jwt-*": "off"}}


def folder_uri(path: Path) -> str:
    return path.as_uri()


def found(session: Session, uri: str) -> list[str]:
    return [item["code"] for item in session.diagnostics(uri)["items"] if "code" in item]


def warnings(session: Session) -> list[str]:
    return [each["message"] for each in session.notifications("window/showMessage")]


def no_configuration() -> dict[str, Any]:
    client = capabilities()
    client["workspace"]["configuration"] = False
    return client


def test_each_folder_has_its_own_settings(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    folders = [folder_uri(one), folder_uri(two)]
    with Session(folders=folders, settings={folders[0]: OFF}) as session:
        session.open(f"{folders[0]}/a.log", TOKEN)
        session.open(f"{folders[1]}/a.log", TOKEN)
        session.open("untitled:a", TOKEN)
        assert found(session, f"{folders[0]}/a.log") == []
        assert "jwt-expired" in found(session, f"{folders[1]}/a.log")
        assert "jwt-expired" in found(session, "untitled:a")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("claimlens.toml", '[rules]\n"jwt-*" = "off"\n'),
        ("pyproject.toml", '[tool.claimlens.rules]\n"jwt-*" = "off"\n'),
    ],
)
def test_a_folder_may_hold_its_settings_in_a_file(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    uri = f"{folder_uri(tmp_path)}/a.log"
    with Session(folders=[folder_uri(tmp_path)]) as session:
        session.open(uri, TOKEN)
        assert found(session, uri) == []
        (tmp_path / name).unlink()
        change = {"changes": [{"uri": f"{folder_uri(tmp_path)}/{name}", "type": 3}]}
        session.notify("workspace/didChangeWatchedFiles", change)
        assert "jwt-expired" in found(session, uri)


def test_the_nearest_file_above_a_document_counts_as_on_the_command_line(tmp_path: Path) -> None:
    opened, inner = tmp_path / "opened", tmp_path / "opened" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "claimlens.toml").write_text('[rules]\n"jwt-*" = "off"\n')
    (inner / "pyproject.toml").write_text('[tool.claimlens.rules]\njwt-expired = "error"\n')
    with Session(folders=[opened.as_uri()]) as session:
        for folder in (opened, inner, tmp_path):
            session.open(f"{folder.as_uri()}/a.log", TOKEN)
            session.server.settings(f"{folder.as_uri()}/a.log")
        assert found(session, f"{opened.as_uri()}/a.log") == []
        assert "jwt-expired" in found(session, f"{inner.as_uri()}/a.log")
        assert "jwt-expired" in found(session, f"{tmp_path.as_uri()}/a.log")  # in no folder of the workspace
        (inner / "pyproject.toml").unlink()
        change = {"changes": [{"uri": f"{inner.as_uri()}/pyproject.toml", "type": 3}]}
        session.notify("workspace/didChangeWatchedFiles", change)
        assert found(session, f"{inner.as_uri()}/a.log") == []


def test_globs_of_a_file_are_relative_to_its_folder(tmp_path: Path) -> None:
    inner = tmp_path / "inner"
    inner.mkdir()
    (inner / "claimlens.toml").write_text('ignore = ["/samples/"]\n')
    inside, outside = f"{inner.as_uri()}/samples/a.log", f"{tmp_path.as_uri()}/samples/a.log"
    with Session(folders=[tmp_path.as_uri()]) as session:
        for uri in (inside, outside):
            session.open(uri, TOKEN)
        assert found(session, inside) == []
        assert "jwt-expired" in found(session, outside)


def test_the_editor_stands_above_the_file_but_its_defaults_do_not() -> None:
    file = Settings(clock_skew_seconds=60, rules={"a": "off", "b": "off"}, expected=ExpectedSettings(audiences=("x",)))
    editor = Settings(expiry_hint_minutes=1, rules={"b": "error"}, expected=ExpectedSettings(scopes=("s",)))
    merged = merge(file, editor)
    assert merged == Settings(
        clock_skew_seconds=60,
        expiry_hint_minutes=1,
        rules={"a": "off", "b": "error"},
        expected=ExpectedSettings(audiences=("x",), scopes=("s",)),
    )


def test_settings_that_change_are_asked_for_again() -> None:
    with Session() as session:
        session.open("untitled:a", TOKEN)
        assert "jwt-expired" in found(session, "untitled:a")
        session.settings[None] = OFF
        session.sent.clear()
        session.notify("workspace/didChangeConfiguration", {"settings": None})
        assert found(session, "untitled:a") == []
        assert "workspace/diagnostic/refresh" in [message["method"] for message in session.sent]


@pytest.mark.parametrize("sent", [{"claimlens": OFF}, OFF, {"claimlens.rules": {"jwt-*": "off"}}])
def test_clients_that_cannot_be_asked_send_them(sent: dict[str, Any]) -> None:
    with Session(client=no_configuration()) as session:
        session.open("untitled:a", TOKEN)
        session.notify("workspace/didChangeConfiguration", {"settings": sent})
        assert found(session, "untitled:a") == []


def test_clients_may_send_them_when_they_start() -> None:
    with Session(client=no_configuration(), options={"settings": OFF}) as session:
        session.open("untitled:a", TOKEN)
        assert found(session, "untitled:a") == []


@pytest.mark.parametrize("settings", [{"clockSkewSecond": 5}, {"clockSkewSeconds": "much"}])
def test_a_mistake_is_named_once(settings: dict[str, Any]) -> None:
    (key,) = settings
    with Session(settings={None: settings}) as session:
        session.notify("workspace/didChangeConfiguration", {"settings": None})
        (warning,) = warnings(session)
    assert key in warning


def test_however_many_mistakes_there_are_one_message_tells_of_them(tmp_path: Path) -> None:
    garbage = {f"wrong{number}": number for number in range(9)}
    with Session(settings={None: garbage, tmp_path.as_uri(): garbage}, folders=[tmp_path.as_uri()]) as session:
        (warning,) = warnings(session)
        (logged,) = (each["message"] for each in session.notifications("window/logMessage"))
    assert [key in warning for key in garbage] == [True] * 3 + [False] * 6
    assert warning.endswith("The log names 6 more.")
    assert all(key in logged for key in garbage)


def test_a_client_that_refuses_to_tell_of_changes_is_asked_all_the_same(caplog: pytest.LogCaptureFixture) -> None:
    with Session(settings={None: OFF}, refused=["client/registerCapability"]) as session:
        session.open("untitled:a", TOKEN)
        assert found(session, "untitled:a") == []
    assert not [record for record in caplog.records if "defect" in record.getMessage()]


def test_a_client_that_refuses_to_tell_its_settings_gets_the_defaults() -> None:
    with Session(settings={None: OFF}, refused=["workspace/configuration"]) as session:
        session.open("untitled:a", TOKEN)
        assert "jwt-expired" in found(session, "untitled:a")


def test_settings_that_are_none_are_named_as_such() -> None:
    with Session(client=no_configuration(), options={"settings": 7}) as session:
        (warning,) = warnings(session)
    assert warning.endswith("The settings must be an object; they are a number.")


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "claimlens.toml").write_text("this is [not toml\n")
    with Session(folders=[folder_uri(tmp_path)]) as session:
        (warning,) = warnings(session)
    assert "claimlens.toml" in warning


NETWORK = {"allowedHosts": ["issuer.example"]}


def test_only_the_user_says_what_may_be_reached(tmp_path: Path) -> None:
    (tmp_path / "claimlens.toml").write_text('[network]\nallowed-hosts = ["evil.example"]\n')
    uri = f"{folder_uri(tmp_path)}/a.log"
    for settings in ({None: {"network": NETWORK}}, {folder_uri(tmp_path): {"network": NETWORK}}):
        with Session(folders=[folder_uri(tmp_path)], settings=settings) as session:
            assert session.server.settings(uri).network == Settings().network
    with Session(folders=[folder_uri(tmp_path)], options={"settings": {"network": NETWORK}}) as session:
        assert session.server.settings(uri).network == Settings().network
    with Session(folders=[folder_uri(tmp_path)], options={"network": NETWORK}) as session:
        assert session.server.settings(uri).network.allowed_hosts == ("issuer.example",)
        session.notify("claimlens/didChangeUserSettings", {"network": {"allowedHosts": ["other.example"]}})
        assert session.server.settings(uri).network.allowed_hosts == ("other.example",)
