"""``claimlens decode``: what a token says, each claim explained."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from claimlens import entra
from claimlens.cli import arguments as common
from claimlens.cli import findings as found_in
from claimlens.cli.arguments import GivenToken
from claimlens.cli.errors import CommandError
from claimlens.cli.masking import masked_within
from claimlens.cli.output import color, print_json, say, table
from claimlens.entra import Explanation, summary
from claimlens.entra.model import ClaimPlace
from claimlens.jose.model import Token, TokenForm
from claimlens.services.checking import settings_for
from claimlens.text.snapshot import Snapshot

DESCRIPTION = (
    "Print a token's header and claims, each explained, and what is wrong with it. Nothing is verified or sent."
)
JSON = (
    '{"header", "claims", "kind", "version", "flow", "issuer_family", '
    '"explained": [{"claim", "where", "value", "meaning"}], "findings": […]}'
)

_FEWEST_PARTS = 2
"""Dots make a token recognisable as one, however damaged its parts are."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the token, format and clock."""
    common.add_token(parser)
    common.add_common(parser)


def run(arguments: argparse.Namespace) -> int:
    """Decode the token; 1 where a rule finds an error or a warning."""
    given = common.given_token(arguments)
    now = common.now(arguments)
    if given.token.header is None and given.token.payload is None:
        _refuse_what_is_none(given)
    findings = _findings(given, now)
    if arguments.format == "json":
        print_json(_as_json(given.token, now, findings, arguments.show_secrets), show_secrets=arguments.show_secrets)
    else:
        _print(given, now, findings, arguments.show_secrets)
    return found_in.exit_status(findings)


def _refuse_what_is_none(given: GivenToken) -> None:
    known = entra.opaque_token(given.text.strip())
    if known is not None:
        raise CommandError(f"this is no JSON Web Token: {known.name}. {known.note}")
    if given.token.form is not TokenForm.OVERSIZED and len(given.token.segments) < _FEWEST_PARTS:
        where = "this text" if given.name == common.STANDARD_INPUT else given.name
        raise CommandError(
            f"{where}: no token in it. One begins with eyJ and has three parts, or five, with dots between them"
        )


def _findings(given: GivenToken, now: datetime) -> list[dict[str, Any]]:
    """Return what the rules say of the token where it stands, but not of where it lies: it was given on purpose."""
    from claimlens.rules.engine import check

    folder = settings_for(Path.cwd() if given.name == common.STANDARD_INPUT else Path(given.name))
    snapshot = Snapshot.of(given.text, f"untitled:{given.name}")
    found = check(snapshot, folder.settings, now, tokens=(given.token,)).findings
    return [
        found_in.as_json(finding, snapshot.lines, given.name)
        for finding in found
        if given.token.span.covers(finding.span) or finding.span.covers(given.token.span)
    ]


def _explained(token: Token, show_secrets: bool) -> Iterator[tuple[ClaimPlace, list[Explanation]]]:
    """Yield header and payload, as far as they could be decoded, with each of their members explained."""
    parts: tuple[tuple[ClaimPlace, Mapping[str, Any] | None], ...] = (
        ("header", token.header),
        ("payload", token.payload),
    )
    for place, members in parts:
        shown = _shown(members or {}, show_secrets)
        if shown:
            yield place, [entra.explain_claim(name, value, place, shown) for name, value in shown.items()]


def _shown(value: Any, show_secrets: bool) -> Any:
    """Return a value with the tokens in it masked, before words made of it may cut one short."""
    return value if show_secrets else masked_within(value)


def _as_json(token: Token, now: datetime, findings: list[dict[str, Any]], show_secrets: bool) -> dict[str, Any]:
    profile = entra.profile(token, now)
    return {
        "header": _shown(token.header, show_secrets),
        "claims": _shown(token.payload, show_secrets),
        "kind": str(profile.kind),
        "version": profile.version,
        "flow": str(profile.flow),
        "issuer_family": profile.issuer.family if profile.issuer else None,
        "explained": [
            {"claim": told.name, "where": place, "value": told.value, "meaning": _meaning(told)}
            for place, members in _explained(token, show_secrets)
            for told in members
        ],
        "findings": findings,
        **({"token": token.text} if show_secrets else {}),
    }


def _meaning(told: Explanation) -> str:
    return " ".join(part for part in (told.meaning, told.gotcha) if part)


def _print(given: GivenToken, now: datetime, findings: list[dict[str, Any]], show_secrets: bool) -> None:
    token = given.token
    profile = entra.profile(token, now)
    say(color(summary.title(profile), "title"), show_secrets=show_secrets)
    say(token.text or token.span.slice(given.text) if show_secrets else token.masked(), show_secrets=show_secrets)
    rows = summary.main_rows(profile, now)
    if rows:
        say()
    table([(color(row.name, "dim"), row.value) for row in rows], show_secrets=show_secrets)
    for place, members in _explained(token, show_secrets):
        say()
        say(color("Header" if place == "header" else "Claims", "title"))
        table([(told.name, told.value, color(told.meaning, "dim")) for told in members], show_secrets=show_secrets)
    if profile.notes:
        say()
        table([(color("note", "information"), note.text) for note in profile.notes], indent="")
    for finding in findings:
        say()
        found_in.print_one(finding)
