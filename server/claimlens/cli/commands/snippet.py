"""``claimlens snippet``: code that validates a token, commands that get one, queries that find it in logs."""

from __future__ import annotations

import argparse

from claimlens.cli import arguments as common
from claimlens.cli.errors import CommandError
from claimlens.cli.output import print_json, say
from claimlens.diagnosis.snippets import targets, write

DESCRIPTION = (
    "Write code that validates tokens like this one, commands that get such a token, or queries that find it in the "
    "logs, with the token's own issuer, audiences, tenant and permissions filled in. Nothing is run, and the token "
    "itself is not part of it."
)
JSON = '{"target", "text"}'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the token and the target."""
    common.add_token(parser)
    parser.add_argument("--target", required=True, choices=tuple(targets()), help="what to write")
    common.add_common(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the snippet; 2 where there is none for this token."""
    snippet = write(common.read_token(arguments), arguments.target, common.now(arguments))
    if snippet.refusal:
        raise CommandError(snippet.refusal)
    if arguments.format == "json":
        print_json({"target": snippet.target.name, "text": snippet.text}, show_secrets=arguments.show_secrets)
    else:
        say(snippet.text.removesuffix("\n"), show_secrets=arguments.show_secrets)
    return 0
