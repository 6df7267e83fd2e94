"""A result made from an earlier one says the same as one made from nothing, whatever was edited in between."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from claimlens.jose.incremental import TokenIndex
from claimlens.rules import engine
from claimlens.rules.engine import check
from claimlens.rules.reuse import Standing, untouched
from claimlens.settings import Settings
from claimlens.text.snapshot import Snapshot, TextChange
from claimlens.text.spans import Span
from tests.support.tokens import compact

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TOKENS = [compact({"exp": 1700000000 + number, "iss": "https://issuer.example"}) for number in range(30)]
LINES = [f"line {number} " + "x" * 900 + f" Authorization: Bearer {token}\n" for number, token in enumerate(TOKENS * 3)]
PIECES = st.sampled_from(
    [
        "x",
        "\n",
        "Bearer ",
        TOKENS[0],
        f"\n{TOKENS[3]}\n",
        "",
        "# claimlens: ignore\n",
        '{"kty":"oct","k":"c2VjcmV0"}',
        "é",
    ]
)


@settings(max_examples=15)
@given(st.lists(st.tuples(st.integers(0, 200_000), st.integers(0, 3000), PIECES), min_size=1, max_size=6))
def test_edits_make_no_difference(edits: list[tuple[int, int, str]]) -> None:
    snapshot = Snapshot.of("".join(LINES), "file:///a.log")
    index = TokenIndex.of(snapshot)
    result = check(snapshot, Settings(), NOW, tokens=index)
    for place, length, text in edits:
        start = place % (snapshot.lines.length + 1)
        change = TextChange(Span(start, min(start + length, snapshot.lines.length)), text)
        snapshot = snapshot.edited(change)
        index = index.updated(snapshot, change)
        result = check(snapshot, Settings(), NOW, tokens=index, previous=result)
        anew = check(snapshot, Settings(), NOW)
        assert result.findings == anew.findings
        assert result.next_change == anew.next_change


def test_what_an_edit_leaves_alone_is_not_looked_at(monkeypatch) -> None:
    snapshot = Snapshot.of("".join(LINES), "file:///a.log")
    index = TokenIndex.of(snapshot)
    place = snapshot.lines.line_start(50) + 500
    change = TextChange(Span(place, place), "x\n")
    edited = snapshot.edited(change)
    after = index.updated(edited, change)
    front, back = untouched(Standing.of(snapshot.lines.blocks, index), Standing.of(edited.lines.blocks, after))
    assert front > 10
    assert back > 10
    assert len(TOKENS) * 3 - 40 < front + back < len(TOKENS) * 3
    result = check(snapshot, Settings(), NOW, tokens=index)
    monkeypatch.setattr(engine, "check_token", None)
    assert len(check(edited, Settings(), NOW, tokens=after, previous=result).findings) == len(result.findings)


POLICY = """<policies>
  <inbound>
    <validate-jwt header-name="Authorization" clock-skew="00:05:00">
      <openid-config url="https://issuer.example/.well-known/openid-configuration" />
    </validate-jwt>
    <set-heder name="{0}" />
  </inbound>
</policies>
"""
BICEP = "".join(f"var policy{number} = '''\n{POLICY.format(number)}'''\n" for number in range(4))


@settings(max_examples=25)
@given(
    st.lists(
        st.tuples(
            st.integers(0, len(BICEP)),
            st.integers(0, 30),
            st.sampled_from(["x", "", "<", "'''", '"', "\n", "<base />", POLICY, "// claimlens: ignore\n"]),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_edits_of_embedded_policies_make_no_difference(edits: list[tuple[int, int, str]]) -> None:
    snapshot = Snapshot.of(BICEP, "file:///main.bicep")
    result = check(snapshot, Settings(), NOW)
    for place, length, text in edits:
        start = place % (snapshot.lines.length + 1)
        snapshot = snapshot.edited(TextChange(Span(start, min(start + length, snapshot.lines.length)), text))
        result = check(snapshot, Settings(), NOW, previous=result)
        assert result.findings == check(snapshot, Settings(), NOW).findings


def test_only_the_policy_that_was_edited_is_judged_anew(monkeypatch) -> None:
    judged: list[object] = []
    run_rules = engine.run_rules
    monkeypatch.setattr(engine, "run_rules", lambda *given: judged.append(given[1]) or run_rules(*given))
    snapshot = Snapshot.of(BICEP, "file:///main.bicep")
    result = check(snapshot, Settings(), NOW)
    assert len(judged) == 4
    place = BICEP.index('name="2"')
    edited = snapshot.edited(TextChange(Span(place, place), "x"))
    again = check(edited, Settings(), NOW, previous=result)
    assert len(judged) == 5
    assert again.findings == check(edited, Settings(), NOW).findings
    judged.clear()
    check(edited, Settings(rules={"apim-clock-skew-format": "off"}), NOW, previous=again)
    assert len(judged) == 4
