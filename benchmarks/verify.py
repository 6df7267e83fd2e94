"""What a verification costs once the keys are cached, beside the bare call of cryptography for the same key and token.

A verification is the whole of it: finding the issuer's metadata and keys in the cache, the signature with all its
refusals, issuer, times, audience and the rest, each with its sentence for the report. The signature check alone is
printed to tell where the time goes. All are measured in turn, so that what else the machine does hits them alike.
Run it as ``python benchmarks/verify.py [rounds]``. Exit status 1 where one costs more than `LIMIT` bare calls.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).parents[1])]

from cryptography.hazmat.primitives import hashes  # noqa: E402
from cryptography.hazmat.primitives.asymmetric import ec, padding, utils  # noqa: E402

from claimlens import jose  # noqa: E402
from claimlens.jose.verify import Verdict, strict_base64url, verify_signature  # noqa: E402
from claimlens.services.verification import Request, verify_online  # noqa: E402
from claimlens.settings import NetworkSettings  # noqa: E402
from tests.support.issuer import Issuer  # noqa: E402
from tests.support.keys import jwk, private_key, signed  # noqa: E402

LIMIT = 3.0
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
ISSUER = "https://login.microsoftonline.com/3f1c9d5e-7a42-4b0e-9c6d-2e8f5a1b7c30/v2.0"
CLAIMS = {
    "iss": ISSUER,
    "aud": "api://orders",
    "tid": "3f1c9d5e-7a42-4b0e-9c6d-2e8f5a1b7c30",
    "ver": "2.0",
    "scp": "Orders.Read",
    "iat": int(NOW.timestamp()) - 60,
    "nbf": int(NOW.timestamp()) - 60,
    "exp": int(NOW.timestamp()) + 3600,
}


def bare(algorithm: str, text: str) -> Callable[[], None]:
    """Return the call of cryptography that checks this signature and nothing else."""
    signing_input, _, encoded = text.rpartition(".")
    data, signature = signing_input.encode(), strict_base64url(encoded) or b""
    key: Any = private_key(algorithm).public_key()
    if algorithm == "RS256":
        return lambda: key.verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
    if algorithm == "PS256":
        pss = padding.PSS(padding.MGF1(hashes.SHA256()), padding.PSS.DIGEST_LENGTH)
        return lambda: key.verify(signature, data, pss, hashes.SHA256())
    if algorithm == "ES256":
        half = len(signature) // 2
        numbers = (int.from_bytes(signature[:half]), int.from_bytes(signature[half:]))
        encoded_signature = utils.encode_dss_signature(*numbers)
        return lambda: key.verify(encoded_signature, data, ec.ECDSA(hashes.SHA256()))
    return lambda: key.verify(signature, data)


async def medians(rounds: int, *calls: Callable[[], Awaitable[Any] | None]) -> list[float]:
    """Make each call in turn, again and again; return the median microseconds of each."""
    took: list[list[float]] = [[] for _ in calls]
    for _ in range(rounds):
        for call, times in zip(calls, took, strict=True):
            begin = time.perf_counter()
            waiting = call()
            if waiting is not None:
                await waiting
            times.append((time.perf_counter() - begin) * 1e6)
    return [statistics.median(times) for times in took]


async def ratio(algorithm: str, rounds: int) -> float:
    """Measure one algorithm, print it, and return how many bare calls a verification costs."""
    text = signed(algorithm, CLAIMS)
    token = jose.decode(text)
    issuer = Issuer()
    issuer.publish(ISSUER, jwk(algorithm), *(jwk("RSA-other", f"other-{index}") for index in range(5)))
    cache = issuer.cache_maker(lambda: NOW)(NetworkSettings())
    first = await verify_online(Request(token, NOW), cache)
    assert first.verdict is Verdict.VALID
    ring = (await cache.keys(f"{ISSUER}/keys")).value.ring

    def check_signature() -> None:
        assert verify_signature(token, ring).verdict is Verdict.VALID

    def verify() -> Awaitable[Any]:
        return verify_online(Request(token, NOW), cache)

    alone, signature, whole = await medians(rounds, bare(algorithm, text), check_signature, verify)
    print(f"{algorithm:7} bare {alone:4.0f} µs   verification {whole:4.0f} µs, {whole / alone:.1f} times", end="")
    print(f"   (its signature check {signature:4.0f} µs)")
    return whole / alone


def main() -> int:
    """Measure, print, and return the exit status."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 2000
    worst = max(asyncio.run(ratio(algorithm, rounds)) for algorithm in ("RS256", "PS256", "ES256", "Ed25519"))
    print(f"at most {LIMIT:.0f} times")
    return int(worst > LIMIT)


if __name__ == "__main__":
    sys.exit(main())
