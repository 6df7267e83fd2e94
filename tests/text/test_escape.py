"""Hostile text does nothing in the place where it is shown, and can still be read; told by a Markdown engine."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from claimlens.text.escape import markdown_block, markdown_code, markdown_sentence, markdown_text, terminal, visible

ENGINE = MarkdownIt("gfm-like", {"html": True, "linkify": False})
FRAMES = {"{}": "", "- {}": "", "**x** {}": "x", "# {}": "", "> {}": "", "`a` {}": "a"}
"""What may stand before a text, and what of it is text."""
HOSTILE = st.lists(
    st.sampled_from(
        [
            *"`*_[]()<>!#|~\\&;:/.@-+=\"'$^{}",
            *"\n\t\r \u202e\u200b\u2028\x1b\x00\x85\u00a0\u00ad\ufeff\ud83d",
            *"aé😀1",
            "[a](command:x)", "![a](http://x)", "<img src=x>", "http://x.y", "&lt;", "&#60;", "```", "1. ", "    ",
            "---", "\\u{202E}", "www.x.y", "a@b.c",
        ]
    ),
    max_size=20,
).map("".join)  # fmt: skip


def is_inert(character: str) -> bool:
    return character == " " or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Zs", "Zl", "Zp"}


@given(HOSTILE | st.text())
def test_nothing_invisible_is_left(value: str) -> None:
    assert all(map(is_inert, visible(value)))
    assert all(map(is_inert, terminal(value).replace("\n", "").replace("\t", "")))


def test_what_is_invisible_is_named() -> None:
    assert visible("admin\u202enimda\x1b[31m\n") == "admin\\u{202E}nimda\\u{1B}[31m\\u{A}"
    assert terminal("a\n\tb\x1b\r") == "a\n\tb\\u{1B}\\u{D}"
    assert visible("Zoë 😀 日本 עברית") == "Zoë 😀 日本 עברית"


@pytest.mark.parametrize("escape", [markdown_text, markdown_sentence])
@given(value=HOSTILE)
def test_markdown_text_is_nothing_but_text(escape: Callable[[str], str], value: str) -> None:
    for frame, before in FRAMES.items():
        tokens = ENGINE.parse(frame.format(escape(value)))
        (inline,) = [token for token in tokens if token.type == "inline"] or [None]
        kinds = {child.type for child in inline.children} if inline else set()
        shown = "".join(child.content for child in inline.children) if inline else ""
        assert kinds <= {"text", "strong_open", "strong_close", "code_inline"}
        assert shown.removeprefix(before).strip() == visible(value).strip()


@given(HOSTILE)
def test_markdown_text_stays_in_its_cell(value: str) -> None:
    tokens = ENGINE.parse(f"| a | b |\n|---|---|\n| {markdown_text(value)} | end |")
    cells = [token for token in tokens if token.type == "inline"]

    assert len(cells) == 4
    assert "".join(child.content for child in cells[2].children).strip() == visible(value).strip()
    assert cells[3].content == "end"


@given(HOSTILE)
def test_markdown_code_is_one_span_of_code(value: str) -> None:
    (inline,) = [token for token in ENGINE.parse(f"x {markdown_code(value)} y") if token.type == "inline"]

    assert [child.type for child in inline.children] == ["text", "code_inline", "text"]
    assert inline.children[1].content == (visible(value) or " ")


@given(HOSTILE)
def test_markdown_block_is_one_block(value: str) -> None:
    tokens = ENGINE.parse(markdown_block(value, "json") + "\n\nend")

    assert [token.type for token in tokens] == ["fence", "paragraph_open", "inline", "paragraph_close"]
    assert tokens[0].content == terminal(value) + "\n"
    assert tokens[0].info == "json"


@pytest.mark.parametrize("escape", [visible, terminal, markdown_text, markdown_code])
def test_plain_words_stay_as_they_are(escape) -> None:
    assert escape("Orders").strip("`") == "Orders"


def test_a_sentence_reads_as_it_is_written() -> None:
    sentence = "Most likely: the token's aud (v1.0) isn't accepted; ask for 401/403, and read on."

    assert markdown_sentence(sentence) == sentence
