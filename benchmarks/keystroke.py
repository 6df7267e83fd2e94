"""How long the server works from a keystroke to new diagnostics, in a log of 10 MB with 2,500 tokens.

Run it as ``python benchmarks/keystroke.py [megabytes]``. The messages are handed to the protocol in this process, so
the times are the server's own: reading ``didChange``, editing the text, scanning, checking, writing the diagnostics.
Exit status 1 where the median is over 15 ms.
"""

from __future__ import annotations

import gc
import statistics
import sys
import time
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parent)]

from scan import log  # noqa: E402

from tests.support.server import Session  # noqa: E402

LIMIT = 15.0
URI = "file:///folder/service.log"


class Timed(Session):
    """A session that measures instead of reading the answers."""

    measuring = False
    answered = 0

    def write(self, data: bytes) -> None:
        """Read nothing while measuring: that would be the client's work."""
        self.answered = len(data)
        if not self.measuring:
            super().write(data)


def keystrokes(session: Timed, lines: int, rounds: int, text: str, base: int) -> list[float]:
    """Type ``text`` at places all over the file; return the milliseconds each took."""
    took = []
    for number in range(rounds):
        line = number * 7919 % lines
        version = base + number
        place = {"line": line, "character": 0}
        edit = {
            "textDocument": {"uri": URI, "version": version},
            "contentChanges": [{"range": {"start": place, "end": place}, "text": text}],
        }
        begin = time.process_time()
        session.notify("textDocument/didChange", edit)
        session._last_id += 1
        pull = {"textDocument": {"uri": URI}}
        session.receive({"jsonrpc": "2.0", "id": session._last_id, "method": "textDocument/diagnostic", "params": pull})
        took.append((time.process_time() - begin) * 1000)
        assert session.answered > 1000
    return took


def report(name: str, took: list[float]) -> float:
    """Print and return the median."""
    median, worst = statistics.median(took), statistics.quantiles(took, n=20)[-1]
    print(f"{name}: median {median:.1f} ms, 95 % within {worst:.1f} ms (at most {LIMIT:.0f})")
    return median


def main() -> int:
    """Measure, print, and return the exit status."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    text, tokens = log(megabytes)
    lines = text.count("\n")
    with Timed() as session:
        begin = time.process_time()
        session.open(URI, text)
        session.receive(
            {
                "jsonrpc": "2.0",
                "id": "first",
                "method": "textDocument/diagnostic",
                "params": {"textDocument": {"uri": URI}},
            }
        )
        print(f"{len(text) / 1e6:.1f} MB, {tokens} tokens; opened in {(time.process_time() - begin) * 1000:.0f} ms")
        gc.collect()
        gc.freeze()
        session.measuring = True
        medians = [
            report("a character", keystrokes(session, lines, 60, "x", 2)),
            report("a new line", keystrokes(session, lines, 60, "\n", 1000)),
        ]
    return int(max(medians) > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
