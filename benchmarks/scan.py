"""How fast a large log is scanned, against a bare search for the candidate pattern in the same run.

Run it as ``python benchmarks/scan.py [megabytes]``. It makes its own log: 250 tokens in each megabyte, every second
one with a header of its own. Exit status 1 where scanning takes more than 2.5 times the bare search.
"""

from __future__ import annotations

import base64
import json
import random
import re
import sys
import time
from collections.abc import Callable

from claimlens.jose import scan
from claimlens.jose.candidate import HEADER_STARTS

_START = "|".join(pattern.pattern for pattern in HEADER_STARTS)
CANDIDATE = re.compile(rf"(?:{_START})[A-Za-z0-9_-]{{5,}}(?:\.[A-Za-z0-9_-]*){{0,4}}")
NAIVE = re.compile(r"eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]*")
"""The pattern everybody writes: it knows one of the ways in which a header can begin."""
LIMIT = 2.5
TOKENS_PER_MEGABYTE = 250


def encoded(value: object) -> str:
    """Return base64url of bytes, or of anything else as JSON."""
    octets = value if isinstance(value, bytes) else json.dumps(value, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def token(source: random.Random) -> str:
    """Return what an Entra access token looks like: some 1,500 characters."""
    kid = encoded(source.randbytes(20)) if source.random() < 0.5 else "Ld3tPwJ6HkyYh4h1Q9xT0n0d9pA"
    header = {"typ": "JWT", "alg": "RS256", "x5t": kid, "kid": kid}
    claims = {
        "aud": "api://orders",
        "iss": "https://sts.windows.net/00000000-0000-0000-0000-000000000001/",
        "iat": 1_700_000_000 + source.randrange(10**6),
        "exp": 1_700_003_600 + source.randrange(10**6),
        "aio": encoded(source.randbytes(60)),
        "oid": f"{source.getrandbits(128):032x}",
        "roles": ["Orders.Read.All", "Orders.ReadWrite.All"],
        "uti": encoded(source.randbytes(16)),
        "wids": [f"{source.getrandbits(128):032x}" for _ in range(8)],
    }
    return ".".join((encoded(header), encoded(claims), encoded(source.randbytes(256))))


def log(megabytes: int) -> tuple[str, int]:
    """Return a web server's log of that size and the number of tokens in it."""
    source = random.Random(1)
    lines: list[str] = []
    size = tokens = 0
    while size < megabytes * 1_000_000:
        stamp = f"2026-11-24T10:{source.randrange(60):02}:{source.randrange(60):02}.{source.randrange(1000):03}Z"
        if tokens < size * TOKENS_PER_MEGABYTE / 1_000_000:
            line = f"{stamp} DEBUG Gateway[42] forwarding Authorization: Bearer {token(source)}\n"
            tokens += 1
        else:
            path = f"/api/orders/{source.randrange(10**6)}?expand=lines"
            line = f'{stamp} INFO Gateway[42] "GET {path} HTTP/1.1" 200 CorrelationId={source.getrandbits(128):032x}\n'
        lines.append(line)
        size += len(line)
    return "".join(lines), tokens


def fastest(work: Callable[[], int], rounds: int = 5) -> tuple[float, int]:
    """Return the least processor time of several rounds, in milliseconds, and what the work returned."""
    least, result = float("inf"), 0
    for _ in range(rounds):
        start = time.process_time()
        result = work()
        least = min(least, time.process_time() - start)
    return least * 1000, result


def main() -> int:
    """Print the times and their ratio."""
    megabytes = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    text, tokens = log(megabytes)
    bare, _ = fastest(lambda: sum(1 for _ in re.finditer(CANDIDATE, text)))
    naive, _ = fastest(lambda: sum(1 for _ in re.finditer(NAIVE, text)))
    full, found = fastest(lambda: len(scan(text)))
    assert found == tokens, f"{found} tokens found, {tokens} written"
    print(f"{megabytes} MB, {tokens} tokens: scan {full:.1f} ms")
    print(f"bare finditer of the candidate pattern {bare:.1f} ms, ratio {full / bare:.2f} (at most {LIMIT})")
    print(f"for comparison, of eyJ….….… alone {naive:.1f} ms, ratio {full / naive:.2f}")
    return 0 if full / bare <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
