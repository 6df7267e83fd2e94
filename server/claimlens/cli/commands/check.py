"""``claimlens check``: run every rule over files and folders."""

from __future__ import annotations

import argparse
import functools
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import attrs

from claimlens.cli import arguments as common
from claimlens.cli import findings as found_in
from claimlens.cli.errors import CommandError
from claimlens.cli.output import print_json, progress, warn
from claimlens.rules.context import Workspace
from claimlens.services.checking import CheckedFile, check_file, settings_for
from claimlens.services.files import Unreadable

DESCRIPTION = "Run all rules over files and folders. Exit status 1 where one finds an error or a warning."
JSON = (
    '{"findings": [{"code", "cause", "severity": "error", "warning", "information" or "hint", "message", '
    '"path", "line", "column", "end_line", "end_column", "fixes": [{"title"}], "related": [{"message", "path", '
    '"line", "column", "end_line", "end_column"}]}], "files": N}'
)
_CHUNK = 16
"""Files that a process is handed at a time."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add paths, formats, clock and jobs."""
    common.add_paths(parser)
    parser.add_argument(
        "--jobs",
        type=common.whole_number(most=64),  # Windows cannot wait for more processes
        default=1,
        metavar="N",
        help="check in N processes (0: one per processor)",
    )
    common.add_common(parser, "sarif", "github")


def run(arguments: argparse.Namespace) -> int:
    """Check everything; 2 where a file could not be read."""
    findings: list[dict[str, Any]] = []
    complaints = common.Complaints()
    told: dict[str, None] = {}
    files = 0
    found = common.sources(arguments.paths)
    check = functools.partial(_check, now=common.now(arguments), around=_workspace(found))
    checked_files = map(check, found) if arguments.jobs == 1 else _in_processes(check, found, arguments.jobs)
    for checked in progress(found, checked_files, "checking"):
        if isinstance(checked, Unreadable):
            complaints.add(checked)
        elif checked is not None:
            files += 1
            findings += checked.findings
            told |= dict.fromkeys(checked.remarks)
    for remark in told:
        warn(remark)
    _print(findings, files, arguments.format, complete=not complaints.any)
    return 2 if complaints.any else found_in.exit_status(findings)


def _print(findings: list[dict[str, Any]], files: int, format_name: str, *, complete: bool) -> None:
    if format_name == "json":
        print_json({"findings": findings, "files": files})
    elif format_name == "sarif":
        from claimlens.cli.sarif import log
        from claimlens.rules.registry import registry

        print_json(log(findings, registry(), complete=complete))
    elif format_name == "github":
        found_in.print_github(findings)
    else:
        found_in.print_text(findings, files)


@attrs.frozen
class Checked:
    """What checking a file gave: its findings as they are printed, and what is to be told on standard error."""

    findings: list[dict[str, Any]]
    remarks: tuple[str, ...] = ()


def _workspace(found: Sequence[common.Found]) -> Workspace:
    """Return what the files that are checked say of each other; named values are those of the working folder."""
    from claimlens.services.workspace_index import WorkspaceIndex, is_candidate, scan

    index = WorkspaceIndex()
    named = (each.path for each in found if isinstance(each, common.Source))
    index.take(scan(path.resolve() for path in named if is_candidate(path.name)))
    named_values = settings_for(Path.cwd()).settings.policies.named_values
    return Workspace("", index.view(named_values=named_values), index.declared(), index.addressed())


def _check(found: common.Found, now: datetime, around: Workspace) -> Checked | Unreadable | None:
    file = common.read(found)
    if file is None or isinstance(file, Unreadable):
        return file
    checked = check_file(file, now, around)
    lines, path = checked.snapshot.lines, str(file.path)
    return Checked(
        [found_in.as_json(finding, lines, path) for finding in checked.result.findings], tuple(_remarks(checked))
    )


def _remarks(checked: CheckedFile) -> Iterator[str]:
    for failure in checked.result.failures:
        yield f"{checked.path}: the rule {failure.code} failed ({failure.error_type} at {failure.place})"
    for problem in checked.folder.problems:
        yield ": ".join(part for part in (checked.folder.source, problem.message) if part)


def _in_processes(
    check: functools.partial[Checked | Unreadable | None], found: Sequence[common.Found], jobs: int
) -> Iterator[Checked | Unreadable | None]:
    """Yield what ``check`` makes of each, in order, made by several processes."""
    import os
    import signal
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool

    # An interrupt reaches every process of the terminal; this one tells of it and ends the others.
    pool = ProcessPoolExecutor(
        jobs or os.cpu_count(), initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN)
    )
    try:
        yield from pool.map(check, found, chunksize=_CHUNK)
    except BrokenProcessPool:
        raise CommandError("a process that checked files has ended unexpectedly") from None
    finally:
        pool.shutdown(cancel_futures=True)
