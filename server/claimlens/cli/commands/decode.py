"""``claimlens decode``: what a token says, each claim explained."""

from __future__ import annotations

import argparse
from datetime import datetime
from pathlib import Path
from typing import Any

from claimlens import entra
from claimlens.cli import arguments as common
from claimlens.cli import findings as found_in
from claimlens.cli.errors import CommandError
from claimlens.cli.output import color, print_json, say, table
from claimlens.entra import summary
from claimlens.jose.model import Token
from claimlens.services.checking import settings_for
from claimlens.text.escape import terminal
from claimlens.text.snapshot import Snapshot

DESCRIPTION = (
    "Print a token's header and claims, each explained, and what is wrong with it. Nothing is verified or sent."
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the token, format and clock."""
    common.add_token(parser)
    common.add_common(parser)


def run(arguments: argparse.Namespace) -> int:
    """Decode the token; 1 where a rule finds an error or a warning."""
    token = common.read_token(arguments)
    now = common.now(arguments)
    findings = _findings(token, now)
    if token.header is None and not findings:
        raise CommandError("this is no token: its first part does not decode to a JSON object")
    if arguments.format == "json":
        print_json(_as_json(token, now, findings))
    else:
        _print(token, now, findings, arguments.show_secrets)
    return found_in.exit_status(findings)


def _findings(token: Token, now: datetime) -> list[dict[str, Any]]:
    from claimlens.rules.engine import check

    snapshot = Snapshot.of(token.text, "untitled:token") if token.text else None
    if snapshot is None:
        return []
    result = check(snapshot, settings_for(Path.cwd()).settings, now)
    return [found_in.as_json(finding, snapshot.lines, "-") for finding in result.findings]


def _as_json(token: Token, now: datetime, findings: list[dict[str, Any]]) -> dict[str, Any]:
    profile = entra.profile(token, now)
    explained = []
    for where, members in (("header", token.header), ("payload", token.payload)):
        for name, value in (members or {}).items():
            told = entra.explain_claim(name, value, "header" if where == "header" else "payload")
            meaning = " ".join(part for part in (told.meaning, told.gotcha) if part)
            explained.append({"claim": name, "where": where, "value": told.value, "meaning": meaning})
    return {
        "header": token.header,
        "claims": token.payload,
        "kind": str(profile.kind),
        "version": profile.version,
        "flow": str(profile.flow),
        "issuer_family": profile.issuer.family if profile.issuer else None,
        "explained": explained,
        "findings": findings,
    }


def _print(token: Token, now: datetime, findings: list[dict[str, Any]], show_secrets: bool) -> None:
    profile = entra.profile(token, now)
    say(color(terminal(summary.title(profile)), "title"))
    say(terminal(token.text if show_secrets else token.masked()))
    rows = summary.main_rows(profile, now)
    say()
    table([(row.name, row.value) for row in rows])
    for heading, members in (("Header", token.header), ("Claims", token.payload)):
        if not members:
            continue
        say()
        say(color(heading, "title"))
        place = "header" if heading == "Header" else "payload"
        explained = [entra.explain_claim(name, value, place) for name, value in members.items()]  # type: ignore[arg-type]
        table([(told.name, told.value, told.meaning) for told in explained])
    if profile.notes:
        say()
        for note in profile.notes:
            table([("note", note.text)], indent="")
    for finding in findings:
        say()
        say(f"{color(finding['severity'], finding['severity'])}: {terminal(finding['message'])} [{finding['code']}]")
