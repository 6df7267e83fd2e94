"""``claimlens redact``: replace tokens by placeholders."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from claimlens import jose
from claimlens.cli import arguments as common
from claimlens.cli.errors import CommandError
from claimlens.cli.output import counted, print_json, warn
from claimlens.diagnosis.redaction import redact_everything
from claimlens.jose.model import Token
from claimlens.services.files import TextFile, Unreadable
from claimlens.text.escape import terminal

DESCRIPTION = "Replace each token by a placeholder that keeps its kind and length, on standard output or in place."
JSON = '[{"path", "tokens": N, "text"}], without text where files are written in place'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add paths and what to do."""
    common.add_paths(parser)
    parser.add_argument("--in-place", action="store_true", help="write the files instead of standard output")
    parser.add_argument("--keep-claims", action="store_true", help="remove only the signature")
    parser.add_argument(
        "--everything",
        action="store_true",
        help="make a log fit to be shown: tokens, secrets, e-mail addresses and GUIDs become numbered placeholders",
    )
    common.add_common(parser)


def run(arguments: argparse.Namespace) -> int:
    """Redact every file; 2 where one could not be read or written."""
    if arguments.in_place and common.STANDARD_INPUT in arguments.paths:
        raise CommandError("standard input cannot be written in place")
    if arguments.everything and arguments.keep_claims:
        raise CommandError("--everything leaves no claims to keep")
    complaints = common.Complaints()
    rows: list[dict[str, Any]] = []
    changed = 0
    for file in common.read_all(arguments.paths, complaints, "redacting"):
        tokens = jose.scan(file.text)
        text = _redacted(arguments, file.text, tokens)
        row = {"path": str(file.path), "tokens": len(tokens)}
        if not arguments.in_place:
            row["text"] = text
            if arguments.format == "text":
                _write_out(file, text)
        elif text != file.text and (problem := _replace(file, text)):
            complaints.add(problem)
            continue
        changed += text != file.text
        rows.append(row)
    if arguments.format == "json":
        print_json(rows, show_secrets=True)  # what is left of tokens is what was asked for
    elif arguments.in_place:
        what = "everything" if arguments.everything else counted(sum(row["tokens"] for row in rows), "token")
        warn(f"redacted {what} in {counted(changed, 'file')}")
    return 2 if complaints.any else 0


def _redacted(arguments: argparse.Namespace, text: str, tokens: Sequence[Token]) -> str:
    if arguments.everything:
        return redact_everything(text, tokens)
    return jose.redact(text, tokens, keep_claims=arguments.keep_claims)


def _write_out(file: TextFile, text: str) -> None:
    """Write the very bytes of the file but for its tokens; on a terminal, nothing that acts on it."""
    if sys.stdout.isatty():
        sys.stdout.write(terminal(text))
        return
    sys.stdout.flush()
    sys.stdout.buffer.write(file.encoding.encode(text))
    sys.stdout.buffer.flush()


def _replace(file: TextFile, text: str) -> Unreadable | None:
    """Write a file anew beside the old one and put it in its place, so that no half of it is ever there."""
    if not file.encoding.is_exact:
        return Unreadable(file.path, f"not written: it is damaged {file.encoding.name.upper()}")
    path = file.path.resolve()
    temporary: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name[:100]}.", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(file.encoding.encode(text))
        shutil.copymode(path, temporary)
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()
        return Unreadable(file.path, f"not written: {(error.strerror or type(error).__name__).lower()}")
    return None
