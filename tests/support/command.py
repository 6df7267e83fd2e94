"""Runs the command line in this process, with standard streams as a pipe has them."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs

from claimlens.cli import main


@attrs.frozen
class Ended:
    """How a command ended."""

    status: int
    output: str
    errors: str
    raw: bytes = b""

    @property
    def json(self) -> Any:
        """What was printed, as JSON."""
        return json.loads(self.output)


def run(*arguments: str | Path, stdin: bytes | str = b"", folder: Path | None = None, encoding: str = "utf-8") -> Ended:
    """Run ``claimlens`` with these arguments, in ``folder``; standard output is not a terminal."""
    given = stdin.encode() if isinstance(stdin, str) else stdin
    output, errors = io.BytesIO(), io.StringIO()
    with _streams(given, output, errors, encoding), contextlib.chdir(folder or Path.cwd()):
        try:
            status = main([str(argument) for argument in arguments])
        except SystemExit as ended:  # argparse
            status = ended.code if isinstance(ended.code, int) else 1
        sys.stdout.flush()
        raw = output.getvalue()
    return Ended(status, raw.decode(encoding, "replace"), errors.getvalue(), raw)


@contextlib.contextmanager
def _streams(given: bytes, output: io.BytesIO, errors: io.StringIO, encoding: str) -> Iterator[None]:
    before = sys.stdin, sys.stdout, sys.stderr
    sys.stdin = io.TextIOWrapper(io.BytesIO(given), encoding="utf-8")
    sys.stdout = io.TextIOWrapper(output, encoding=encoding, write_through=True, newline="\n")
    sys.stderr = errors
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr = before
