"""The case: everything the input says, read once, joined for the detectors."""

from __future__ import annotations

import datetime
import functools
import itertools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import attrs

from claimlens import entra, jose
from claimlens.diagnosis.carriers import Part, parts_of
from claimlens.diagnosis.claim_listings import listed_claims
from claimlens.diagnosis.clues import clues
from claimlens.diagnosis.command_requests import other_requests
from claimlens.diagnosis.environments import shared_variables
from claimlens.diagnosis.http_messages import HttpRequest, HttpResponse, read_messages
from claimlens.diagnosis.model import Evidence
from claimlens.diagnosis.redaction import mask_secrets
from claimlens.diagnosis.statuses import told_statuses
from claimlens.entra import Profile, TokenKind
from claimlens.entra.errors import ErrorMention, recognise
from claimlens.expectations import Expectation, SourceKind, entries_of, read
from claimlens.expectations.formats.model import Entry
from claimlens.expectations.references import settings_of, with_settings
from claimlens.jose import Token, TokenForm
from claimlens.jose.printed import printed_claims
from claimlens.jose.verify import SignatureResult
from claimlens.text.escape import visible
from claimlens.text.spans import Span

_NO_VARIABLES: Mapping[str, str] = MappingProxyType({})
_LOG_NAME = re.compile(r"(?:\.log|\b(?:log|logs|trace|output|error|errors|console)\.txt)$", re.IGNORECASE)
_SOURCE_NAME = re.compile(
    r"\.(?:bicep|cs|csproj|cshtml|ex|exs|fs|go|java|jsx?|kt|lua|mjs|cjs|php|ps1|py|rb|rs|scala|sh|swift|tf|tsx?|vb|vue"
    r"|cfg|conf|config|env|ini|properties|toml|xml|ya?ml)$",
    re.IGNORECASE,
)
"""Files in which words are names and settings, not what somebody said."""
_DOCUMENT_NAME = re.compile(r"(?:^|[/\\])(?:readme|changelog|contributing|openapi|swagger)[^/\\]*$", re.IGNORECASE)
"""Files that tell what may be answered, not what was."""
MAXIMUM_EVIDENCE_TEXT = 240
MAXIMUM_LINE = 2000
"""Characters before and behind the place that is meant which are looked at; the secrets in them are masked."""
MAXIMUM_COLOURS = 200
_BEFORE_PLACE, _BEHIND_PLACE = 40, 30
"""Characters before a place that are shown with it, and characters of it without which it does not count as shown."""
_TELLING = 30
"""Characters that tell a place in its line."""
_CUT_WORD = re.compile(r"\A[^\s\"'&;,<>]*")
"""The rest of a word at the beginning of a part of a line; what it is can no longer be told."""
_COLOUR = re.compile(r"\x1b\[[0-9;]{0,40}[mK]")


@attrs.frozen
class Artefact:
    """One file of the case, or a piece of one that is a file of its own, with everything that was read from it.

    Attributes:
        path: the file, as told to the user.
        part: what of it is read.
        is_source: it is read as source code.
        lists_claims: its token is no token that stands there, but claims told one by one; some may be left out.
    """

    path: str
    part: Part
    tokens: tuple[Token, ...] = ()
    requests: tuple[HttpRequest, ...] = ()
    responses: tuple[HttpResponse, ...] = ()
    mentions: tuple[ErrorMention, ...] = ()
    entries: tuple[Entry, ...] = ()
    is_source: bool = False
    expectations: tuple[Expectation, ...] = ()
    lists_claims: bool = False

    @property
    def name(self) -> str:
        """What it is read as; its ending tells the form."""
        return self.part.name

    @property
    def text(self) -> str:
        r"""Its content, every line ended by ``\n``."""
        return self.part.text

    @functools.cached_property
    def lowered(self) -> str:
        """Its content in lower case, to look for words in."""
        return self.text.lower()

    @functools.cached_property
    def told_statuses(self) -> frozenset[int]:
        """The HTTP statuses that words of the text tell."""
        return told_statuses(self.text, spoken=self.is_spoken)

    @property
    def is_spoken(self) -> bool:
        """Whether this is a log, an answer or what somebody wrote, and not settings or source code."""
        if _LOG_NAME.search(self.name):
            return True
        return not (self.expectations or _SOURCE_NAME.search(self.name) or _DOCUMENT_NAME.search(self.name))

    def line_of(self, offset: int) -> int:
        """Return the 1-based line in the file of an offset."""
        return self.part.lines[self.part.line_at(offset)].number

    def evidence(self, span: Span) -> Evidence:
        """Return the line on which ``span`` begins as evidence, its tokens masked and invisible characters shown."""
        index = self.part.line_at(span.start)
        line, start = self.part.lines[index], self.part.line_starts[index]
        text, end = line.text, start + len(line.text)
        for token in () if self.lists_claims else reversed(self.tokens):
            if token.span.start < end and token.span.end > start:
                left, right = max(token.span.start, start) - start, min(token.span.end, end) - start
                text = text[:left] + token.masked() + text[right:]
        return Evidence(self.path, line.number, _shown(text, line.text[span.start - start :]))

    def with_settings(self, settings: Mapping[str, str]) -> Artefact:
        """Return it with the settings filled in that its expectations take from elsewhere."""
        filled = with_settings(self.expectations, settings)
        return self if filled == self.expectations else attrs.evolve(self, expectations=filled)

    def evidence_at(self, offset: int) -> Evidence:
        """Return the line at ``offset`` as evidence."""
        return self.evidence(Span(offset, offset))


