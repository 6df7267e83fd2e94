"""Runs the rules over a document and says when to run them again.

`check` is the whole of it. A token is judged by what it says, what stands right around it, the settings and the time,
and by nothing else; so a judgement stays true when the token moves, and `check` takes over those of an earlier result
as long as their time has not come. That is what makes an edit in a log with thousands of tokens cheap.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property
from itertools import pairwise
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TypeAlias

import attrs

from claimlens.apim.declarations import NOTHING_DECLARED, Declared
from claimlens.jose import scan
from claimlens.jose.model import Token
from claimlens.rules.context import DirectiveContext, Request, TokenContext, Workspace
from claimlens.rules.model import Finding, Rule, Severity
from claimlens.rules.moments import next_change
from claimlens.rules.registry import rules_of
from claimlens.rules.reuse import Standing, untouched
from claimlens.rules.sent_to import host_of_request
from claimlens.rules.severity import severity_of
from claimlens.rules.subjects import LONGEST_SIGN, SUBJECTS
from claimlens.rules.suppression import Directive, directives, ignored_codes, is_ignored, suppress
from claimlens.rules.surroundings import AFTER, BEFORE, relevant, surroundings_of
from claimlens.settings import Settings

if TYPE_CHECKING:
    from claimlens.expectations.model import Expectation
    from claimlens.text.lines import Block
    from claimlens.text.snapshot import Snapshot

_FEW = 100
"""Tokens for which the whole text, which is kept in blocks, need not be put together."""
_SIGNS = re.compile("|".join(["claimlens:", *(sign for subjects in SUBJECTS for sign in subjects.signs)]))


@attrs.frozen
class RuleFailure:
    """A rule that crashed, told without a word of what it looked at.

    Attributes:
        code: the rule's code.
        error_type: the name of the exception's class.
        place: module and line where it was raised, such as ``claimlens.rules.tokens.times:40``.
    """

    code: str
    error_type: str
    place: str = ""


_Said: TypeAlias = tuple[tuple[Finding, ...], tuple[RuleFailure, ...]]
"""What the rules say of a subject: findings, and the rules that crashed."""


@attrs.frozen
class Judgement:
    """What the rules say of one token, wherever it stands.

    Attributes:
        origin: where the token began when it was judged.
        findings: with the severities that the settings give; not yet suppressed.
        next_change: when time alone may change the findings, or None.
        failures: the rules that crashed.
    """

    origin: int
    findings: tuple[Finding, ...] = ()
    next_change: datetime | None = None
    failures: tuple[RuleFailure, ...] = ()

    def holds_at(self, now: datetime) -> bool:
        """Tell whether time has not changed it by ``now``."""
        return self.next_change is None or now < self.next_change


@attrs.frozen(eq=False)
class CheckResult:
    """What the rules say of a document.

    Attributes:
        next_change: when time alone may change the findings, or None: check again then.
        failures: the rules that crashed; each costs its own findings for one subject and nothing else.
    """

    next_change: datetime | None = None
    failures: tuple[RuleFailure, ...] = ()
    _settled: tuple[Finding, ...] | None = attrs.field(default=None, repr=False)
    """The findings, where they are not simply those of the tokens."""
    _standing: Standing = attrs.field(default=Standing(), repr=False)
    _judged: Sequence[tuple[Any, Judgement]] = attrs.field(default=(), repr=False)
    """For each token its key and what was said of it."""
    _settings: Settings | None = attrs.field(default=None, repr=False)
    _expectations: tuple[Expectation, ...] = attrs.field(default=(), repr=False)
    _declared: Declared = attrs.field(default=NOTHING_DECLARED, repr=False)
    _others: Mapping[object, _Said] = attrs.field(factory=dict, repr=False)
    """What was said of further subjects, by what each is known by again."""
    _plain_blocks: frozenset[Block] = attrs.field(default=frozenset(), repr=False)

    @cached_property
    def findings(self) -> tuple[Finding, ...]:
        """The findings in the order of the text."""
        return tuple(sorted((finding.shift(distance) for finding, distance in self.placed()), key=_order))

    def placed(self) -> Iterator[tuple[Finding, int]]:
        """Yield every finding with the distance by which it has to be moved to stand where it belongs.

        Cheaper than `findings` where only some are needed; in the order of the tokens.
        """
        if self._settled is not None:
            yield from ((finding, 0) for finding in self._settled)
            return
        for start, (_, judgement) in zip(self._standing.starts, self._judged, strict=True):
            for finding in judgement.findings:
                yield finding, start - judgement.origin

    @property
    def plain_blocks(self) -> frozenset[Block]:
        """The blocks of the text in which nothing but tokens can be of interest."""
        return self._plain_blocks

    def said_before(self, request: Request) -> Mapping[object, _Said]:
        """Return what was said of further subjects and still holds for those that are the same."""
        holds = self._settings == request.settings and self._declared is request.workspace.declared
        return self._others if holds else {}

    def taken_over(self, request: Request, standing: Standing) -> tuple[Sequence[Any], Sequence[Any], Sequence[Any]]:
        """Return what was said of the tokens at the front and at the back, around which nothing has changed.

        Between them: what was said of the others, which may still hold for a token that is written as one of them was.
        """
        if self._settings != request.settings or self._expectations is not request.workspace.expectations:
            return (), (), ()
        far_reaching = (
            request.will_be_sent and request.workspace.expectations
        )  # a request line changes what is far away
        if far_reaching or (self.next_change and self.next_change <= request.now):
            return (), self._judged, ()
        front, back = untouched(self._standing, standing)
        end = len(self._judged) - back
        return self._judged[:front], self._judged[front:end], self._judged[end:]


def check(
    snapshot: Snapshot,
    settings: Settings,
    now: datetime,
    *,
    tokens: Sequence[Token] | None = None,
    workspace: Workspace | None = None,
    previous: CheckResult | None = None,
) -> CheckResult:
    """Return everything the rules say of a document; never raises, whatever the document holds.

    Args:
        snapshot: the document.
        settings: of its folder.
        now: the moment to judge times at (aware).
        tokens: its tokens, where they are known already; else it is scanned.
        workspace: the folder it belongs to.
        previous: an earlier result of the same document, not later than ``now``, to take judgements over from.
    """
    request = Request(snapshot, settings, now, workspace or Workspace())
    tokens = scan(snapshot.text) if tokens is None else tokens
    standing = Standing.of(snapshot.lines.blocks, tokens)
    front, between, back = (previous or CheckResult()).taken_over(request, standing)
    changed = tokens[len(front) : len(tokens) - len(back)]
    judged = [*front, *_judge_tokens(request, changed, dict(between)), *back]
    plain, has_more = _search(snapshot.lines.blocks, previous)
    result = CheckResult(
        next_change=min((each.next_change for _, each in judged if each.next_change), default=None),
        failures=tuple([failure for _, judgement in judged for failure in judgement.failures]),
        standing=standing,
        judged=judged,
        settings=settings,
        expectations=request.workspace.expectations,
        declared=request.workspace.declared,
        plain_blocks=plain,
    )
    said = previous.said_before(request) if previous else {}
    return _with_the_rest(request, result, said) if has_more or settings.ignore or request.states_something else result


def check_token(context: TokenContext) -> Judgement:
    """Return what the rules say of one token."""
    findings, failures = run_rules(rules_of("token"), context, context.settings)
    return Judgement(context.token.span.start, findings, next_change(context), failures)


def run_rules(
    rules: Iterable[Rule[Any]], context: Any, settings: Settings
) -> tuple[tuple[Finding, ...], tuple[RuleFailure, ...]]:
    """Run ``rules`` over one subject and give their findings the severities that the settings say."""
    findings: list[Finding] = []
    failures: list[RuleFailure] = []
    for rule in rules:
        if severity_of(rule.code, rule.severity, settings) is Severity.OFF:
            continue
        try:
            found = list(rule.check(context))
        except Exception as error:  # a defect in one rule must not cost the others
            failures.append(RuleFailure(rule.code, type(error).__name__, _place(error)))
            continue
        findings += (_weighed(each, settings) for each in found)
    return tuple(findings), tuple(failures)


def _weighed(finding: Finding, settings: Settings) -> Finding:
    severity = severity_of(finding.code, finding.severity, settings)
    return finding if severity is finding.severity else attrs.evolve(finding, severity=severity)


def _judge_tokens(
    request: Request, tokens: Sequence[Token], known: dict[Any, Judgement]
) -> list[tuple[Any, Judgement]]:
    settings, now, lines = request.settings, request.now, request.snapshot.lines
    sent, on_disk = request.will_be_sent, request.on_disk
    near = request.near if tokens else None
    whole = request.snapshot.text if len(tokens) > _FEW else None
    judged = []
    for token in tokens:
        start = token.span.start
        end = token.disclosures[-1].span.end if token.disclosures else token.span.end
        first = max(0, start - BEFORE)
        text = lines.slice(first, end + AFTER) if whole is None else whole[first : end + AFTER]
        before, written = relevant(text[: start - first]), text[start - first : end - first]
        after = text[end - first :] if before else ""
        is_plain = token.text and end - start == len(token.text)
        host = host_of_request(request.snapshot.text, start) if sent and near else None
        key = (token.form.value, before, token.text if is_plain else written, after, sent, on_disk, host)
        judgement = known.get(key)
        if judgement is None or not judgement.holds_at(now):
            surroundings = surroundings_of(before, after, token.span, sent)
            context = TokenContext(token, settings, now, surroundings, on_disk, written, near, host)
            judgement = check_token(context)
            known[key] = judgement  # the same token may stand in hundreds of lines
        judged.append((key, judgement))
    return judged


def _search(blocks: Sequence[Block], previous: CheckResult | None) -> tuple[frozenset[Block], bool]:
    """Look for signs of comments to us and of further subjects, in blocks that no earlier result has searched.

    Returns the blocks without any, and whether a sign stands anywhere, the seams between blocks included.
    """
    known = previous.plain_blocks if previous else frozenset()
    plain = frozenset(block for block in blocks if block in known or not _SIGNS.search(block.text))
    seams = (left.text[-LONGEST_SIGN:] + right.text[:LONGEST_SIGN] for left, right in pairwise(blocks))
    return plain, len(plain) < len(set(blocks)) or any(_SIGNS.search(seam) for seam in seams)


def _with_the_rest(request: Request, result: CheckResult, said: Mapping[object, _Said]) -> CheckResult:
    """Add what is said of further subjects and of comments to us, and leave out what these and the settings silence."""
    others, failed, kept_said = _judge_subjects(request, said)
    kept, failures = _unsuppressed(request, [*result.findings, *others], directives(request.snapshot.text))
    return attrs.evolve(
        result,
        settled=tuple(sorted(kept, key=_order)),
        failures=(*result.failures, *failed, *failures),
        others=kept_said,
    )


def _judge_subjects(
    request: Request, said: Mapping[object, _Said]
) -> tuple[list[Finding], list[RuleFailure], Mapping[object, _Said]]:
    """Judge everything but the tokens; return also what was said of the subjects that can be known again."""
    findings: list[Finding] = []
    failures: list[RuleFailure] = []
    known: dict[object, _Said] = {}
    for subjects in SUBJECTS:
        for context in subjects.find(request):
            same = subjects.same(context)
            found, failed = said.get(same) or run_rules(rules_of(subjects.family), context, request.settings)
            if same is not None:
                known[same] = found, failed
            findings += (subjects.in_file(context, finding) for finding in found)
            failures += failed
    return findings, failures, known


def _unsuppressed(
    request: Request, found: Iterable[Finding], comments: Sequence[Directive]
) -> tuple[list[Finding], tuple[RuleFailure, ...]]:
    """Leave out what was suppressed, and judge the suppressions themselves."""
    settings = request.settings
    ignored = ignored_codes(request.snapshot.uri, request.workspace.root, settings.ignore)
    heard = [finding for finding in found if not is_ignored(finding.code, ignored)] if ignored else found
    if not comments:
        return list(heard), ()
    left = suppress(heard, comments)
    contexts = [DirectiveContext(*pair) for pair in zip(comments, left.used, strict=True)]
    judged = [run_rules(rules_of("suppression"), context, settings) for context in contexts]
    own = [finding for findings, _ in judged for finding in findings if not is_ignored(finding.code, ignored)]
    return [*left.findings, *own], tuple(failure for _, failures in judged for failure in failures)


def _order(finding: Finding) -> tuple[int, int, str]:
    return finding.span.start, finding.span.end, finding.code


def _place(error: Exception) -> str:
    """Return module and line where ``error`` was raised; nothing of its text, which may hold a token."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{PurePath(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace else ""
