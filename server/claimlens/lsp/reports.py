"""What is shown of a token: which rows, in which order. How it looks is `claimlens.lsp.markdown`'s business."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, tzinfo

from claimlens.entra import profile
from claimlens.entra.model import Profile
from claimlens.entra.summary import Row, claim_rows, label, main_rows, remaining_rows, title
from claimlens.jose.model import SegmentRole, Token, TokenForm
from claimlens.lsp.markdown import Report, Section
from claimlens.text.escape import visible

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


def full_report(token: Token, now: datetime, zone: tzinfo | None = None) -> Report:
    """Return everything about ``token``."""
    about = profile(token, now)
    return Report(
        title(about, zone), [*_payload(token, about, now, zone), *_header(token)], list(_remarks(token, about))
    )


def segment_report(token: Token, role: SegmentRole, now: datetime, zone: tzinfo | None = None) -> Report:
    """Return what one segment of ``token`` says, under the title of the whole."""
    about = profile(token, now)
    heading = title(about, zone)
    remarks = list(_remarks(token, about))
    if role is SegmentRole.HEADER:
        return Report(heading, list(_header(token)), remarks)
    if role is SegmentRole.PAYLOAD:
        return Report(heading, list(_payload(token, about, now, zone)), remarks)
    return Report(heading, [Section(role.value, list(_octets(token, role)), named=False)], remarks)


def _payload(token: Token, about: Profile, now: datetime, zone: tzinfo | None) -> Iterator[Section]:
    first = main_rows(about, now, zone)
    yield Section("payload", first, named=False)
    yield Section("other claims" if first else "payload", list(remaining_rows(token, first)))


def _header(token: Token) -> Iterator[Section]:
    yield Section("header", list(claim_rows(token.header, "header")))


def _octets(token: Token, role: SegmentRole) -> Iterator[Row]:
    octets = token.decoded.octets.get(role)
    segment = token.segment(role)
    if role is SegmentRole.SIGNATURE and token.algorithm:
        yield Row("algorithm", token.algorithm)
    if octets is not None:
        yield Row("length", f"{len(octets)} bytes" if octets else "empty")
    elif segment is not None:
        yield Row("length", f"{len(segment.text)} characters")
    if role is SegmentRole.SIGNATURE:
        yield Row("checked", "no", "Claimlens checks a signature only when asked to, with keys it is allowed to fetch.")


def _remarks(token: Token, about: Profile) -> Iterator[str]:
    if token.form in _FORM_REMARKS:
        yield _FORM_REMARKS[token.form]
    for defect in token.defects[:_MOST_DEFECTS]:
        yield defect.message
    for note in about.notes:
        yield note.text