def _shown(line: str, meant: str) -> str:
    """Return a line without colours and secrets; of a long one the part in which ``meant`` begins."""
    beginning = _COLOUR.sub("", meant[:MAXIMUM_COLOURS])[:_TELLING]
    line = _COLOUR.sub("", line)
    reach = max(0, line.find(beginning) - MAXIMUM_LINE)
    line = line[reach : reach + 2 * MAXIMUM_LINE]
    text = mask_secrets(visible(_CUT_WORD.sub("", line) if reach else line).strip())
    if len(text) <= MAXIMUM_EVIDENCE_TEXT:
        return text
    place = text.find(visible(beginning).strip())
    first = 0 if place < MAXIMUM_EVIDENCE_TEXT - _BEHIND_PLACE else place - _BEFORE_PLACE
    cut = text[first : first + MAXIMUM_EVIDENCE_TEXT - 2]
    return f"{'…' if first or reach else ''}{cut}{'…' if first + len(cut) < len(text) else ''}"


def _expected_by(name: str, text: str) -> tuple[Expectation, ...]:
    """Return what a file expects; the words of a log look like code now and then, and set nothing."""
    expectations = read(name, text)
    if _LOG_NAME.search(name):
        return tuple(one for one in expectations if one.kind not in (SourceKind.SOURCE_CODE, SourceKind.FILE))
    return expectations


def read_artefacts(path: str, text: str, shared: Mapping[str, str] = _NO_VARIABLES) -> tuple[Artefact, ...]:
    """Read a file, and the files that it carries, by content; the name helps where that leaves doubt. Never fails.

    Args:
        path: the file, as told to the user.
        text: its content.
        shared: variables of requests that other files set.
    """
    return tuple(read_part(path, part) for part in parts_of(path, text, shared))


def read_part(path: str, part: Part) -> Artefact:
    """Read what is read on its own of a file. Never fails."""
    name, text = part.name, part.text
    requests, responses = read_messages(text)
    tokens = jose.scan(text)
    if not tokens and (claims := printed_claims(text)) is not None:
        tokens = (claims,)
    # What a token says of itself is nothing that anybody accepts.
    is_settings = not (responses or requests) and all(token.form is not TokenForm.DECODED for token in tokens)
    entries, form = entries_of(name, text) if is_settings else ((), None)
    expectations = _expected_by(name, text) if is_settings else ()
    listed = None
    if not tokens and not expectations and not _SOURCE_NAME.search(name):
        listed = listed_claims(text)
    return Artefact(
        path=path,
        part=part,
        tokens=tokens if listed is None else (listed,),
        requests=(*requests, *other_requests(text)),
        responses=responses,
        # Settings and policies hold sentences of their own (a set-body, a comment) that no service has said.
        mentions=recognise(text, loose=not expectations or _LOG_NAME.search(name) is not None),
        entries=entries,
        is_source=form is SourceKind.SOURCE_CODE,
        expectations=expectations,
        lists_claims=listed is not None,
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
        files = tuple(files)
        shared = shared_variables(files)
        read = (read_artefacts(name, text, shared) for name, text in files)
        return cls(tuple(itertools.chain.from_iterable(read)), now, missing_claim)

    def with_artefacts(self, artefacts: Sequence[Artefact]) -> Case:
        """Return the case with other readings of its files, one for each, in their order."""
        asked = self.asked
        if asked is not None:
            asked = next(new for new, old in zip(artefacts, self.artefacts, strict=True) if old is asked[0]), asked[1]
        return attrs.evolve(self, artefacts=tuple(artefacts), asked=asked)

    def with_settings(self) -> Case:
        """Return the case with what its files take from one another filled in."""
        settings = settings_of((each.entries, each.is_source) for each in self.artefacts)
        return self.with_artefacts([each.with_settings(settings) for each in self.artefacts])

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
        named_id = "id_token" in name or "id-token" in name
        return 4 * sighting.artefact.lists_claims + 2 * named_id + is_id - in_request

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
            for artefact in self.artefacts:
                for found in pattern.finditer(artefact.text, artefact.lowered):
                    group = found.lastindex or 0
                    yield Sighted(artefact, Span(*found.span()), found[group], found.start(group))

    def clue(self, name: str) -> Sighted | None:
        """Return the first place of a clue, or None."""
        if name not in self._first_clues:
            self._first_clues[name] = next(self.clues(name), None)
        return self._first_clues[name]

    @functools.cached_property
    def _first_clues(self) -> dict[str, Sighted | None]:
        """What `clue` has found so far: several detectors ask for the same, and a log may be long."""
        return {}

    @functools.cached_property
    def statuses(self) -> frozenset[int]:
        """The HTTP statuses in the input, of responses and as words of a log."""
        found = {response.status for _, response in self.responses}
        for artefact in self.artefacts:
            found.update(artefact.told_statuses)
        return frozenset(found)

    @property
    def is_in_trouble(self) -> bool:
        """Whether anything tells that something went wrong: a status, a known message, words of a log."""
        refused = self.is_refused or any(True for _ in self.mentions)
        return refused or self.clue("refused-in-words") is not None

    @property
    def is_only_forbidden(self) -> bool:
        """Whether 403 is told and 401 is not: who answers so has most often accepted the token."""
        return 403 in self.statuses and 401 not in self.statuses

    @property
    def is_refused(self) -> bool:
        """Whether something in the input was answered with 401 or 403."""
        return not {401, 403}.isdisjoint(self.statuses)
