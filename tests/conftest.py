"""The guard of the whole suite: no test reaches for the network unless it says so with the marker ``network``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import sockets


@pytest.fixture(autouse=True)
def _no_network(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test in which this process tries to reach anything, however the code under test takes the refusal."""
    if request.node.get_closest_marker("network"):
        yield
        return
    with sockets.refused() as attempts:
        yield
    assert attempts == [], "the test reached for the network without the marker 'network'"
