"""The report is read in a hurry: verdict and fix first, sides one above the other, values as code, nothing twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from claimlens.diagnosis.model import Cause, Confidence, Diagnosis, Evidence, Step, StepVerdict, cause_descriptions
from claimlens.diagnosis.report import markdown
from claimlens.text.escape import visible

ENGINE = MarkdownIt("gfm-like", {"html": True, "linkify": False})
SIDES = "The audience is another one: the token's aud is 'api://a', accepted is 'b' or 'api://b'."
HARMLESS = {"text", "code_inline", "strong_open", "strong_close", "link_open", "link_close"}


def cause(summary: str, code: str = "audience-mismatch", confidence: Confidence = Confidence.LIKELY) -> Cause:
    return Cause(code, confidence, summary, "Accept 'api://a'.", (Evidence("a b/api.log", 3, "401 `x`"),))


def told(*causes: Cause, steps: tuple[Step, ...] = (), commands: tuple[str, ...] = ()) -> str:
    return markdown(Diagnosis(steps, causes), {"a b/api.log": "file:///a%20b/api.log"}, commands)


def test_verdict_and_fix_stand_first() -> None:
    lines = [line for line in told(cause(SIDES)).splitlines() if line]

    assert lines[:3] == ["# Why this token is rejected", "**Most likely:** The audience is another one.", "```text"]
    assert lines[7] == "**Fix:** Accept `api://a`."


def test_what_is_compared_stands_one_above_the_other() -> None:
    assert "aud in the token  api://a\naccepted          b\n                  api://b\n" in told(cause(SIDES))


@pytest.mark.parametrize(
    ("confidence", "words"),
    [
        (Confidence.CERTAIN, "**This is why:**"),
        (Confidence.LIKELY, "**Most likely:**"),
        (Confidence.POSSIBLE, "**Possibly:**"),
    ],
)
def test_the_verdict_says_how_sure_it_is(confidence: Confidence, words: str) -> None:
    assert words in told(cause("It is so.", confidence=confidence))


def test_evidence_is_linked() -> None:
    assert "- [`a b/api.log`, line 3](<file:///a%20b/api.log#L3>): `` 401 `x` ``" in told(cause("It is so."))


def test_other_causes_follow_by_number_and_the_walk_names_them() -> None:
    second = cause("The scope is missing.", "missing-scope")
    failed = Step("authorization", StepVerdict.FAIL, second.summary)
    report = told(cause(SIDES), second, steps=(failed, Step("time", StepVerdict.PASS, "Expires in 1 h.")))

    assert "### 2. Scope missing (likely)" in report
    assert "- ✗ **Permissions:** Scope missing (2)" in report
    assert "- ✓ **Time:** Expires in 1 h." in report
    assert report.count(second.summary) == 1


def test_what_a_cause_means_is_said_once() -> None:
    meaning = cause_descriptions()["audience-mismatch"].meaning

    assert told(cause(f"IDX10214 may also mean: {meaning}")).count(meaning) == 1


def test_every_cause_can_be_read_on() -> None:
    for code, known in cause_descriptions().items():
        report = told(cause("It is so.", code))
        assert ("[More](<https://" in report) == ("https://" in known.source), code


def test_without_a_cause_it_says_what_would_help() -> None:
    assert "Open what the API answered" in told()


def test_commands_are_a_block_to_copy() -> None:
    assert "```sh\n# Again\nclaimlens explain --dir .\n```" in told(commands=("# Again", "claimlens explain --dir ."))


PIECES = ["'", "`", "x' <img src=x> 'y", "[a](command:x)", "# ", "\n", "|", "' or '", "https://x.y", "&lt;", "**"]


@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=8).map("".join))
def test_no_value_gets_out_of_its_place(value: str) -> None:
    shown = visible(value)
    sentence = f"Both differ: the token's aud is '{shown}', accepted is '{shown}'."
    for summary in (sentence, f"It is '{shown}', not another.", f"'{shown}'"):
        tokens = ENGINE.parse(told(cause(summary)))
        children = [child for token in tokens for child in token.children or ()]
        targets = [child.attrs["href"] for child in children if child.type == "link_open"]
        assert {child.type for child in children} <= HARMLESS
        assert [token.tag for token in tokens if token.type == "heading_open"] == ["h1", "h2"]
        assert not any(token.type == "html_block" for token in tokens)
        assert [target.split(":")[0] for target in targets] == ["https"]  # this engine follows no file:
