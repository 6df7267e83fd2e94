"""Diagnostics: pulled or pushed, never both; changed by themselves when a token's time comes; bounded."""

from __future__ import annotations

from datetime import timedelta

import pytest

from claimlens.lsp import diagnostic_lists
from tests.support.server import NOW, Session, capabilities
from tests.support.tokens import compact

URI = "file:///folder/work.log"
PUBLISH = "textDocument/publishDiagnostics"


def expiring(minutes: int, **more: object) -> str:
    moment = NOW + timedelta(minutes=minutes)
    return compact({"exp": int(moment.timestamp()), "sub": "x", "aud": "a", "iss": "https://issuer.example", **more})


def codes(report: dict) -> list[str]:
    return [item["code"] for item in report["items"]]


def test_a_diagnostic_has_everything_an_editor_shows() -> None:
    with Session() as session:
        session.open(URI, f"first line\nBearer {expiring(-60)}\n")
        found = next(item for item in session.diagnostics(URI)["items"] if item["code"] == "jwt-expired")
    assert found["range"]["start"]["line"] == 1
    assert found["source"] == "claimlens"
    assert found["severity"] in (1, 2, 3, 4)
    assert found["codeDescription"]["href"].endswith("/jwt-expired.md")
    assert found["data"]["cause"] == "token-expired"
    assert isinstance(found["data"]["fixes"], list)


def test_what_has_not_changed_is_not_sent_again() -> None:
    with Session() as session:
        session.open(URI, f"{expiring(-60)}\n")
        first = session.diagnostics(URI)
        session.insert(URI, 2, 1, 0, "more text")
        again = session.diagnostics(URI, first["resultId"])
        assert again == {"kind": "unchanged", "resultId": first["resultId"]}
        session.insert(URI, 3, 0, 0, "\n")
        moved = session.diagnostics(URI, first["resultId"])
    assert moved["kind"] == "full"
    assert moved["items"][0]["range"]["start"]["line"] == 1


def test_the_workspace_report_holds_every_open_document() -> None:
    with Session() as session:
        session.open(URI, f"{expiring(-60)}\n")
        session.open("file:///folder/other.log", "nothing\n", version=4)
        found = session.request("workspace/diagnostic", {"previousResultIds": []})["items"]
        assert [(each["uri"], each["version"], each["kind"]) for each in found] == [
            (URI, 1, "full"),
            ("file:///folder/other.log", 4, "full"),
        ]
        previous = [{"uri": each["uri"], "value": each["resultId"]} for each in found]
        again = session.request("workspace/diagnostic", {"previousResultIds": previous})["items"]
    assert {each["kind"] for each in again} == {"unchanged"}


def test_a_client_that_pulls_is_never_pushed_to() -> None:
    with Session() as session:
        session.open(URI, f"{expiring(-60)}\n")
        session.diagnostics(URI)
        session.pass_time(timedelta(hours=2))
        session.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
        assert not session.notifications(PUBLISH)


def test_a_client_that_cannot_pull_is_pushed_to_when_the_typing_stops() -> None:
    with Session(client={}) as session:
        session.open(URI, f"{expiring(-60)}\n")
        for version in range(2, 5):
            session.insert(URI, version, 0, 0, "x ")
        assert not session.notifications(PUBLISH)
        session.pass_time(timedelta(0))
        (pushed,) = session.notifications(PUBLISH)
        assert pushed["version"] == 4
        assert "jwt-expired" in [item["code"] for item in pushed["diagnostics"]]
        session.notify("textDocument/didClose", {"textDocument": {"uri": URI}})
        assert session.notifications(PUBLISH)[-1] == {"uri": URI, "diagnostics": []}


def test_when_a_token_expires_a_client_that_pulls_is_asked_to_pull_again() -> None:
    with Session() as session:
        session.open(URI, f"{expiring(60)}\n")
        assert "jwt-expired" not in codes(session.diagnostics(URI))
        session.sent.clear()
        for _ in range(10):
            if not session.timers.waiting:
                break
            session.pass_time(timedelta(seconds=max(timer.seconds for timer in session.timers.waiting)))
            session.diagnostics(URI)
        refreshed = [message["method"] for message in session.sent]
        assert "jwt-expired" in codes(session.diagnostics(URI))
    assert {"workspace/diagnostic/refresh", "workspace/codeLens/refresh", "workspace/inlayHint/refresh"} <= set(
        refreshed
    )


