"""Verdicts on vectors that nobody here wrote: Wycheproof, and the examples of the RFCs."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from claimlens import jose
from claimlens.jose.verification_keys import KeySource, read_key_set
from claimlens.jose.verify import Verdict, verify_signature

CORPUS = os.environ.get("CLAIMLENS_CORPUS")
pytestmark = pytest.mark.skipif(CORPUS is None, reason="needs the vectors (CLAIMLENS_CORPUS)")

CONTRADICTORY = {
    # The keys of RFC 7520 say another alg than the token has; accepting them makes 332, 334, 336, 338 and 340 fail.
    346: "valid", 347: "valid", 350: "valid", 351: "valid",
    # Byte for byte the valid vector 357.
    367: "invalid", 370: "invalid",
    # A '?' stands in the base64url, which RFC 7515 section 2 rejects.
    372: "valid", 373: "valid",
}  # fmt: skip
"""Vectors that contradict each other or the RFC: their label, which is not our verdict."""


def vectors(name: str) -> list[Any]:
    if CORPUS is None:
        return []
    return json.loads((Path(CORPUS) / "vectors" / name).read_text())["testGroups"]


def verdict(token: str, keys: list[Any]) -> Verdict:
    return verify_signature(jose.decode(token), read_key_set(keys, source=KeySource.LOCAL)).verdict


def judged(name: str) -> list[tuple[int, str, bool]]:
    """Return id, label and whether we call it valid, of every compact vector of a file."""
    found = []
    for group in vectors(name):
        key = group.get("public") or group["private"]
        for test in group["tests"]:
            if isinstance(test.get("jws"), str):
                valid = verdict(test["jws"], key.get("keys", [key])) is Verdict.VALID
                found.append((test["tcId"], test["result"], valid))
    return found


@pytest.mark.parametrize(("name", "count"), [("signature", 401), ("key", 26), ("crypto", 48)])
def test_wycheproof(name: str, count: int) -> None:
    found = judged(f"wycheproof_json_web_{name}_test.json")

    wrong = {number: label for number, label, valid in found if valid != (label == "valid")}
    assert len(found) == count
    assert wrong == (CONTRADICTORY if name == "signature" else {})


def test_rfc_7520_signatures() -> None:
    folder = Path(str(CORPUS)) / "vectors" / "ietf-jose-cookbook" / "jws"
    checked = []
    for file in sorted(folder.glob("4_[1-4].*.json")):
        vector = json.loads(file.read_text())
        compact = vector["output"]["compact"]
        assert verdict(compact, [vector["input"]["key"]]) is Verdict.VALID, file.name
        assert verdict(compact[:-6] + "AAAAAA", [vector["input"]["key"]]) is Verdict.INVALID, file.name
        checked.append(file.name)
    assert len(checked) == 4
