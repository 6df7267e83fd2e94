"""The guard of the whole suite: no test reaches for the network unless it says so with the marker ``network``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from tests.support import sockets

# What an example costs depends on what else the machine does: no test looks at the clock.
settings.register_profile("claimlens", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("claimlens")


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test in which this process tries to reach anything, however the code under test takes the refusal."""
    if request.node.get_closest_marker("network"):
        yield
        return
    with sockets.refused() as attempts:
        yield
    assert attempts == [], "the test reached for the network without the marker 'network'"
