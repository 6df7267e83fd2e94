"""The case: everything the input says, read once, joined for the detectors."""

from __future__ import annotations

import bisect
import datetime
import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import attrs

from claimlens import entra, jose
from claimlens.diagnosis.clues import clues
from claimlens.diagnosis.http_messages import HttpRequest, HttpResponse, read_messages
from claimlens.diagnosis.model import Evidence
from claimlens.entra import Profile, TokenKind
from claimlens.entra.errors import ErrorMention, recognise
from claimlens.expectations import Expectation, SourceKind, entries_of, read
from claimlens.expectations.formats.model import Entry
from claimlens.jose import Token, TokenForm
from claimlens.jose.printed import printed_claims
from claimlens.jose.verify import SignatureResult
from claimlens.text.escape import visible
from claimlens.text.spans import Span

MAXIMUM_ARTEFACT = 2_000_000
_LOG_NAME = re.compile(r"(?:\.log|\b(?:log|logs|trace|output|error|errors|console)\.txt)$", re.IGNORECASE)
MAXIMUM_EVIDENCE_TEXT = 240


@attrs.frozen
class Artefact:
    """One file of the case, with everything that was read from it.

    Attributes:
        name: its path, as told to the user.
        text: its content.
    """

    name: str
    text: str = attrs.field(repr=False)
    tokens: tuple[Token, ...] = ()
    requests: tuple[HttpRequest, ...] = ()
    responses: tuple[HttpResponse, ...] = ()
    mentions: tuple[ErrorMention, ...] = ()
    entries: tuple[Entry, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    line_starts: tuple[int, ...] = attrs.field(default=(), repr=False)

    def line_of(self, offset: int) -> int:
        """Return the 1-based line of an offset."""
        return bisect.bisect_right(self.line_starts, offset)

    def evidence(self, span: Span) -> Evidence:
        """Return the line on which ``span`` begins as evidence, its tokens masked and invisible characters shown."""
        line = self.line_of(span.start)
        start = self.line_starts[line - 1]
        end = self.line_starts[line] if line < len(self.line_starts) else len(self.text)
        text = self.text[start:end]
        for token in reversed(self.tokens):
            if token.span.start < end and token.span.end > start:
                left, right = max(token.span.start, start) - start, min(token.span.end, end) - start
                text = text[:left] + token.masked() + text[right:]
        text = visible(text.strip("\r\n")).strip()
        if len(text) > MAXIMUM_EVIDENCE_TEXT:
            text = text[: MAXIMUM_EVIDENCE_TEXT - 1] + "…"
        return Evidence(self.name, line, text)

    def evidence_at(self, offset: int) -> Evidence:
        """Return the line at ``offset`` as evidence."""
        return self.evidence(Span(offset, offset))


def _expected_by(name: str, text: str) -> tuple[Expectation, ...]:
    """Return what a file expects; the words of a log look like code now and then, and set nothing."""
    expectations = read(name, text)
    if _LOG_NAME.search(name):
        return tuple(one for one in expectations if one.kind is not SourceKind.SOURCE_CODE)
    return expectations


def read_artefact(name: str, text: str) -> Artefact:
    """Read one file by its content; its name helps where the content leaves doubt. Never fails."""
    text = text[:MAXIMUM_ARTEFACT]
    requests, responses = read_messages(text)
    tokens = jose.scan(text)
    if not tokens and (claims := printed_claims(text)) is not None:
        tokens = (claims,)
    # What a token says of itself is nothing that anybody accepts.
    is_settings = not (responses or requests) and all(token.form is not TokenForm.DECODED for token in tokens)
    entries, _ = entries_of(name, text) if is_settings else ((), None)
    expectations = _expected_by(name, text) if is_settings else ()
    return Artefact(
        name=name,
        text=text,
        tokens=tokens,
        requests=requests,
        responses=responses,
        # Settings and policies hold sentences of their own (a set-body, a comment) that no service has said.
        mentions=recognise(text, loose=not expectations),
        entries=entries,
        expectations=expectations,
        line_starts=(0, *(found.end() for found in re.finditer(r"\r\n|\n|\r", text))),
    )


@attrs.frozen
class Sighting:
    """A token of the case with what it is and where it stands."""

    token: Token
    profile: Profile
    artefact: Artefact

    @property
    def claims(self) -> Mapping[str, Any]:
        """Its claims; empty where they cannot be read."""
        return self.token.payload or {}

    @property
    def header(self) -> Mapping[str, Any]:
        """Its header; empty where it cannot be read."""
        return self.token.header or {}

    def text(self, claim: str) -> str:
        """Return a claim that is a string, or empty."""
        value = self.claims.get(claim)
        return value if isinstance(value, str) else ""

    def texts(self, claim: str) -> tuple[str, ...]:
        """Return a claim that is a string or a list of strings as a tuple."""
        value = self.claims.get(claim)
        if isinstance(value, str):
            return (value,)
        return tuple(item for item in value if isinstance(item, str)) if isinstance(value, list) else ()

    @property
    def scopes(self) -> tuple[str, ...]:
        """The words of ``scp``."""
        return tuple(word for entry in self.texts("scp") for word in entry.split())

    @property
    def evidence(self) -> Evidence:
        """The line on which the token stands."""
        return self.artefact.evidence(self.token.span)


@attrs.frozen
class Sighted:
    """A clue in a file: its place, and the value it tells (the whole match where it has none)."""

    artefact: Artefact
    span: Span
    value: str
    value_start: int

    @property
    def evidence(self) -> Evidence:
        """The line on which it stands."""
        return self.artefact.evidence_at(self.value_start)


@attrs.frozen
class Case:
    """Everything the input says.

    Attributes:
        artefacts: the files.
        now: the time, aware and in UTC.
        missing_claim: a claim the user misses, or None.
        signature: what a check of the token's signature with its issuer's keys has shown, or None where there was none.
        asked: where the one token stands that the question is about (its file, an offset in it), or None for all.
    """

    artefacts: tuple[Artefact, ...]
    now: datetime.datetime
    missing_claim: str | None = None
    signature: SignatureResult | None = None
    asked: tuple[Artefact, int] | None = attrs.field(default=None, repr=False)

    @classmethod
    def of(cls, files: Iterable[tuple[str, str]], now: datetime.datetime, *, missing_claim: str | None = None) -> Case:
        """Read the files (name and content) of a case."""
        return cls(tuple(read_artefact(name, text) for name, text in files), now, missing_claim)

    @functools.cached_property
    def sightings(self) -> tuple[Sighting, ...]:
        """The tokens that can be read, the one that was most probably sent first."""
        found = [
            Sighting(token, entra.profile(token, self.now), artefact)
            for artefact in self.artefacts
            for token in artefact.tokens
            if token.form in (TokenForm.JWS, TokenForm.DECODED, TokenForm.TRUNCATED) and token.payload is not None
            if self.asked is None or (artefact is self.asked[0] and token.span.contains(self.asked[1]))
        ]
        return tuple(sorted(found, key=self._how_central))

    def _how_central(self, sighting: Sighting) -> int:
        name = sighting.artefact.name.lower()
        is_id = sighting.profile.kind is TokenKind.ID
        in_request = any(True for _ in sighting.artefact.requests)
        return (2 if "id_token" in name or "id-token" in name else 0) + is_id - in_request

    @property
    def token(self) -> Sighting | None:
        """The token that was sent, as far as one can tell, or None."""
        return self.sightings[0] if self.sightings else None

    @property
    def requests(self) -> Iterator[tuple[Artefact, HttpRequest]]:
        """Every request with its file."""
        return ((artefact, request) for artefact in self.artefacts for request in artefact.requests)

    @property
    def responses(self) -> Iterator[tuple[Artefact, HttpResponse]]:
        """Every response with its file."""
        return ((artefact, response) for artefact in self.artefacts for response in artefact.responses)

    @property
    def expectations(self) -> Iterator[tuple[Artefact, Expectation]]:
        """Every expectation with its file."""
        return ((artefact, found) for artefact in self.artefacts for found in artefact.expectations)

    @property
    def mentions(self) -> Iterator[tuple[Artefact, ErrorMention]]:
        """Every known error with its file."""
        return ((artefact, mention) for artefact in self.artefacts for mention in artefact.mentions)

    def mentions_of(self, *causes: str) -> Iterator[tuple[Artefact, ErrorMention]]:
        """The known errors that have one of these causes as their first."""
        return (
            (artefact, mention)
            for artefact, mention in self.mentions
            if mention.entry.causes[:1] and mention.entry.causes[0] in causes
        )

    def search(self, pattern: re.Pattern[str]) -> Iterator[tuple[Artefact, re.Match[str]]]:
        """Yield the places of a pattern in the files."""
        for artefact in self.artefacts:
            yield from ((artefact, found) for found in pattern.finditer(artefact.text))

    def clues(self, name: str) -> Iterator[Sighted]:
        """Yield the places of a clue (``clues.toml``), pattern by pattern."""
        for pattern in clues()[name].patterns:
            for artefact, found in self.search(pattern):
                group = found.lastindex or 0
                yield Sighted(artefact, Span(*found.span()), found[group], found.start(group))

    def clue(self, name: str) -> Sighted | None:
        """Return the first place of a clue, or None."""
        return next(self.clues(name), None)

    @functools.cached_property
    def statuses(self) -> frozenset[int]:
        """The HTTP statuses in the input, of responses and as words of a log."""
        found = {response.status for _, response in self.responses}
        for _, match in self.search(_STATUS):
            found.add(int(match[1] or match[2]))
        return frozenset(found)


_STATUS = re.compile(
    r"\b(?:status(?:[ _-]?code)?[\"']?\s*[:=]?\s*|HTTP[ /]?(?:\d\.\d )?|-> |returned |\()(40[0-9]|500)\b"
    r"|\b(401|403)\b (?:Unauthorized|Forbidden)",
    re.IGNORECASE,
)
