"""Services of Microsoft: where they answer, and which audiences they accept (``microsoft_services.toml``)."""

from __future__ import annotations

import functools
import tomllib
from importlib import resources

import attrs

from claimlens import entra
from claimlens.expectations.relations import AudienceRelation, relate_audiences


@attrs.frozen
class MicrosoftService:
    """A service that takes tokens of Entra ID.

    Attributes:
        id: a name for programs.
        name: a name for people.
        hosts: a host, or the end of one where it begins with a dot; in lower case.
        audiences: what ``aud`` may be; ``{host}`` stands for the host that is called.
        scope: what to request; it may hold ``{host}``.
        products: names that the knowledge about errors has for the service.
        is_governed_by_azure_roles: whether Azure roles, which stand in no token, decide what a caller may do.
        source: where it is documented.
    """

    id: str
    name: str
    hosts: tuple[str, ...]
    audiences: tuple[str, ...]
    scope: str
    products: tuple[str, ...]
    is_governed_by_azure_roles: bool
    source: str

    @property
    def is_per_host(self) -> bool:
        """Whether each host is a resource of its own, so that a token for one is no good at another."""
        return "{host}" in self.scope

    def answers_at(self, host: str) -> bool:
        """Tell whether the service answers at a host."""
        return any(host.endswith(known) if known.startswith(".") else host == known for known in self.hosts)

    def accepts(self, audience: str, host: str = "") -> bool:
        """Tell whether a token for ``audience`` is good at ``host``; without a host, whether it may be anywhere."""
        for template in self.audiences:
            if (host or "{host}" not in template) and (
                relate_audiences(audience, template.replace("{host}", host)) in _SAME
            ):
                return True
        known = entra.application(audience)
        own = entra.application(self.audiences[0])
        same = known is not None and own is not None and known.id == own.id
        return same and not (host and self.is_per_host and "://" in audience)


_SAME = (AudienceRelation.EQUAL, AudienceRelation.SLASH, AudienceRelation.CASE)


@functools.cache
def microsoft_services() -> tuple[MicrosoftService, ...]:
    """Return every service, in the order of the file."""
    text = (resources.files("claimlens.diagnosis") / "microsoft_services.toml").read_text(encoding="utf-8")
    return tuple(
        MicrosoftService(
            id=name,
            name=raw["name"],
            hosts=tuple(raw["hosts"]),
            audiences=tuple(raw["audiences"]),
            scope=raw["scope"],
            products=tuple(raw.get("products", ())),
            is_governed_by_azure_roles=raw.get("azure_roles", False),
            source=raw["source"],
        )
        for name, raw in tomllib.loads(text).items()
    )


def service_at(host: str) -> MicrosoftService | None:
    """Return the service that answers at a host, or None."""
    return next((service for service in microsoft_services() if service.answers_at(host)), None)


def service_of(product: str) -> MicrosoftService | None:
    """Return the service that the knowledge about errors calls ``product``, or None."""
    return next((service for service in microsoft_services() if product in service.products), None)


def service_for(audience: str) -> MicrosoftService | None:
    """Return the service that a token with this ``aud`` is for, or None."""
    return next((service for service in microsoft_services() if service.accepts(audience)), None)
