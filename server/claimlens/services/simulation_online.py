"""Simulate policies with the metadata and keys that they name fetched; only when the user asked for it.

Which addresses those are, the simulation itself says: they stand in the policies, and none follows from a token.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import attrs

from claimlens.apim.simulator import IssuerDocuments, Simulation
from claimlens.jose.verification_keys import read_key_set
from claimlens.oidc import DocumentCache, Failure, FetchError

MOST_ADDRESSES = 10
"""Metadata documents that are fetched for one simulation."""

Simulate = Callable[[Mapping[str, IssuerDocuments]], Simulation]
"""Runs a simulation with the documents that are at hand."""


@attrs.frozen
class OnlineSimulation:
    """A simulation and what could not be fetched for it."""

    simulation: Simulation
    failures: tuple[Failure, ...] = ()


async def simulate_online(
    simulate: Simulate, cache: DocumentCache, given: Mapping[str, IssuerDocuments] | None = None
) -> OnlineSimulation:
    """Simulate, fetch what the simulation has missed, and simulate again until it misses nothing more.

    Args:
        simulate: runs the simulation.
        cache: what fetches.
        given: documents that are at hand already.
    """
    documents = dict(given or {})
    fetched: dict[str, Failure | None] = {}
    simulation = simulate(documents)
    while missing := [each for each in simulation.unfetched if each not in fetched][: MOST_ADDRESSES - len(fetched)]:
        for address in missing:
            documents[address], fetched[address] = await _fetch(address, cache)
        simulation = simulate(documents)
    return OnlineSimulation(simulation, tuple(failure for failure in fetched.values() if failure is not None))


async def _fetch(address: str, cache: DocumentCache) -> tuple[IssuerDocuments, Failure | None]:
    try:
        metadata = await cache.metadata(address)
        keys = await cache.keys(metadata.value.jwks_uri)
    except FetchError as error:
        return IssuerDocuments(problem=str(error.failure).rstrip(".")), error.failure
    return IssuerDocuments(metadata.value.issuer, read_key_set(keys.value.keys)), None
