"""Policies read as the service reads them: raw expressions, templates, odd but sound markup."""

from __future__ import annotations

import pytest

from claimlens.apim.document import PolicyDocument, unparse
from claimlens.apim.model import CData, Comment, Element, ExpressionKind, ProcessingInstruction, Text
from claimlens.apim.parser import parse
from claimlens.apim.values import PlaceholderKind, named_values, text_of, value_of
from claimlens.text.spans import Span

CODE = [
    # every construct that may hold a character that would otherwise end the expression, or the value around it
    '@(context.Request.Headers.GetValueOrDefault("a)", ""))',
    "@(a < b && c > d || e <= f)",
    '@("a\\")" + ")")',
    '@(@"c:\\" + @"a "" ) b")',
    '@($"{a["b)"]}) {{x}} {c:0.00}" + $"")',
    '@($@"a ""{b($"{c}")}"" )")',
    "@(a[0] == ')' || b == '\\'' || c == '\"')",
    '@{ // it\'s ) not } the "end\n return "a"; }',
    '@{ /* } " */ return new Dictionary<string, List<int>>() {{ "a", b }}; }',
    "@(JObject.Parse(body)['a'])",
    '@("{{named}}" + {{number}})',
    '@{\r\n  for (int i = 0; i < n; i++) { if (a > b) { return "<a b=\\"c\\"/>"; } }\r\n  return "</a>";\r\n}',
    "@(&quot;)&quot; + @&quot;\\&quot; + $&quot;{a(&#34;b&#34;)}&quot;)",
    "@(a &lt; b &amp;&amp; c == &quot;d \\&quot;)&quot;)",
    "@(a // b )&#10; + c)",
]


def only_expression(document: PolicyDocument) -> str:
    assert document.problems == ()
    (expression,) = document.expressions
    assert expression.terminated
    assert expression.span.slice(document.text) == expression.raw
    assert expression.code_span.slice(document.text) == expression.code
    return expression.raw


@pytest.mark.parametrize("code", CODE)
def test_an_expression_ends_where_its_bracket_does(code: str) -> None:
    in_value = parse(f'<policies><inbound><a b="{code}" c="d"/><e/></inbound></policies>')
    assert only_expression(in_value) == code
    first, second = in_value.sections()["inbound"][0].elements
    assert [attribute.name for attribute in first.attributes] == ["b", "c"]
    assert value_of(first.attributes[0]).is_expression
    assert second.name == "e"
    assert only_expression(parse(f"<a b=' {code}'/>" if "'" not in code else f'<a b=" {code} "/>')) == code
    assert only_expression(parse(f"<a>\n  {code}\n</a>")) == code


def test_an_expression_knows_how_it_is_written() -> None:
    document = parse("<a b='@(x == \"y\")' c='@{ return 1; }' d='@(&quot;e&quot;)' f='@(g(\"&lt;\"))'/>")
    assert [expression.kind for expression in document.expressions][:2] == [ExpressionKind.SINGLE, ExpressionKind.MULTI]
    assert [expression.escaped for expression in document.expressions] == [False, False, True, False]


@pytest.mark.parametrize(
    "markup",
    [
        '<rewrite-uri template="/a?b=1&c={d}&amp;e" />',
        "<authentication-basic username={{user}} password={{password}} />",
        '<a b="${c["d"]}" e="#{f}#" g="%{ if h }i%{ endif }"/>',
        '<retry count="{retry_count}" {extra} />',
        "<!-- <!-- a -->",
        "<!-- a -- b -->",
        "<a>%{ if x < 3 }<b/>%{ endif }</a>",
        '<set-body template="liquid">{"a": "{{body.b}}", {% if c < d %}"e": "{{ "<f>" }}"{% endif %}}</set-body>',
        "<a\n  b = 'c'\n/>",
        "<a b='c>d'>e > f & g &nbsp; &#xe9;</a>",
        "<soap:Envelope xmlns:soap='http://a'><soap:Body/></soap:Envelope>",
        "<é ü='ß'/>",
        "a@b.example user@(c) @@(d",
        "\ufeff<?xml version='1.0'?>\r\n<a/>\r",
        "<![CDATA[<a>@(]]>",
    ],
)
def test_what_the_service_accepts_is_no_problem(markup: str) -> None:
    document = parse(f"<x>{markup}</x>")
    assert document.problems == ()
    assert unparse(document) == document.text
    assert document.root is not None
    assert document.root.close_tag_span is not None


