"""A claim that somebody misses: why tokens lack it, and what adds it (``missing_claims.toml``)."""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources

import attrs

from claimlens.diagnosis.case import Case, Sighting
from claimlens.diagnosis.detectors.candidate import Candidate, shown
from claimlens.diagnosis.model import Confidence, Evidence
from claimlens.entra import TokenKind

_OPTIONAL = frozenset((
    "acct", "auth_time", "ctry", "email", "family_name", "fwd", "given_name", "groups", "idtyp", "in_corp", "ipaddr",
    "login_hint", "onprem_sid", "platf", "pwd_exp", "pwd_url", "sid", "tenant_ctry", "tenant_region_scope", "upn",
    "verified_primary_email", "verified_secondary_email", "vnet", "xms_cc", "xms_edov", "xms_pdl", "xms_pl", "xms_tpl",
    "unique_name", "preferred_username", "name", "emails", "extension_attribute", "phone_number", "jobtitle",
    "department",
))  # fmt: skip


@attrs.frozen
class MissingClaim:
    """What is known about the absence of a claim; ``{where}`` in the fix stands for the kind of token."""

    why: str
    fix: str
    instead: str
    source: str


@functools.cache
def missing_claims() -> Mapping[str, MissingClaim]:
    """Return what is known, by the name of the claim."""
    text = (resources.files("claimlens.diagnosis") / "missing_claims.toml").read_text(encoding="utf-8")
    return {name: MissingClaim(**entry) for name, entry in tomllib.loads(text).items()}


def detect_missing_claim(case: Case) -> Iterator[Candidate]:
    """A claim that the user or the code misses and the token does not have."""
    token = case.token
    names: dict[str, Evidence] = {}
    if case.missing_claim and token is not None:
        names[case.missing_claim] = token.evidence
    for found in case.clues("claim-missing"):
        if found.value.lower() in _OPTIONAL or found.value.startswith(("extn", "extension_", "xms_")):
            names.setdefault(found.value, found.evidence)
    for name, evidence in names.items():
        if any(name in one.claims for one in case.sightings):
            continue
        if name == "groups" and any(one.profile.note("groups-overage") for one in case.sightings):
            continue
        yield _absent(name, evidence, token, asked=name == case.missing_claim)


def _absent(name: str, evidence: Evidence, token: Sighting | None, *, asked: bool) -> Candidate:
    where = "idToken" if token is not None and token.profile.kind is TokenKind.ID else "accessToken"
    known = missing_claims().get(name)
    if known is not None:
        why, fix = known.why, known.fix.replace("{where}", where)
        fix += f" Instead: {known.instead}" if known.instead else ""
    elif name.startswith(("extn.", "extension_")):
        why = "Directory extensions stand in a token only when the manifest lists them; they appear as extn.<name>."
        fix = f"Add extension_<application-id>_<name> to optionalClaims.{where} in the manifest."
    else:
        why = "Tokens hold it only when the manifest asks for it, or when a claims mapping policy adds it."
        fix = (
            f"Add {name} to optionalClaims.{where} in the manifest of the application that the token is for, or read "
            "a claim that is always there (oid, sub)."
        )
    who = "The token does not have the claim" if asked else "The code needs the claim"
    return Candidate(
        _CAUSES.get(name, "optional-claim-missing"),
        Confidence.CERTAIN if token is not None and not asked else Confidence.LIKELY,
        f"{who} {shown(name)}. {why}",
        fix,
        tuple(dict.fromkeys((evidence, *((token.evidence,) if token else ())))),
        3,
    )


_CAUSES = {"roles": "missing-role", "scp": "missing-scope"}
"""Claims whose absence has a cause of its own."""
