"""The changes that make a file accept a token, or a policy ask for more, as an editor applies them."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from claimlens.expectations import accepted_audiences, read
from tests.support.server import Session
from tests.support.tokens import make_token

TENANT = "11111111-2222-3333-4444-555555555555"
API = "aaaaaaaa-0000-4000-8000-000000000001"
V1, V2 = f"https://sts.windows.net/{TENANT}/", f"https://login.microsoftonline.com/{TENANT}/v2.0"
METADATA = f"https://login.microsoftonline.com/{TENANT}/v2.0/.well-known/openid-configuration"


def policy(audiences: str, after: str = "", metadata: str = METADATA) -> str:
    return f"""<policies>
  <inbound>
    <validate-jwt header-name="Authorization">
      <openid-config url="{metadata}" />
      {audiences}{after}
    </validate-jwt>
  </inbound>
</policies>
"""


def token(**claims: Any) -> str:
    every = {"aud": f"api://{API}", "iss": V2, "tid": TENANT, "ver": "2.0", "azp": "c", "scp": "Orders.Read", **claims}
    return make_token({"alg": "RS256", "kid": "k"}, {name: value for name, value in every.items() if value is not None})


def applied(text: str, edits: list[dict[str, Any]]) -> str:
    lines = text.splitlines(keepends=True)
    starts = [sum(map(len, lines[:number])) for number in range(len(lines) + 1)]
    for edit in sorted(edits, key=lambda edit: edit["range"]["start"]["line"], reverse=True):
        start, end = (
            starts[edit["range"][each]["line"]] + edit["range"][each]["character"] for each in ("start", "end")
        )
        text = text[:start] + edit["newText"] + text[end:]
    return text


def fixed(folder: Path, text: str, title: str, sent: str) -> str:
    """Return the text of another file once the fix of a token's mismatch is chosen."""
    with Session(folders=[folder.as_uri()]) as session:
        uri = f"{folder.as_uri()}/orders.http"
        session.open(uri, f"GET https://orders.example/1\nAuthorization: Bearer {sent}\n", "http")
        session.pass_time(timedelta(seconds=1))
        found = session.diagnostics(uri)["items"]
        place = next(each["range"]["start"] for each in found if each["code"].startswith("config-"))
        return chosen(session, uri, place["line"], place["character"], title, text)


def chosen(session: Session, uri: str, line: int, character: int, title: str, text: str) -> str:
    actions = session.code_actions(uri, line, character)
    action = next((each for each in actions if each["title"].startswith(title)), None)
    assert action is not None, [each["title"] for each in actions]
    edit = (action if "edit" in action else session.request("codeAction/resolve", action))["edit"]
    ((_, edits),) = (
        edit.get("changes") or {c["textDocument"]["uri"]: c["edits"] for c in edit["documentChanges"]}
    ).items()
    return applied(text, edits)


IN_LINES = f"<audiences>\n        <audience>{API}</audience>\n      </audiences>"
SETTINGS = {"Instance": "https://login.microsoftonline.com/", "TenantId": TENANT, "ClientId": "c"}
WITH_LIST = {"Jwt": {"Authority": V2, "TokenValidationParameters": {"ValidAudiences": [API]}}}
EASY_AUTH = {
    "openIdIssuer": V2,
    "clientId": "cccccccc-0000-4000-8000-000000000003",
}
BICEP = """resource auth 'Microsoft.Web/sites/config@2022-09-01' = {{
  name: 'authsettingsV2'
  properties: {{
    identityProviders: {{
      azureActiveDirectory: {{
        registration: {{
          openIdIssuer: '{issuer}'
          clientId: 'cccccccc-0000-4000-8000-000000000003'
        }}
        validation: {{
          allowedAudiences: {audiences}
        }}
      }}
    }}
  }}
}}
"""


def easy_auth(audiences: str) -> str:
    return json.dumps(
        {
            "properties": {
                "identityProviders": {
                    "azureActiveDirectory": {"registration": EASY_AUTH, "validation": {"allowedAudiences": ["LIST"]}}
                }
            }
        },
        indent=2,
    ).replace('[\n            "LIST"\n          ]', audiences)


