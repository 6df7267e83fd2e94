"""What each kind of file says it accepts: role, value and place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimlens.expectations import Expectation, SourceKind, read

TENANT = "11111111-2222-3333-4444-555555555555"
API = "aaaaaaaa-0000-4000-8000-000000000001"

POLICY = f"""<policies><inbound>
  <validate-jwt header-name="Authorization">
    <openid-config url="https://login.microsoftonline.com/{TENANT}/v2.0/.well-known/openid-configuration" />
    <audiences><audience> {API} </audience><audience>{{{{aud}}}}</audience></audiences>
    <required-claims><claim name="scp"><value>Orders.Read</value></claim></required-claims>
  </validate-jwt>
</inbound></policies>"""

CASES = {
    "policy": ("policy.xml", POLICY, SourceKind.VALIDATE_JWT, {"audience": [API], "scope": ["Orders.Read"]}),
    "azure ad policy": (
        "policy.xml",
        (
            f'<inbound><validate-azure-ad-token tenant-id="{TENANT}"><client-application-ids><application-id>c'
            f"</application-id></client-application-ids><audiences><audience>{API}</audience></audiences>"
            "</validate-azure-ad-token></inbound>"
        ),
        SourceKind.VALIDATE_AZURE_AD_TOKEN,
        {"tenant": [TENANT], "audience": [API], "allowed_client": ["c"]},
    ),
    "policy in bicep": (
        "main.bicep",
        (
            "resource p 'Microsoft.ApiManagement/service/policies@2023' = {\n  properties: {\n"
            f"    value: '''{POLICY}'''\n"
            "    format: 'rawxml'\n  }\n}\n"
        ),
        SourceKind.VALIDATE_JWT,
        {"audience": [API], "scope": ["Orders.Read"]},
    ),
    "policy in terraform": (
        "main.tf",
        f'resource "azurerm_api_management_policy" "p" {{\n  xml_content = <<XML\n{POLICY}\nXML\n}}\n',
        SourceKind.VALIDATE_JWT,
        {"audience": [API], "scope": ["Orders.Read"]},
    ),
    "policy in an ARM template": (
        "azuredeploy.json",
        '{{"resources": [{{"properties": {{"format": "xml", "value": "{}"}}}}]}}'.format(
            POLICY.replace('"', '\\"').replace("\n", "\\n")
        ),
        SourceKind.VALIDATE_JWT,
        {"audience": [API], "scope": ["Orders.Read"]},
    ),
    "environment of a composition": (
        "docker-compose.yml",
        (
            "services:\n  api:\n    environment:\n      - AzureAd__Instance=https://login.microsoftonline.com/\n"
            f"      - AzureAd__TenantId={TENANT}\n      - 'AzureAd__ClientId={API}'\n      - PATH=/bin\n"
        ),
        SourceKind.IDENTITY_WEB,
        {"instance": ["https://login.microsoftonline.com/"], "tenant": [TENANT], "client": [API]},
    ),
    "appsettings": (
        "appsettings.json",
        (
            f'{{ // comment\n "AzureAd": {{"Instance": "https://login.microsoftonline.com/", "TenantId": "{TENANT}", '
            f'"ClientId": "{API}", "Audience": "api://orders",}},}}'
        ),
        SourceKind.IDENTITY_WEB,
        {"tenant": [TENANT], "client": [API], "audience": ["api://orders"]},
    ),
    "app settings with double underscores": (
        "local.settings.json",
        f'{{"IsEncrypted": false, "Values": {{"AzureAd__TenantId": "{TENANT}", "AzureAd__ClientId": "{API}"}}}}',
        SourceKind.IDENTITY_WEB,
        {"tenant": [TENANT], "client": [API]},
    ),
    "user secrets with colons": (
        "secrets.json",
        f'{{"AzureAd:TenantId": "{TENANT}", "AzureAd:ClientId": "{API}"}}',
        SourceKind.IDENTITY_WEB,
        {"tenant": [TENANT], "client": [API]},
    ),
    "bearer scheme": (
        "appsettings.json",
        '{"Authentication": {"Schemes": {"Bearer": {"ValidAudiences": ["a", "b"], "ValidIssuer": "https://i"}}}}',
        SourceKind.JWT_BEARER,
        {"audience": ["a", "b"], "issuer": ["https://i"]},
    ),
    "web config": (
        "Web.config",
        (
            f'<configuration><appSettings><add key="ida:Audience" value="api://orders" />'
            f'<add key="ida:Tenant" value="{TENANT}" /></appSettings></configuration>'
        ),
        SourceKind.FILE,
        {"audience": ["api://orders"], "tenant": [TENANT]},
    ),
    "app service in bicep": (
        "auth.bicep",
        (
            f"resource a 'x' = {{\n properties: {{\n  identityProviders: {{\n   azureActiveDirectory: {{\n"
            f"    registration: {{ clientId: '{API}', openIdIssuer: 'https://sts.windows.net/{TENANT}/' }}\n"
            "    validation: { allowedAudiences: [\n     'api://orders'\n    ] }\n   }\n  }\n }\n}\n"
        ),
        SourceKind.APP_SERVICE,
        {"client": [API], "audience": ["api://orders"]},
    ),
    "app service as JSON": (
        "auth.json",
        (
            '{"properties": {"identityProviders": {"azureActiveDirectory": '
            f'{{"registration": {{"clientId": "{API}", '
            f'"openIdIssuer": "https://sts.windows.net/{TENANT}/"}}, "validation": {{"allowedAudiences": ["api://o"]}}}}}}}}}}'
        ),
        SourceKind.APP_SERVICE,
        {"client": [API], "audience": ["api://o"]},
    ),
    "app service in terraform": (
        "main.tf",
        (
            f'resource "azurerm_linux_web_app" "o" {{\n  auth_settings_v2 {{\n    active_directory_v2 {{\n'
            f'      client_id = "{API}"\n      tenant_auth_endpoint = "https://login.microsoftonline.com/{TENANT}/v2.0"\n'
            '      allowed_audiences = ["api://orders"]\n    }\n  }\n}\n'
        ),
        SourceKind.APP_SERVICE,
        {"client": [API], "audience": ["api://orders"]},
    ),
    "spring": (
        "application.yml",
        (
            f"spring:\n  security:\n    oauth2:\n      resourceserver:\n        jwt:\n"
            f"          issuer-uri: https://login.microsoftonline.com/{TENANT}/v2.0\n          audiences: [api://orders]\n"
        ),
        None,
        {"issuer": [f"https://login.microsoftonline.com/{TENANT}/v2.0"], "audience": ["api://orders"]},
    ),
    "manifest of Microsoft Graph": (
        "manifest.json",
        (
            f'{{"id": "x", "appId": "{API}", "identifierUris": ["api://orders"], '
            '"api": {"requestedAccessTokenVersion": 2, '
            '"oauth2PermissionScopes": [{"id": "s", "value": "Orders.Read"}]}, "appRoles": [{"value": "Orders.All"}], '
            '"requiredResourceAccess": [{"resourceAppId": "00000003-0000-0000-c000-000000000000"}]}'
        ),
        SourceKind.MANIFEST,
        {
            "client": [API],
            "application_uri": ["api://orders"],
            "scope": ["Orders.Read"],
            "role": ["Orders.All"],
            "token_version": ["2"],
        },
    ),
    "older manifest": (
        "manifest.json",
        f'{{"id": "x", "appId": "{API}", "accessTokenAcceptedVersion": 1, "identifierUris": ["api://orders"]}}',
        SourceKind.MANIFEST,
        {"client": [API], "token_version": ["1"]},
    ),
    "environment": (".env", "ORDERS_API_AUDIENCE=api://orders\n", SourceKind.FILE, {"audience": ["api://orders"]}),
    "variables of requests": ("a.http", "@audience = api://orders\n", SourceKind.FILE, {"audience": ["api://orders"]}),
}


def of_kind(found: tuple[Expectation, ...], kind: SourceKind | None) -> Expectation:
    (one,) = [each for each in found if kind is None or each.kind is kind]
    return one


@pytest.mark.parametrize("case", CASES)
def test_a_file_says_what_it_accepts(case: str) -> None:
    name, text, kind, wanted = CASES[case]
    found = of_kind(read(name, text), kind)

    assert {role: [each.value for each in found.of(role)] for role in wanted} == wanted


@pytest.mark.parametrize("case", [case for case in CASES if "ARM" not in case])
def test_a_value_stands_where_its_place_says(case: str) -> None:
    name, text, *_ = CASES[case]
    for expectation in read(name, text):
        for stated in expectation.all_of(*expectation.statements):
            written = stated.span.slice(text)

            assert written == stated.value or stated.value.startswith("${")


def test_places_in_an_escaped_string_are_those_of_the_file() -> None:
    name, text, kind, _ = CASES["policy in an ARM template"]
    found = of_kind(read(name, text), kind)

    assert found.of("audience")[0].span.slice(text) == API
    assert found.span.slice(text).startswith("<validate-jwt")


@pytest.mark.parametrize(
    "value", ["", " ", "${var.audience}", "{{audience}}", "#{Audience}#", "<your-client-id>", "[parameters('a')]"]
)
def test_a_placeholder_is_no_value(value: str) -> None:
    text = f'{{"AzureAd": {{"TenantId": "t", "Audience": "{value}"}}}}'
    (found,) = read("appsettings.json", text)

    assert found.of("audience") == ()
    assert found.all_of("audience")[0].placeholder


def test_calls_that_an_application_makes_itself_say_nothing_about_what_it_accepts() -> None:
    text = '{"DownstreamApi": {"BaseUrl": "https://x", "Scopes": ["api://other/Read"]}, "KeyVault": {"ClientId": "c"}}'

    assert read("appsettings.json", text) == ()


PIECES = st.sampled_from(
    [
        *"{}[]<>:=,'\"\n\t #-",
        '"AzureAd"',
        '"ClientId"',
        "validate-jwt",
        "<validate-jwt",
        "audience",
        "'''",
        "<<XML",
        "a",
    ]
)
NAMES = st.sampled_from(["a.json", "a.xml", "a.bicep", "a.tf", "a.yml", "a.properties", "a.cs", ".env", "a.http", "a"])


@given(NAMES, st.lists(PIECES, max_size=60).map("".join) | st.text(max_size=80))
def test_reading_never_fails_and_places_lie_in_the_text(name: str, text: str) -> None:
    for expectation in read(name, text):
        assert 0 <= expectation.span.start <= expectation.span.end <= len(text)
        for stated in expectation.all_of(*expectation.statements):
            assert 0 <= stated.span.start <= stated.span.end <= len(text)


def test_a_policy_in_one_long_line_takes_time_in_proportion_to_its_length() -> None:
    policy = "<validate-jwt><audiences><audience>a</audience></audiences></validate-jwt>"

    found = read("policy.xml", f"<policies><inbound>{policy * 3000}</inbound></policies>")

    assert {stated.joint for section in found for stated in section.of("audience")} == {"</audience><audience>"}
    assert len(found) == 3000


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("appsettings.json", '{"AzureAd": {"ClientId": "c", "Audience": null, "TenantId": null}}'),
        ("application.yml", "AzureAd:\n  ClientId: c\n  Audience: ~\n  TenantId: null\n"),
        ("main.tf", 'azure_ad = {\n  client_id = "c"\n  audience = null\n  tenant_id = null\n}\n'),
    ],
)
def test_null_sets_nothing(name: str, text: str) -> None:
    (found,) = read(name, text)

    assert set(found.statements) == {"client"}
