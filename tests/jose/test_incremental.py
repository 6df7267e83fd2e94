"""Tokens kept up to date by edits are the tokens a scan of the whole document finds."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from claimlens.jose import scan
from claimlens.jose.incremental import TokenIndex
from claimlens.text import Snapshot, Span, TextChange
from tests.support.tokens import compact

TOKEN = compact({"sub": "someone", "aud": "api://orders"})
WRAPPED = "\n".join(TOKEN[start : start + 64] for start in range(0, len(TOKEN), 64))
FRAGMENTS = st.sampled_from(
    [
        TOKEN, WRAPPED, TOKEN[:40], TOKEN[40:], TOKEN + "...", '"' + TOKEN + '"', "Bearer ", "\n", "\r\n", " ", ".",
        ",", "text", "eyJ", "~", WRAPPED.replace("\n", "\n    "), WRAPPED.replace("\n", "\\\n"), "{", "}.{", "=", "e",
        '{"alg":"RS256","typ":"JWT"}.{"sub":"x"}.[Signature]',
    ]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(
    st.lists(FRAGMENTS, max_size=12).map("".join),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 90), st.lists(FRAGMENTS, max_size=2).map("".join)), max_size=6),
)
def test_edits_keep_the_tokens_of_a_whole_scan(text: str, edits: list[tuple[float, int, str]]) -> None:
    snapshot = Snapshot.of(text)
    index = TokenIndex.of(snapshot)
    for place, length, new_text in edits:
        start = int(place * snapshot.lines.length)
        change = TextChange(Span(start, min(start + length, snapshot.lines.length)), new_text)
        snapshot = snapshot.edited(change)
        index = index.updated(snapshot, change)

        assert index.tokens == scan(snapshot.text)


def test_an_edit_far_away_moves_a_token_and_decodes_nothing_anew() -> None:
    filler = "a line of a log without anything in it\n" * 5000
    snapshot = Snapshot.of(filler + TOKEN + "\n" + filler)
    index = TokenIndex.of(snapshot)
    change = TextChange(Span(10, 10), "!!")

    moved = index.updated(snapshot.edited(change), change)

    assert [token.span.start for token in moved.tokens] == [len(filler) + 2]