def test_every_kind_of_node_has_its_place() -> None:
    text = '<?xml version="1.0"?><a b="c"><!--d--><e/>f<![CDATA[g]]></a>'
    document = parse(text)
    instruction, root = document.nodes
    assert isinstance(instruction, ProcessingInstruction)
    assert isinstance(root, Element)
    assert root.open_tag_span.slice(text) == '<a b="c">'
    assert root.close_tag_span == Span(len(text) - 4, len(text))
    assert root.name_span.slice(text) == "a"
    assert root.content_span.slice(text) == "<!--d--><e/>f<![CDATA[g]]>"
    (attribute,) = root.attributes
    assert [span.slice(text) for span in (attribute.span, attribute.name_span, attribute.value_span)] == [
        'b="c"',
        "b",
        "c",
    ]
    comment, empty, words, section = root.children
    assert isinstance(comment, Comment)
    assert comment.content_span.slice(text) == "d"
    assert isinstance(empty, Element)
    assert empty.self_closing
    assert empty.close_tag_span is None
    assert isinstance(words, Text)
    assert words.raw == "f"
    assert isinstance(section, CData)
    assert section.content_span.slice(text) == "g"


POLICY = """<policies>
  <inbound>
    <choose>
      <when condition="@(a)"><trace/></when>
      <when condition="@(b)"><trace/><trace/></when>
    </choose>
    <choose/>
  </inbound>
  <on-error />
</policies>"""


def test_paths_are_those_of_last_error() -> None:
    document = parse(POLICY)
    assert [document.path_of(element) for element in document.elements] == [
        "policies[1]",
        "policies[1]/inbound[1]",
        "choose[1]",
        "choose[1]/when[1]",
        "choose[1]/when[1]/trace[1]",
        "choose[1]/when[2]",
        "choose[1]/when[2]/trace[1]",
        "choose[1]/when[2]/trace[2]",
        "choose[2]",
        "policies[1]/on-error[1]",
    ]
    fragment = parse("<fragment><a/><a/></fragment>")
    assert [fragment.path_of(element) for element in fragment.elements] == ["fragment[1]", "a[1]", "a[2]"]


def test_sections_and_what_stands_around() -> None:
    document = parse(POLICY)
    assert list(document.sections()) == ["inbound", "on-error"]
    trace = document.elements[4]
    assert document.section_of(trace) == "inbound"
    assert [element.name for element in document.ancestors(trace)] == ["when", "choose", "inbound", "policies"]
    assert document.section_of(document.elements[0]) is None
    assert parse("<inbound/>").sections() == {}


def test_sections_without_a_root() -> None:
    document = parse("<inbound><trace/><choose><when/></choose></inbound>\n<on-error><trace/></on-error>")
    assert [(document.section_of(element), document.path_of(element)) for element in document.elements] == [
        ("inbound", "inbound[1]"),
        ("inbound", "trace[1]"),
        ("inbound", "choose[1]"),
        ("inbound", "choose[1]/when[1]"),
        ("on-error", "on-error[1]"),
        ("on-error", "trace[1]"),
    ]
    inside = parse("<when><inbound/></when>")
    assert inside.section_of(inside.elements[1]) is None


@pytest.mark.parametrize(
    ("before", "name"),
    [
        ("<poli", "policies"),
        ("<policies>\n ", "policies"),
        ("<when", "when"),
        ('<when condition="@(', "when"),
        ('<when condition="@(a)"><tra', "trace"),
        ("<on-error", "on-error"),
        ("</choo", "choose"),
    ],
)
def test_the_element_at_an_offset(before: str, name: str) -> None:
    document = parse(POLICY)
    element = document.element_at(POLICY.index(before) + len(before))
    assert element is not None
    assert element.name == name


