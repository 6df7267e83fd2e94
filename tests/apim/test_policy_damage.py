"""One thing that is wrong gives one problem at that place, and the rest of the document keeps its structure."""

from __future__ import annotations

import pytest
from benchmarks.policies import HOSTILE
from hypothesis import given, settings
from hypothesis import strategies as st

from claimlens.apim.document import unparse
from claimlens.apim.model import PROBLEM_CODES
from claimlens.apim.parser import MAX_DEPTH, parse
from claimlens.apim.scanner import MAX_PROBLEMS

BEFORE = "<policies>\n  <inbound>\n    <base />\n"
AFTER = """
    <set-variable name="v" value="@(context.RequestId)" />
  </inbound>
  <outbound>
    <base />
  </outbound>
</policies>
"""

DAMAGE = [
    # (what stands in inbound, code, what is marked, part of the message)
    (
        '<set-header name="a">\n      <value>b</value>',
        "syntax-unclosed-tag",
        "set-header",
        "expected `</set-header>` before `</inbound>` on line 7",
    ),
    (
        "<llm-emit-token-metric>\n      <dimension />\n    </azure-openai-emit-token-metric>",
        "syntax-mismatched-tag",
        "</azure-openai-emit-token-metric>",
        "`</azure-openai-emit-token-metric>` closes `<llm-emit-token-metric>` opened on line 4",
    ),
    ("<set-method>GET</set-metod>", "syntax-mismatched-tag", "</set-metod>", "expected `</set-method>`"),
    ("<set-method>GET<set-method>", "syntax-unclosed-tag", "set-method", "expected `</set-method>`"),
    ("<set-method>GET</set-method", "syntax-unterminated-tag", "</set-method", "expected `>`"),
    ("</return-response>", "syntax-stray-close-tag", "</return-response>", "closes nothing"),
    ("</>", "syntax-stray-close-tag", "</>", "no name"),
    (
        '<choose>\n      <when condition="@(true)">\n        <trace />\n      <otherwise />\n    </choose>',
        "syntax-unclosed-tag",
        "when",
        "before `</choose>` on line 8",
    ),
    ('<trace source="a"\n      <message>b</message>\n    </trace>', "syntax-unterminated-tag", "<trace", "`>` or `/>`"),
    (
        '<trace source="a>\n      <message>b</message>\n    </trace>',
        "syntax-unterminated-value",
        'source="a',
        "`source`",
    ),
    ('<trace source="a severity="b" />', "syntax-unterminated-value", 'source="a', 'expected `"`'),
    ('<trace source="a severity="{{b}}" />', "syntax-unterminated-value", 'source="a', 'expected `"`'),
    (
        '<set-body template="liquid>\n      {"a": "b"}\n    </set-body>',
        "syntax-unterminated-value",
        'template="liquid',
        "`template`",
    ),
    ('<trace source=a" severity="b" />', "syntax-unquoted-value", "source=a", 'expected `source="…"`'),
    ('<trace source="a"severity="b" />', "syntax-missing-space", "s", "white space"),
    ('<trace source severity="b" />', "syntax-attribute-without-value", "source", "no value"),
    ('<trace source="a" , severity="b" />', "syntax-unexpected-text", ",", "Expected an attribute"),
    ('<trace source="a" source="b" />', "syntax-duplicate-attribute", "source", "first on line 4"),
    ('<trace source="a < b" />', "syntax-less-than", "<", "&lt;"),
    ("<set-body>a < b</set-body>", "syntax-less-than", "<", "&lt;"),
    (
        '<trace source="@(a.b(c)" />',
        "syntax-unterminated-expression",
        "@(a.b(c)",
        "expected `)` before the end of `source`",
    ),
    ("<trace source='@(a.b(c)' />", "syntax-unterminated-expression", "@(a.b(c)", "expected `)`"),
    ('<trace source="@(a("b")))" />', "syntax-unbalanced-expression", ")", "this `)` is one too many"),
    ('<trace source="@(a) + b)" />', "syntax-unbalanced-expression", ")", "or a `(` is missing"),
    ("<set-body>@(a) + b)</set-body>", "syntax-unbalanced-expression", ")", "or a `(` is missing"),
    ("<set-body>@{ return a(b; }</set-body>", "syntax-unbalanced-expression", "(", "expected `)`"),
    ("<set-body>@{ return a]; }</set-body>", "syntax-unbalanced-expression", "]", "expected `[`"),
    ('<set-body>@($"{a(b}")</set-body>', "syntax-unbalanced-expression", "(", "expected `)`"),
    (
        '<trace source="@(a("b) + c("d"))" />',
        "syntax-unterminated-expression",
        '@(a("b) + c("d"))',
        "is not closed",
    ),
    (
        "<set-body>@(a.b(c)</set-body>",
        "syntax-unterminated-expression",
        "@(a.b(c)",
        "expected `)` before `</set-body>` on line 4",
    ),
    (
        '<set-body>@{\n      var a = "b;\n      return a;\n    }</set-body>',
        "syntax-unterminated-string-in-expression",
        '"b;',
        "closing quote",
    ),
    ("<set-body>@{ a /* b }</set-body>", "syntax-unterminated-comment-in-expression", "/* b }", "`*/`"),
    ("<!-- set-body", "syntax-unterminated-comment", "<!--", "`-->`"),
    ("<set-body><![CDATA[a", "syntax-unterminated-cdata", "<![CDATA[", "`]]>`"),
    ("<?xml a", "syntax-unterminated-instruction", "<?", "`?>`"),
    ('<!DOCTYPE a [<!ENTITY b "c">]>', "syntax-declaration", '<!DOCTYPE a [<!ENTITY b "c">]>', "document type"),
]


