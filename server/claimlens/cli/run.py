"""Parse the arguments, run the subcommand, turn what went wrong into a message and an exit status."""

from __future__ import annotations

import argparse
import importlib
import os
import re
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from claimlens import __version__
from claimlens.cli.commands import COMMANDS
from claimlens.cli.errors import CommandError

FAILED = 2
INTERRUPTED = 130
"""As shells have it: 128 and the number of the signal."""


class Parser(argparse.ArgumentParser):
    """A parser that takes no abbreviations (scripts outlive them) and repeats no token in its complaints."""

    def __init__(self, **more: object) -> None:
        super().__init__(**{"allow_abbrev": False, **more})  # type: ignore[arg-type]

    def error(self, message: str) -> NoReturn:
        """Print usage and message, end with status 2."""
        from claimlens.cli.masking import masked
        from claimlens.text.escape import visible

        super().error(f"{visible(masked(message))}{_did_you_mean(message)}")


def _did_you_mean(message: str) -> str:
    """Return a hint where argparse complains of a word that is nearly one of those it could have been."""
    complaint = re.search(r"invalid choice: '([^']*)' \(choose from (.*)\)$", message)
    if complaint is None:
        return ""
    from claimlens.text.nearest import nearest

    meant = nearest(complaint[1], re.findall(r"[\w-]+", complaint[2]))
    return f". Did you mean '{meant}'?" if meant else ""


def run(argv: Sequence[str] | None = None) -> int:
    """Run ``claimlens`` with these arguments and return the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    parser = build_parser(arguments[0] if arguments else "")
    if not arguments:
        parser.print_help(sys.stderr)
        return FAILED
    parsed = parser.parse_args(arguments)
    try:
        _refuse_standard_input_twice(parsed)
        status = int(parsed.run(parsed))
        sys.stdout.flush()
    except CommandError as error:
        from claimlens.cli.output import warn

        warn(str(error))
        return FAILED
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output has seen enough. Standard output is pointed away, or Python complains at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except OSError as error:
        from claimlens.cli.output import warn

        warn((error.strerror or type(error).__name__).lower())
        return FAILED
    except Exception as error:  # a defect; its message may hold what it was looking at, so only the place is told
        print(f"claimlens: a defect: {type(error).__name__} at {_place(error)}. Please report it.", file=sys.stderr)
        return FAILED
    return status


def _refuse_standard_input_twice(parsed: argparse.Namespace) -> None:
    """Raise `CommandError` where two arguments want standard input: whoever reads it second finds nothing there."""
    given = [each for value in vars(parsed).values() for each in (value if isinstance(value, list) else [value])]
    if given.count("-") > 1:
        raise CommandError("only one argument can be - (standard input)")


def _place(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{Path(frame.filename).name}:{frame.lineno} in {frame.name}"


def build_parser(command: str | None = None) -> Parser:
    """Return the parser; only ``command`` (every subcommand where it is None) gets its arguments."""
    parser = Parser(
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
        added = subparsers.add_parser(name, help=summary, description=module.DESCRIPTION, epilog=f"JSON: {module.JSON}")
        module.add_arguments(added)
        added.set_defaults(run=module.run)
    subparsers.add_parser("lsp", help="run the language server", add_help=False)
    return parser
