"""A policy that names a real OpenID provider (oidc-provider, certified): the command and the server fetch its keys."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support import command
from tests.support.provider import Provider
from tests.support.stdio import Client

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("provider")]


def policy(provider: Provider, audience: str = "api://orders") -> str:
    return f"""<policies><inbound>
<validate-jwt header-name="Authorization" require-scheme="Bearer">
  <openid-config url="{provider.issuer}/.well-known/openid-configuration" />
  <audiences><audience>{audience}</audience></audiences>
</validate-jwt>
</inbound></policies>"""


def damaged(token: str) -> str:
    middle = (token.rindex(".") + len(token)) // 2
    return token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]


@pytest.mark.parametrize(
    ("audience", "change", "outcome", "reason"),
    [
        ("api://orders", str, "pass", None),
        ("api://orders", damaged, "fail", "TokenSignatureInvalid"),
        ("api://other", str, "fail", "TokenAudienceNotAllowed"),
    ],
)
def test_the_command(
    provider: Provider, tmp_path: Path, audience: str, change: Any, outcome: str, reason: str | None
) -> None:
    file = tmp_path / "policy.xml"
    file.write_text(policy(provider, audience))
    network = ("--allow-host", provider.host, "--ca", str(provider.ca_file))

    ended = command.run(
        "simulate", change(provider.token()), "--policy", str(file), "--online", *network, "--format", "json"
    )

    assert (ended.json["outcome"], ended.json["reason"]) == (outcome, reason)


def test_the_server(provider: Provider, tmp_path: Path) -> None:
    with Client() as client:
        network = {"allowedHosts": [provider.host], "caFile": str(provider.ca_file)}
        options = {"network": network}
        client.request(
            "initialize", {"processId": None, "rootUri": None, "capabilities": {}, "initializationOptions": options}
        )
        client.notify("initialized", {})
        uri = (tmp_path / "policy.xml").as_uri()
        document = {"uri": uri, "languageId": "xml", "version": 1, "text": policy(provider)}
        client.notify("textDocument/didOpen", {"textDocument": document})
        place = {"textDocument": {"uri": uri}, "position": {"line": 1, "character": 4}}
        token = {"text": provider.token()}
        offline = client.request("claimlens/simulate", {**place, "token": token})["result"]
        online = client.request("claimlens/simulate", {**place, "token": token, "online": True})["result"]
        client.stop()

    assert (offline["outcome"], offline["keysFrom"]) == ("undetermined", ["localhost"])
    assert (online["outcome"], online["keysFrom"]) == ("pass", [])
    assert [mark["reached"] for mark in online["marks"]] == ["passed"] * 3
