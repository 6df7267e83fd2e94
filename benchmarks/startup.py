"""How long the server takes from the start of its process to the answer to ``initialize``, beside a bare pygls server.

Run it as ``python benchmarks/startup.py [rounds]``. The two start in turn, so that a busy machine slows both. What else
runs can only make a start slower, so the fastest of each are compared. Exit status 1 where ours takes more than 1.15
times as long.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.server import capabilities
from tests.support.stdio import BARE_SERVER, SERVER, Client

LIMIT = 1.15


def started(command: Sequence[str], able: dict) -> float:
    """Return the seconds until ``initialize`` is answered."""
    begin = time.perf_counter()
    with Client(command) as client:
        client.request("initialize", {"processId": None, "rootUri": None, "capabilities": able})
        return time.perf_counter() - begin


def main() -> int:
    """Measure, print, and return the exit status."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 15
    able = capabilities()
    for command in (BARE_SERVER, SERVER):
        started(command, able)
    pairs = [(started(BARE_SERVER, able), started(SERVER, able)) for _ in range(rounds)]
    bare, ours = (min(each) for each in zip(*pairs, strict=True))
    ratio = ours / bare
    print(f"bare pygls {bare:.3f} s   claimlens {ours:.3f} s   ratio {ratio:.2f} (at most {LIMIT})")
    bare, ours = (statistics.median(each) for each in zip(*pairs, strict=True))
    print(f"medians of {rounds}: {bare:.3f} s and {ours:.3f} s, ratio {ours / bare:.2f}")
    return int(ratio > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
