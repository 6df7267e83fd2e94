"""How long a hover takes, over pipes and through the protocol, in a 1 MB file.

Run it as ``python benchmarks/hover.py [rounds]``. Exit status 1 where the 95th percentile is 10 ms or more.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from scan import log  # noqa: E402

from claimlens.jose import scan  # noqa: E402
from tests.support.server import capabilities  # noqa: E402
from tests.support.stdio import Client  # noqa: E402

LIMIT = 0.010
URI = "file:///folder/service.log"


def main() -> int:
    """Measure, print, and return the exit status."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    text, _ = log(1)
    tokens = scan(text)
    places = []
    for token in tokens:
        line = text.count("\n", 0, token.span.start)
        column = token.span.start - text.rfind("\n", 0, token.span.start) - 1
        places.append({"line": line, "character": column + len(token.span) // 2})
    took, answer_time = [], []
    with Client() as client:
        client.initialize(capabilities())
        client.open(URI, text)
        document = {"uri": URI}
        client.request("textDocument/hover", {"textDocument": document, "position": places[0]})  # it scans, it imports
        for number in range(rounds):
            place = places[number * 7919 % len(places)]
            begin = time.perf_counter()
            answer = client.request("textDocument/hover", {"textDocument": document, "position": place})
            took.append(time.perf_counter() - begin)
            assert "issuer" in answer["result"]["contents"]["value"]
            begin = time.perf_counter()
            client.request("textDocument/hover", {"textDocument": document, "position": {"line": 0, "character": 0}})
            answer_time.append(time.perf_counter() - begin)
        client.stop()
    worst = statistics.quantiles(took, n=20)[-1]
    print(f"{len(text) / 1e6:.1f} MB, {len(tokens)} tokens, {rounds} hovers, each on another token")
    print(f"hover: median {statistics.median(took) * 1000:.1f} ms, 95 % within {worst * 1000:.1f} ms (at most 10)")
    print(f"beside a token: median {statistics.median(answer_time) * 1000:.1f} ms")
    return int(worst >= LIMIT)


if __name__ == "__main__":
    sys.exit(main())
