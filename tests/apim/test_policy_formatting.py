"""Formatting policies: what changes is white space that means nothing, and doing it twice changes nothing more."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimlens.apim.document import PolicyDocument
from claimlens.apim.editing.formatting import Style, format_document, indent_at, newline_of
from claimlens.apim.model import Element, Text
from claimlens.apim.parser import parse
from tests.support.cursor import with_cursor

CORPUS = os.environ.get("CLAIMLENS_CORPUS")
FILES = sorted(Path(CORPUS, "apim").glob("*")) if CORPUS else []

UNTIDY = """\
<policies>
<inbound>


        <base/>
  <!-- Who may come in.
         Two lines. -->
    <validate-jwt header-name="Authorization"
    failed-validation-httpcode="401"
             clock-skew = '60'   >
<openid-config   url="https://a.b/.well-known/openid-configuration"/><audiences><audience> a </audience></audiences>
    </validate-jwt  > <!-- why -->


    <set-variable name="text" value="@{
  if (context.Request.Method == "GET" && 1 < 2) {
      return "<a>   <b>";
  }
    return @"x
  ""y"" ";
}" />
  <set-body>
      <root>   <kept/>
 </root></set-body>
    <set-header name="x"><value>
       @(context.RequestId)
    </value></set-header>
</inbound>
<outbound>

</outbound><on-error></on-error>
</policies>


"""
TIDY = """\
<policies>
    <inbound>
        <base />
        <!-- Who may come in.
         Two lines. -->
        <validate-jwt header-name="Authorization"
            failed-validation-httpcode="401"
            clock-skew = '60'>
            <openid-config url="https://a.b/.well-known/openid-configuration" />
            <audiences>
                <audience> a </audience>
            </audiences>
        </validate-jwt> <!-- why -->

        <set-variable name="text" value="@{
  if (context.Request.Method == "GET" && 1 < 2) {
      return "<a>   <b>";
  }
    return @"x
  ""y"" ";
}" />
        <set-body>
      <root>   <kept/>
 </root></set-body>
        <set-header name="x">
            <value>
       @(context.RequestId)
    </value>
        </set-header>
    </inbound>
    <outbound>
    </outbound>
    <on-error></on-error>
</policies>
"""


def formatted(text: str, step: str = "    ") -> str:
    document = parse(text)
    pieces, cursor = [], 0
    for change in format_document(document, Style(step, newline_of(text))):
        assert change.span.start >= cursor
        assert not change.text.strip()
        pieces += (text[cursor : change.span.start], change.text)
        cursor = change.span.end
    return "".join((*pieces, text[cursor:]))


def stream(document: PolicyDocument) -> list[object]:
    """Return all that a policy says, without the white space that means nothing."""
    said: list[object] = []
    for node in document.walk():
        if isinstance(node, Element):
            said.append((node.name, node.self_closing, [(each.name, each.quote, each.raw) for each in node.attributes]))
        elif not (isinstance(node, Text) and node.is_blank):
            said.append(node.raw)
    return said


def test_a_policy_is_laid_out() -> None:
    assert formatted(UNTIDY) == TIDY


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_the_ends_of_lines_stay_what_they_are(newline: str) -> None:
    assert formatted(UNTIDY.replace("\n", newline)) == TIDY.replace("\n", newline)


def test_tabs() -> None:
    assert formatted("<fragment>\n<base/></fragment>", "\t") == "<fragment>\n\t<base />\n</fragment>"


def test_a_byte_order_mark_and_a_declaration_stay() -> None:
    text = '\ufeff<?xml version="1.0"?><policies><inbound/></policies>'
    assert formatted(text) == '\ufeff<?xml version="1.0"?>\n<policies>\n    <inbound />\n</policies>'


@pytest.mark.parametrize(
    "text", ["<policies><inbound></policies>", "", "  \n", "<policies><inbound a></inbound></policies>"]
)
def test_what_is_damaged_is_left_alone(text: str) -> None:
    assert formatted(text) == text


def test_templates_between_policies_are_left_alone() -> None:
    text = "<policies>\n<inbound>\n  #{more-policies}#\n     <base/>\n</inbound>\n</policies>\n"
    assert "\n  #{more-policies}#\n     <base/>\n" in formatted(text)


@pytest.mark.skipif(not FILES, reason="needs CLAIMLENS_CORPUS")
def test_the_corpus_says_the_same_and_changes_once() -> None:
    for file in FILES:
        text = file.read_bytes().decode(errors="replace")
        once = formatted(text)
        assert stream(parse(once)) == stream(parse(text)), file.name
        assert formatted(once) == once, file.name


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A policy with a few pieces taken out, doubled or swapped."""
    text = draw(st.sampled_from([UNTIDY, TIDY]))
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 40)))
        piece = draw(st.sampled_from(["", " ", "\n", "\n\n\n", "<base/>", "<!-- c -->", "@(1)", text[start:end] * 2]))
        text = text[:start] + piece + text[end:]
    return text


@given(mutated())
@settings(max_examples=100)
def test_whatever_is_formatted_says_the_same_and_changes_once(text: str) -> None:
    once = formatted(text)
    assert stream(parse(once)) == stream(parse(text))
    assert formatted(once) == once


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("<policies>\n    <inbound>\n<|>", "        "),
        ("<policies>\n    <inbound>\n<|><base />\n    </inbound>", "        "),
        ("<policies>\n    <inbound>\n        <base />\n        </inbound><|>\n</policies>", "    </inbound>"),
        ("<policies>\n  <inbound>\n    <cors>\n<|>\n    </cors>", "        "),
        ("<policies>\n  <inbound>\n    <cors\n<|>allow-credentials='true'>", "        allow-credentials"),
        ("<inbound>\n  <set-header name='a'\n              id='b'\n<|>exists-action='skip'>", "              exists"),
    ],
)
def test_a_new_line_is_indented(text: str, line: str) -> None:
    document, offset = with_cursor(text)
    change = indent_at(document, offset, "    ")
    assert change is not None
    after = document.text[: change.span.start] + change.text + document.text[change.span.end :]
    number = document.text.count("\n", 0, offset)
    assert after.split("\n")[number].startswith(line)
    assert len(change.text) == len(line) - len(line.lstrip())


@pytest.mark.parametrize(
    "text",
    [
        "<policies><inbound><set-body>@{\n<|>return 1; }</set-body></inbound></policies>",
        "<policies>\n<!-- a\n<|> b -->\n</policies>",
        "<policies><inbound><set-body>\n<|><x/></set-body></inbound></policies>",
        '<policies><inbound><set-variable name="x" value="@{\n<|>return 1; }" /></inbound></policies>',
    ],
)
def test_code_comments_and_bodies_are_not_indented(text: str) -> None:
    document, offset = with_cursor(text)
    assert indent_at(document, offset, "    ") is None
