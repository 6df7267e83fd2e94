"""Makes ``docs/command-line.md`` from the parser, so that the page cannot differ from what the program takes."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Iterator
from typing import Any

from claimlens.cli.commands import COMMANDS
from claimlens.cli.run import build_parser

HEAD = """\
# The command line

Results are on standard output, everything else on standard error.
Exit status: 0 nothing wrong, or valid; 1 findings of severity error or warning, or invalid; 2 the work could not be
done (bad usage, an unreadable file, the network refused, undetermined).

- **Files and folders.** Folders are read as git sees them: what `.gitignore` and `.git/info/exclude` leave out is left
  out, as are binaries, version control and package folders, links, and files beyond 50 MB.
  A file that is named is always read. `-` is standard input.
- **Encodings.** UTF-8, UTF-16 and UTF-32, by byte order mark or by their looks; what is neither is Windows-1252.
- **Tokens** are never printed, unless with `--show-secrets`: `eyJhbGci…[1706 characters, RS256]` stands for one.
- **Places** in JSON are lines and columns from 1, ends exclusive. A line ends at `\\n`, `\\r\\n` or `\\r`; columns
  count Unicode code points.
- **The clock** is fixed by `--now`, so that a result can be had again.
- **Colours** are for terminals, and for those that do not set `NO_COLOR`.

Settings for a folder stand in `claimlens.toml`; see [settings](settings.md).
"""


def page() -> str:
    """Return the page."""
    return "\n".join([HEAD, *(_section(name) for name in COMMANDS), _SERVER])


_SERVER = """\
## claimlens lsp

Runs the language server on standard input and output; `--tcp HOST:PORT` serves one client on a loopback address, for
debugging. [protocol.md](protocol.md) says what it speaks besides LSP.
"""


def _section(name: str) -> str:
    module = importlib.import_module(f"claimlens.cli.commands.{name}")
    parser = _parser_of(name)
    rows = "\n".join(_row(action) for action in parser._actions if not isinstance(action, argparse._HelpAction))
    table = f"| argument | meaning |\n|---|---|\n{rows}\n"
    return f"## claimlens {name}\n\n{module.DESCRIPTION}\n\n{table}\nJSON: `{module.JSON}`\n"


def _parser_of(name: str) -> argparse.ArgumentParser:
    (subparsers,) = _of_type(build_parser(name), argparse._SubParsersAction)
    return subparsers.choices[name]


def _of_type(parser: argparse.ArgumentParser, kind: type) -> Iterator[Any]:
    yield from (action for action in parser._actions if isinstance(action, kind))


def _row(action: argparse.Action) -> str:
    value = "" if action.nargs == 0 else _value(action)
    names = ", ".join(action.option_strings)
    argument = " ".join(part for part in (names, value) if part)
    return f"| `{argument}` | {action.help} |".replace("\\|", "|")


def _value(action: argparse.Action) -> str:
    if action.choices is not None:
        return "{" + ",".join(map(str, action.choices)) + "}"
    value = str(action.metavar or action.dest.upper())
    return f"{value}…" if action.nargs == "+" else f"[{value}]" if action.nargs == "?" else value
