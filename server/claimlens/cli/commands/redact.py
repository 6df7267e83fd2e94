"""``claimlens redact``: replace tokens by placeholders."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import tempfile
from pathlib import Path

from claimlens import jose
from claimlens.cli import arguments as common
from claimlens.cli.errors import CommandError
from claimlens.services.files import TextFile, Unreadable

DESCRIPTION = "Replace each token by a placeholder that keeps its kind and length, on standard output or in place."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add paths and what to do."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files and folders; - is standard input")
    parser.add_argument("--in-place", action="store_true", help="write the files instead of standard output")
    parser.add_argument("--keep-claims", action="store_true", help="remove only the signature")


def run(arguments: argparse.Namespace) -> int:
    """Redact every file; 2 where one could not be read or written."""
    if arguments.in_place and common.STANDARD_INPUT in arguments.paths:
        raise CommandError("standard input cannot be written in place")
    unreadable: list[Unreadable] = []
    changed = count = 0
    for file in common.read_files(arguments.paths):
        if isinstance(file, Unreadable):
            unreadable.append(file)
            continue
        tokens = jose.scan(file.text)
        text = jose.redact(file.text, tokens, keep_claims=arguments.keep_claims)
        if not arguments.in_place:
            _write_out(text)
        elif text != file.text:
            unreadable += _replace(file, text)
            changed, count = changed + 1, count + len(tokens)
    if arguments.in_place:
        print(f"claimlens: {count} tokens in {changed} files redacted", file=sys.stderr)
    return 2 if common.complain(unreadable) else 0


def _write_out(text: str) -> None:
    """Write the text as it is: no character of a file is changed but its tokens."""
    sys.stdout.flush()
    sys.stdout.buffer.write(text.encode("utf-8", "surrogatepass"))


def _replace(file: TextFile, text: str) -> list[Unreadable]:
    """Write a file anew beside the old one and put it in its place, so that no half of it is ever there."""
    path = file.path.resolve()
    temporary: Path | None = None
    try:
        descriptor, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
        temporary = Path(name)
        with os.fdopen(descriptor, "wb") as handle:
            handle.write(text.encode(file.encoding, "surrogatepass" if "utf" in file.encoding else "replace"))
        temporary.chmod(path.stat().st_mode)
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()
        return [Unreadable(file.path, f"not written: {(error.strerror or type(error).__name__).lower()}")]
    return []
