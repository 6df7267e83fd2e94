"""A policy is found by what it holds, wherever it stands, with the exact way back to its file."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimlens.apim.model import Element
from claimlens.apim.sources import PolicySource, SourceKind, find_policies, linked_files, policies_in_markdown
from claimlens.text.spans import Span

POLICY = """<policies>
  <inbound>
    <set-header name="a"><value>@("b\\\\c" + 'd' + "é\U0001f600")</value></set-header>
  </inbound>
</policies>
"""


def only(text: str, path: str | None = None) -> PolicySource:
    (found,) = find_policies(text, path)
    return found


def named(source: PolicySource, name: str) -> Element:
    return next(element for element in source.document.elements if element.name == name)


POLICIES = [
    POLICY,
    "<policies><inbound /></policies>",
    "\ufeff<?xml version='1.0'?>\n<!-- <a> -->\n<policies><inbound/></policies>",
    "%{ if x }\n<policies><backend><base /></backend></policies>",
    "<fragment><set-method>GET</set-method></fragment>",
    "<set-header name='a' />",
    '<choose><when condition="@(true)" /></choose>',
    "<http-data-source><http-request /></http-data-source>",
    "<policies><inbound><set-header </inbound></policies>",
    "<inbound><set-method>GET</set-method></inbound>\n<outbound><base /></outbound>",
    '<quota calls="5" renewal-period="60" />',
    "<polices><inbound /></polices>",
    "<Fragment><set-method>GET</set-method></Fragment>",
    "<ip-filtr action='allow'><address>10.0.0.1</address></ip-filtr>",
    "<set-heder name='a' />",
    "<Set-header name='a' />",
    "<xsl-transfrom><parameter name='a'>@(1)</parameter><xsl:stylesheet /></xsl-transfrom>",
    '<chose><when condition="@(true)" /></chose>',
    "<<<<<<< HEAD\n<policies><inbound /></policies>\n=======\n<policies />\n>>>>>>> other",
]
NO_POLICIES = [
    "",
    "policies inbound set-header",
    "<html><body><policies/></body></html>",
    "<policies><policy name='a'/></policies>",
    "<policies/>",
    "<policies><inbound><rule/></inbound></policies>",
    "<fragment><p>text</p></fragment>",
    "<fragment/>",
    "<choose><xsl:when test='a'/></choose>",
    "<cors/>",
    "<quota calls='5'/>",
    "<Policies><policy-set/></Policies>",
    "<Fragment><p>set-header</p></Fragment>",
    "<set-heder label='a' />",
    "<set-heder/>",
    "<chose><when/></chose>",
    "<ip-filters><ip-list/></ip-filters>",
    "<inbound><mail-server/></inbound>",
    "<backend>text</backend>",
    "<<<<<< HEAD\n<policies><inbound /></policies>",
    "# Title\n\n<policies><inbound/></policies>",
    "<my-element/>",
]


@pytest.mark.parametrize("text", POLICIES)
@pytest.mark.parametrize("path", [None, "a.xml", "a.cshtml", "a.xml.tpl"])
def test_a_policy_is_recognised_by_what_it_holds(text: str, path: str | None) -> None:
    source = only(text, path)
    assert (source.kind, source.text, source.span) == (SourceKind.XML, text, Span(0, len(text)))
    assert source.host_span(Span(3, 7)) == Span(3, 7)
    assert source.encode('"\n') == '"\n'


@pytest.mark.parametrize("text", NO_POLICIES)
@pytest.mark.parametrize("path", [None, "a.xml"])
def test_other_markup_is_not_claimed(text: str, path: str | None) -> None:
    assert find_policies(text, path) == ()


def arm(expression: str) -> str:
    return json.dumps({"é": 1, "properties": {"value": expression, "format": "rawxml"}}, ensure_ascii=False, indent=2)


CONCATENATED = (
    """[concat('<policies><inbound><set-header name="é\U0001f600" exists-action="skip">\n<value>it''s ', """
    "parameters('value'), '!</value></set-header></inbound></policies>')]"
)
FORMATTED = (
    """[ format ('<policies><inbound><set-header name="{0}" exists-action="skip">\n<value>{{{{a-b}}}} ''{1:D}''"""
    "</value></set-header></inbound></policies>', parameters('name'), variables('x'))]"
)
BETWEEN = (
    "[concat(variables('x'), '<policies><inbound><base />', if(equals(1, 2), '<a>, (', ''), "
    """'<set-header name="a"><value>1</value></set-header></inbound></policies>', variables('y'))]"""
)
ARM_EXPRESSIONS = [
    (CONCATENATED, "it's ${parameters('value')}!"),
    (FORMATTED, "{{a-b}} '${1:D}'"),
    (BETWEEN, "1"),
]


@pytest.mark.parametrize(("expression", "value"), ARM_EXPRESSIONS)
def test_a_policy_that_an_arm_template_puts_together(expression: str, value: str) -> None:
    host = arm(expression)
    source = only(host, "template.json")
    assert not source.document.problems
    element = named(source, "value")
    assert element.content_span.slice(source.text) == value
    assert source.format == "rawxml"
    written = source.host_span(named(source, "set-header").name_span)
    assert written.slice(host) == "set-header"
    for offset, character in enumerate(source.text):
        there = source.host_offset(offset)
        if host[there] == character and character.isalpha() and source.host_offset(offset + 1) == there + 1:
            assert source.policy_offset(there) == offset


@pytest.mark.parametrize(("expression", "value"), ARM_EXPRESSIONS)
def test_what_is_written_into_an_arm_expression_is_read_back(expression: str, value: str) -> None:
    host = arm(expression)
    source = only(host, "template.json")
    inside = named(source, "value").content_span
    span, text = source.host_span(inside), value + ' isn\'t {{x}} "y"'
    changed = only(host[: span.start] + source.encode(text) + host[span.end :], "template.json")
    assert named(changed, "value").content_span.slice(changed.text) == text
    assert json.loads(host[: span.start] + source.encode(text) + host[span.end :])


@given(st.text(alphabet="concatformat[]()',{}01<>/ policies\\\"", max_size=60))
def test_no_expression_makes_reading_fail(text: str) -> None:
    for expression in (text, f"[concat('<policies><inbound/>{text}", f"[format('<policies><inbound/>{text}')]"):
        for source in find_policies(json.dumps({"value": expression}), "a.json"):
            assert source.host_span(Span(0, len(source.text))) == source.span


@pytest.mark.parametrize("fence", ["```xml", "~~~", "````", "  ```html title"])
def test_policies_in_the_examples_of_markdown(fence: str) -> None:
    closing = fence.strip().rstrip("xmlhtie ")
    text = (
        f"# Policies\r\n<policies>\n\n{fence}\n{POLICY}{closing}\n\n- item\n  ```\n  <base />\n  ```\n{fence}\n{POLICY}"
    )
    first, second = policies_in_markdown(text)
    assert (first.kind, first.text) == (SourceKind.MARKDOWN, POLICY)
    assert second.text == POLICY
    assert first.host_span(named(first, "inbound").name_span).slice(text) == "inbound"
    assert find_policies(text, "readme.md") == ()


def bicep_string(policy: str) -> str:
    return "'" + policy.replace("\\", "\\\\").replace("'", "\\'").replace("\n", "\\n") + "'"


HOSTS = [
    (
        f"// don't '''\nresource p 'a' = {{\n  format: 'rawxml'\n  value: '''\n{POLICY}'''\n}}\n",
        "main.bicep",
        SourceKind.BICEP,
    ),
    (f"/* ' */ var a = '${{b('c')}}'\nvar policy = {bicep_string(POLICY)}\n", "main.bicep", SourceKind.BICEP),
    (json.dumps({"format": "rawxml", "value": POLICY}), "azuredeploy.json", SourceKind.ARM_JSON),
    (json.dumps({"value": POLICY}, ensure_ascii=False, indent=2), None, SourceKind.ARM_JSON),
    (json.dumps({"value": POLICY}).replace("<", "\\u003c"), None, SourceKind.ARM_JSON),
    (f'# "\n  xml_content = <<XML\n{POLICY}XML\n', "main.tf", SourceKind.TERRAFORM),
    (f'a = "b"\n  xml_content = <<-EOT\n{POLICY}  EOT\n', None, SourceKind.TERRAFORM),
    (f"xml_content = {json.dumps(POLICY, ensure_ascii=False)}\n", "main.tf", SourceKind.TERRAFORM),
]


@pytest.mark.parametrize(("host", "path", "kind"), HOSTS, ids=[f"{host[2]} {n}" for n, host in enumerate(HOSTS)])
def test_a_policy_in_a_string_maps_back_exactly(host: str, path: str | None, kind: SourceKind) -> None:
    source = only(host, path)
    assert source.kind is kind
    assert source.text.strip() == POLICY.strip()
    assert source.document.problems == ()
    for name in ("policies", "set-header", "value"):
        span = named(source, name).name_span
        assert source.host_span(span).slice(host) == name
        assert source.policy_offset(source.host_span(span).start) == span.start
    assert source.span.end < len(host)
    assert source.policy_offset(0) is None


def test_the_format_written_beside_is_kept() -> None:
    assert [only(host, path).format for host, path, _ in HOSTS[:4]] == ["rawxml", None, "rawxml", None]


@given(
    st.lists(st.sampled_from(["a", "\n", '"', "'", "\\", "é", "\U0001f600", "${", "\t", "&lt;"]), max_size=20).map(
        "".join
    )
)
def test_a_replacement_is_encoded_so_that_it_reads_back(addition: str) -> None:
    for host, path, _ in HOSTS[1:3]:
        source = only(host, path)
        place = source.host_span(named(source, "set-header").span)
        changed = host[: place.end] + source.encode(f"<!--{addition}-->") + host[place.end :]
        assert f"</set-header><!--{addition}-->" in only(changed, path).text


@given(st.integers(0, 400))
def test_offsets_of_an_escaped_policy_rise_and_return(index: int) -> None:
    for host, path, _ in HOSTS[1:5]:
        source = only(host, path)
        offset = min(index, len(source.text))
        assert source.policy_offset(source.host_offset(offset)) == offset
        assert source.host_offset(max(0, offset - 1)) <= source.host_offset(offset) <= source.span.end


def test_two_policies_of_one_file_are_both_found() -> None:
    host = f"a = <<XML\n{POLICY}XML\nb = <<-XML\n{POLICY}  XML\nc = <<XML\n<none/>\nXML\n"
    assert [source.span.slice(host) for source in find_policies(host, "a.tf")] == [POLICY, POLICY]


def test_files_that_are_loaded_are_linked() -> None:
    bicep = "value: loadTextContent('../policies/a.xml')\nb: loadTextContent('c.txt')"
    assert [(link.path, link.span.slice(bicep)) for link in linked_files(bicep)] == [("../policies/a.xml",) * 2]
    terraform = 'a = file("${path.module}/a.xml")\nb = templatefile("./b.xml.tpl", {})'
    assert [link.path for link in linked_files(terraform)] == ["a.xml", "./b.xml.tpl"]


@given(
    st.text(st.sampled_from("<>'\"\\${}/*#\n-abE"), max_size=60),
    st.sampled_from(["a.bicep", "a.json", "a.tf", "a.xml", None]),
)
def test_no_text_is_too_strange(text: str, path: str | None) -> None:
    for source in find_policies(f"{text}<policies><inbound/></policies>{text}", path):
        assert source.host_span(Span(0, len(source.text))) == source.span
