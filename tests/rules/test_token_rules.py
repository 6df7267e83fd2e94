"""What the rules about tokens promise together, and what fixtures cannot show."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimlens.jose.defects import DEFECTS
from claimlens.rules.registry import FAMILIES
from claimlens.rules.subjects import LONGEST_SIGN, SUBJECTS
from claimlens.rules.surroundings import AFTER, BEFORE, Surroundings, relevant, surroundings_of
from claimlens.rules.tokens.encoding import MALFORMED, UNPORTABLE
from claimlens.rules.tokens.wording import listed, quoted
from claimlens.text.lines import BLOCK
from claimlens.text.spans import Span
from tests.support.checking import check_text
from tests.support.tokens import make_token

CORPUS = os.environ.get("CLAIMLENS_CORPUS")
OTHER_RULES = {
    "truncated": "jwt-truncated",
    "oversized": "jwt-oversized",
    "json-duplicate-member": "jwt-duplicate-member",
    "signature-missing": "jwt-signature-missing",
    "signature-unexpected": "jwt-alg-none",
    "signature-length": "jwt-signature-length",
    "numericdate-text": "jwt-time-type",
    "numericdate-type": "jwt-time-type",
    "numericdate-float": "jwt-time-type",
    "numericdate-milliseconds": "jwt-time-milliseconds",
}


def codes(text: str, **settings: object) -> list[str]:
    return [finding.code for finding in check_text(text, rules={"jwt-no-expiry": "off"}, **settings).findings]


_ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.just("https://sts.windows.net/x/"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
_PARAMETERS = st.dictionaries(
    st.sampled_from(["typ", "kid", "crit", "jku", "jwk", "nonce", "cty", "enc", "b64", "url", "x5u", "alg"]), _ANYTHING
)
_NAMES = "iss aud exp nbf iat tid ver scp roles idtyp nonce hasgroups xms_cc _claim_names azp oid sub typ events at cnf"
_CLAIMS = st.dictionaries(st.sampled_from(_NAMES.split()), _ANYTHING)


@given(header=_PARAMETERS, claims=_CLAIMS)
def test_no_rule_fails_whatever_header_and_claims_hold(header: dict[str, object], claims: dict[str, object]) -> None:
    text = f"Authorization: {make_token({'alg': 'RS256', **header}, claims)}"
    expected = {"audiences": ["a"], "issuers": ["{tenantid}", "b"], "tenants": ["c"], "scopes": ["d"], "roles": ["e"]}
    result = check_text(text, language="http", expected=expected)

    assert result.failures == ()
    assert not any(
        re.search("[\x00-\x1f\u200b\u202a-\u202e\u2066-\u2069]", finding.message) for finding in result.findings
    )


class TestDefects:
    def test_every_defect_has_exactly_one_rule(self) -> None:
        groups = Counter([*MALFORMED, *UNPORTABLE, *OTHER_RULES])

        assert set(groups) == set(DEFECTS)
        assert set(groups.values()) == {1}

    @pytest.mark.parametrize("part", ["e30", "W10", "Im5vIg", "bnVsbA", "", "IA", "77u_e30", "_w", "e30=", "!!", "eyJ"])
    def test_a_damaged_payload_is_one_finding(self, part: str) -> None:
        header, _, signature = make_token({"alg": "HS256", "typ": "JWT"}, {}).split(".")
        found = [code for code in codes(f"{header}.{part}.{signature}") if code == "jwt-malformed"]

        assert len(found) <= 1

    def test_what_follows_from_another_defect_is_not_said(self) -> None:
        header, _, signature = make_token({"alg": "HS256", "typ": "JWT"}, {}).split(".")
        found = check_text(f"{header}.eyJzdW$IiOiJhIn0x.{signature}").findings
        [message] = [finding.message for finding in found if finding.code == "jwt-malformed"]

        assert "base64url does not know" in message

    def test_many_places_of_one_defect_are_one_finding_that_counts_them(self) -> None:
        text = make_token({"alg": "HS256", "typ": "JWT"}, '{"a":NaN,"b":NaN,"c":NaN}')
        [finding] = check_text(text).findings

        assert finding.message.endswith("So it is in 2 more places.")

    def test_a_token_that_is_cut_off_is_reported_as_that_alone(self) -> None:
        token = make_token({"alg": "RS256", "typ": "JWT"}, {"sub": "a" * 50})

        assert codes(f"{token[:60]}...") == ["jwt-truncated"]


class TestPrintedTokens:
    TEXT = '{"alg":"RS256","typ":"JWT"}.{"scope":"a","iat":1768467600,"exp":"x","aud":"b"}.[Signature]'

    def test_a_finding_points_at_the_claim_itself(self) -> None:
        findings = check_text(self.TEXT, expected={"audiences": ["c"]}).findings
        places = {finding.code: finding.span.slice(self.TEXT) for finding in findings}

        assert places == {"jwt-time-type": '"x"', "jwt-unexpected-audience": '"b"'}

    def test_a_printed_token_is_no_secret(self) -> None:
        text = self.TEXT.replace('"exp":"x"', '"exp":1768500000')

        assert codes(text) == []


class TestSurroundings:
    @staticmethod
    def around(before: str, after: str = "", request: bool = False) -> Surroundings:
        return surroundings_of(before[-BEFORE:], after[:AFTER], Span(1000, 1100), request)

    @pytest.mark.parametrize(
        "before",
        [
            "Authorization: Bearer ",
            "authorization: bearer ",
            "Proxy-Authorization: Bearer ",
            "{'Authorization': 'Bearer ",
            '"authorization" : "Bearer ',
            "Authorization=Bearer ",
            'headers.Add("Authorization", "Bearer ',
            "headers['Authorization'] = `Bearer ",
            '-H "Authorization: Bearer ',
            "-H 'Authorization:Bearer ",
            "Authorization => Bearer ",
            '<set-header name="Authorization" exists-action="override">\n    <value>Bearer ',
            "- name: Authorization\n  value: Bearer ",
            '{"key": "Authorization",\n "value": "Bearer ',
            "call with Bearer ",
            "Bearer\t",
            'f"Authorization: Bearer ',
            '{\\"Authorization\\":\\"Bearer ',
        ],
    )
    def test_an_authorization_header_is_known_in_any_language(self, before: str) -> None:
        around = self.around(before)

        assert around.authorization
        assert len(around.schemes) == 1
        assert around.quotes == ()

    @pytest.mark.parametrize(
        "before",
        [
            "",
            "token: ",
            "my-authorization-service: started with ",
            "X-Authorization-Kind: ",
            "the authorization of ",
            "Authorization: Basic abc\nCookie: session=",
            "Authorization: Bearer abc, then ",
            "bearer_token=",
            "forbearer ",
            "BEARER=",
            "access_token=",
        ],
    )
    def test_other_places_are_not_taken_for_one(self, before: str) -> None:
        assert not self.around(before).authorization

    def test_spans_are_in_the_document(self) -> None:
        around = self.around("Authorization: Bearer Bearer  ")

        assert around.schemes == (Span(985, 991), Span(992, 998))
        assert (around.gap, around.gap_text) == (Span(998, 1000), "  ")

    def test_quotes_around_the_token_in_a_header_are_found_with_their_counterpart(self) -> None:
        around = self.around('Authorization: Bearer "', '" more')

        assert around.quotes == (Span(999, 1000), Span(1100, 1101))

    def test_quotes_of_a_string_are_not_part_of_the_value(self) -> None:
        assert self.around('"Authorization": "', '"').quotes == ()
        assert self.around('"Authorization": "Bearer " + "', '"').quotes == ()
        assert self.around('Authorization: "Bearer ', '"').quotes == ()

    def test_in_a_request_they_are(self) -> None:
        around = self.around('\nAuthorization: "Bearer ', '"', request=True)

        assert around.quotes == (Span(992, 993), Span(1100, 1101))

    @given(st.text(alphabet="authorizn BeAu:=\"'`,\\<>value\n\t-", max_size=BEFORE), st.text(max_size=AFTER))
    def test_whatever_stands_around_the_spans_stay_near_the_token(self, before: str, after: str) -> None:
        around = self.around(before, after)
        spans = [*around.schemes, *around.quotes, *([around.gap] if around.gap else [])]

        assert all(1000 - len(before) <= span.start <= span.end <= 1100 + len(after) for span in spans)
        assert around.authorization or not spans

    @given(
        st.lists(
            st.sampled_from(
                (
                    "authorization",
                    "Authorization: ",
                    "bearer ",
                    "Bearer",
                    "\n",
                    " ",
                    ":",
                    "=",
                    '"',
                    "'",
                    "<value>",
                    "x",
                    ",",
                )
            ),
            max_size=14,
        ),
        st.booleans(),
    )
    def test_what_is_not_relevant_changes_nothing(self, parts: list[str], request_file: bool) -> None:
        before = "".join(parts)[-BEFORE:]

        assert self.around(relevant(before), '"', request_file) == self.around(before, '"', request_file)

    def test_the_beginning_of_a_line_in_a_log_is_not_relevant(self) -> None:
        assert relevant("2026-01-15T12:00:00Z INFO got token ") == ""
        assert relevant("2026-01-15T12:00:00Z INFO sent with Bearer ") == "|Bearer "


class TestWording:
    def test_values_are_quoted_inert_and_cut(self) -> None:
        assert quoted("a\u202eb") == "'a\\u{202E}b'"
        assert quoted("x" * 500) == f"'{'x' * 80}…'"

    def test_long_lists_are_cut(self) -> None:
        assert listed(["a", "b", "c", "d"]) == "'a', 'b', 'c' and 1 more"


def test_importing_the_engine_and_judging_loads_nothing_that_is_not_needed() -> None:
    script = (
        "import sys; from datetime import datetime, UTC\n"
        "from claimlens.rules.engine import check; from claimlens.settings import Settings\n"
        "from claimlens.text.snapshot import Snapshot\n"
        "check(Snapshot.of('eyJhbGciOiJub25lIn0.e30.'), Settings(), datetime.now(UTC))\n"
        "print([each for each in 'pathspec difflib tomllib lsprotocol jwt httpx'.split() if each in sys.modules])"
    )

    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.skipif(not CORPUS, reason="CLAIMLENS_CORPUS names no folder")
def test_real_files_full_of_sample_tokens_are_no_wall_of_errors() -> None:
    severities: Counter[str] = Counter()
    tokens = 0
    for path in sorted(Path(CORPUS or "").rglob("jwt/**/*")):
        if path.is_file():
            result = check_text(path.read_text(encoding="utf-8", errors="replace"), uri=str(path))
            severities.update(finding.severity for finding in result.findings)
            tokens += sum(finding.code.startswith("jwt-") for finding in result.findings)
            assert result.failures == ()

    assert severities["error"] == 0
    assert severities["warning"] < 0.2 * severities.total()
    assert tokens > 100


def test_the_signs_of_further_subjects_are_short_enough_to_be_found_across_blocks() -> None:
    for subjects in SUBJECTS:
        assert subjects.family in FAMILIES
        assert subjects.signs or subjects.family == "stated"  # the workspace knows where these are
        assert all(re.compile(sign) for sign in subjects.signs)
        assert max(map(len, subjects.signs), default=0) <= LONGEST_SIGN


def test_a_key_is_found_wherever_the_blocks_of_the_text_end() -> None:
    key = '{"keys": [{"kty": "oct", "k": "c2VjcmV0"}]}'
    for shift in range(len(key)):
        text = "x" * (BLOCK - shift) + key

        assert [finding.code for finding in check_text(text).findings] == ["jwk-private-key"]
