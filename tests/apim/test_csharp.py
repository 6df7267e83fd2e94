"""Code is cut into tokens that lose nothing but blanks, whatever stands in it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimlens.apim.csharp import CodeKind, CodeToken, tokenize, tokens_of
from claimlens.apim.parser import parse


def kinds(code: str) -> list[tuple[CodeKind, str]]:
    return [(token.kind, token.text) for token in tokenize(code)]


def test_a_call_is_cut_into_names_and_punctuation() -> None:
    tokens = tokenize("context.Request?.Method == 1.5e3")

    assert [token.text for token in tokens] == ["context", ".", "Request", "?.", "Method", "==", "1.5e3"]
    assert tokens[-1] == CodeToken(CodeKind.NUMBER, "1.5e3", 27, 32)


def test_keywords_are_told_from_names() -> None:
    assert kinds("return null;")[:2] == [(CodeKind.KEYWORD, "return"), (CodeKind.KEYWORD, "null")]


@pytest.mark.parametrize(
    "text",
    ['"a \\" b"', '@"a "" \\"', '$"a {{c}}"', '$@"a "" c"', '"{{named-value}}"'],
    ids=lambda text: text[:4],
)
def test_a_string_is_one_token(text: str) -> None:
    assert kinds(f"x+{text}")[2:] == [(CodeKind.STRING, text)]


def test_an_interpolated_string_comes_in_pieces() -> None:
    tokens = kinds('$"a{d["k"]}b{c}d"')

    assert tokens == [
        (CodeKind.STRING, '$"a{'),
        (CodeKind.IDENTIFIER, "d"),
        (CodeKind.PUNCTUATION, "["),
        (CodeKind.STRING, '"k"'),
        (CodeKind.PUNCTUATION, "]"),
        (CodeKind.STRING, "}b{"),
        (CodeKind.IDENTIFIER, "c"),
        (CodeKind.STRING, '}d"'),
    ]


def test_braces_in_a_hole_do_not_end_it() -> None:
    assert kinds('$"{f(new{a="x"})}!"')[-1] == (CodeKind.STRING, '}!"')


def test_comments_characters_and_named_values_are_tokens() -> None:
    assert kinds("'\"' // a\n/* b */{{n-1}}") == [
        (CodeKind.CHARACTER, "'\"'"),
        (CodeKind.COMMENT, "// a"),
        (CodeKind.COMMENT, "/* b */"),
        (CodeKind.NAMED_VALUE, "{{n-1}}"),
    ]


def test_an_unclosed_string_reaches_to_the_end_of_its_line() -> None:
    assert kinds('"abc\nd') == [(CodeKind.STRING, '"abc'), (CodeKind.IDENTIFIER, "d")]


def test_tokens_stand_where_the_document_has_them() -> None:
    text = '<when condition="@(a[&quot;k&quot;] &lt; b)" />'
    (expression,) = parse(text).expressions

    tokens = tokens_of(expression)

    assert [token.text for token in tokens] == ["a", "[", '"k"', "]", "<", "b"]
    assert [token.span.slice(text) for token in tokens] == ["a", "[", "&quot;k&quot;", "]", "&lt;", "b"]


def test_references_in_a_raw_expression_are_characters_of_its_strings() -> None:
    text = '<when condition="@("a" + "&lt;")" />'
    (expression,) = parse(text).expressions

    assert tokens_of(expression)[-1].text == '"&lt;"'


@given(st.text(alphabet="\"'@$\\/*{}()[]ab1 \n.?<", max_size=60))
def test_tokens_lose_nothing_but_blanks(code: str) -> None:
    tokens = tokenize(code)

    position, pieces = 0, []
    for token in tokens:
        assert code[position : token.start].strip() == ""
        assert token.text == code[token.start : token.end]
        position = token.end
        pieces.append(token.text)
    assert code[position:].strip() == ""
