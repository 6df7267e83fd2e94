"""Tokens kept up to date by edits are the tokens a scan of the whole document finds."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimlens.jose import incremental, scan
from claimlens.jose.incremental import TokenIndex
from claimlens.jose.model import TokenForm
from claimlens.text import Snapshot, Span, TextChange
from tests.support.tokens import compact, make_encrypted_token, make_token

TOKEN = compact({"sub": "someone", "aud": "api://orders"})
LONG = make_token({"alg": "RS256", "typ": "JWT"}, {"sub": "someone", "aud": "api://orders"})
WRAPPED = "\n".join(TOKEN[start : start + 64] for start in range(0, len(TOKEN), 64))
FRAGMENTS = st.sampled_from(
    [
        TOKEN, WRAPPED, TOKEN[:40], TOKEN[40:], TOKEN + "...", '"' + TOKEN + '"', "Bearer ", "\n", "\r\n", " ", ".",
        ",", "text", "eyJ", "~", WRAPPED.replace("\n", "\n    "), WRAPPED.replace("\n", "\\\n"), "{", "}.{", "=", "e",
        '{"alg":"RS256","typ":"JWT"}.{"sub":"x"}.[Signature]', LONG, LONG[:200], LONG[200:], "\r", "> ", "\\", '"', "…",
        '" + "', '"' + LONG.replace("Q", 'Q" +\n  "') + '"', make_encrypted_token({"alg": "dir", "enc": "A128GCM"}),
        LONG.replace(".", ".\n"), "~c2FsdA~", "%20", "\\n", "=3D\r\n", "[truncated]", "<", "A" * 300,
    ]
)  # fmt: skip
EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 90) | st.integers(0, 2000), st.lists(FRAGMENTS, max_size=2).map("".join)),
    max_size=6,
)


def follow(text: str, edits: list[tuple[float, int, str]]) -> None:
    """Make the edits one after another and hold what is kept up to date against a whole scan."""
    snapshot = Snapshot.of(text)
    index = TokenIndex.of(snapshot)
    for place, length, new_text in edits:
        start = int(place * snapshot.lines.length)
        change = TextChange(Span(start, min(start + length, snapshot.lines.length)), new_text)
        snapshot = snapshot.edited(change)
        index = index.updated(snapshot, change)
        expected = scan(snapshot.text)

        assert [index[place] for place in range(len(index))] == list(expected)
        assert index[1:-1] == expected[1:-1]
        assert index.starts == [token.span.start for token in expected]
        assert index.tokens == expected


@settings(max_examples=150)
@given(st.lists(FRAGMENTS, max_size=12).map("".join), EDITS)
def test_edits_keep_the_tokens_of_a_whole_scan(text: str, edits: list[tuple[float, int, str]]) -> None:
    follow(text, edits)


@settings(max_examples=40)
@given(st.lists(FRAGMENTS, min_size=4, max_size=12), st.sampled_from(["x " * 3000, "x\n" * 3000, "A" * 9000]), EDITS)
def test_documents_larger_than_the_window_keep_theirs_too(
    fragments: list[str], filler: str, edits: list[tuple[float, int, str]]
) -> None:
    follow(filler.join(fragments), edits)


@settings(max_examples=40)
@given(st.lists(st.tuples(st.floats(0, 1), st.integers(0, 300), st.sampled_from(["", "x", TOKEN, "\n"])), max_size=60))
def test_many_edits_in_many_places_keep_the_runs_few(edits: list[tuple[float, int, str]]) -> None:
    text = f"a line without\n{TOKEN}\n" * 100
    follow(text, edits)
    snapshot = Snapshot.of(text)
    index = TokenIndex.of(snapshot)
    for place, length, new_text in edits:
        start = int(place * snapshot.lines.length)
        change = TextChange(Span(start, min(start + length, snapshot.lines.length)), new_text)
        snapshot = snapshot.edited(change)
        index = index.updated(snapshot, change)
    assert len(index._runs) <= incremental._MOST_RUNS


PRINTED = '{"alg":"RS256","typ":"JWT"}.{"sub":"x"}.[Signature]'
BIG = make_token({"alg": "RS256", "typ": "JWT"}, {"sub": "a" * 6000})
CONTINUED = WRAPPED.replace("\n", "\\\n")
BLANKS = " " * 5000


@pytest.mark.parametrize(
    ("text", "place", "length", "new_text"),
    [
        pytest.param(f"{PRINTED}{PRINTED}{'A' * 9000}", 8000, 0, " ", id="two tokens side by side"),
        pytest.param(f"{WRAPPED}{BLANKS}\n", len(WRAPPED) + 3000, 0, "x", id="blanks behind a wrapped token"),
        pytest.param(f"{WRAPPED}{BLANKS}x\n", len(WRAPPED) + 5000, 1, "", id="what stood behind the blanks goes"),
        pytest.param(f"={'/+' * 3000}{CONTINUED}\\\n\n", 5000, 2, "", id="a wrapped token that ends continued"),
        pytest.param(f"{' ' * 724}\n{LONG[200:]}\n", 0, 0, LONG[:200], id="blanks at the end of a line"),
        pytest.param(f"\n{'> ' * 3000}{LONG[200:]}\n", 0, 0, LONG[:200], id="a long quotation mark"),
        pytest.param(f"x{'A' * 4000}{PRINTED}", 0, 1, '{"alg":"RS256"}.{"su', id="a payload opens and never closes"),
        pytest.param(f'{{"alg":"RS256"}}.{{"su{"A" * 4000}{PRINTED}', 15, 1, "", id="an open payload goes"),
        pytest.param(f'{{"alg":"RS256"}}.{{{"x " * 9000}<{PRINTED}{BLANKS}', 23_500, 0, "x", id="in an open payload"),
        pytest.param(
            f'"{LONG[:-200]}" # a (b)\n"{"A" * 4400}?', len(LONG) + 4200, 1, '"', id="a comment with barriers"
        ),
        pytest.param(f'x{BIG[40:-99]}" # a (b)\n"{BIG[-99:]}"', 0, 1, f'"{BIG[:40]}', id="a comment far behind"),
        pytest.param(f'"{TOKEN}",\n"QUJD"', len(TOKEN) + 2, 1, "\r", id="the first half of a line break"),
        pytest.param(f'"{TOKEN}"\r,"QUJD"', len(TOKEN) + 3, 1, "\n", id="the second half of a line break"),
        pytest.param(f'"{TOKEN}"\r,\n"QUJD"', len(TOKEN) + 3, 1, "", id="what parts the halves of a line break"),
        pytest.param(f"{LONG[:32]}, a\n{TOKEN}\n", 32, 1, "", id="the beginning of a header at no end"),
        pytest.param(f"Bearer {LONG[:32]}\nx", 39, 1, "", id="the beginning of a header at the end of its line"),
    ],
)
def test_what_stands_far_away_can_change_a_token(text: str, place: int, length: int, new_text: str) -> None:
    before = Snapshot.of(text)
    change = TextChange(Span(place, place + length), new_text)
    after = before.edited(change)
    back = TextChange(Span(place, place + len(new_text)), text[place : place + length])

    index = TokenIndex.of(before).updated(after, change)

    assert index.tokens == scan(after.text)
    assert index.updated(after.edited(back), back).tokens == scan(text)


HEADER = "eyJhbGciOiJub25lIn0"
GIANT = "A" * 700_000


@pytest.mark.parametrize(
    ("text", "place", "length", "new_text"),
    [
        pytest.param(f"x {GIANT} y", 2, 0, HEADER + ".", id="a header comes before a giant word"),
        pytest.param(f"x {HEADER}.{GIANT} y", 2, 3, "", id="the header of a giant word is damaged"),
        pytest.param(f"x {HEADER}{GIANT} y", 2 + len(HEADER), 0, ".", id="a giant word gets its first dot"),
        pytest.param(f"x {HEADER}.{GIANT} y", 500_000, 0, ".", id="a giant token gets a dot in its middle"),
        pytest.param(f"x {HEADER}.{GIANT} y", 500_000, 0, " ", id="a giant token is cut in two"),
        pytest.param(f"x {HEADER}.{GIANT}\n{GIANT} y", 700_022, 1, "", id="a giant token grows together with a word"),
        pytest.param(f'x="{GIANT}" y', 400_000, 0, f" {TOKEN} ", id="a token is pasted into a giant word"),
        pytest.param(f"x eyJhbGciOiJ{GIANT} y", 700_013, 0, ".", id="a giant header gets a dot behind it"),
        pytest.param(f"x {TOKEN}~{'c2FsdA~' * 80_000} y", 300_000, 1, " ", id="many disclosures are cut in two"),
        pytest.param(f"x {TOKEN} {'c2FsdA~' * 80_000} y", 3 + len(TOKEN), 0, "~", id="many disclosures join a token"),
        pytest.param(f"\n{' ' * 400_000}{LONG[200:]}\n", 0, 0, LONG[:200], id="a token indented beyond all measure"),
        pytest.param("QUJD" * 19 + "\n" + ("QUJD" * 19 + "\n") * 9_000, 350_000, 0, TOKEN, id="in many base64 lines"),
    ],
)
def test_words_longer_than_any_token_are_followed_to_their_ends(
    text: str, place: int, length: int, new_text: str
) -> None:
    before = Snapshot.of(text)
    change = TextChange(Span(place, place + length), new_text)
    after = before.edited(change)
    back = TextChange(Span(place, place + len(new_text)), text[place : place + length])

    index = TokenIndex.of(before).updated(after, change)

    assert index.tokens == scan(after.text)
    assert index.updated(after.edited(back), back).tokens == scan(text)


def test_a_giant_token_is_reported_with_its_whole_span() -> None:
    before = Snapshot.of(f"x {GIANT} y")
    change = TextChange(Span(2, 2), HEADER + ".")

    (token,) = TokenIndex.of(before).updated(before.edited(change), change)

    assert (token.form, token.span) == (TokenForm.OVERSIZED, Span(2, 2 + len(HEADER) + 1 + len(GIANT)))


def test_an_edit_far_away_moves_a_token_and_decodes_nothing_anew() -> None:
    filler = "a line of a log without anything in it\n" * 5000
    snapshot = Snapshot.of(filler + TOKEN + "\n" + filler)
    index = TokenIndex.of(snapshot)
    change = TextChange(Span(10, 10), "!!")

    moved = index.updated(snapshot.edited(change), change)

    assert [token.span.start for token in moved.tokens] == [len(filler) + 2]
    assert moved.found[0] is index.found[0]


def test_an_edit_in_front_of_many_tokens_moves_none_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot = Snapshot.of(("a line of a log without anything in it\n" * 600) + f"{TOKEN}\n" * 1000)
    index = TokenIndex.of(snapshot)
    change = TextChange(Span(10, 10), "!!")
    monkeypatch.setattr("claimlens.jose.model.Token.shift", None)

    moved = index.updated(snapshot.edited(change), change)

    assert moved.starts[-1] == index.starts[-1] + 2
