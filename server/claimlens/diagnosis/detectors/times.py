"""Lifetime and clocks, and what continuous access evaluation does to them."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator

from claimlens.diagnosis.case import Artefact, Case
from claimlens.diagnosis.detectors.candidate import Candidate
from claimlens.diagnosis.model import Confidence, Evidence
from claimlens.entra import ValidityState, numeric_date
from claimlens.entra.errors import parse_challenges

_ISO = re.compile(r"(?<!\d)(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d))?(?:\.\d+)?\s?(Z|UTC|[+-]\d\d:?\d\d)?")
_MAXIMUM_REASONABLE_SKEW = datetime.timedelta(days=1)
_ORDINARY_SKEW = datetime.timedelta(minutes=10)


def detect_times(case: Case) -> Iterator[Candidate]:
    """Expired, not yet valid, or a clock that is wrong."""
    yield from _clocks(case)
    token = case.token
    for artefact, mention in case.mentions_of("token-expired"):
        evidence: tuple[Evidence, ...] = (artefact.evidence(mention.span),)
        # A message that may mean other things as well proves nothing by itself.
        says_only_that = len(mention.entry.causes) == 1
        summary = "The token has expired; the message says so" if says_only_that else "The token has probably expired"
        if token is None:
            confidence = Confidence.CERTAIN if says_only_that else Confidence.LIKELY
        elif token.profile.validity.state is ValidityState.EXPIRED:
            confidence = Confidence.CERTAIN
            evidence += (token.evidence,)
            summary += f" and its exp agrees ({token.profile.validity.summary})"
        else:
            confidence = Confidence.POSSIBLE
        yield Candidate("token-expired", confidence, summary + ".", "", evidence, 2)
        break
    else:
        if token is not None and token.profile.validity.state is ValidityState.EXPIRED:
            refused = bool({401} & case.statuses) or any(True for _ in case.mentions)
            confidence = Confidence.LIKELY if refused else Confidence.POSSIBLE
            summary = f"The token {token.profile.validity.summary}."
            yield Candidate("token-expired", confidence, summary, "", (token.evidence,), 1 if refused else 0)
    if token is not None and token.profile.validity.state is ValidityState.NOT_YET_VALID:
        summary = f"The token is {token.profile.validity.summary}."
        yield Candidate("token-not-yet-valid", Confidence.LIKELY, summary, "", (token.evidence,), 2)


def _clocks(case: Case) -> Iterator[Candidate]:
    """Compare a clock that the input shows with the times of the token."""
    clock = _clock_shown(case)
    starts = _start_shown(case)
    refused = tuple(case.mentions_of("token-not-yet-valid", "clock-skew"))
    if clock is not None and starts is not None and clock[2] < starts[0] - datetime.timedelta(seconds=1):
        artefact, offset, moment = clock
        behind = starts[0] - moment
        if behind <= _MAXIMUM_REASONABLE_SKEW:
            summary = (
                f"The validating machine's clock is behind: it says {_utc(moment)}, the token is valid from "
                f"{_utc(starts[0])}."
            )
            fix = "Set that machine's clock by NTP and allow a few minutes of clock skew."
            evidence = (artefact.evidence_at(offset), *starts[1])
            yield Candidate(
                "clock-skew", Confidence.CERTAIN if refused else Confidence.LIKELY, summary, fix, evidence, 3
            )
            yield Candidate("token-not-yet-valid", Confidence.LIKELY, summary, fix, evidence, 2)
            return
    for artefact, mention in refused:
        valid = case.token is not None and case.token.profile.validity.state is ValidityState.VALID
        fresh = starts is not None and starts[0] - case.now <= _ORDINARY_SKEW
        summary = "The validator takes the token for not valid yet"
        summary += ", but it is valid by now: that machine's clock is behind." if valid else ": a clock is wrong."
        evidence = (artefact.evidence(mention.span),)
        yield Candidate("token-not-yet-valid", Confidence.LIKELY, summary, "", evidence, 1)
        yield Candidate("clock-skew", Confidence.LIKELY, summary, "", evidence, 3 if valid or fresh else 1)
        return


def _clock_shown(case: Case) -> tuple[Artefact, int, datetime.datetime] | None:
    for artefact, mention in case.mentions:
        value = mention.first("current_time")
        moment = moment_of(value.text) if value else None
        if (
            value
            and moment is not None
            and mention.entry.causes[:1]
            and mention.entry.causes[0] in ("token-not-yet-valid", "clock-skew")
        ):
            return artefact, value.span.start, moment
    for found in case.clues("machine-clock"):
        moment = moment_of(found.value)
        if moment is not None:
            return found.artefact, found.value_start, moment
    return None


def _start_shown(case: Case) -> tuple[datetime.datetime, tuple[Evidence, ...]] | None:
    for found in case.clues("valid-from"):
        moment = moment_of(found.value)
        if moment is not None:
            return moment, (found.evidence,)
    token = case.token
    if token is None:
        return None
    start = token.profile.validity.starts or token.profile.validity.issued
    return (start, (token.evidence,)) if start is not None else None


def moment_of(text: str) -> datetime.datetime | None:
    """Read seconds since 1970 or an ISO date; one without a zone is taken as UTC."""
    if text.isascii() and text.isdigit():
        return numeric_date(int(text))
    found = _ISO.search(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, zone = found.groups()
    try:
        moment = datetime.datetime(
            int(year), int(month), int(day), int(hour), int(minute), int(second or 0), tzinfo=datetime.UTC
        )
    except ValueError:
        return None
    if zone and zone[0] in "+-":
        digits = zone[1:].replace(":", "")
        offset = datetime.timedelta(hours=int(digits[:2]), minutes=int(digits[2:4]))
        moment -= offset if zone[0] == "+" else -offset
    return moment


def _utc(moment: datetime.datetime) -> str:
    return moment.strftime("%Y-%m-%d %H:%M:%S UTC")


def detect_challenge(case: Case) -> Iterator[Candidate]:
    """The resource asks for a fresh token with a claims challenge."""
    for artefact, response in case.responses:
        for header in response.all("www-authenticate"):
            for challenge in parse_challenges(header.value):
                if challenge.claims is not None or challenge.parameters.get("error") == "insufficient_claims":
                    fix = "Pass these claims to the next token request: " + challenge.parameters.get("claims", "")
                    summary = "The resource answers with a claims challenge: the token was revoked before its time."
                    evidence = (artefact.evidence(header.span),)
                    yield Candidate("cae-challenge", Confidence.CERTAIN, summary, fix, evidence, 4)
    found = case.clue("challenge")
    if found is not None:
        summary = "The message is a continuous access evaluation challenge."
        yield Candidate("cae-challenge", Confidence.CERTAIN, summary, "", (found.evidence,), 3)