def test_when_a_token_expires_other_clients_are_pushed_to() -> None:
    with Session(client={}) as session:
        session.open(URI, f"{expiring(60)}\n")
        session.pass_time(timedelta(0))
        assert "jwt-expired" not in [item["code"] for item in session.notifications(PUBLISH)[-1]["diagnostics"]]
        for _ in range(20):
            session.pass_time(timedelta(minutes=10))
        assert "jwt-expired" in [item["code"] for item in session.notifications(PUBLISH)[-1]["diagnostics"]]


def test_there_is_one_timer_and_it_waits_for_the_next_moment() -> None:
    with Session() as session:
        for number in range(5):
            session.open(f"file:///{number}.log", f"{expiring(60 + number)}\n")
            session.diagnostics(f"file:///{number}.log")
        (timer,) = session.timers.waiting
        assert 0 < timer.seconds <= 3600
        for number in range(5):
            session.notify("textDocument/didClose", {"textDocument": {"uri": f"file:///{number}.log"}})


def test_a_document_that_nobody_looks_at_is_not_refreshed_for_over_and_over() -> None:
    """Clients ask again for what they show; what they do not show keeps a moment that has passed."""
    hidden = "file:///folder/hidden.log"
    with Session() as session:
        session.open(hidden, f"{expiring(60)}\n")
        session.open(URI, f"{expiring(600)}\n")
        for uri in (hidden, URI):
            session.diagnostics(uri)
        session.pass_time(timedelta(minutes=50))
        for _ in range(5):
            session.diagnostics(URI)
            session.pass_time(timedelta(0))
        assert len(session.notifications("workspace/diagnostic/refresh")) == 2  # one at the start
        (timer,) = session.timers.waiting
        assert timer.seconds == 9 * 3600  # until the token that is shown expires soon


def test_a_moment_that_passes_while_a_client_asks_is_not_missed() -> None:
    with Session() as session:
        session.open(URI, f"{expiring(60)}\n")
        session.diagnostics(URI)
        session.time += timedelta(minutes=50)
        session.open("file:///folder/other.log", f"{expiring(600)}\n")
        session.diagnostics("file:///folder/other.log")
        before = len(session.notifications("workspace/diagnostic/refresh"))
        session.pass_time(timedelta(0))
        assert len(session.notifications("workspace/diagnostic/refresh")) == before + 1


def test_without_a_moment_to_wait_for_there_is_no_timer() -> None:
    with Session() as session:
        session.open(URI, f"{expiring(-6000)}\n")
        session.diagnostics(URI)
        assert not session.timers.waiting


def test_a_file_full_of_findings_says_how_many_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnostic_lists, "MOST", 5)
    with Session() as session:
        session.open(URI, f"{expiring(-60)}\n" * 20)
        items = session.diagnostics(URI)["items"]
    assert len(items) == 6
    assert items[-1]["severity"] == 3
    assert "more findings in this file are not shown" in items[-1]["message"]


def test_a_comment_silences_a_finding() -> None:
    with Session() as session:
        session.open(URI, f"# claimlens: ignore\n{expiring(-60)}\n")
        assert codes(session.diagnostics(URI)) == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
def test_columns_are_counted_as_negotiated(encoding: str) -> None:
    client = capabilities()
    client["general"]["positionEncodings"] = [encoding]
    width = {"utf-8": 4, "utf-16": 2, "utf-32": 1}[encoding]
    with Session(client=client) as session:
        assert session.initialized["capabilities"]["positionEncoding"] == encoding
        session.open(URI, f"\u2028 \U0001f511 {expiring(-60)}\n")
        found = next(item for item in session.diagnostics(URI)["items"] if item["code"] == "jwt-expired")
        assert found["range"]["start"]["line"] == 0
        start = {"utf-8": 3, "utf-16": 1, "utf-32": 1}[encoding] + 1 + width + 1
        shown = session.hover(URI, 0, start)
        assert shown is not None
        assert session.hover(URI, 0, start - 1) is None


def test_an_unknown_document_has_no_diagnostics() -> None:
    with Session() as session:
        assert session.diagnostics("file:///etc/passwd") == {"kind": "full", "items": []}
