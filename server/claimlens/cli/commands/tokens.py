"""``claimlens tokens``: list the tokens in files."""

from __future__ import annotations

import argparse
from datetime import datetime
from typing import Any

from claimlens import entra, jose
from claimlens.cli import arguments as common
from claimlens.cli.output import color, counted, place, print_json, say, warn
from claimlens.entra import summary
from claimlens.services.files import TextFile
from claimlens.text.escape import visible
from claimlens.text.lines import LineIndex

DESCRIPTION = "List the tokens found in files and folders, each with its place, form, algorithm and kind."
JSON = (
    '[{"path", "line", "column", "end_line", "end_column", '
    '"form": "jws", "jwe", "truncated", "decoded" or "oversized", "alg", "kind", "issuer_family"}]'
)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add paths, format and clock."""
    common.add_paths(parser)
    parser.add_argument("--show-secrets", action="store_true", help="print token text instead of a mask")
    common.add_common(parser)


def run(arguments: argparse.Namespace) -> int:
    """List the tokens; 0 whether there are any or not."""
    now = common.now(arguments)
    complaints = common.Complaints()
    rows: list[dict[str, Any]] = []
    files = 0
    for file in common.read_all(arguments.paths, complaints, "looking for tokens"):
        files += 1
        rows += _tokens_in(file, now)
    if arguments.format == "json":
        shown = ("text",) if arguments.show_secrets else ()
        print_json(
            [{name: row[name] for name in (*_FIELDS, *shown)} for row in rows], show_secrets=arguments.show_secrets
        )
    else:
        for row in rows:
            _print(row, arguments.show_secrets)
        if files and not rows:
            warn(f"no token in {counted(files, 'file')}")
    return 2 if complaints.any else 0


_FIELDS = ("path", "line", "column", "end_line", "end_column", "form", "alg", "kind", "issuer_family")


def _print(row: dict[str, Any], show_secrets: bool) -> None:
    where = f"{visible(row['path'])}:{row['line']}:{row['column']}"
    token = row["text"] if show_secrets else row["masked"]
    label = f": {visible(row['label'])} [{row['form']}] "
    say(color(where, "dim"), label, visible(token), show_secrets=show_secrets)


def _tokens_in(file: TextFile, now: datetime) -> list[dict[str, Any]]:
    lines = LineIndex(file.text)
    rows = []
    for token in jose.scan(file.text):
        profile = entra.profile(token, now)
        rows.append(
            {
                "path": str(file.path),
                **place(lines, token.span),
                "form": str(token.form),
                "alg": token.algorithm,
                "kind": str(profile.kind),
                "issuer_family": profile.issuer.family if profile.issuer else None,
                "label": summary.label(profile),
                "masked": token.masked(),
                "text": token.text or token.span.slice(file.text),
            }
        )
    return rows
