"""``claimlens rule``: the rules, and what each is about; also what a cause of a diagnosis is."""

from __future__ import annotations

import argparse
import sys
from typing import Any

from claimlens.cli import arguments as common
from claimlens.cli.errors import CommandError
from claimlens.cli.output import color, print_json, say, table
from claimlens.rules.model import Rule

DESCRIPTION = "List the rules, or print the documentation of one, or of a cause that explain has named."
JSON = '{"code", "severity", "summary", "cause", "documentation"}; a list of these without documentation for all'


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the code."""
    parser.add_argument("code", nargs="?", metavar="CODE", help="the code of a rule or a cause")
    common.add_common(parser)


def run(arguments: argparse.Namespace) -> int:
    """Print the list or the page."""
    from claimlens.rules.registry import did_you_mean, registry

    rules = registry()
    if arguments.code is None:
        _print_list(list(rules.values()), arguments.format)
        return 0
    rule = rules.get(arguments.code)
    if rule is None and _has_printed_cause(arguments.code, arguments.format):
        return 0
    if rule is None:
        hint = did_you_mean(arguments.code) or " The list: claimlens rule"
        raise CommandError(f"there is no rule '{arguments.code}'.{hint}")
    if arguments.format == "json":
        print_json({**_as_json(rule), "documentation": rule.documentation})
    else:
        _print_page(f"{rule.code} ({rule.severity})", rule.documentation)
    return 0


def _has_printed_cause(code: str, format_name: str) -> bool:
    from claimlens.diagnosis.model import cause_descriptions

    known = cause_descriptions().get(code)
    if known is None:
        return False
    from claimlens.diagnosis.pages import body

    if format_name == "json":
        print_json(
            {"code": code, "severity": None, "summary": known.title, "cause": code, "documentation": body(known)}
        )
    else:
        _print_page(code, body(known))
    return True


def _as_json(rule: Rule[Any]) -> dict[str, Any]:
    return {"code": rule.code, "severity": str(rule.severity), "summary": rule.summary, "cause": rule.cause}


def _print_list(rules: list[Rule[Any]], format_name: str) -> None:
    if format_name == "json":
        print_json([_as_json(rule) for rule in rules])
    else:
        table([(rule.code, color(str(rule.severity), str(rule.severity)), rule.summary) for rule in rules], indent="")


def _print_page(title: str, page: str) -> None:
    """Print the page as Markdown, laid out where somebody is watching."""
    say(color(title, "title"))
    say()
    if sys.stdout.isatty():
        from rich.console import Console
        from rich.markdown import Markdown

        Console().print(Markdown(page))
    else:
        say(page)
