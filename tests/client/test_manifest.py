"""The extension's manifest keeps the habits that users and VS Code expect."""

from __future__ import annotations

import json
import re
import struct
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest

from claimlens import __version__
from claimlens.entra.errors import SIGNS
from claimlens.settings.model import Settings

ROOT = Path(__file__).resolve().parents[2]
MANIFEST = json.loads((ROOT / "package.json").read_text("utf-8"))
TEXTS = json.loads((ROOT / "package.nls.json").read_text("utf-8"))
COMMANDS = MANIFEST["contributes"]["commands"]
SETTINGS: Mapping[str, Mapping[str, Any]] = {
    name: schema
    for section in MANIFEST["contributes"]["configuration"]
    for name, schema in section["properties"].items()
}
SOURCES = {path: path.read_text("utf-8") for path in sorted((ROOT / "client" / "src").rglob("*.ts"))}


def test_nothing_else_has_to_be_installed() -> None:
    assert MANIFEST["extensionDependencies"] == []
    assert "extensionPack" not in MANIFEST


def test_it_runs_where_the_files_are() -> None:
    assert MANIFEST["extensionKind"] == ["workspace"]


@pytest.mark.parametrize("sign", SIGNS)
def test_the_server_starts_for_every_error_that_it_knows(sign: str) -> None:
    assert f"  /{sign}/,\n" in SOURCES[ROOT / "client" / "src" / "candidates.ts"]


def test_activation_waits_until_vs_code_has_started() -> None:
    assert MANIFEST["activationEvents"] == ["onStartupFinished"]


def test_the_oldest_vs_code_is_the_one_whose_types_are_compiled_against() -> None:
    oldest = MANIFEST["engines"]["vscode"].removeprefix("^")
    assert oldest == MANIFEST["devDependencies"]["@types/vscode"]
    client = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"][
        "node_modules/vscode-languageclient"
    ]
    needed = client["engines"]["vscode"].removeprefix("^")
    assert [int(part) for part in oldest.split(".")] >= [int(part) for part in needed.split(".")]


def test_the_version_is_the_servers() -> None:
    assert MANIFEST["version"] == __version__


@pytest.mark.parametrize("kind", ["untrustedWorkspaces", "virtualWorkspaces"])
def test_it_works_with_limits_that_are_described(kind: str) -> None:
    assert MANIFEST["capabilities"][kind]["supported"] == "limited"
    assert MANIFEST["capabilities"][kind]["description"].startswith("%")


def test_what_starts_programs_or_names_hosts_is_the_users_alone() -> None:
    dangerous = {
        name for name in SETTINGS if re.search(r"\.(?:server|network)\.|path|url|host|proxy|interpreter", name)
    }

    assert set(MANIFEST["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"]) == dangerous
    assert {SETTINGS[name]["scope"] for name in dangerous} == {"machine"}


def test_no_setting_holds_a_secret() -> None:
    assert not [name for name in SETTINGS if re.search(r"secret|key|token|password", name, re.IGNORECASE)]


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_is_complete(name: str) -> None:
    schema = SETTINGS[name]
    assert re.fullmatch(r"claimlens(?:\.[a-z][A-Za-z]*){1,2}", name)
    assert {"default", "scope", "type", "markdownDescription"} <= set(schema)
    if "enum" in schema:
        assert len(schema["markdownEnumDescriptions"]) == len(schema["enum"])


def defaults(settings: object, prefix: str = "claimlens") -> Iterator[tuple[str, object]]:
    """Name each field of the server's settings as VS Code does, with its default as JSON."""
    for field in attrs.fields(type(settings)):
        value = getattr(settings, field.name)
        words = re.sub(r"_(enabled|errors)$", r".\1", field.name)
        name = f"{prefix}.{re.sub(r'_([a-z])', lambda match: match[1].upper(), words)}"
        if attrs.has(type(value)):
            yield from defaults(value, name)
        else:
            yield name, list(value) if isinstance(value, tuple) else value


def test_defaults_are_the_servers() -> None:
    ours = {name: schema["default"] for name, schema in SETTINGS.items() if not name.startswith("claimlens.server.")}
    assert ours == dict(defaults(Settings()))


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command["command"])
def test_a_command_is_complete(command: Mapping[str, str]) -> None:
    title = TEXTS[command["title"].strip("%")]
    small = {"a", "at", "in", "for", "from", "as", "with"}
    assert command["category"] == "Claimlens"
    assert all(word in small or word[0].isupper() for word in title.split()), "title case"
    assert any(f"'{command['command']}'" in text for text in SOURCES.values()), "nothing carries it out"


@pytest.mark.parametrize("command", [each["title"].strip("%") for each in COMMANDS])
def test_every_command_is_told_of_in_the_documentation(command: str) -> None:
    assert TEXTS[command] in (ROOT / "docs/editors/vscode.md").read_text("utf-8")


def test_every_text_exists_and_is_used() -> None:
    used = set(re.findall(r'"%([^%"]+)%"', (ROOT / "package.json").read_text("utf-8")))
    assert used == set(TEXTS)


def test_the_shop_window() -> None:
    assert {"displayName", "description", "license", "homepage", "repository", "bugs", "galleryBanner"} <= set(MANIFEST)
    assert len(MANIFEST["keywords"]) <= 5
    image = (ROOT / MANIFEST["icon"]).read_bytes()
    assert image.startswith(b"\x89PNG")
    assert min(struct.unpack(">II", image[16:24])) >= 128


def test_every_text_of_the_client_can_be_translated() -> None:
    calls = {match for text in SOURCES.values() for match in re.findall(r"""l10n\.t\(\s*('[^']+'|"[^"]+")""", text)}
    bundle = json.loads((ROOT / "l10n" / "bundle.l10n.json").read_text("utf-8"))
    assert {call[1:-1] for call in calls} == set(bundle)
    assert all(key == value for key, value in bundle.items())


def test_the_client_knows_no_telemetry_and_no_network() -> None:
    forbidden = re.compile(r"telemetry|fetch\(|node:https?|node:net|XMLHttpRequest", re.IGNORECASE)
    assert [path.name for path, text in SOURCES.items() if forbidden.search(text)] == []


def test_the_lock_file_names_no_registry() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text("utf-8"))["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []
