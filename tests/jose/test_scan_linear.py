"""Scanning takes time in proportion to the text, whatever the text is made of."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable

import pytest

from claimlens.jose import find_keys, redact, scan

CLOCK_NOISE = 0.002
"""Seconds below which two measurements cannot be compared."""

HEADER = "eyJhbGciOiJIUzI1NiJ9"

SHAPES = {
    "header starts": "eyJ",
    "headers of single letters": "e.e.e.",
    "dotted header starts": "eyJ.",
    "dotted headers": f"{HEADER}.",
    "headers glued together": HEADER,
    "headers below one another": f"{HEADER}\n",
    "headers that never end": "eyJhbGciOiJIUzI1\n",
    "payloads that never end": f"{HEADER}.eyJhIjox\n",
    "blanks, encoded, on lines": "ICAg\n",
    "base64 lines": "QUJD" * 19 + "\n",
    "one base64 line": "QUJDREVG",
    "dots": ".",
    "cut headers": "eyJhbGciOi...",
    "literals side by side": '"eyJhbGciOiJIUzI1" ',
    "literals added": f'"{HEADER}" + ',
    "quoted mail": f"> {HEADER}.\n",
    "continued lines": f"{HEADER}\\\n",
    "blanks after a header": f"{HEADER}   ",
    "comments after a literal": '"eyJhbGci" # x ',
    "stray characters": f"{HEADER}!",
    "stray characters in a part": f"{HEADER}.!!",
    "ordinary base64": "eyJhbGci+/",
    "escapes": "\\neyJ",
    "signature lines": "eyJhbGciOiJSUzI1NiJ9.eyJhIjoxfQ.\nQUJD\n",
    "disclosures": f"{HEADER}.eyJhIjoxfQ.{'A' * 43}~",
    "braces": '{"alg":',
    "printed headers": '{"alg":"a"}.{',
    "printed headers on lines": '{"alg":"a"}\n{"sub":"',
    "printed tokens": '{"alg":"a"}.{}',
    "key types": '{"kty":"',
    "key sets": '{"keys":[',
    "key types without a brace": '"kty": "',
}


def cost(work: Callable[[str], object], text: str) -> float:
    """Return the processor time of one run, in seconds."""
    gc.collect()
    gc.disable()  # how often it runs depends on everything else that is alive
    try:
        start = time.process_time()
        work(text)
        return time.process_time() - start
    finally:
        gc.enable()


def everything(text: str) -> None:
    tokens = scan(text)
    for token in tokens[:50]:
        assert token.decoded is not None
    redact(text, tokens)
    find_keys(text)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_four_times_the_text_takes_at_most_six_times_the_time(shape: str) -> None:
    small = shape * (16_000 // len(shape))
    least = most = float("inf")
    for _ in range(10):  # other work on the machine can only add: the least of several runs is the truth
        least, most = min(least, cost(everything, small)), min(most, cost(everything, small * 4))
        if most <= 6 * max(least, CLOCK_NOISE):
            return
    raise AssertionError(f"{least * 1000:.1f} ms became {most * 1000:.1f} ms")
