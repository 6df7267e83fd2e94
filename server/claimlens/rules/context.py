"""What a rule is given: everything it may look at, as immutable values.

Each family of rules has a context of its own. Add one here (or beside the family) when a family is added, and tell
`claimlens.rules.registry` and `claimlens.rules.engine` of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import attrs

from claimlens.apim.declarations import NOTHING_DECLARED, Declared
from claimlens.entra import Profile, profile
from claimlens.entra.errors import ErrorMention
from claimlens.jose.jwk import KeyDocument
from claimlens.jose.model import SegmentRole, Token
from claimlens.rules.suppression import Directive
from claimlens.rules.surroundings import Surroundings
from claimlens.settings import Settings
from claimlens.text.spans import Span, hull

if TYPE_CHECKING:
    from claimlens.expectations import Expectation
    from claimlens.expectations.matching import Neighbourhood
    from claimlens.expectations.presented import Addressed
    from claimlens.text.snapshot import Snapshot

_REQUEST_SUFFIXES = (".http", ".rest")
_SCRATCH_SCHEMES = frozenset({"untitled", "output", "git", "vscode-scm", "vscode-notebook-cell-output", "inmemory"})
"""Schemes of document URIs that are no file: what stands there lies open to nobody else."""


@attrs.frozen
class Workspace:
    """What is known of the folder that a document belongs to.

    Attributes:
        root: the path or URI of the folder, to which the globs of ``claimlens.ignore`` are relative.
        expectations: what its files say they accept; the path of each is the URI of its file.
        declared: which named values and fragments its files declare for policies; the paths are URIs, too.
    """

    root: str = ""
    expectations: tuple[Expectation, ...] = attrs.field(default=(), repr=False)
    declared: Declared = attrs.field(default=NOTHING_DECLARED, repr=False)
    addressed: frozenset[Addressed] = attrs.field(default=frozenset(), repr=False)


@attrs.frozen
class Request:
    """One document to check: what every family of rules starts from.

    Attributes:
        snapshot: the document.
        settings: of its folder.
        now: the moment to judge times at (aware).
        workspace: the folder, where there is one.
    """

    snapshot: Snapshot = attrs.field(repr=False)
    settings: Settings
    now: datetime
    workspace: Workspace = Workspace()

    @property
    def will_be_sent(self) -> bool:
        """Whether the document is a request (``.http``, ``.rest``)."""
        return self.snapshot.language_id in ("http", "rest") or self.snapshot.uri.lower().endswith(_REQUEST_SUFFIXES)

    @cached_property
    def near(self) -> Neighbourhood | None:
        """What the files nearest to the document say they accept, where any do."""
        if not self.workspace.expectations or not self.on_disk:
            return None
        from claimlens.expectations.matching import nearest  # with the readers of policies behind it

        return nearest(self.snapshot.uri, self.workspace.expectations)

    @cached_property
    def states_something(self) -> bool:
        """Whether the document itself says what it accepts, as far as the workspace knows."""
        uri = unquote(self.snapshot.uri)
        return any(stated.location == uri for stated in self.workspace.expectations)

    @property
    def on_disk(self) -> bool:
        """Whether the document is a file that others will see, not a scratch buffer or an output panel."""
        scheme, colon, _ = self.snapshot.uri.partition(":")
        return not (colon and scheme in _SCRATCH_SCHEMES)


@attrs.frozen
class TokenContext:
    """One token and what a rule may know about it.

    Attributes:
        token: the token, with its places in the document.
        settings: of the document's folder.
        now: the moment to judge times at (aware).
        surroundings: what stands around the token.
        on_disk: whether the document is a file that others will see, not a scratch buffer or an output panel.
        written: the document's text under the token and its disclosures.
        near: what the files near the document say they accept, where any do.
        sent_to: the host to which a request sends the token, or None.
    """

    token: Token
    settings: Settings
    now: datetime
    surroundings: Surroundings = attrs.field(factory=Surroundings)
    on_disk: bool = True
    written: str = attrs.field(default="", repr=False)
    near: Neighbourhood | None = attrs.field(default=None, repr=False)
    sent_to: str | None = None

    @cached_property
    def profile(self) -> Profile:
        """What the token is, in Azure's words; its times are judged without any clock skew."""
        return profile(self.token, self.now)

    @property
    def header(self) -> Mapping[str, Any]:
        """The JOSE header, empty where it could not be read."""
        return self.token.header or {}

    @property
    def claims(self) -> Mapping[str, Any]:
        """The claims, empty where they could not be read."""
        return self.token.payload or {}

    @property
    def skew(self) -> timedelta:
        """How far clocks may differ, by the settings."""
        return timedelta(seconds=self.settings.clock_skew_seconds)

    @property
    def whole(self) -> Span:
        """Where the token stands with its disclosures."""
        return hull([self.token.span, *(part.span for part in self.token.disclosures)])

    def written_at(self, span: Span) -> str:
        """Return the document's text under ``span``, which lies inside `whole`."""
        return span.shift(-self.token.span.start).slice(self.written)

    def header_span(self, name: str | None = None) -> Span:
        """Return where the header parameter ``name`` stands, or the header as a whole.

        In a printed token that is the parameter's value; encoded, nobody can see it, and the header is what there is.
        """
        return self._span(SegmentRole.HEADER, name)

    def claim_span(self, name: str | None = None) -> Span:
        """Return where the claim ``name`` stands, or the payload as a whole; see `header_span`."""
        return self._span(SegmentRole.PAYLOAD, name)

    def _span(self, role: SegmentRole, name: str | None) -> Span:
        return self.token.member_span(role) if name is None else self.token.member_span(role, name)


@attrs.frozen
class KeyContext:
    """A JSON Web Key, or a set of them, that stands in a document."""

    document: KeyDocument
    on_disk: bool = True


@attrs.frozen
class LogContext:
    """A known error in a log or response."""

    mention: ErrorMention


@attrs.frozen
class DirectiveContext:
    """One ``claimlens: ignore`` comment and the codes in it (``*`` without a list) that silenced something."""

    directive: Directive
    used: frozenset[str] = frozenset()
