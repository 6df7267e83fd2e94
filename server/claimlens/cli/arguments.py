"""What several subcommands share: the clock, the format, where a token comes from, how files are read."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from claimlens.cli.errors import CommandError
from claimlens.cli.output import progress, warn
from claimlens.jose.model import Token
from claimlens.services import files
from claimlens.services.encodings import Encoding, decode
from claimlens.services.files import TextFile, Unreadable
from claimlens.text.moments import MOMENT, moment

if TYPE_CHECKING:
    from claimlens.oidc import DocumentCache, Failure

STANDARD_INPUT = "-"
_LONGEST_FILE_NAME = 255
_CERTIFICATE = b"-----BEGIN CERTIFICATE-----"


def add_common(parser: argparse.ArgumentParser, *formats: str) -> None:
    """Add ``--format`` and ``--now``."""
    parser.add_argument("--format", choices=("text", "json", *formats), default="text", help="how results are printed")
    parser.add_argument(
        "--now",
        type=point_in_time,
        default=None,
        metavar="ISO-8601",
        help="take this for the present time (UTC without a zone)",
    )


def add_token(parser: argparse.ArgumentParser) -> None:
    """Add the three ways to give a token, and ``--show-secrets``."""
    parser.add_argument("token_text", nargs="?", metavar="TOKEN", help="the token, or - for standard input")
    parser.add_argument("--token", type=path_name, metavar="FILE", help="take the first token in this file")
    parser.add_argument("--show-secrets", action="store_true", help="print token text instead of a mask")


def add_paths(parser: argparse.ArgumentParser) -> None:
    """Add the files and folders to read."""
    parser.add_argument(
        "paths", nargs="+", type=path_name, metavar="PATH", help="files and folders; - is standard input"
    )


def add_network(parser: argparse.ArgumentParser) -> None:
    """Add what may be reached."""
    parser.add_argument(
        "--allow-host",
        type=host,
        action="append",
        default=[],
        metavar="HOST[:PORT]",
        help="a host that is not a known identity provider; it may be plain http or loopback",
    )
    parser.add_argument("--ca", type=path_name, metavar="FILE", help="extra certificate authorities, in PEM form")


def path_name(text: str) -> str:
    """Return the name of a file or folder; an empty one, left by an unset variable, would be the working folder."""
    if not text:
        raise argparse.ArgumentTypeError("the name is empty; is a variable not set?")
    return text


def point_in_time(text: str) -> datetime:
    """Return an ISO 8601 moment; one without a zone is UTC."""
    found = moment(text)
    if found is None:
        raise argparse.ArgumentTypeError(f"not {MOMENT}")
    return found


def whole_number(most: int) -> Callable[[str], int]:
    """Return a reader of whole numbers from 0 to ``most``."""

    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) > most:
            raise argparse.ArgumentTypeError(f"not a whole number from 0 to {most}")
        return int(text)

    return read


def host(text: str) -> str:
    """Return a host with or without a port; that of a URL is meant where people paste one."""
    from claimlens.oidc import host_named

    named = host_named(text)
    if named is None:
        raise argparse.ArgumentTypeError("not a host, with or without a port, such as idp.example or localhost:8443")
    return named


def now(arguments: argparse.Namespace) -> datetime:
    """Return the time to judge with."""
    fixed: datetime | None = arguments.now
    return fixed or datetime.now(UTC)


@attrs.frozen
class Source:
    """A file to read: one that was named, or one that was found in a folder."""

    path: Path
    is_named: bool

    def read(self) -> TextFile | Unreadable | None:
        """Return the file, why it cannot be read, or None where it is binary."""
        return files.read_text(self.path, named=self.is_named)


Found = Source | TextFile | Unreadable | None
"""A file still to be read, or what reading one gave."""


def sources(names: Sequence[str]) -> list[Found]:
    """Return what is to be read under ``names``; standard input has been read already."""
    paths = [Path(name) for name in names if name != STANDARD_INPUT]
    named = frozenset(paths)
    found: list[Found] = [Source(path, path in named) for path in files.discover(paths)]
    return [*([_standard_input()] if STANDARD_INPUT in names else []), *found]


def read(found: Found) -> TextFile | Unreadable | None:
    """Return what a source holds."""
    return found.read() if isinstance(found, Source) else found


def _standard_input_bytes() -> bytes:
    try:
        return sys.stdin.buffer.read()
    except (OSError, AttributeError):  # closed; Python has no stream at all where the file descriptor was not open
        raise CommandError("standard input cannot be read") from None


def _standard_input() -> TextFile:
    data = _standard_input_bytes()
    text, encoding = decode(data) or (data.decode("latin-1"), Encoding("latin-1"))
    return TextFile(Path(STANDARD_INPUT), text, encoding)


def read_input(name: str) -> str:
    """Return the text of a file, or of standard input for ``-``; raise `CommandError` where it cannot be read."""
    found = _standard_input() if name == STANDARD_INPUT else files.read_text(Path(name), named=True)
    if isinstance(found, TextFile):
        return found.text
    raise CommandError(f"{name}: {found.reason if found else 'not a text file'}")


def read_bytes(name: str) -> bytes:
    """Return the bytes of a file, or of standard input for ``-``; raise `CommandError` where it cannot be read."""
    if name == STANDARD_INPUT:
        return _standard_input_bytes()
    try:
        return Path(name).read_bytes()
    except OSError as error:
        raise CommandError(f"{name}: {(error.strerror or 'cannot be read').lower()}") from None


def read_json(name: str) -> Mapping[str, Any]:
    """Return the JSON object in a file; raise `CommandError` where there is none."""
    from claimlens.oidc.strict_json import NotStrictJsonError, parse

    try:
        document = parse(read_bytes(name))
    except NotStrictJsonError as error:
        raise CommandError(f"{name}: not valid JSON: {error}") from None
    if not isinstance(document, Mapping):
        raise CommandError(f"{name}: not a JSON object")
    return document


@attrs.frozen
class GivenToken:
    """The token that the arguments name, the text it stands in, and the name of the file (``-`` where it is none)."""

    token: Token
    text: str = attrs.field(repr=False)
    name: str = STANDARD_INPUT


def read_token(arguments: argparse.Namespace) -> Token:
    """Return the token that the arguments name; raise `CommandError` where there is none."""
    return given_token(arguments).token


def given_token(arguments: argparse.Namespace) -> GivenToken:
    """Return the token that the arguments name and where it stands; raise `CommandError` where there is none."""
    from claimlens import jose

    given, name = arguments.token_text, arguments.token
    if name is not None and given is not None:
        raise CommandError("give the token as an argument or by --token, not both")
    if name is None and given is None:
        raise CommandError("which token? Give it as an argument, as - for standard input, or by --token FILE")
    if name is None and given != STANDARD_INPUT:
        refuse_file(given, "--token")
        return _token_in(given.strip())
    name = name or STANDARD_INPUT
    text = read_input(name)
    found = jose.scan(text)
    if not found and len(text.split()) == 1:
        return attrs.evolve(_token_in(text.strip()), name=name)
    if not found:
        raise CommandError(f"no token in {'standard input' if name == STANDARD_INPUT else name}")
    return GivenToken(found[0], text, name)


def refuse_file(given: str, options: str) -> None:
    """Raise `CommandError` where the name of a file was given in the place of a token."""
    if 0 < len(given) <= _LONGEST_FILE_NAME and Path(given).exists():
        raise CommandError(f"{given} is a file or folder, and no token: name it with {options}")


def refuse_empty(token: str) -> None:
    """Raise `CommandError` where a token is empty: that is a slip in the call, and says nothing about any policy."""
    if not token.strip():
        raise CommandError("the token is empty; is a variable not set, or nothing on standard input?")


def _token_in(text: str) -> GivenToken:
    """Take one word for a token, however damaged; look for the token in a URL, a JSON text, or among several words."""
    from claimlens import jose

    found = jose.scan(text)
    if found and (len(text.split()) != 1 or text.startswith("{") or found[0].span.start > 0):
        return GivenToken(found[0], text)
    word = (text.split() or [""])[-1]
    return GivenToken(jose.decode(word), word)


def document_cache(arguments: argparse.Namespace) -> DocumentCache:
    """Return what fetches metadata and keys; raise `CommandError` where ``--ca`` names no certificates."""
    from claimlens.services import network

    if arguments.ca is not None and _CERTIFICATE not in read_bytes(arguments.ca):
        raise CommandError(f"{arguments.ca}: no certificate in PEM form in it")
    return network.document_cache(arguments.allow_host, ca_file=arguments.ca, now=lambda: now(arguments))


def tell_how_to_allow(failure: Failure | None) -> None:
    """Name the argument that allows the host that was refused, if that is why nothing could be fetched."""
    if failure is not None and failure.host is not None:
        warn(f"to allow this host: --allow-host {failure.host}")


class Complaints:
    """Tells on standard error what could not be done, at once, and remembers whether there was any."""

    def __init__(self) -> None:
        self.any = False

    def add(self, unreadable: Unreadable) -> None:
        """Tell of one file; one that was left out on purpose is no failure."""
        warn(f"{unreadable.path}: {unreadable.reason}")
        self.any = self.any or not unreadable.left_out

    def tell(self, message: str) -> None:
        """Tell of anything else that could not be done."""
        warn(message)
        self.any = True


def read_all(names: Sequence[str], complaints: Complaints, what: str) -> Iterator[TextFile]:
    """Yield every text file under ``names``; ``what`` tells on a terminal what is being done with them."""
    found = sources(names)
    for file in progress(found, map(read, found), what):
        if isinstance(file, Unreadable):
            complaints.add(file)
        elif file is not None:
            yield file
