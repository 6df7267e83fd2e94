"""What is shown of a token: which rows, in which order. How it looks is `claimlens.lsp.markdown`'s business."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from claimlens.entra import profile
from claimlens.entra.model import Flow, Profile
from claimlens.entra.summary import Row, claim_rows, label, main_rows, moment, remaining_rows, title
from claimlens.jose.model import SegmentRole, Token, TokenForm
from claimlens.lsp.markdown import Report, Section
from claimlens.text.escape import visible

if TYPE_CHECKING:
    from claimlens.lsp.verifications import Verified

_MOST_DEFECTS = 5
_FORM_REMARKS = {
    TokenForm.TRUNCATED: "The token is cut off here; what is left of it is decoded.",
    TokenForm.OVERSIZED: "The token is longer than 256,000 characters and is not decoded.",
    TokenForm.JWE: "The token is encrypted: only its recipient can read the claims.",
    TokenForm.DECODED: "The token is printed decoded; its signature is gone.",
}


def short_label(token: Token, now: datetime) -> str:
    """Return ``token`` in the few words that fit beside it, with nothing invisible in them."""
    return visible(label(profile(token, now)))


def in_brief(token: Token, now: datetime) -> dict[str, str]:
    """Return the members by which docs/protocol.md describes a token in brief."""
    about = profile(token, now)
    return {"title": title(about), "kind": about.kind.value, "state": about.validity.state.value}


def full_report(token: Token, now: datetime, zone: tzinfo | None = None, verified: Verified | None = None) -> Report:
    """Return everything about ``token``, and what its verification found, if there was one."""
    about = profile(token, now)
    sections = [*_verified(verified, zone), *_payload(token, about, now, zone), *_header(token)]
    return Report(title(about, zone), sections, list(_remarks(token, about)))


def segment_report(
    token: Token, role: SegmentRole, now: datetime, zone: tzinfo | None = None, verified: Verified | None = None
) -> Report:
    """Return what one segment of ``token`` says, under the title of the whole."""
    about = profile(token, now)
    if role is SegmentRole.HEADER:
        sections = list(_header(token))
    elif role is SegmentRole.PAYLOAD:
        sections = list(_payload(token, about, now, zone))
    else:
        sections = [Section(role.value, list(_octets(token, role, verified)), named=False)]
    return Report(title(about, zone), [*_verified(verified, zone), *sections], list(_remarks(token, about)))


def signature_label(verified: Verified | None) -> list[str]:
    """Return the words about a verification that fit beside a token: none where there was no verification."""
    return [] if verified is None else [_SIGNATURE_WORDS[verified.verification.signature]]


def verification_report(verified: Verified, zone: tzinfo | None = None) -> Report:
    """Return everything that a verification found: the verdict, every check, where the key came from."""
    answer = verified.verification
    rows = [Row("verdict", answer.summary)]
    if answer.failure is not None:
        rows += [Row("what happened", answer.failure.message), Row("what to do", answer.failure.remedy)]
    if answer.key is not None:
        rows += [Row("key", answer.key.kid or "without kid"), Row("keys from", answer.key.source)]
        if answer.key.fetched_at is not None:
            rows.append(Row("keys confirmed", moment(answer.key.fetched_at, zone)))
    rows.append(Row("verified at", moment(verified.at, zone)))
    checks = [Row(f"{_SIGNS[check.verdict]} {check.name}", check.detail) for check in answer.checks]
    return Report(
        f"Verification: {answer.verdict.value}",
        [Section("answer", rows, named=False, longest=2000), Section("check", checks, named=False, longest=2000)],
    )


_SIGNATURE_WORDS = {
    "valid": "signature verified",
    "invalid": "signature invalid",
    "undetermined": "signature not verified",
}
_SIGNS = {"pass": "✓", "fail": "✗", "unknown": "?"}


def _verified(verified: Verified | None, zone: tzinfo | None) -> Iterator[Section]:
    if verified is not None:
        yield Section("verification", [Row("signature", _sentence(verified, zone))], named=False, longest=500)


def _sentence(verified: Verified, zone: tzinfo | None) -> str:
    """Say what came of the signature: against whom, with which key, when; or why it did not come to that."""
    from claimlens.services.verification import host_of

    answer, at = verified.verification, moment(verified.at, zone)
    words = _SIGNATURE_WORDS[answer.signature]
    if answer.signature != "valid" or answer.key is None:
        return f"{words} at {at}: {answer.signature_detail}"
    key = f", key {visible(answer.key.kid[:80])}" if answer.key.kid else ""
    aged = f" (keys of {moment(answer.key.fetched_at, zone)})" if answer.key.outage and answer.key.fetched_at else ""
    return f"{words} against {visible(host_of(answer.key.source))}{key}{aged}, at {at}"


def _payload(token: Token, about: Profile, now: datetime, zone: tzinfo | None) -> Iterator[Section]:
    first = main_rows(about, now, zone)
    yield Section("payload", first, named=False)
    yield Section("other claims" if first else "payload", list(remaining_rows(token, first)))


def _header(token: Token) -> Iterator[Section]:
    yield Section("header", list(claim_rows(token.header, "header")))


def _octets(token: Token, role: SegmentRole, verified: Verified | None) -> Iterator[Row]:
    octets = token.decoded.octets.get(role)
    segment = token.segment(role)
    if role is SegmentRole.SIGNATURE and token.algorithm:
        yield Row("algorithm", token.algorithm)
    if octets is not None:
        yield Row("length", f"{len(octets)} bytes" if octets else "empty")
    elif segment is not None:
        yield Row("length", f"{len(segment.text)} characters")
    if role is SegmentRole.SIGNATURE and verified is None:
        yield Row("checked", "no", "Claimlens checks a signature only when asked to, with keys it is allowed to fetch.")


def _remarks(token: Token, about: Profile) -> Iterator[str]:
    if token.form in _FORM_REMARKS:
        yield _FORM_REMARKS[token.form]
    for defect in token.defects[:_MOST_DEFECTS]:
        yield defect.message
    for note in about.notes:
        yield note.text
    yield from _missing_permission(about)


def _missing_permission(about: Profile) -> Iterator[str]:
    """Say of a token that grants nothing why it has no permission, and what would give it one."""
    if about.note("no-permissions") is not None:
        from claimlens.diagnosis.missing_claims import missing_claim  # its knowledge is read from a file

        known = missing_claim("roles" if about.flow is Flow.APP_ONLY else "scp", about)
        yield known.why
        yield f"What adds it: {known.advice}"
