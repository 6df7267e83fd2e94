"""``claimlens simulate``: which policy is taken, from what file, and how the answer is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support.command import Ended, run
from tests.support.keys import jwk, signed

ISSUER = "https://idp.example/"
MORNING = ("--now", "2026-03-02T10:00:00Z")
EXP = 1772449320  # 11:02 that morning
POLICY = f"""<policies>
  <inbound>
    <base />
    <validate-jwt header-name="Authorization" require-scheme="Bearer">
      <openid-config url="{ISSUER}.well-known/openid-configuration" />
      <audiences><audience>orders</audience></audiences>
    </validate-jwt>
  </inbound>
</policies>
"""


def token(**claims: object) -> str:
    return signed("RS256", {"iss": ISSUER, "aud": "orders", "exp": EXP, **claims}, {"kid": "one"})


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "policy.xml").write_text(POLICY)
    (tmp_path / "keys.json").write_text(json.dumps({"keys": [jwk("RS256")]}))
    (tmp_path / "metadata.json").write_text(json.dumps({"issuer": ISSUER}))
    return tmp_path


def simulate(folder: Path, *more: str, given: str | None = None, policy: str = "policy.xml") -> Ended:
    return run("simulate", given or token(), "--policy", policy, *MORNING, *more, folder=folder)


def test_with_metadata_and_keys_a_good_token_passes(folder: Path) -> None:
    ended = simulate(folder, "--jwks", "keys.json", "--metadata", "metadata.json", "--format", "json")

    assert ended.status == 0
    assert (ended.json["outcome"], ended.json["reason"], ended.json["message"]) == ("pass", None, None)


def test_without_keys_what_else_passes_is_undetermined(folder: Path) -> None:
    ended = simulate(folder, "--format", "json")

    assert (ended.status, ended.json["outcome"]) == (2, "undetermined")
    assert "unknown" in [step["verdict"] for step in ended.json["steps"] if step["check"] == "signature"]


def test_what_would_help_is_told_and_not_told_when_it_is_there(folder: Path) -> None:
    (folder / "orders.xml").write_text(POLICY)
    plain = simulate(folder, policy="orders.xml")
    helped = simulate(folder, "--jwks", "keys.json", "--workspace", ".", policy="orders.xml")

    assert "--workspace FOLDER" in plain.errors
    assert "--online" in plain.errors
    assert helped.errors == ""


def test_a_later_step_fails_without_keys_too(folder: Path) -> None:
    ended = simulate(folder, "--format", "json", given=token(aud="other"))

    assert (ended.status, ended.json["outcome"], ended.json["status"]) == (1, "fail", 401)
    assert set(ended.json["steps"][0]) >= {"policy", "element", "check", "verdict", "detail", "line"}


def test_the_variables_of_a_request_file_are_filled_in(folder: Path) -> None:
    (folder / "a.http").write_text(
        f"@bearer = Bearer {{{{ token }}}}\n@token={token()}\n\nGET https://x/\nAuthorization: {{{{bearer}}}}\n"
    )

    ended = run(
        "simulate", "--request", "a.http", "--policy", "policy.xml", *MORNING, "--format", "json", folder=folder
    )

    assert (ended.json["outcome"], ended.errors) == ("undetermined", "")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.har", '{"log":{"entries":[{"request":{"method":"GET","url":"https://x/","headers":HEADERS}}]}}'),
        ("a.cmd", 'curl "https://x/" ^\n  -H "Authorization: Bearer TOKEN"\n'),
        ("a.ps1", '$t = "TOKEN"\nirm https://x/ -Headers @{ Authorization = "Bearer $t" }\n'),
    ],
)
def test_a_request_is_read_in_any_form(folder: Path, name: str, text: str) -> None:
    headers = json.dumps([{"name": "Authorization", "value": f"Bearer {token()}"}])
    (folder / name).write_text(text.replace("HEADERS", headers).replace("TOKEN", token()))

    ended = run("simulate", "--request", name, "--policy", "policy.xml", *MORNING, "--format", "json", folder=folder)

    assert (ended.json["outcome"], ended.errors) == ("undetermined", "")


def test_what_is_not_known_of_a_request_is_told(folder: Path) -> None:
    request = "GET https://x/\nAuthorization: Bearer {{token}}\n"
    (folder / "a.http").write_text(f"{request}\n###\n{request}")

    ended = run("simulate", "--request", "a.http", "--policy", "policy.xml", *MORNING, folder=folder)

    assert "a.http: 2 requests; this is the first" in ended.errors
    assert "a.http: no value for {{token}}; it is sent as it stands" in ended.errors


@pytest.mark.parametrize("text", ["hello\n", "", '{"a": 1}', "<html><body/></html>"])
def test_a_file_without_a_policy_does_not_pass(folder: Path, text: str) -> None:
    (folder / "other.xml").write_text(text)

    ended = simulate(folder, policy="other.xml")

    assert (ended.status, ended.output) == (2, "")
    assert "other.xml: no API Management policy in it" in ended.errors


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("main.tf", 'resource "x" "y" {\n  xml_content = <<XML\n', "XML\n}\n"),
        ("main.bicep", "resource p 'x' = {\n  value: '''\n", "'''\n}\n"),
    ],
)
def test_a_policy_inside_another_file_is_found_and_its_lines_are_those_of_the_file(
    folder: Path, name: str, before: str, after: str
) -> None:
    (folder / name).write_text(before + POLICY + after)

    ended = simulate(folder, "--format", "json", policy=name, given=token(aud="other"))

    assert ended.status == 1
    assert [step["line"] for step in ended.json["steps"] if step["verdict"] == "fail"] == [8]


def test_of_several_policies_the_first_is_taken_and_that_is_said(folder: Path) -> None:
    (folder / "two.bicep").write_text(f"var a = '''\n{POLICY}'''\nvar b = '''\n{POLICY}'''\n")

    assert "2 policies; this is the first" in simulate(folder, policy="two.bicep").errors


def test_a_policy_that_would_be_refused_is_named_as_such(folder: Path) -> None:
    (folder / "broken.xml").write_text(POLICY.replace("</audiences>", ""))

    assert "does not accept a policy with such mistakes" in simulate(folder, policy="broken.xml").errors


def test_a_workspace_that_is_no_folder_is_refused(folder: Path) -> None:
    for name in ("missing", "keys.json"):
        ended = simulate(folder, "--workspace", name)
        assert (ended.status, ended.output) == (2, "")
        assert f"{name}: not a folder" in ended.errors


def test_how_to_allow_a_host_that_was_not_asked_is_told(folder: Path) -> None:
    assert "--allow-host idp.example" in simulate(folder, "--online").errors
