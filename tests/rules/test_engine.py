"""The engine: order, time, reuse, and what a broken rule costs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimlens.jose import scan
from claimlens.rules import engine
from claimlens.rules.context import TokenContext
from claimlens.rules.engine import CheckResult, check
from claimlens.rules.model import Edit, Finding, Fix, Related, Severity, rule
from claimlens.rules.registry import rules_of
from claimlens.settings import Settings
from claimlens.text.snapshot import Snapshot
from claimlens.text.spans import Span
from tests.support.checking import NOW, check_text
from tests.support.markers import apply
from tests.support.tokens import make_token

HEADER = {"alg": "RS256", "typ": "JWT"}


def seconds(moment: datetime) -> int:
    return int(moment.timestamp())


def token(*, iat: timedelta, exp: timedelta, **claims: object) -> str:
    times = {"iat": seconds(NOW + iat), "exp": seconds(NOW + exp)}
    return make_token(HEADER, {"iss": "https://issuer.example/", "scope": "a", **times, **claims})


EXPIRED = token(iat=timedelta(hours=-2), exp=timedelta(hours=-1))
LIVE = token(iat=timedelta(hours=-1), exp=timedelta(hours=1))


def said(result: CheckResult) -> tuple[object, ...]:
    return result.findings, result.next_change, result.failures


def outcome(result: CheckResult) -> tuple[object, ...]:
    return result.findings, result.next_change, result.failures


def codes(result: CheckResult) -> list[str]:
    return [finding.code for finding in result.findings]


def test_findings_come_in_the_order_of_the_text() -> None:
    result = check_text(f"{LIVE}\n{EXPIRED}\n# claimlens: ignore[nope]\n{EXPIRED}")

    assert codes(result) == ["jwt-live-token", "jwt-expired", "suppression-invalid", "jwt-expired"]


def test_a_text_without_tokens_has_no_findings_and_no_moment_to_look_again() -> None:
    assert outcome(check_text("nothing here")) == ((), None, ())


class TestTime:
    def test_the_next_change_is_the_next_moment_at_which_a_finding_comes_or_goes(self) -> None:
        result = check_text(f"{EXPIRED} {LIVE}", expiry_hint_minutes=10)

        assert codes(result) == ["jwt-expired", "jwt-live-token"]
        assert result.next_change == NOW + timedelta(minutes=50)
        later = check_text(f"{EXPIRED} {LIVE}", now=result.next_change)
        assert codes(later) == ["jwt-expired", "jwt-expires-soon", "jwt-live-token"]

    def test_nothing_changes_any_more_once_all_has_expired(self) -> None:
        assert check_text(EXPIRED, now=NOW + timedelta(days=1)).next_change is None

    @given(
        iat=st.integers(-400 * 86_400, 400 * 86_400),
        lifetime=st.integers(-10, 400 * 86_400),
        nbf=st.none() | st.integers(-1000, 1000),
        skew=st.sampled_from([0, 300]),
    )
    def test_findings_stay_the_same_up_to_the_second_before_the_next_change(
        self, iat: int, lifetime: int, nbf: int | None, skew: int
    ) -> None:
        starts = {} if nbf is None else {"nbf": seconds(NOW) + nbf}
        text = token(iat=timedelta(seconds=iat), exp=timedelta(seconds=iat + lifetime), **starts)
        result = check_text(text, clock_skew_seconds=skew)
        until = (result.next_change or NOW + timedelta(days=5000)) - timedelta(seconds=1)

        assert check_text(text, now=max(NOW, until), clock_skew_seconds=skew).findings == result.findings

    @pytest.mark.parametrize("value", [10**400, -(10**400), 1e400, "9" * 5000, True, [], {}, None, 1e308, -1e308])
    def test_times_beyond_all_calendars_do_no_harm(self, value: object) -> None:
        text = make_token(HEADER, {"scope": "a", "exp": value, "nbf": value, "iat": value})

        assert check_text(text).failures == ()


class TestReuse:
    TEXT = f"first {EXPIRED}\nsecond {LIVE}\nthird {EXPIRED}\n"

    def check(self, text: str, previous: CheckResult | None = None, now: datetime = NOW) -> CheckResult:
        return check(Snapshot.of(text), Settings(), now, previous=previous)

    def test_a_result_taken_over_is_the_same_as_one_made_anew(self) -> None:
        before = self.check(self.TEXT)
        edited = f"a new line\n{self.TEXT}"

        assert said(self.check(edited, before)) == said(self.check(edited))

    def test_a_token_that_only_moved_is_not_judged_again(self, monkeypatch: pytest.MonkeyPatch) -> None:
        before = self.check("x" * 200 + self.TEXT)
        monkeypatch.setattr(engine, "check_token", None)

        assert codes(self.check("x" * 300 + self.TEXT, before)) == codes(before)

    def test_the_same_token_in_many_lines_is_judged_once(self, monkeypatch: pytest.MonkeyPatch) -> None:
        judged: list[TokenContext] = []
        check_token = engine.check_token
        monkeypatch.setattr(engine, "check_token", lambda context: [judged.append(context), check_token(context)][1])
        text = "".join(f"12:00:{second} got {EXPIRED}\n" for second in range(10, 60))
        result = self.check(text)

        assert len(judged) == 1
        assert [text[finding.span.start : finding.span.end] for finding in result.findings] == [EXPIRED] * 50

    def test_an_edit_right_before_a_token_is_seen(self) -> None:
        before = self.check(f"Authorization: Bearer {EXPIRED}")
        after = self.check(f"Authorization: Bearer Bearer {EXPIRED}", before)

        assert "jwt-scheme-duplicated" in codes(after)

    def test_a_judgement_ends_with_its_time(self) -> None:
        before = self.check(self.TEXT)
        later = NOW + timedelta(hours=1)

        assert said(self.check(self.TEXT, before, later)) == said(self.check(self.TEXT, None, later))

    def test_other_settings_judge_anew(self) -> None:
        before = self.check(self.TEXT)
        result = check(Snapshot.of(self.TEXT), Settings(rules={"jwt-*": "off"}), NOW, previous=before)

        assert result.findings == ()

    def test_the_place_of_everything_moves_along(self) -> None:
        finding = Finding(
            "jwt-x",
            Severity.HINT,
            "",
            Span(1, 2),
            related=(Related("", Span(3, 4)), Related("", Span(3, 4), "other.txt")),
            fixes=(Fix("", (Edit(Span(5, 6), ""),)), Fix("", (Edit(Span(5, 6), ""),), path="other.txt")),
        )
        moved = finding.shift(10)

        assert moved.span == Span(11, 12)
        assert [place.span.start for place in moved.related] == [13, 3]
        assert [fix.edits[0].span.start for fix in moved.fixes] == [15, 5]

    def test_tokens_that_were_found_before_are_not_looked_for_again(self) -> None:
        result = check(Snapshot.of(self.TEXT), Settings(), NOW, tokens=scan(self.TEXT)[:1])

        assert codes(result) == ["jwt-expired"]


class TestBrokenRule:
    @pytest.fixture
    def result(self, monkeypatch: pytest.MonkeyPatch) -> CheckResult:
        @rule("jwt-broken", Severity.ERROR, "Broken")
        def broken(context: TokenContext) -> Iterator[Finding]:
            yield broken.finding("never seen", context.token.span)
            raise ValueError(f"holds {context.written}")

        rules = (broken, *rules_of("token"))
        monkeypatch.setattr(engine, "rules_of", lambda family: rules if family == "token" else rules_of(family))
        return check_text(f"{EXPIRED} {EXPIRED}")

    def test_it_costs_its_own_findings_alone(self, result: CheckResult) -> None:
        assert codes(result) == ["jwt-expired", "jwt-expired"]

    def test_it_is_named_with_the_place_and_without_the_text_of_the_token(self, result: CheckResult) -> None:
        assert [(each.code, each.error_type) for each in result.failures] == [("jwt-broken", "ValueError")] * 2
        assert result.failures[0].place.startswith("test_engine.py:")
        assert EXPIRED[:20] not in repr(result)


class TestSeverity:
    @pytest.mark.parametrize(
        ("rules", "expected"),
        [
            ({}, "information"),
            ({"jwt-expired": "error"}, "error"),
            ({"jwt-*": "hint"}, "hint"),
            ({"*": "warning"}, "warning"),
            ({"*": "warning", "jwt-*": "hint", "jwt-ex*": "error"}, "error"),
            ({"jwt-expired": "warning", "jwt-expired*": "hint"}, "hint"),
            ({"jwt-expir": "error"}, "information"),
        ],
    )
    def test_the_longest_pattern_wins(self, rules: dict[str, str], expected: str) -> None:
        assert [finding.severity for finding in check_text(EXPIRED, rules=rules).findings] == [expected]

    def test_off_leaves_the_finding_out(self) -> None:
        assert codes(check_text(EXPIRED, rules={"jwt-expired": "off"})) == []

    def test_a_setting_overrides_what_the_surroundings_say(self) -> None:
        result = check_text(f"Authorization: Bearer {EXPIRED}", language="http", rules={"jwt-expired": "hint"})

        assert [finding.severity for finding in result.findings] == ["hint"]

    def test_no_rule_about_tokens_is_an_error_by_itself(self) -> None:
        assert all(rule.severity is not Severity.ERROR for rule in rules_of("token"))


class TestSecrecy:
    def test_no_finding_of_any_rule_shows_a_part_of_the_token(self) -> None:
        claims = {"iss": "x", "aud": "a", "exp": seconds(NOW) + 60, "nbf": seconds(NOW) - 60, "scope": "s"}
        secret = make_token({"alg": "RS256", "jku": "https://x.example", "crit": ["y"]}, claims)
        result = check_text(f"Authorization: Bearer Bearer {secret}", expected={"audiences": ["b"], "issuers": ["c"]})

        assert len(result.findings) > 5
        assert not any(part in repr(result) for part in secret.split("."))

    def test_values_of_claims_are_inert_and_short_in_messages(self) -> None:
        hostile = "\u202e\u200b\n" + "x" * 5000
        text = make_token(
            HEADER, {"aud": hostile, "iss": hostile, "tid": hostile, "scope": hostile, "exp": 1, "iat": 0}
        )
        result = check_text(text, expected={"audiences": ["a"], "issuers": ["b"], "tenants": ["c"], "scopes": ["d"]})

        assert {"jwt-unexpected-audience", "jwt-unexpected-issuer", "jwt-missing-permission"} <= set(codes(result))
        assert all(len(finding.message) < 400 and finding.message.isprintable() for finding in result.findings)

    def test_the_redaction_leaves_no_token(self) -> None:
        text = f"Authorization: Bearer {LIVE}"
        [finding] = check_text(text).findings

        assert scan(apply(text, finding.fixes[0].edits)) == ()


def test_a_hostile_token_with_many_defects_of_one_kind_has_few_findings() -> None:
    payload = "{" + ",".join(['"a":NaN,"a":1'] * 5000) + "}"
    result = check_text(make_token(HEADER, payload))

    assert sorted(codes(result)) == ["jwt-duplicate-member", "jwt-unportable-value"]


def test_moments_are_of_any_zone() -> None:
    zone = NOW.astimezone(UTC).replace(tzinfo=UTC) + timedelta(0)

    assert check_text(LIVE, now=zone).findings == check_text(LIVE).findings


def test_a_judgement_can_be_made_of_one_token_alone() -> None:
    [found] = scan(LIVE)
    judgement = engine.check_token(TokenContext(found, Settings(), NOW, written=LIVE))

    assert [finding.code for finding in judgement.findings] == ["jwt-live-token"]
    assert judgement.findings[0].shift(7).span == Span(7, 7 + len(LIVE))
