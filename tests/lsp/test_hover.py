"""Hovering a token: what is shown, that nothing a token says comes alive, and that plain clients get plain text."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token as MarkdownToken

from claimlens.entra.summary import moment
from claimlens.jose import decode
from claimlens.jose.model import SegmentRole
from claimlens.lsp import markdown
from claimlens.lsp.local_time import LocalZone
from claimlens.lsp.reports import full_report, segment_report
from tests.support.server import NOW, Session
from tests.support.tokens import compact, make_token

URI = "file:///folder/work.http"
TENANT = "72f988bf-86f1-41af-91ab-2d7cd011db47"
CLAIMS = {
    "iss": f"https://login.microsoftonline.com/{TENANT}/v2.0",
    "tid": TENANT,
    "ver": "2.0",
    "aud": "00000003-0000-0000-c000-000000000000",
    "azp": "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    "scp": "User.Read",
    "preferred_username": "ada@example.com",
    "sub": "subject-1",
    "iat": 1772362800,
    "nbf": 1772362800,
    "exp": 1772366400,
}


@pytest.fixture
def token() -> str:
    return make_token({"alg": "RS256", "typ": "JWT", "kid": "key-1"}, CLAIMS)


def opened(text: str, **more: Any) -> Session:
    session = Session(**more)
    session.open(URI, text, "http")
    return session


def test_a_token_that_grants_nothing_is_told_why_and_what_adds_a_permission() -> None:
    of_an_application = {key: value for key, value in CLAIMS.items() if key not in ("scp", "preferred_username")}
    claims = of_an_application | {"aud": "api://orders", "idtyp": "app"}
    with opened(f"Authorization: Bearer {make_token({'alg': 'RS256', 'typ': 'JWT'}, claims)}\n") as session:
        shown = session.hover(URI, 0, 200)
    assert shown is not None
    assert "Neither scp nor roles" in shown
    assert "What adds it: Define an app role for applications" in shown


def test_the_title_says_what_from_whom_and_until_when(token: str) -> None:
    with opened(f"Authorization: Bearer {token}\n") as session:
        shown = session.hover(URI, 0, 30)
    assert shown is not None
    title = shown.splitlines()[0]
    assert title == (
        "**access token v2.0 · Microsoft Entra ID v2.0 · delegated · expired now (2026-03-01 12:00:00 UTC)**"
    )


def test_what_matters_comes_first_and_known_ids_have_names(token: str) -> None:
    with opened(token) as session:
        shown = session.hover(URI, 0, token.index(".") + 5)
    assert shown is not None
    payload, _, others = shown.partition("| other claims")
    rows = [line.split("|")[1].strip() for line in payload.splitlines() if line.startswith("| ")]
    assert rows == [
        "payload",
        "issuer",
        "tenant",
        "audience",
        "client",
        "scopes",
        "subject",
        "issued",
        "valid from",
        "expires",
    ]
    assert "Microsoft Graph" in payload
    assert "Azure CLI" in payload
    assert "`sub`" in others
    assert "`scp`" not in others


@pytest.mark.parametrize(("dot", "heading"), [(0, "| header |"), (1, "| payload |"), (2, "| signature |")])
def test_each_segment_shows_itself_under_the_same_title(token: str, dot: int, heading: str) -> None:
    start = len(".".join(token.split(".")[:dot])) + bool(dot)
    with opened(token) as session:
        shown = session.hover(URI, 0, start + 2)
        found = session.request(
            "textDocument/hover", {"textDocument": {"uri": URI}, "position": {"line": 0, "character": start + 2}}
        )
    assert shown is not None
    assert shown.splitlines()[0].startswith("**access token v2.0")
    assert heading in shown
    end = start + len(token.split(".")[dot])
    assert (found["range"]["start"]["character"], found["range"]["end"]["character"]) == (start, end)


@pytest.mark.parametrize("role", list(SegmentRole)[:3], ids=lambda role: role.value)
def test_the_whole_text_is_the_golden_one(token: str, role: SegmentRole) -> None:
    """Run with UPDATE_GOLDEN=1 to accept a change; the files are Markdown that people can read."""
    golden = Path(__file__).with_name("golden") / f"hover-{role.value}.md"
    shown = markdown.markdown(segment_report(decode(token), role, NOW)) + "\n"
    if os.environ.get("UPDATE_GOLDEN"):
        golden.write_text(shown, encoding="utf-8")
    assert shown == golden.read_text(encoding="utf-8")


def test_times_are_told_in_the_zone_of_the_user_too(token: str) -> None:
    from zoneinfo import ZoneInfo

    shown = markdown.markdown(full_report(decode(token), NOW, ZoneInfo("Asia/Tokyo")))
    assert "2026-03-01 12:00:00 UTC (21:00:00 JST)" in shown


@pytest.mark.skipif(not hasattr(time, "tzset"), reason="this system's zone cannot be changed for a test")
def test_the_zone_of_the_machine_is_right_in_summer_and_in_winter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3")
    time.tzset()
    try:
        shown = [moment(datetime(2026, month, 1, 23, 30, tzinfo=UTC), LocalZone()) for month in (1, 7)]
    finally:
        monkeypatch.undo()
        time.tzset()
    assert shown == [
        "2026-01-01 23:30:00 UTC (2026-01-02 00:30:00 CET)",
        "2026-07-01 23:30:00 UTC (2026-07-02 01:30:00 CEST)",
    ]


def test_beside_a_token_there_is_nothing(token: str) -> None:
    with opened(f"nothing here\n{token}\n") as session:
        assert session.hover(URI, 0, 3) is None
        assert session.hover("file:///not/open", 0, 0) is None
        assert session.hover(URI, 999, 999) is None


def test_a_client_without_markdown_gets_plain_text(token: str) -> None:
    with opened(token, client={}) as session:
        found = session.request(
            "textDocument/hover", {"textDocument": {"uri": URI}, "position": {"line": 0, "character": 80}}
        )
    assert found["contents"]["kind"] == "plaintext"
    assert "issuer" in found["contents"]["value"]
    assert "|" not in found["contents"]["value"]
    assert "**" not in found["contents"]["value"]


@pytest.mark.parametrize("lay_out", [markdown.markdown, markdown.plain_text])
def test_a_hover_has_an_end(lay_out: Any) -> None:
    claims = {f"claim {number} " + "n" * 300: "`v`" * 100 for number in range(200)}
    shown = lay_out(full_report(decode(compact(claims)), NOW))
    assert len(shown) <= markdown.LARGEST
    assert shown.splitlines()[-1].startswith("… ")


MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
ALIVE = {"link_open", "image", "html_inline", "html_block", "heading_open", "fence", "code_block", "s_open", "em_open"}
"""Nothing of this is ours, so whatever of it is found came out of the token."""


def pieces(tokens: list[MarkdownToken]) -> list[MarkdownToken]:
    return [each for token in tokens for each in [token, *pieces(token.children or [])]]


HOSTILE = [
    "[click](command:evil)",
    "![beacon](https://evil.example/x.png)",
    "<img src=x onerror=alert(1)>",
    "a | b\n| c | d |",
    "\\| `x` \\",
    "``` \n# heading",
    "https://evil.example",
    "<https://evil.example>",
    "`",
    "``",
    "` | <b>",
    "\\`<b>\\`",
    "x\u2028# y\u202e",
    "\r\n\r\n# heading",
    " ",
    "",
]
HOSTILE_TEXT = st.text(
    st.sampled_from("`|\\[]()<>!*_#~:/&;\n\r\t -+=.ax0\u2028\u202e\u200b\x00") | st.characters(codec="utf-8"),
    max_size=40,
) | st.sampled_from(HOSTILE)
VALUES = st.recursive(
    HOSTILE_TEXT | st.integers() | st.booleans(), lambda inner: st.lists(inner, max_size=3), max_leaves=4
)


@settings(max_examples=250, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    st.dictionaries(
        HOSTILE_TEXT
        | st.sampled_from([*CLAIMS, "roles", "name", "wids", "app_displayname", "tenant_display_name", "uti"]),
        VALUES,
        max_size=5,
    ),
    st.dictionaries(HOSTILE_TEXT | st.sampled_from(["alg", "kid", "typ", "enc", "crit"]), VALUES, max_size=3),
)
@example(dict(zip(HOSTILE, HOSTILE, strict=True)), {})
@example(dict.fromkeys(CLAIMS, "` [x](command:y) <b> | `` "), {"alg": "` <b> |"})
def test_nothing_that_a_token_says_comes_alive(claims: dict[Any, Any], header: dict[Any, Any]) -> None:
    token = decode(compact({str(name): value for name, value in claims.items()}, {"alg": "none", **header}))
    for role in (None, SegmentRole.HEADER, SegmentRole.PAYLOAD, SegmentRole.SIGNATURE):
        report = segment_report(token, role, NOW) if role else full_report(token, NOW)
        shown = markdown.markdown(report)
        parsed = pieces(MARKDOWN.parse(shown))
        assert not {each.type for each in parsed} & ALIVE
        columns = {sum(each.type in ("td_open", "th_open") for each in row) for row in rows(MARKDOWN.parse(shown))}
        assert columns <= {2, 3}
        assert not set("\u202e\u2028\u200b\x00") & set(shown)


def rows(tokens: list[MarkdownToken]) -> list[list[MarkdownToken]]:
    found: list[list[MarkdownToken]] = []
    for token in tokens:
        if token.type == "tr_open":
            found.append([])
        if found:
            found[-1].append(token)
    return found


def test_the_example_values_are_seen_as_code() -> None:
    """The property above is not empty: each hostile value is there, and stands in code."""
    token = decode(compact({str(index): text for index, text in enumerate(HOSTILE)}))
    code = [
        each.content
        for each in pieces(MARKDOWN.parse(markdown.markdown(full_report(token, NOW))))
        if each.type == "code_inline"
    ]
    assert "[click](command:evil)" in code
    assert "![beacon](https://evil.example/x.png)" in code


def test_an_error_about_a_missing_claim_says_what_brings_it() -> None:
    uri = "file:///folder/api.log"
    with Session() as session:
        session.open(uri, "IDX14304: Claim with name 'upn' does not exist in the JsonClaimSet.\n", "log")
        shown = session.hover(uri, 0, 3)
    assert "Why upn may be missing: Tokens of v1.0 have upn" in shown
    assert "What brings upn: Add upn to optionalClaims" in shown