@pytest.mark.parametrize(("fault", "code", "marked", "message"), DAMAGE, ids=[f"{d[1]}: {d[0]}" for d in DAMAGE])
def test_one_fault_is_one_problem_where_it_stands(fault: str, code: str, marked: str, message: str) -> None:
    text = f"{BEFORE}    {fault}{AFTER}"
    document = parse(text)
    problems = [problem for problem in document.problems if problem.code == code]
    assert len(problems) == 1
    if "CDATA" not in fault:  # the element around it is unclosed as well
        assert len(document.problems) == 1
    assert problems[0].span.slice(text) == marked
    assert message in problems[0].message
    assert unparse(document) == text
    inbound, outbound = document.sections()["inbound"], document.sections()["outbound"]
    assert (len(inbound), len(outbound)) == (1, 1)
    assert inbound[0].elements[-1].name == "set-variable"
    assert [element.name for element in outbound[0].elements] == ["base"]
    assert [expression.raw for expression in document.expressions][-1] == "@(context.RequestId)"


def test_a_missing_section_end_leaves_the_sections_side_by_side() -> None:
    document = parse("<policies>\n  <inbound>\n    <base/>\n  <backend>\n    <base/>\n  </backend>\n</policies>")
    assert [problem.code for problem in document.problems] == ["syntax-unclosed-tag"]
    assert list(document.sections()) == ["inbound", "backend"]


@pytest.mark.parametrize(
    ("text", "unclosed"),
    [
        ("<fragment>\n  <choose>\n    <when>\n    </when>\n  </fragment>\n", "choose"),
        ("<policies><inbound>\n<choose><when>\n</when>\n</inbound></policies>", "choose"),
    ],
)
def test_an_indent_that_misleads_is_not_followed(text: str, unclosed: str) -> None:
    (problem,) = parse(text).problems
    assert (problem.code, problem.span.slice(text)) == ("syntax-unclosed-tag", unclosed)


