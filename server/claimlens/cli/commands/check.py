"""``claimlens check``: run every rule over files and folders."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from claimlens.cli import arguments as common
from claimlens.cli import findings as found_in
from claimlens.cli.output import print_json
from claimlens.services.checking import check_file, settings_for
from claimlens.services.files import TextFile, Unreadable
from claimlens.text.escape import terminal

DESCRIPTION = "Run all rules over files and folders. Exit status 1 where one finds an error or a warning."
_CHUNK = 16


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add paths, formats, clock and jobs."""
    parser.add_argument("paths", nargs="+", metavar="PATH", help="files and folders; - is standard input")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="check in N processes (0: one per processor)")
    common.add_common(parser, "sarif", "github")


def run(arguments: argparse.Namespace) -> int:
    """Check everything; 2 where a file could not be read."""
    findings: list[dict[str, Any]] = []
    unreadable: list[Unreadable] = []
    counted = 0
    for checked in _watched(_check_all(arguments)):
        if isinstance(checked, Unreadable):
            unreadable.append(checked)
        else:
            counted += 1
            findings += checked
    _print(findings, counted, arguments.format)
    _tell_settings_problems(arguments.paths)
    return 2 if common.complain(unreadable) else found_in.exit_status(findings)


def _print(findings: list[dict[str, Any]], files: int, format_name: str) -> None:
    if format_name == "json":
        print_json({"findings": findings, "files": files})
    elif format_name == "sarif":
        from claimlens.rules.registry import registry

        print_json(found_in.sarif(findings, registry()))
    elif format_name == "github":
        found_in.print_github(findings)
    else:
        found_in.print_text(findings, files)


def _check_all(arguments: argparse.Namespace) -> Iterator[list[dict[str, Any]] | Unreadable]:
    now = common.now(arguments)
    files = common.read_files(arguments.paths)
    if arguments.jobs == 1:
        yield from (_check(file, now) for file in files)
        return
    from concurrent.futures import ProcessPoolExecutor
    from functools import partial
    from os import cpu_count

    with ProcessPoolExecutor(arguments.jobs or cpu_count()) as pool:
        yield from pool.map(partial(_check, now=now), files, chunksize=_CHUNK)


def _check(file: TextFile | Unreadable, now: datetime) -> list[dict[str, Any]] | Unreadable:
    if isinstance(file, Unreadable):
        return file
    checked = check_file(file, now)
    for failure in checked.result.failures:
        print(f"claimlens: {file.path}: the rule {failure.code} failed ({failure.error_type})", file=sys.stderr)
    return [found_in.as_json(finding, checked.snapshot.lines, str(file.path)) for finding in checked.result.findings]


def _watched(
    results: Iterable[list[dict[str, Any]] | Unreadable],
) -> Iterator[list[dict[str, Any]] | Unreadable]:
    """Show on a terminal how many files are done, where it takes more than a moment."""
    if not sys.stderr.isatty():
        yield from results
        return
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    told = TextColumn("{task.completed} files checked")
    with Progress(SpinnerColumn(), told, TimeElapsedColumn(), console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("check", total=None)
        for result in results:
            progress.advance(task)
            yield result


def _tell_settings_problems(paths: Iterable[str]) -> None:
    """Warn of settings that were not understood, once each."""
    from pathlib import Path

    told = set()
    for name in paths:
        folder = settings_for(Path.cwd() if name == common.STANDARD_INPUT else Path(name))
        for problem in folder.problems:
            message = f"claimlens: {folder.source}: {problem.key}{': ' if problem.key else ''}{problem.message}"
            if message not in told:
                told.add(message)
                print(terminal(message), file=sys.stderr)
