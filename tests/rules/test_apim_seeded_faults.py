"""Faults put into real policies are found, each on its line and under its code, and nothing else is said.

The files are those of the corpus that ``CLAIMLENS_CORPUS`` names, in which no rule sees an error or a warning; without
it a few policies of the project's own serve.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest

from claimlens.apim.facts import ValueType
from claimlens.apim.model import Attribute, Element
from claimlens.apim.values import value_of
from claimlens.rules.apim.context import Placed, PolicyContext
from claimlens.rules.apim.found import policies_in
from claimlens.rules.context import Request
from claimlens.rules.model import Finding, Severity
from claimlens.settings import Settings
from claimlens.text.snapshot import Snapshot
from claimlens.text.spans import Span
from tests.support.checking import NOW, check_text

CORPUS = Path(os.environ.get("CLAIMLENS_CORPUS", "")) / "apim"
OWN = Path(__file__).parent / "seeded"
MOST_PLACES = 3
"""How many places of one file a kind of fault is tried at."""

JWT = """<validate-jwt header-name="Authorization" require-scheme="Bearer" clock-skew="60">
  <openid-config url="https://login.microsoftonline.com/{{tenant}}/v2.0/.well-known/openid-configuration" />
  <audiences>
    <audience>{{audience}}</audience>
  </audiences>
  <required-claims>
    <claim name="roles">
      <value>Orders.Read</value>
    </claim>
  </required-claims>