@pytest.mark.parametrize(
    "text", ["<policies><inbound><set-h", '<policies>\n<inbound>\n<set-header name="', "<policies><inbound>"]
)
def test_a_text_that_breaks_off_has_one_problem(text: str) -> None:
    assert len(parse(text).problems) == 1


def test_code_shredded_by_a_formatter_stays_one_value() -> None:
    text = """<rewrite-uri template="@{
        var loc = context.Variables["latlong=""
                                lat=""
                                lng=""
                    forecast=""/{lat},{lng}";}"/>"""
    document = parse(text)
    assert [problem.code for problem in document.problems] == ["syntax-unterminated-string-in-expression"]
    assert [attribute.name for attribute in document.elements[0].attributes] == ["template"]


def test_nothing_expands() -> None:
    document = parse('<!DOCTYPE a [<!ENTITY b "cccc">]><fragment><set-body>&b;</set-body></fragment>')
    assert document.root is not None
    assert document.root.elements[0].children[0].span.slice(document.text) == "&b;"


def test_depth_and_problems_are_bounded() -> None:
    deep = parse("<a>" * 100_000)
    assert len(deep.elements) == MAX_DEPTH
    assert [problem.code for problem in deep.problems] == ["syntax-too-deep"]
    broken = parse("<a>" + "</b>" * 100_000)
    assert len(broken.problems) <= MAX_PROBLEMS + 1
    assert broken.problems[-1].code == "syntax-too-many-problems"


@pytest.mark.parametrize("shape", HOSTILE)
def test_hostile_shapes_are_read_without_loss(shape: str) -> None:
    text = HOSTILE[shape](20_000)
    document = parse(text)
    assert unparse(document) == text
    assert len(document.problems) <= MAX_PROBLEMS + 1


PIECES = st.sampled_from(
    [
        *"<>/\"'@(){}[]$%#&=;:-! \n\r\\ab\u2028\ud800\0\ufeff",
        *("<a>", "</a>", '<a b="', "</", "<!--", "-->", "<![CDATA[", "]]>", "<?", "?>", "<!DOCTYPE"),
        *("@(", "@{", '$"', '@"', '$@"', "//", "/*", "*/", "&quot;", "&#34;"),
        *("{{", "}}", "${", "{%", "%}", '<set-body template="liquid">'),
    ]
)


@given(st.lists(PIECES, max_size=60).map("".join))
@settings(max_examples=300)
def test_any_text_is_read_without_loss(text: str) -> None:
    document = parse(text)
    assert unparse(document) == text
    assert all(0 <= problem.span.start <= problem.span.end <= len(text) for problem in document.problems)
    assert {problem.code for problem in document.problems} <= PROBLEM_CODES
    for element in document.elements:
        document.path_of(element)
        assert element.start < element.open_end <= element.end <= len(text)


POLICY = f"""{BEFORE}    <choose>
      <when condition="@(context.Request.Headers.GetValueOrDefault("a","").StartsWith("b") && 1 < 2)">
        <set-header name="c" exists-action="override">
          <value>@{{ return $"d{{context.Api.Id}}" + @"e"; }}</value>
        </set-header>
        <!-- f -->
        <rewrite-uri template="/g?h=1&i=2" />
      </when>
      <otherwise>
        <return-response />
      </otherwise>
    </choose>{AFTER}"""
CHANGES = st.tuples(st.integers(len(BEFORE), POLICY.index("</choose>")), st.integers(0, 5), PIECES | st.just(""))


@given(CHANGES)
@settings(max_examples=300)
def test_damage_stays_near(change: tuple[int, int, str]) -> None:
    """After one small change, what stands well before it is untouched and the problems are few and not before it."""
    start, length, replacement = change
    text = POLICY[:start] + replacement + POLICY[start + length :]
    document = parse(text)
    assert unparse(document) == text
    assert len(document.problems) <= 4
    assert document.elements[2].name == "base"


def test_the_policy_that_is_damaged_is_sound() -> None:
    assert parse(POLICY).problems == ()
