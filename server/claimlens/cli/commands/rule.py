"""``claimlens rule``: the rules, and what each is about."""

from __future__ import annotations

import argparse

from claimlens.cli import arguments as common
from claimlens.cli.errors import CommandError
from claimlens.cli.output import color, print_json, say, table
from claimlens.text.escape import visible

DESCRIPTION = "List the rules, or print the documentation of one."


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the code."""
    parser.add_argument("code", nargs="?", metavar="CODE", help="a rule's code")
    common.add_common(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the list or the page."""
    from claimlens.rules.registry import did_you_mean, registry

    rules = registry()
    if arguments.code is None:
        if arguments.format == "json":
            print_json(
                [
                    {"code": rule.code, "severity": str(rule.severity), "summary": rule.summary, "cause": rule.cause}
                    for rule in rules.values()
                ]
            )
        else:
            table([(rule.code, str(rule.severity), rule.summary) for rule in rules.values()], indent="")
        return 0
    rule = rules.get(arguments.code)
    if rule is None:
        raise CommandError(f"there is no rule {visible(arguments.code)!r}.{did_you_mean(arguments.code)}")
    if arguments.format == "json":
        print_json(
            {
                "code": rule.code,
                "severity": str(rule.severity),
                "summary": rule.summary,
                "cause": rule.cause,
                "documentation": rule.documentation,
            }
        )
    else:
        say(color(f"{rule.code} ({rule.severity})", "title"))
        say()
        say(rule.documentation)
    return 0
