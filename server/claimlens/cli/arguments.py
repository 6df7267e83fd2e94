"""What several subcommands share: the clock, the format, where a token comes from, how files are read."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from claimlens.cli.errors import CommandError
from claimlens.jose.model import Token
from claimlens.services import files
from claimlens.services.files import TextFile, Unreadable

STANDARD_INPUT = "-"


def add_common(parser: argparse.ArgumentParser, *formats: str) -> None:
    """Add ``--format`` and ``--now``."""
    parser.add_argument("--format", choices=("text", "json", *formats), default="text", help="how results are printed")
    parser.add_argument(
        "--now",
        type=moment,
        default=None,
        metavar="ISO-8601",
        help="take this for the present time (UTC without a zone)",
    )


def add_token(parser: argparse.ArgumentParser) -> None:
    """Add the three ways to give a token, and ``--show-secrets``."""
    parser.add_argument("token_text", nargs="?", metavar="TOKEN", help="the token, or - for standard input")
    parser.add_argument("--token", metavar="FILE", help="take the first token in this file")
    parser.add_argument("--show-secrets", action="store_true", help="print token text instead of a mask")


def add_network(parser: argparse.ArgumentParser) -> None:
    """Add what may be reached."""
    parser.add_argument(
        "--allow-host",
        action="append",
        default=[],
        metavar="HOST[:PORT]",
        help="a host that is not a known identity provider; it may be plain http or loopback",
    )
    parser.add_argument("--ca", metavar="FILE", help="extra certificate authorities, in PEM form")


def moment(text: str) -> datetime:
    """Return an ISO 8601 moment; one without a zone is UTC."""
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not an ISO 8601 time: {text!r}") from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def now(arguments: argparse.Namespace) -> datetime:
    """Return the time to judge with."""
    fixed: datetime | None = arguments.now
    return fixed or datetime.now(UTC)


def read_input(name: str) -> str:
    """Return the text of a file, or of standard input for ``-``; raise `CommandError` where it cannot be read."""
    if name == STANDARD_INPUT:
        decoded = files.decode(sys.stdin.buffer.read())
        if decoded is None:
            raise CommandError("standard input is not text")
        return decoded[0]
    found = files.read_text(Path(name))
    if found is None:
        raise CommandError(f"{name}: not a text file")
    if isinstance(found, Unreadable):
        raise CommandError(f"{name}: {found.reason}")
    return found.text


def read_token(arguments: argparse.Namespace) -> Token:
    """Return the token that the arguments name; raise `CommandError` where there is none."""
    from claimlens import jose

    if arguments.token is not None and arguments.token_text is not None:
        raise CommandError("give the token as an argument or by --token, not both")
    if arguments.token is not None or arguments.token_text == STANDARD_INPUT:
        name = arguments.token if arguments.token is not None else STANDARD_INPUT
        found = jose.scan(read_input(name))
        if not found:
            raise CommandError(f"no token in {'standard input' if name == STANDARD_INPUT else name}")
        return found[0]
    if arguments.token_text is None:
        raise CommandError("which token? Give it as an argument, as - for standard input, or by --token FILE")
    text = arguments.token_text.strip()
    scheme, _, rest = text.partition(" ")
    return jose.decode(rest.strip() if scheme.lower() == "bearer" and rest else text)


def read_files(paths: Sequence[str]) -> Iterator[TextFile | Unreadable]:
    """Yield the text files under ``paths`` (``-`` is standard input) and those that cannot be read; no binaries."""
    for name in paths:
        if name == STANDARD_INPUT:
            yield TextFile(Path(STANDARD_INPUT), read_input(name), "utf-8")
            continue
        for path in files.discover([Path(name)]):
            found = files.read_text(path)
            if found is not None:
                yield found


def complain(unreadable: Iterable[Unreadable]) -> bool:
    """Tell which files could not be read; return whether there were any."""
    told = False
    for each in unreadable:
        print(f"claimlens: {each.path}: {each.reason}", file=sys.stderr)
        told = True
    return told
