"""Microsoft's services are told by their hosts, and accept the audiences that are theirs."""

from __future__ import annotations

import pytest

from claimlens.diagnosis.microsoft_services import microsoft_services, service_at, service_of
from claimlens.entra.errors.catalogue import entries


@pytest.mark.parametrize("service", microsoft_services(), ids=lambda service: service.id)
def test_an_entry_is_complete_and_its_scope_is_for_it(service) -> None:
    host = service.hosts[0].removeprefix(".") if not service.hosts[0].startswith(".") else "contoso" + service.hosts[0]

    assert service.source.startswith("https://learn.microsoft.com/")
    assert service.scope.endswith("/.default")
    assert service.answers_at(host)
    assert service.accepts(service.scope.removesuffix("/.default").replace("{host}", host), host)


@pytest.mark.parametrize("service", microsoft_services(), ids=lambda service: service.id)
def test_the_products_are_those_of_the_errors(service) -> None:
    assert set(service.products) <= {entry.product for entry in entries()}


@pytest.mark.parametrize(
    ("host", "audience", "accepted"),
    [
        ("acct.blob.core.windows.net", "https://storage.azure.com/", True),
        ("acct.blob.core.windows.net", "https://acct.blob.core.windows.net", True),
        ("acct.blob.core.windows.net", "https://management.azure.com/", False),
        ("ns.servicebus.windows.net", "https://eventhubs.azure.net", True),
        ("org4.crm4.dynamics.com", "https://org4.crm4.dynamics.com/", True),
        ("org4.crm4.dynamics.com", "https://org.crm.dynamics.com", False),
        ("contoso.sharepoint.com", "00000003-0000-0ff1-ce00-000000000000", True),
        ("contoso.sharepoint.com", "https://graph.microsoft.com", False),
        ("management.azure.com", "https://management.core.windows.net/", True),
        ("api.powerbi.com", "https://analysis.windows.net/powerbi/api", True),
    ],
)
def test_a_service_accepts_its_own_audiences(host: str, audience: str, accepted: bool) -> None:
    service = service_at(host)

    assert service is not None
    assert service.accepts(audience, host) is accepted


def test_other_hosts_and_products_are_none_of_them() -> None:
    assert service_at("api.contoso.com") is None
    assert service_at("graph.microsoft.com.contoso.com") is None
    assert service_of("jsonwebtoken") is None