</validate-jwt>"""


@attrs.frozen
class Seed:
    """A text with one fault: the code to expect, between these lines (from 0)."""

    text: str = attrs.field(repr=False)
    code: str
    first: int
    last: int


def context_of(text: str) -> PolicyContext:
    return next(iter(policies_in(Request(Snapshot.of(text), Settings(), NOW))))


def line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset)


def replaced(text: str, span: Span, new: str) -> str:
    return text[: span.start] + new + text[span.end :]


def seed(
    context: PolicyContext, span: Span, new: str, code: str, at: int | None = None, end: int | None = None
) -> Seed:
    text = replaced(context.document.text, span, new)
    at = span.start if at is None else at
    return Seed(text, code, line(text, at), line(text, at if end is None else end))


def chosen(candidates: list[Placed]) -> list[Placed]:
    step = max(1, len(candidates) // MOST_PLACES)
    return candidates[::step][:MOST_PLACES]


def misspelt_policy(context: PolicyContext) -> Iterator[Seed]:
    slips: list[Callable[[str], str]] = [
        lambda name: name[:2] + name[3:],
        lambda name: name[:1] + name[2] + name[1] + name[3:],
        lambda name: name + "s",
        lambda name: name.replace("-", "", 1) if "-" in name else name[:-1],
        lambda name: name.capitalize(),
    ]
    policies = [
        each for each in context.placed if each.direct and each.fact is not None and each.element.name != "base"
    ]
    for number, placed in enumerate(chosen(policies)):
        element = placed.element
        name = slips[(number + len(element.name)) % len(slips)](element.name)
        if name == element.name:  # two letters that are alike, swapped
            continue
        text = context.document.text
        close = element.close_tag_span
        if close is not None:
            text = replaced(text, Span(close.start + 2, close.start + 2 + len(element.name)), name)
        text = replaced(text, element.name_span, name)
        yield Seed(text, "apim-unknown-policy", line(text, element.start), line(text, element.start))


def _inserted(
    context: PolicyContext, section: str, markup: str, code: str, marker: str, most: int = 1
) -> Iterator[Seed]:
    for element in context.document.sections().get(section, ())[:most]:
        if element.self_closing or element.close_start < 0:
            continue
        at = element.elements[-1].end if element.elements else element.open_end
        text = replaced(context.document.text, Span(at, at), f"\n{markup}")
        place = at + 1 + markup.index(marker)
        yield Seed(text, code, line(text, place), line(text, place))


def wrong_section(context: PolicyContext) -> Iterator[Seed]:
    code = "apim-wrong-section"
    yield from _inserted(context, "outbound", JWT, code, "<validate-jwt")
    yield from _inserted(context, "inbound", '<jsonp callback-parameter-name="cb" />', code, "<jsonp")
    yield from _inserted(context, "on-error", '<rewrite-uri template="/a" />', code, "<rewrite-uri")
    if not context.document.sections().get("backend", (None,))[0]:
        return
    yield from _inserted(context, "backend", '<cache-store duration="5" />', code, "<cache-store")


def _attributes(context: PolicyContext) -> Iterator[tuple[Placed, Attribute]]:
    for placed in context.placed:
        for attribute in placed.element.attributes if placed.fact is not None else ():
            yield placed, attribute


def missing_attribute(context: PolicyContext) -> Iterator[Seed]:
    needed = [
        placed
        for placed in context.placed
        if placed.fact and any(placed.element.attribute(each.name) for each in placed.fact.required_attributes)
    ]
    for placed in chosen(needed):
        assert placed.fact is not None
        found = (placed.element.attribute(each.name) for each in placed.fact.required_attributes)
        attribute = next(each for each in found if each is not None)
        span = Span(attribute.start - 1, attribute.end)
        yield seed(context, span, "", "apim-missing-attribute", at=placed.element.start)


def bad_value(context: PolicyContext) -> Iterator[Seed]:
    count = 0
    for placed, attribute in _attributes(context):
        fact = placed.fact.attributes.get(attribute.name) if placed.fact is not None else None
        typed = fact is not None and fact.type in (ValueType.ENUMERATION, ValueType.BOOLEAN)
        if typed and attribute.name != "condition" and value_of(attribute).is_literal and count < MOST_PLACES:
            count += 1
            new = ("bogus", "", attribute.raw + "x")[count % 3]
            yield seed(context, attribute.value_span, new, "apim-bad-value")


def unknown_attribute(context: PolicyContext) -> Iterator[Seed]:
    for number, placed in enumerate(chosen([each for each in context.placed if each.fact is not None])):
        end = placed.element.attributes[-1].end if placed.element.attributes else placed.element.name_span.end
        name = ("bogus", "nmae", "enabled-x")[number % 3]
        yield seed(context, Span(end, end), f' {name}="1"', "apim-unknown-attribute", at=end + 1)


def _closed(context: PolicyContext) -> list[Element]:
    elements = [each.element for each in context.placed if each.element.close_start >= 0]
    elements = [
        each for each in elements if line(context.document.text, each.start) != line(context.document.text, each.end)
    ]
    return elements[:: max(1, len(elements) // MOST_PLACES)][:MOST_PLACES]


def unclosed_tag(context: PolicyContext) -> Iterator[Seed]:
    for element in _closed(context):
        span = element.close_tag_span
        assert span is not None
        yield seed(context, span, "", "apim-syntax-unclosed-tag", at=element.start)


def mismatched_tag(context: PolicyContext) -> Iterator[Seed]:
    for number, element in enumerate(_closed(context)):
        span = element.close_tag_span
        assert span is not None
        name = (element.name + "x", "other-name", element.name[:-1])[number % 3]
        yield seed(context, span, f"</{name}>", "apim-syntax-mismatched-tag")


def unbalanced_parenthesis(context: PolicyContext) -> Iterator[Seed]:
    code = "apim-syntax-unbalanced-expression"
    usable = [each for each in context.codes if "(" in each.bare and ")" in each.bare and not each.expression.escaped]
    for number, each in enumerate(usable[:: max(1, len(usable) // MOST_PLACES)][:MOST_PLACES]):
        span = each.expression.span
        where = each.bare.rindex(")") if number % 2 else each.bare.index("(")
        yield seed(context, each.place(where, where + 1), "", code, at=span.start, end=span.end)


def swapped_order(context: PolicyContext) -> Iterator[Seed]:
    code = "apim-child-order"
    lines = JWT.splitlines()
    swapped = "\n".join([lines[0], *lines[2:5], lines[1], *lines[5:]])
    yield from _inserted(context, "inbound", swapped, code, "<openid-config")
    later = "\n".join([lines[0], lines[1], *lines[5:10], *lines[2:5], lines[10]])
    yield from _inserted(context, "inbound", later, code, "<audiences")
    for element in context.named("choose"):
        children = element.elements
        if len(children) > 1 and children[-1].name == "otherwise":
            text, last = context.document.text, children[-1]
            moved = last.span.slice(text) + "\n"
            without = replaced(text, last.span, "")
            result = replaced(without, Span(children[0].start, children[0].start), moved)
            place = children[0].start + len(moved)
            yield Seed(result, code, line(result, place), line(result, place))
            return


def two_token_sources(context: PolicyContext) -> Iterator[Seed]:
    code = "apim-token-source-count"
    twice = JWT.replace('header-name="Authorization"', 'header-name="Authorization" query-parameter-name="t"')
    yield from _inserted(context, "inbound", twice, code, "query-parameter-name")
    azure = '<validate-azure-ad-token tenant-id="{{t}}" header-name="A" token-value="@("x")">'
    azure += "<audiences><audience>a</audience></audiences></validate-azure-ad-token>"
    yield from _inserted(context, "inbound", azure, code, "token-value")


def clock_skew(context: PolicyContext) -> Iterator[Seed]:
    wrong = JWT.replace('clock-skew="60"', 'clock-skew="00:05:00"')
    yield from _inserted(context, "inbound", wrong, "apim-clock-skew-format", "clock-skew")


def missing_well_known(context: PolicyContext) -> Iterator[Seed]:
    for url in (
        "https://login.microsoftonline.com/{{tenant}}/v2.0/",
        "https://login.example.com",
        "https://sts.windows.net/t",
    ):
        wrong = JWT.replace("https://login.microsoftonline.com/{{tenant}}/v2.0/.well-known/openid-configuration", url)
        yield from _inserted(context, "inbound", wrong, "apim-openid-url", "url=")


KINDS: list[Callable[[PolicyContext], Iterator[Seed]]] = [
    misspelt_policy,
    wrong_section,
    missing_attribute,
    bad_value,
    unknown_attribute,
    unclosed_tag,
    mismatched_tag,
    unbalanced_parenthesis,
    swapped_order,
    two_token_sources,
    clock_skew,
    missing_well_known,
]


def serious(text: str) -> list[Finding]:
    result = check_text(text)

    assert result.failures == ()
    return [each for each in result.findings if each.severity in (Severity.ERROR, Severity.WARNING)]


def clean_texts() -> list[tuple[str, str]]:
    folder = CORPUS if CORPUS.is_dir() else OWN
    texts = [(path.name, path.read_text(encoding="utf-8-sig", errors="replace")) for path in sorted(folder.iterdir())]
    found = [(name, text) for name, text in texts if any(policies_in(Request(Snapshot.of(text), Settings(), NOW)))]
    return [(name, text) for name, text in found if not serious(text)]


@pytest.fixture(scope="module")
def clean() -> list[tuple[str, str]]:
    return clean_texts()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_faults_are_found_on_their_line_and_nothing_else_is_said(
    kind: Callable[[PolicyContext], Iterator[Seed]], clean: list[tuple[str, str]]
) -> None:
    outcome: Counter[str] = Counter()
    missed = []
    for name, text in clean:
        for planted in kind(context_of(text)):
            findings = serious(planted.text)
            right = [
                each
                for each in findings
                if each.code == planted.code and planted.first <= line(planted.text, each.span.start) <= planted.last
            ]
            kind_of_result = "missed" if not right else "alone" if len(findings) == 1 else "with others"
            outcome[kind_of_result] += 1
            if kind_of_result != "alone":
                said = [(each.code, line(planted.text, each.span.start) + 1) for each in findings]
                missed.append((kind_of_result, name, planted.first + 1, said[:4]))
    total = outcome.total()

    assert total >= (50 if CORPUS.is_dir() else 1)
    assert outcome["missed"] <= 0.03 * total, missed
    assert outcome["alone"] >= 0.95 * total, missed
