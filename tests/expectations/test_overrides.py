"""Settings of several environments: a file that overrides another one is judged with what that one adds to it."""

from __future__ import annotations

import json

import pytest

from claimlens.expectations import read, with_path
from claimlens.expectations.matching import Mismatch, mismatch, nearest
from claimlens.expectations.presented import Presented

HERE, THERE = "11111111-2222-3333-4444-555555555555", "99999999-2222-3333-4444-555555555555"
API, OTHER = "aaaaaaaa-0000-4000-8000-000000000001", "bbbbbbbb-0000-4000-8000-000000000002"
BASE = {"Instance": "https://login.microsoftonline.com/", "TenantId": HERE, "ClientId": API, "Scopes": "Orders.Read"}


def token(tenant: str = HERE, audience: str = API, scope: str = "Orders.Read") -> Presented:
    issuer = f"https://login.microsoftonline.com/{tenant}/v2.0"
    return Presented((audience,), issuer, frozenset((scope,)))


def judged(files: dict[str, str], presented: Presented) -> Mismatch | None:
    sections = [
        section for name, text in files.items() for section in with_path(read(name, text), f"file:///w/api/{name}")
    ]
    near = nearest("file:///w/api/calls.http", sections)
    assert near is not None
    return mismatch(presented, near)


def azure_ad(**settings: str) -> str:
    return json.dumps({"AzureAd": settings})


def test_a_file_that_overrides_little_leaves_the_rest_as_it_is() -> None:
    files = {"appsettings.Development.json": azure_ad(Audience=API), "appsettings.json": azure_ad(**BASE)}

    found = judged(files, token(tenant=THERE))

    assert judged(files, token()) is None
    assert found is not None
    assert found.cause == "issuer-wrong-tenant"
    assert {found.path_of(each) for each in found.stated} == {"file:///w/api/appsettings.json"}


@pytest.mark.parametrize(
    ("presented", "cause"),
    [
        (token(), None),
        (token(tenant=THERE, audience=OTHER), None),
        (token(tenant=THERE), "issuer-wrong-tenant"),
        (token(audience=OTHER), "issuer-wrong-tenant"),
        (token(tenant=THERE, audience=OTHER, scope="Orders.Write"), "missing-scope"),
    ],
)
def test_each_environment_accepts_its_own_tokens_alone(presented: Presented, cause: str | None) -> None:
    files = {
        "appsettings.json": azure_ad(**BASE),
        "appsettings.Production.json": azure_ad(tenantId=THERE, ClientId=OTHER),
    }

    found = judged(files, presented)

    assert (found and found.cause) == cause


def test_what_stands_in_the_other_file_is_looked_for_there() -> None:
    files = {
        "appsettings.json": azure_ad(**BASE),
        "appsettings.Production.json": azure_ad(TenantId=THERE, ClientId=OTHER),
    }

    found = judged(files, token(tenant=THERE, audience=OTHER, scope="Orders.Write"))

    assert found is not None
    assert found.expectation.path == "file:///w/api/appsettings.Production.json"
    assert [found.path_of(each) for each in found.stated] == ["file:///w/api/appsettings.json"]


def test_a_value_that_is_filled_in_elsewhere_leaves_everything_open() -> None:
    files = {
        "appsettings.json": azure_ad(**{**BASE, "TenantId": ""}),
        "appsettings.Production.json": azure_ad(TenantId=THERE),
    }

    assert judged(files, token()) is None


def test_spring_replaces_lists_and_dotnet_their_items() -> None:
    issuer = f"https://login.microsoftonline.com/{HERE}/v2.0"
    spring = {
        "application.yml": f"""spring.security.oauth2.resourceserver.jwt:
  issuer-uri: {issuer}
  audiences: [{OTHER}, {API.upper()}]
""",
        "application-dev.properties": f"spring.security.oauth2.resourceserver.jwt.audiences={API}\n",
    }
    assert judged(spring, token()) is None
    assert judged(spring, token(audience=f"{API}/")) is not None

    dotnet = {
        "appsettings.json": json.dumps({"Jwt": {"Authority": issuer, "ValidAudiences": [OTHER, API]}}),
        "appsettings.Test.json": json.dumps({"Jwt": {"ValidAudiences": [f"api://{OTHER}"]}}),
    }
    assert judged(dotnet, token()) is None
    assert judged(dotnet, token(audience=f"api://{OTHER}")) is None


def test_a_file_of_another_folder_overrides_nothing() -> None:
    text = azure_ad(**BASE)
    sections = [
        *with_path(read("appsettings.json", text), "file:///w/api/appsettings.json"),
        *with_path(read("appsettings.Test.json", azure_ad(TenantId=THERE)), "file:///w/api/b/appsettings.Test.json"),
    ]

    near = nearest("file:///w/api/x.http", sections)

    assert near is not None
    assert [[each.value for each in section.of("client")] for section in near.sections] == [[API], []]


def test_policies_of_one_file_stay_apart() -> None:
    policy = "<validate-jwt><audiences><audience>{}</audience></audiences></validate-jwt>"
    text = f"<policies><inbound>{policy.format('a')}{policy.format('b')}</inbound></policies>"

    near = nearest("file:///w/x.http", with_path(read("policy.xml", text), "file:///w/policy.xml"))

    assert near is not None
    assert [each.of("audience")[0].value for each in near.sections] == ["a", "b"]
