"""Groups: too many for a token, or not asked for."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.diagnosis.case import Case
from claimlens.diagnosis.detectors.candidate import Candidate
from claimlens.diagnosis.model import Confidence


def detect_groups(case: Case) -> Iterator[Candidate]:
    """A user in more groups than fit gets a pointer instead of the claim."""
    token = next((one for one in case.sightings if one.profile.note("groups-overage")), None)
    wanted = case.clue("groups-wanted")
    if token is None:
        yield from _groups_not_asked_for(case)
        return
    evidence = (token.evidence, *((wanted.evidence,) if wanted else ()))
    summary = (
        "The user is in too many groups: the token points to them (hasgroups or _claim_names) instead of listing them."
    )
    fix = (
        "Ask Microsoft Graph for the memberships when the pointer is there, assign groups to the application, or "
        "use app roles."
    )
    yield Candidate("groups-overage", Confidence.CERTAIN if wanted else Confidence.LIKELY, summary, fix, evidence, 4)


def _groups_not_asked_for(case: Case) -> Iterator[Candidate]:
    """The manifest asks for no groups, and something refuses the user for want of one."""
    refused, manifest, token = case.clue("group-refused"), case.clue("no-groups-asked"), case.token
    if refused is None or manifest is None or token is None or any("groups" in one.claims for one in case.sightings):
        return
    summary = "The token holds no groups, because the manifest asks for none (groupMembershipClaims)."
    fix = (
        "Set groupMembershipClaims to SecurityGroup or ApplicationGroup in the manifest (token configuration, groups)."
    )
    evidence = (refused.evidence, manifest.evidence, token.evidence)
    yield Candidate("optional-claim-missing", Confidence.CERTAIN, summary, fix, evidence, 4)
