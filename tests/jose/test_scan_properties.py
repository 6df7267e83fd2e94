"""Random text around random tokens: exactly the tokens are found, and every span fits."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from claimlens.jose import Token, TokenForm, reach, redact, scan
from tests.support.compact import encoded, hs256, jwe, jws, lines, octets

claims = st.dictionaries(
    st.text(max_size=8), st.one_of(st.text(max_size=12), st.integers(0, 2**40)), min_size=1, max_size=4
)
tokens = st.one_of(
    claims.map(hs256),
    claims.map(lambda members: jws({"typ": "JWT", "alg": "ES256"}, members, octets(64))),
    claims.map(lambda members: jws({"alg": "none"}, members, b"")),
    st.integers(0, 40).map(lambda size: jwe({"alg": "A128KW", "enc": "A128GCM"}, octets(size))),
    st.just(jws()),
)
words = st.text(alphabet=st.sampled_from("abz09 \t\n\r,:;<>()[]{}#&?éλ\u2028😀"), max_size=30)
fences = st.sampled_from(
    [(" ", " "), ('"', '"'), ("\n", "\n"), ("=", "&"), (">", "<"), ("'", "',"), ("\\n", "\\n"), ("%20", "%20")]
)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, list[str]]:
    """Return a text and the tokens in it."""
    text, expected = "", []
    for token in draw(st.lists(tokens, max_size=4)):
        before, after = draw(fences)
        text += draw(words) + "; " + before + token + after + " ;"
        expected.append(token)
    return text + draw(words), expected


@settings(max_examples=150)
@given(documents())
def test_exactly_the_tokens_are_found(document: tuple[str, list[str]]) -> None:
    text, expected = document
    found = scan(text)
    assert [token.text for token in found] == expected
    for token in found:
        assert token.span.slice(text) == token.text
        assert ".".join(segment.span.slice(text) for segment in token.segments) == token.text


issued = claims.map(lambda members: {**members, "iss": "https://login.example.com/"})
wrappable = st.one_of(
    issued.map(hs256),
    issued.map(lambda members: jws({"alg": "ES256"}, members, octets(64))),
    issued.map(lambda members: jws({"alg": "none"}, members, b"")),
    st.just(jwe()),
    st.just(jws()),
)


@settings(max_examples=100)
@given(wrappable, st.integers(24, 100), st.sampled_from(["\n", "\r\n", "\n  ", "\n> ", "\\\n", '"\n"', "' + '"]))
def test_wrapping_changes_nothing_but_the_places(token: str, width: int, gap: str) -> None:
    quote = gap[0] if gap[0] in "\"'" else "\n"
    (found,) = scan(f"x: {quote}{gap.join(lines(token, width))}{quote}\n")
    assert found.text == token
    assert found.header == scan(token)[0].header


fragments = st.one_of(
    st.sampled_from(["eyJ", "eyJhbGciOiJIUzI1NiJ9", ".", "..", "...", "…", "=", "~", "!", "/", "{", "}", " + "]),
    st.sampled_from(["\n", "\r\n", "> ", "\\\n", '"', "'", '{"alg":"x"}', '{"sub":"y"}', ".[Signature]", "Bearer "]),
    st.sampled_from(["\\u0022", "%20", encoded({"enc": "A128GCM"})]),
    st.text(max_size=5),
    tokens,
)


@settings(max_examples=300)
@given(st.lists(fragments, max_size=25).map("".join))
def test_anything_can_be_scanned(text: str) -> None:
    found = scan(text)
    end = 0
    for token in found:
        assert end <= token.span.start < token.span.end <= len(text)
        end = token.span.end
        assert all(0 <= segment.span.start <= segment.span.end <= len(text) for segment in token.segments)
        assert token.form in (TokenForm.DECODED, TokenForm.OVERSIZED) or token.header is not None or token.defects
        if token.pieces:
            assert "".join(piece.slice(text) for piece in token.pieces) == token.text
        elif token.text:
            assert token.span.slice(text) == token.text


@settings(max_examples=200)
@given(st.lists(fragments, max_size=25).map("".join), st.booleans())
def test_redacting_leaves_nothing_and_is_done_once(text: str, keep_claims: bool) -> None:
    once = redact(text, scan(text), keep_claims)
    assert redact(once, scan(once), keep_claims) == once


@settings(max_examples=300)
@given(st.lists(fragments, max_size=25).map("".join), st.data())
def test_scanning_the_reach_of_a_place_finds_what_a_full_scan_finds_there(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    span = reach(text, start, end)
    assert span.start <= start <= end <= span.end
    whole = scan(text)
    touched: list[Token] = [token for token in whole if token.span.start <= end and start <= token.span.end]
    assert all(span.covers(token.span) for token in touched)
    inside = [token for token in whole if span.covers(token.span)]
    assert list(scan(text, span.start, span.end)) == inside
