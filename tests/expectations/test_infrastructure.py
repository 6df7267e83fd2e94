"""Bicep and Terraform: literals are known, so are names of literals in the same file, and nothing else is."""

from __future__ import annotations

import pytest

from claimlens.expectations import Expectation, read, with_path
from claimlens.expectations.matching import mismatch, nearest
from claimlens.expectations.presented import Presented

TENANT = "11111111-2222-3333-4444-555555555555"
ISSUER = f"https://login.microsoftonline.com/{TENANT}/v2.0"
API = "aaaaaaaa-0000-4000-8000-000000000001"


def bicep(client: str, audiences: str, before: str = "") -> str:
    return f"""{before}
resource auth 'Microsoft.Web/sites/config@2023-12-01' = {{
  name: 'authsettingsV2'
  properties: {{
    identityProviders: {{
      azureActiveDirectory: {{
        registration: {{
          clientId: {client}
          openIdIssuer: '{ISSUER}'
        }}
        validation: {{
          allowedAudiences: {audiences}
        }}
      }}
    }}
  }}
}}
"""


def terraform(client: str, audiences: str, before: str = "") -> str:
    return f"""{before}
resource "azurerm_linux_web_app" "api" {{
  auth_settings_v2 {{
    active_directory_v2 {{
      client_id            = {client}
      tenant_auth_endpoint = "{ISSUER}"
      allowed_audiences    = {audiences}
    }}
  }}
}}
"""


def section(name: str, text: str) -> Expectation:
    (found,) = (each for each in read(name, text) if each.of("authority", "issuer"))
    return found


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("main.bicep", bicep("clientId", "[ 'api://orders' ]")),
        ("main.bicep", bicep("isProduction ? 'a' : 'b'", "isProduction ? [ 'a' ] : [ 'b' ]")),
        ("main.bicep", bicep(f"'{API}'", "concat([ 'api://orders' ], more)")),
        ("main.bicep", bicep(f"'{API}'", "[for each in names: 'api://${each}']")),
        ("main.bicep", bicep(f"'{API}'", "[ registration.outputs.clientId ]")),
        ("main.bicep", bicep("clientId", "[ 'api://${clientId}' ]", f"param clientId string = '{API}'")),
        ("main.tf", terraform("azuread_application.api.client_id", '["api://orders"]')),
        ("main.tf", terraform(f'"{API}"', 'concat(["api://orders"], var.audiences)')),
        ("main.tf", terraform(f'"{API}"', "[one(azuread_application.api.identifier_uris)]")),
        ("main.tf", terraform(f'"{API}"', "[local.audience]", 'locals { audience = "api://${var.name}" }')),
    ],
)
def test_what_is_decided_elsewhere_holds_nothing_against_a_token(name: str, text: str) -> None:
    near = nearest("file:///w/x.http", with_path(read(name, text), f"file:///w/{name}"))
    assert near is not None

    tokens = [Presented((audience,), ISSUER) for audience in (API, f"api://{API}", "api://orders", "a", "elsewhere")]

    assert [mismatch(each, near, sent_to="orders.example") for each in tokens] == [None] * len(tokens)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("main.bicep", bicep("clientId", "[ 'api://${clientId}' ]", f"var clientId = '{API}'")),
        (
            "main.tf",
            terraform("local.client_id", '["api://${local.client_id}"]', f'locals {{\n  client_id = "{API}"\n}}'),
        ),
    ],
)
def test_names_of_literals_in_the_same_file_are_known(name: str, text: str) -> None:
    found = section(name, text)

    assert [each.value for each in found.of("client", "audience")] == [API, f"api://{API}"]
