"""Side by side with the npm package jose, on vectors that nobody here wrote: we never say valid where it rejects."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from claimlens import jose
from claimlens.jose.verification_keys import KeySource, read_key_set
from claimlens.jose.verify import Verdict, verify_signature

CORPUS = os.environ.get("CLAIMLENS_CORPUS")
SCRIPT = Path(__file__).with_name("jose_verdicts.mjs")
INSTALLED = Path(__file__).parents[2] / "node_modules" / "jose"
pytestmark = [
    pytest.mark.skipif(CORPUS is None, reason="needs the vectors (CLAIMLENS_CORPUS)"),
    pytest.mark.skipif(shutil.which("node") is None or not INSTALLED.is_dir(), reason="needs Node and jose"),
]

EXPLAINED: dict[tuple[str, int], str] = {}
"""Vectors that we call valid and jose rejects, with the reason."""


def cases(name: str) -> list[tuple[int, str, list[Any]]]:
    """Return id, compact serialization and keys of every vector of a file that has them."""
    groups = json.loads((Path(CORPUS or "") / "vectors" / f"wycheproof_json_web_{name}_test.json").read_text())
    found = []
    for group in groups["testGroups"]:
        key = group.get("public") or group["private"]
        found += [
            (test["tcId"], test["jws"], key.get("keys", [key]))
            for test in group["tests"]
            if isinstance(test.get("jws"), str)
        ]
    return found


def theirs(judged: list[tuple[int, str, list[Any]]]) -> list[bool]:
    questions = json.dumps([{"jws": jws, "keys": keys} for _, jws, keys in judged])
    answer = subprocess.run(["node", str(SCRIPT)], input=questions, capture_output=True, text=True, check=True)
    return json.loads(answer.stdout)


def ours(jws: str, keys: list[Any]) -> bool:
    ring = read_key_set(keys, source=KeySource.LOCAL)
    return verify_signature(jose.decode(jws), ring).verdict is Verdict.VALID


@pytest.mark.parametrize("name", ["signature", "key", "crypto"])
def test_we_are_never_more_lenient_without_a_reason(name: str) -> None:
    judged = cases(name)
    accepted = theirs(judged)

    pairs = zip(judged, accepted, strict=True)
    lenient = {(name, number) for (number, jws, keys), valid in pairs if ours(jws, keys) and not valid}
    assert any(accepted)
    assert lenient == {known for known in EXPLAINED if known[0] == name}