def test_what_stands_at_an_offset() -> None:
    document = parse(POLICY)
    offset = POLICY.index("(b)")
    attribute, expression = document.attribute_at(offset), document.expression_at(offset)
    assert attribute is not None
    assert expression is not None
    assert (attribute.name, attribute.raw, expression.code) == ("condition", "@(b)", "b")
    assert document.element_at(0) is None
    assert document.attribute_at(POLICY.index("<trace")) is None
    assert document.expression_at(0) is None
    assert isinstance(document.node_at(POLICY.index("\n")), Text)
    assert document.node_at(len(POLICY) + 1) is None


def test_entities_are_decoded_with_the_way_back() -> None:
    text = '<a b="&lt;c&#x1F600;&amp;d&nope;&#0;"/>'
    value = value_of(parse(text).elements[0].attributes[0])
    assert value.text == "<c\U0001f600&d&nope;&#0;"
    assert value.place(1, 2).slice(text) == "c"
    assert value.place(2, 3).slice(text) == "&#x1F600;"
    assert value.place(4, 5).slice(text) == "d"
    assert value.place(0, len(value.text)) == value.span
    assert value.is_literal


def test_entities_in_a_raw_expression_are_code() -> None:
    document = parse("<a b='@(c(\"&lt;\"))' d='@(&quot;&lt;&quot;)'/>")
    raw, escaped = map(value_of, document.elements[0].attributes)
    assert raw.text == '@(c("&lt;"))'
    assert escaped.text == '@("<")'


def test_placeholders_are_told_apart() -> None:
    text = '<a b="{{named-1}}/${t.x}/#{o}#/{f}/{not one}"/>'
    value = value_of(parse(text).elements[0].attributes[0])
    assert [(item.kind, item.name) for item in value.placeholders] == [
        (PlaceholderKind.NAMED_VALUE, "named-1"),
        (PlaceholderKind.TERRAFORM, "t.x"),
        (PlaceholderKind.DEVOPS, "o"),
        (PlaceholderKind.FORMAT, "f"),
    ]
    assert [item.name_span.slice(text) for item in value.placeholders] == ["named-1", "t.x", "o", "f"]
    assert value.has_named_value
    assert value.has_template
    assert not value.is_literal


def test_a_brace_in_code_is_no_placeholder() -> None:
    value = value_of(parse('<a b=\'@{ if (x) {y} return $"{z}" + "{{n}}"; }\'/>').elements[0].attributes[0])
    assert [item.name for item in value.placeholders] == ["n"]


def test_named_values_are_found_in_any_text() -> None:
    text = "<!-- {{a}} --><b c='@({{ d }})'>{{e.f}} {{ not a name }}</b>"
    assert [(item.name, item.name_span.slice(text)) for item in named_values(text)] == [
        (n, n) for n in ("a", "d", "e.f")
    ]


def test_the_text_of_an_element_is_without_blanks() -> None:
    document = parse("<a><b>\n  c &amp; d\n</b><e><![CDATA[<f>]]></e><g/><h><!-- i -->\n@(j)</h></a>")
    values = [text_of(element) for element in document.elements[1:]]
    assert [value.text for value in values] == ["c & d", "<f>", "", "@(j)"]
    assert [value.span.slice(document.text) for value in values] == ["c &amp; d", "<f>", "", "@(j)"]
    assert values[3].is_expression


def test_expressions_in_comments_are_found_apart() -> None:
    document = parse('<!-- a@(b) <c d="@(e("f)"))"/> @{ g } @(h --><i>@(j)</i>')
    assert [(item.raw, item.terminated) for item in document.comment_expressions] == [
        ('@(e("f)"))', True),
        ("@{ g }", True),
        ("@(h ", False),
    ]
    assert [item.raw for item in document.expressions] == ["@(j)"]
    assert document.problems == ()
