"""Where known errors are told, and where there is silence."""

from __future__ import annotations

import pytest

from claimlens.rules.model import Severity
from tests.support.checking import check_text

LINE = "AADSTS50126: Error validating credentials due to invalid username or password."


def codes(text: str, uri: str = "file:///logs/api.log", language: str = "") -> list[str]:
    found = check_text(text, uri=uri, language=language).findings
    return [finding.code for finding in found if finding.code.startswith("log-")]


@pytest.mark.parametrize(
    "uri",
    [
        "file:///a/api.log",
        "api.log.1",
        "api.log-2026-01-31",
        "answer.json",
        "call.http",
        "out.txt",
        "untitled:Untitled-1",
    ],
)
def test_logs_and_responses_are_judged(uri: str) -> None:
    assert codes(LINE, uri) == ["log-known-error"]


@pytest.mark.parametrize(
    "uri", ["Startup.cs", "auth.py", "index.ts", "README.md", "errors.toml", "policy.xml", "a.yml"]
)
def test_source_prose_and_settings_are_not(uri: str) -> None:
    assert codes(LINE, uri) == []


def test_a_language_that_is_no_log_is_not_judged() -> None:
    assert codes(LINE, "", "csharp") == []
    assert codes(LINE, "", "plaintext") == ["log-known-error"]


@pytest.mark.parametrize(
    "text",
    [
        "See IDX10214 and AADSTS50013 in the handbook.",
        '{"code": "AADSTS50013"}\n["IDX10214", "IDX10215"]',
        "IDX10241: Security token validated. token: '[PII is hidden]'.",
        "JsonWebTokenError: jwt expired",
        "GET /orders 200",
    ],
)
def test_a_bare_code_a_success_and_common_words_are_not_told(text: str) -> None:
    assert codes(text) == []


def test_one_thing_is_said_a_line() -> None:
    line = "AADSTS70002: Error validating credentials. AADSTS50013: Assertion failed signature validation."

    assert codes(f"{line}\n{line}") == ["log-known-error"] * 2


def test_the_message_has_meaning_values_and_fix_and_names_the_cause() -> None:
    values = "Audiences: 'a\u202eb'. Did not match: validationParameters.ValidAudience: 'c' or"
    text = f"IDX10214: Audience validation failed. {values}"
    (finding,) = check_text(text, uri="api.log").findings

    assert finding.severity is Severity.INFORMATION
    assert finding.cause == "audience-mismatch"
    assert finding.message.startswith("IDX10214: The token is for another audience")
    assert "Audience: 'a\\u{202E}b' / 'c'." in finding.message
    assert "Compare aud" in finding.message
    assert finding.span.slice(text) == "IDX10214"


def test_the_code_of_an_error_of_node_stands_out_by_its_name() -> None:
    assert codes("  code: 'ERR_JWKS_NO_MATCHING_KEY',") == ["log-known-error"]
    assert codes("const codes = ['ERR_JWKS_NO_MATCHING_KEY'];") == []


def test_it_can_be_switched_off() -> None:
    assert check_text(LINE, uri="api.log", rules={"log-known-error": "off"}).findings == ()