def arm(audiences: str) -> str:
    template = {"resources": [{"type": "Microsoft.Web/sites/config", "name": "x/authsettingsV2", "P": "Q"}]}
    return json.dumps(template, indent=2).replace('"P": "Q"', easy_auth(audiences).strip()[1:-1])


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("policy.xml", policy(f"<audiences><audience>{API}</audience></audiences>"),
         f"<audience>{API}</audience><audience>api://{API}</audience></audiences>"),
        ("policy.xml", policy(IN_LINES),
         f"        <audience>{API}</audience>\n        <audience>api://{API}</audience>\n      </audiences>"),
        ("policy.xml", policy(IN_LINES).replace("\n", "\r\n"),
         f"<audience>{API}</audience>\r\n        <audience>api://{API}</audience>\r\n"),
        ("appsettings.json", json.dumps(WITH_LIST),
         f'["{API}", "api://{API}"]'),
        ("appsettings.json",
         json.dumps(WITH_LIST, indent=2),
         f'        "{API}",\n        "api://{API}"\n'),
        ("appsettings.json", json.dumps({"Jwt": {"Authority": V2, "Audience": API}}), f'"Audience": "api://{API}"'),
        ("authsettingsV2.json", easy_auth(f'["{API}"]'), f'["{API}", "api://{API}"]'),
        ("azuredeploy.json", arm(f'[\n            "{API}"\n          ]'), f'"{API}",\n            "api://{API}"\n'),
        ("main.bicep", BICEP.format(issuer=V2, audiences=f"[\n            '{API}'\n          ]"),
         f"            '{API}'\n            'api://{API}'\n          ]"),
        ("main.bicep", BICEP.format(issuer=V2, audiences=f"['{API}']"), f"['{API}', 'api://{API}']"),
    ],
    ids=["policy", "policy in lines", "policy in Windows lines", "appsettings", "appsettings in lines", "one audience",
         "EasyAuth", "ARM", "Bicep in lines", "Bicep"],
)  # fmt: skip
def test_the_audience_is_added_where_the_list_stands(tmp_path: Path, name: str, text: str, expected: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8", newline="")

    made = fixed(tmp_path, text, "Accept the audience", token())

    assert expected in made
    if name.endswith(".json"):
        json.loads(made)


NO_LIST = {"identityProviders": {"azureActiveDirectory": {"registration": {"openIdIssuer": V2, "clientId": API}}}}
NO_LIST_IN_BICEP = "\n".join(
    line for line in BICEP.format(issuer=V2, audiences="LIST").splitlines() if "allowedAud" not in line
).replace("        validation: {\n        }\n", "")
TERRAFORM = f"""resource "azurerm_linux_web_app" "orders" {{
  auth_settings_v2 {{
    active_directory_v2 {{
      client_id            = "{API}"
      tenant_auth_endpoint = "{V2}"
    }}
  }}
}}
"""


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        ("authsettingsV2.json", json.dumps({"properties": NO_LIST}),
         f'{{"validation": {{"allowedAudiences": ["api://{API}"]}}, "registration": {{'),
        ("authsettingsV2.json", json.dumps({"properties": NO_LIST}, indent=2),
         f'\n        "validation": {{"allowedAudiences": ["api://{API}"]}},\n        "registration": {{'),
        ("main.bicep", NO_LIST_IN_BICEP.replace("cccccccc-0000-4000-8000-000000000003", API),
         f"          allowedAudiences: [\n            'api://{API}'\n          ]\n        }}\n        registr"),
        ("main.tf", TERRAFORM, f'      allowed_audiences = ["api://{API}"]\n      client_id            = "{API}"\n'),
    ],
    ids=["JSON", "JSON in lines", "Bicep", "Terraform"],
)  # fmt: skip
def test_a_list_is_made_where_app_service_has_none(tmp_path: Path, name: str, text: str, expected: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")

    made = fixed(tmp_path, text, "Accept the audience", token())

    assert expected in made
    if name.endswith(".json"):
        json.loads(made)
    (section,) = read(name, made)
    assert [audience.value for audience in accepted_audiences(section)] == [f"api://{API}", API]


@pytest.mark.parametrize(
    ("metadata", "sent", "title", "expected"),
    [
        (METADATA, {"iss": V1, "ver": "1.0", "appid": "c", "azp": None}, "Read the metadata of version 1.0",
         f"https://login.microsoftonline.com/{TENANT}/.well-known/openid-configuration"),
        (METADATA.replace("/v2.0", ""), {}, "Read the metadata of version 2.0", METADATA),
    ],
)  # fmt: skip
def test_the_metadata_of_the_other_version(
    tmp_path: Path, metadata: str, sent: dict[str, Any], title: str, expected: str
) -> None:
    audiences = f"<audiences><audience>api://{API}</audience></audiences>"
    text = policy(audiences, metadata=metadata)
    (tmp_path / "policy.xml").write_text(text, encoding="utf-8")

    assert f'<openid-config url="{expected}" />' in fixed(tmp_path, text, title, token(**sent))


def test_the_manifest_asks_for_version_2(tmp_path: Path) -> None:
    (tmp_path / "policy.xml").write_text(policy(f"<audiences><audience>{API}</audience></audiences>"), encoding="utf-8")
    manifest = json.dumps({"appId": API, "api": {"requestedAccessTokenVersion": None}, "identifierUris": []}, indent=2)
    (tmp_path / "manifest.json").write_text(manifest, encoding="utf-8")
    uri = f"{tmp_path.as_uri()}/manifest.json"
    with Session(folders=[tmp_path.as_uri()]) as session:
        session.open(uri, manifest, "json")
        session.pass_time(timedelta(seconds=1))
        line = next(number for number, text in enumerate(manifest.splitlines()) if "Version" in text)
        made = chosen(session, uri, line, 38, "Ask for tokens of version 2.0", manifest)

    assert json.loads(made)["api"]["requestedAccessTokenVersion"] == 2


# What a policy could require besides


def offered(text: str, sent: str | None = None, settings: Any = None, folder: Path | None = None) -> list[str]:
    with Session(settings=settings, folders=[folder.as_uri()] if folder else ()) as session:
        uri = f"{folder.as_uri() if folder else 'file:///folder'}/policy.xml"
        if sent is not None:
            session.open("file:///folder/orders.http", f"Authorization: Bearer {sent}\n", "http")
        session.open(uri, text, "xml")
        session.pass_time(timedelta(seconds=1))
        titles = [each["title"] for each in session.code_actions(uri, 2, 8)]
    return [title for title in titles if title.startswith("Require")]


LIST = f"<audiences><audience>{API}</audience></audiences>"
ASKING = '\n      <required-claims><claim name="{}" /></required-claims>'


@pytest.mark.parametrize(
    ("text", "sent", "titles"),
    [
        (policy(LIST), token(), ["Require the scope 'Orders.Read'"]),
        (policy(LIST), token(scp="Orders.Read Orders.Write"),
         ["Require one of the scopes 'Orders.Read', 'Orders.Write'"]),
        (policy(LIST), token(scp=None, roles=["Orders.Manage"]), ["Require the role 'Orders.Manage'"]),
        (policy(LIST), token(aud="api://other"), []),
        (policy(LIST), None, []),
        (policy(LIST, ASKING.format("scp")), token(), []),
        (policy(LIST, ASKING.format("roles")), token(), []),
        (policy(LIST, ASKING.format("{{claim}}")), token(), []),
        (policy(LIST, ASKING.format("ver")), token(), ["Require the scope 'Orders.Read'"]),
        (policy(LIST), token(scp=None, roles=["<x>", 'a"b', "{{secret}}", "@(1)"]), []),
    ],
)  # fmt: skip
def test_what_could_be_required_is_what_tokens_for_the_api_carry(
    text: str, sent: str | None, titles: list[str]
) -> None:
    assert offered(text, sent) == titles


def test_expected_permissions_go_first() -> None:
    settings = {None: {"expected": {"scopes": ["Orders.All"], "roles": ["Admin"]}}}

    assert offered(policy(LIST), token(), settings) == ["Require the scope 'Orders.All'", "Require the role 'Admin'"]


def test_settings_of_the_same_api_say_what_is_required(tmp_path: Path) -> None:
    ours, theirs = ({"AzureAd": {**SETTINGS, "Audience": name, "Scopes": scope}} for name, scope in
                    ((API, "Orders.Read Orders.Write"), ("api://other", "Other")))  # fmt: skip
    for name, content in (("a", ours), ("b", theirs)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "appsettings.json").write_text(json.dumps(content), encoding="utf-8")

    found = offered(policy(LIST), folder=tmp_path)

    assert found == ["Require one of the scopes 'Orders.Read', 'Orders.Write'"]


@pytest.mark.parametrize(
    ("text", "sent", "expected"),
    [
        (policy(LIST), token(),
         f"""      {LIST}
      <required-claims>
        <claim name="scp" match="any" separator=" ">
          <value>Orders.Read</value>
        </claim>
      </required-claims>
    </validate-jwt>"""),
        (policy(LIST, '\n      <required-claims>\n        <claim name="ver" />\n      </required-claims>'),
         token(scp=None, roles=["A", "B"]),
         """        <claim name="ver" />
        <claim name="roles" match="any">
          <value>A</value>
          <value>B</value>
        </claim>
      </required-claims>"""),
    ],
)  # fmt: skip
def test_the_claim_is_written_where_it_belongs(text: str, sent: str, expected: str) -> None:
    with Session() as session:
        uri = "file:///folder/policy.xml"
        session.open("file:///folder/orders.http", f"Authorization: Bearer {sent}\n", "http")
        session.open(uri, text, "xml")
        made = chosen(session, uri, 2, 8, "Require", text)
        session.change(uri, 2, {"text": made})
        codes = [each["code"] for each in session.diagnostics(uri)["items"]]

    assert expected in made
    assert not {code for code in codes if code.startswith(("apim-syntax", "apim-child-order", "apim-scope"))}


def test_a_policy_in_bicep_is_mended_there() -> None:
    kind = "Microsoft.ApiManagement/service/policies@2022-08-01"
    text = f"resource p '{kind}' = {{\n  properties: {{\n    value: '''\n{policy(LIST)}'''\n  }}\n}}\n"
    with Session() as session:
        uri = "file:///folder/main.bicep"
        session.open("file:///folder/orders.http", f"Authorization: Bearer {token()}\n", "http")
        session.open(uri, text, "bicep")
        made = chosen(session, uri, 5, 8, "Require the scope", text)

    assert '        <claim name="scp" match="any" separator=" ">\n' in made


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "policy.xml",
            f'''<inbound>
    <validate-azure-ad-token tenant-id="{TENANT}">
        <client-application-ids><application-id>a</application-id></client-application-ids>
        <audiences><audience>{API}</audience></audiences>
    </validate-azure-ad-token>
</inbound>''',
            "<application-id>a</application-id><application-id>caller</application-id></client-application-ids>",
        ),
        (
            "auth.json",
            easy_auth(f'["{API}"], "defaultAuthorizationPolicy": {{"allowedApplications": ["a"]}}'),
            '["a", "caller"]',
        ),
    ],
)
def test_an_application_joins_those_that_may_call(tmp_path: Path, name: str, text: str, expected: str) -> None:
    (tmp_path / name).write_text(text, encoding="utf-8")
    sent = token(aud=API, azp="caller")

    assert expected in fixed(tmp_path, text, "Let the application 'caller' call", sent)


