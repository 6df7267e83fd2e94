"""A claim that the token has, and that is looked for under another name or type."""

from __future__ import annotations

import re
from collections.abc import Iterator

from claimlens.diagnosis.case import Case, Sighting
from claimlens.diagnosis.detectors.candidate import Candidate, shown
from claimlens.diagnosis.model import Confidence
from claimlens.entra import TokenKind

_WRONG_CLAIM = re.compile(r"[\"'](scps|scopes|permissions|scope|role|groups_?ids?|authorities)[\"']")


def detect_claim_names(case: Case) -> Iterator[Candidate]:
    """Compare the names that messages, frameworks and code look for with those in the token."""
    token = case.token
    yield from _role_told(case)
    if token is not None and token.profile.kind is not TokenKind.ID:
        yield from _claim_not_found(case, token)
        yield from _role_not_found(case, token)
        yield from _wrong_claim_name(case, token)


def _claim_not_found(case: Case, token: Sighting) -> Iterator[Candidate]:
    """A message that misses a claim which the token has: the framework looks for it under another type."""
    for artefact, mention in case.mentions:
        name, wanted = mention.first("claim"), mention.first("required_value")
        if name is None or name.text not in ("scp", "roles", "tid", "oid", "groups", "sub", "aud"):
            continue
        held = token.scopes if name.text == "scp" else token.texts(name.text)
        if wanted is not None and wanted.text in held:
            summary = (
                f"The token's {name.text} holds {shown(wanted.text)}, and yet it is not found: the framework has given "
                "the claim another type."
            )
            fix = (
                f"Set MapInboundClaims to false, or look for the mapped type of {name.text} as well "
                "(http://schemas.microsoft.com/identity/claims/scope for scp)."
            )
            evidence = (artefact.evidence(mention.span), token.evidence)
            yield Candidate("claim-mapping", Confidence.LIKELY, summary, fix, evidence, 4)
            return


def _role_not_found(case: Case, token: Sighting) -> Iterator[Candidate]:
    """A role of the token that another file names, and a framework that looks for roles under another claim type."""
    mapped = case.clue("claims-mapped")
    if mapped is None or not (case.is_refused or mapped.value.startswith("IsInRole")):
        return
    for role in token.texts("roles"):
        named = re.compile(rf"(?<![\w.]){re.escape(role)}(?![\w.])")
        place = next(((one, found) for one, found in case.search(named) if one is not token.artefact), None)
        if place is not None:
            summary = f"The token's roles hold {shown(role)}, and yet the framework does not find it there."
            fix = "Let the framework take 'roles' for the role claim (RoleClaimType), or keep the claims' own names."
            evidence = (mapped.evidence, place[0].evidence_at(place[1].start()), token.evidence)
            yield Candidate("claim-mapping", Confidence.LIKELY, summary, fix, evidence, 3)
            return


def _role_told(case: Case) -> Iterator[Candidate]:
    """A message misses a role that a list of the user's claims shows."""
    for artefact, mention in case.mentions:
        wanted = mention.first("role") if mention.entry.id == "aspnet-roles-requirement" else None
        if wanted is None:
            continue
        listed = (
            rf"\broles?\b[\"']?[ \t]*[:=|]?[ \t]*\[?[^\n\[\]()]{{0,200}}(?<![\w.]){re.escape(wanted.text)}(?![\w.])"
        )
        pattern = re.compile(listed)
        for other in case.artefacts:
            tells = other is not artefact and other.name.lower().endswith((".txt", ".log", ".md"))
            found = pattern.search(other.text) if tells else None
            if found is not None:
                summary = (
                    f"The role {shown(wanted.text)} is among the user's claims, and yet the framework does not find it."
                )
                fix = "Let the framework take 'roles' for the role claim (RoleClaimType), as one claim for each role."
                evidence = (artefact.evidence(mention.span), other.evidence_at(found.start()))
                yield Candidate("claim-mapping", Confidence.LIKELY, summary, fix, evidence, 3)
                return


def _wrong_claim_name(case: Case, token: Sighting) -> Iterator[Candidate]:
    """Code that reads ``scps`` or splits nothing, while the token has ``scp`` as one string."""
    scp = token.claims.get("scp")
    for artefact, found in case.search(_WRONG_CLAIM):
        name = found[1]
        if name in token.claims or artefact.name.lower().endswith((".json", ".txt", ".log", ".xml", ".http")):
            continue
        right = "roles" if name in ("role", "authorities") else "scp" if scp is not None else None
        if right is None or right not in token.claims:
            continue
        summary = f"The code reads the claim '{name}'; the token has '{right}'"
        summary += ", one string with blanks between the scopes." if right == "scp" else "."
        fix = f"Read {right} and split it at blanks." if right == "scp" else f"Read {right}."
        evidence = (artefact.evidence_at(found.start()), token.evidence)
        yield Candidate("required-claim-separator", Confidence.LIKELY, summary, fix, evidence, 3)
        yield Candidate("required-claim-mismatch", Confidence.POSSIBLE, summary, fix, evidence, 1)
        return
