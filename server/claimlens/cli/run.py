"""Parse the arguments, run the subcommand, turn what went wrong into a message and an exit status."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence

from claimlens import __version__
from claimlens.cli.commands import COMMANDS
from claimlens.cli.errors import CommandError

FAILED = 2


def run(argv: Sequence[str] | None = None) -> int:
    """Run ``claimlens`` with these arguments and return the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = build_parser(arguments[0] if arguments else "")
    try:
        parsed = parser.parse_args(arguments)
        return int(parsed.run(parsed))
    except CommandError as error:
        print(f"claimlens: {error}", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        # Whoever read our output has seen enough. Standard output is pointed away, or Python complains at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def build_parser(command: str | None = None) -> argparse.ArgumentParser:
    """Return the parser; only ``command`` (every subcommand where it is None) gets its arguments."""
    parser = argparse.ArgumentParser(
        prog="claimlens",
        description="Find, explain and check JSON Web Tokens and Azure API Management policies.",
        epilog="Tokens are decoded on this machine; nothing is sent anywhere unless a command is told to fetch.",
    )
    parser.add_argument("--version", action="version", version=f"claimlens {__version__}")
    subparsers = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, summary in COMMANDS.items():
        if command is not None and command != name:
            subparsers.add_parser(name, help=summary)
            continue
        module = importlib.import_module(f"claimlens.cli.commands.{name}")
        added = subparsers.add_parser(name, help=summary, description=module.DESCRIPTION)
        module.add_arguments(added)
        added.set_defaults(run=module.run)
    subparsers.add_parser("lsp", help="run the language server", add_help=False)
    return parser
