"""Findings, and the rules that yield them."""

from __future__ import annotations

import enum
import inspect
from collections.abc import Callable, Iterable
from typing import Any, Generic, TypeVar

import attrs

from claimlens.text.spans import Span


class Severity(enum.StrEnum):
    """How much a finding matters. ``OFF`` is a setting only: no finding has it."""

    OFF = "off"
    HINT = "hint"
    INFORMATION = "information"
    WARNING = "warning"
    ERROR = "error"


class Tag(enum.StrEnum):
    """How an editor may draw the range of a finding."""

    UNNECESSARY = "unnecessary"
    DEPRECATED = "deprecated"


@attrs.frozen
class Edit:
    """Replace the text under ``span`` by ``new_text`` (repr hides the text: it may hold a token)."""

    span: Span
    new_text: str = attrs.field(repr=False)

    def shift(self, distance: int) -> Edit:
        """Return the same change ``distance`` code points further on."""
        return Edit(self.span.shift(distance), self.new_text)


@attrs.frozen
class Fix:
    """A change that mends a finding.

    Attributes:
        title: what it does, in the imperative: ``Add /.well-known/openid-configuration``.
        edits: the changes, not overlapping.
        preferred: whether an editor may apply it without asking which.
        path: the file or document URI to change, or None for the document of the finding.
    """

    title: str
    edits: tuple[Edit, ...]
    preferred: bool = False
    path: str | None = None

    def shift(self, distance: int) -> Fix:
        """Return the fix for the finding's document moved on; one for another document stays."""
        if self.path is not None:
            return self
        return Fix(self.title, tuple(edit.shift(distance) for edit in self.edits), self.preferred)


@attrs.frozen
class Related:
    """Another place that belongs to a finding. ``path`` is a file or document URI, None for the same document."""

    message: str
    span: Span
    path: str | None = None

    def shift(self, distance: int) -> Related:
        """Return the place in the finding's document moved on; one in another document stays."""
        return self if self.path is not None else attrs.evolve(self, span=self.span.shift(distance))


@attrs.frozen
class Finding:
    """One judgement about a place in a document.

    Attributes:
        code: the rule's code, such as ``jwt-expired``.
        severity: never ``OFF``.
        message: one or two sentences for people; holds no token text.
        span: the place.
        cause: the public cause code (``token-expired``) that this finding is evidence of, or None.
        related: other places that belong to it.
        fixes: changes that mend it.
        tags: how to draw it.
    """

    code: str
    severity: Severity
    message: str
    span: Span
    cause: str | None = None
    related: tuple[Related, ...] = ()
    fixes: tuple[Fix, ...] = ()
    tags: tuple[Tag, ...] = ()

    def shift(self, distance: int) -> Finding:
        """Return the same finding ``distance`` code points further on, with all that belongs to it.

        Written out in place of `attrs.evolve`, which is slow: an edit moves thousands of findings.
        """
        return Finding(
            self.code,
            self.severity,
            self.message,
            self.span.shift(distance),
            self.cause,
            tuple(place.shift(distance) for place in self.related) if self.related else (),
            tuple(fix.shift(distance) for fix in self.fixes) if self.fixes else (),
            self.tags,
        )


Subject = TypeVar("Subject")


@attrs.frozen
class Rule(Generic[Subject]):
    """A check, its code, and its documentation.

    Attributes:
        code: stable, lower case, prefixed by family: ``jwt-``, ``apim-``, ``config-``, ``log-``.
        severity: what findings have when settings say nothing.
        summary: one sentence without a full stop.
        cause: the cause code its findings are evidence of, or None.
        check: yields findings for one subject (the type of the argument says which kind: a token, a policy, …).
    """

    code: str
    severity: Severity
    summary: str
    cause: str | None
    check: Callable[[Subject], Iterable[Finding]] = attrs.field(repr=False)

    @property
    def documentation(self) -> str:
        """The docstring of the check: Markdown that says why it matters and how to fix it, with examples."""
        return inspect.getdoc(self.check) or ""

    def finding(self, message: str, span: Span, **more: Any) -> Finding:
        """Return a finding of this rule with its default severity and cause, both of which ``more`` may change."""
        more.setdefault("severity", self.severity)
        more.setdefault("cause", self.cause)
        return Finding(code=self.code, message=message, span=span, **more)


def rule(
    code: str, severity: Severity, summary: str, *, cause: str | None = None
) -> Callable[[Callable[[Subject], Iterable[Finding]]], Rule[Subject]]:
    """Make the decorated check a `Rule`; its docstring becomes the rule's page.

    >>> @rule("jwt-example", Severity.HINT, "An example")
    ... def jwt_example(subject):
    ...     '''Why it matters …'''
    ...     yield jwt_example.finding("Said in one sentence.", subject.span)
    """

    def wrap(check: Callable[[Subject], Iterable[Finding]]) -> Rule[Subject]:
        return Rule(code=code, severity=severity, summary=summary, cause=cause, check=check)

    return wrap
