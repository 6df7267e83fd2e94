"""``claimlens tokens``: list the tokens in files."""

from __future__ import annotations

import argparse
from typing import Any

from claimlens import entra, jose
from claimlens.cli import arguments as common
from claimlens.cli.output import place, print_json, say
from claimlens.entra import summary
from claimlens.services.files import TextFile, Unreadable
from claimlens.text.escape import terminal
from claimlens.text.lines import LineIndex

DESCRIPTION = "List the tokens found in files and folders, each with its place, form, algorithm and kind."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add paths, format and clock."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files and folders; - is standard input")
    common.add_common(parser)


def run(arguments: argparse.Namespace) -> int:
    """List the tokens; 0 whether there are any or not."""
    found: list[dict[str, Any]] = []
    unreadable: list[Unreadable] = []
    for file in common.read_files(arguments.paths):
        if isinstance(file, Unreadable):
            unreadable.append(file)
            continue
        found += _tokens_in(file, arguments)
    if arguments.format == "json":
        print_json([{name: value for name, value in row.items() if name != "label"} for row in found])
    else:
        for row in found:
            say(f"{terminal(row['path'])}:{row['line']}:{row['column']}: {terminal(row['label'])} [{row['form']}]")
    return 2 if common.complain(unreadable) else 0


def _tokens_in(file: TextFile, arguments: argparse.Namespace) -> list[dict[str, Any]]:
    lines = LineIndex(file.text)
    rows = []
    for token in jose.scan(file.text):
        profile = entra.profile(token, common.now(arguments))
        rows.append(
            {
                "path": str(file.path),
                **place(lines, token.span),
                "form": str(token.form),
                "alg": token.algorithm,
                "kind": str(profile.kind),
                "issuer_family": profile.issuer.family if profile.issuer else None,
                "label": f"{summary.label(profile)} {token.masked()}",
            }
        )
    return rows
