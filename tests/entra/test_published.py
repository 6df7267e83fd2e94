"""What an address of metadata tells of the issuer, and what it does not."""

from __future__ import annotations

import pytest

from claimlens.entra import issuer_at, metadata_location

TENANT = "775527ff-9a37-4307-8b3d-cc311f58d925"


@pytest.mark.parametrize(
    "issuer",
    [
        f"https://login.microsoftonline.com/{TENANT}/v2.0",
        f"https://login.microsoftonline.us/{TENANT}/v2.0",
        f"https://login.partner.microsoftonline.cn/{TENANT}/v2.0",
        f"https://sts.windows.net/{TENANT}/",
        f"https://sts.chinacloudapi.cn/{TENANT}/",
    ],
)
def test_the_issuer_leads_to_its_metadata_and_the_metadata_to_its_issuer(issuer: str) -> None:
    addresses = metadata_location(issuer).urls

    assert [issuer_at(address) for address in addresses] == [issuer] * len(addresses) != []
    assert issuer_at(addresses[0].replace(TENANT, TENANT.upper()) + "?appid=a") == issuer


@pytest.mark.parametrize(
    "address",
    [
        "",
        f"http://login.microsoftonline.com/{TENANT}/v2.0/.well-known/openid-configuration",
        "https://login.microsoftonline.com/contoso.com/v2.0/.well-known/openid-configuration",
        "https://login.microsoftonline.com/consumers/v2.0/.well-known/openid-configuration",
        f"https://login.microsoftonline.com/{TENANT}/b2c_1_in/v2.0/.well-known/openid-configuration",
        f"https://login.microsoftonline.com/{TENANT}/v2.0",
        f"https://login.microsoftonline.com.example/{TENANT}/v2.0/.well-known/openid-configuration",
    ],
)
def test_what_only_the_document_tells(address: str) -> None:
    assert issuer_at(address) is None