def offered_on_a_token(folder: Path, sent: str, text: str) -> list[str]:
    """Return what a token near a policy lets it require."""
    (folder / "policy.xml").write_text(text, encoding="utf-8")
    with Session(folders=[folder.as_uri()]) as session:
        uri = f"{folder.as_uri()}/orders.http"
        session.open(uri, f"Authorization: Bearer {sent}\n", "http")
        titles = [each["title"] for each in session.code_actions(uri, 0, 40)]
    return [title for title in titles if title.startswith("Require")]


def test_on_a_token_the_policy_that_accepts_it_can_be_made_to_require_what_it_carries(tmp_path: Path) -> None:
    text = policy(LIST)
    (tmp_path / "policy.xml").write_text(text, encoding="utf-8")
    with Session(folders=[tmp_path.as_uri()]) as session:
        uri = f"{tmp_path.as_uri()}/orders.http"
        session.open(uri, f"Authorization: Bearer {token(aud=API)}\n", "http")
        made = chosen(session, uri, 0, 40, "Require the scope 'Orders.Read' in 'policy.xml'", text)

    assert "          <value>Orders.Read</value>\n" in made
    assert offered_on_a_token(tmp_path, token(aud="elsewhere"), text) == []
    assert offered_on_a_token(tmp_path, token(aud=API, scp=None), text) == []
    assert offered_on_a_token(tmp_path, token(aud=API), made) == []
