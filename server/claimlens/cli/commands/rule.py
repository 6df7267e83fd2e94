"""``claimlens rule``: the rules, and what each is about."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from claimlens.cli import arguments as common
from claimlens.cli.errors import CommandError
from claimlens.cli.output import color, print_json, say, table
from claimlens.rules.model import Rule

DESCRIPTION = "List the rules, or print the documentation of one."
JSON = '{"code", "severity", "summary", "cause", "documentation"}; a list of these without documentation for all'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the code."""
    parser.add_argument("code", nargs="?", metavar="CODE", help="a rule's code")
    common.add_common(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the list or the page."""
    from claimlens.rules.registry import did_you_mean, registry

    rules = registry()
    if arguments.code is None:
        _print_list(list(rules.values()), arguments.format)
        return 0
    rule = rules.get(arguments.code)
    if rule is None:
        raise CommandError(f"there is no rule '{arguments.code}'.{did_you_mean(arguments.code)}")
    if arguments.format == "json":
        print_json({**_as_json(rule), "documentation": rule.documentation})
    else:
        _print_page(rule)
    return 0


def _as_json(rule: Rule[Any]) -> dict[str, Any]:
    return {"code": rule.code, "severity": str(rule.severity), "summary": rule.summary, "cause": rule.cause}


def _print_list(rules: list[Rule[Any]], format_name: str) -> None:
    if format_name == "json":
        print_json([_as_json(rule) for rule in rules])
    else:
        table([(rule.code, color(str(rule.severity), str(rule.severity)), rule.summary) for rule in rules], indent="")


def _print_page(rule: Rule[Any]) -> None:
    """Print the page as Markdown, laid out where somebody is watching."""
    say(color(f"{rule.code} ({rule.severity})", "title"))
    say()
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.markdown import Markdown

        Console().print(Markdown(rule.documentation))
    else:
        say(rule.documentation)
