"""The command line: one of the two faces of Claimlens.

`claimlens.cli.commands` lists the subcommands, one module each; `claimlens.cli.arguments` holds what several share.
Results go to standard output, everything else to standard error. Exit status: 0 nothing wrong, 1 findings or invalid,
2 the work could not be done.
"""

from __future__ import annotations

from collections.abc import Sequence


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``claimlens`` with ``argv`` (those of the process by default); return the exit status."""
    from claimlens.cli.run import run

    return run(argv)
