"""Which rules there are: the one table that diagnostics, SARIF, the command line and the documentation read.

To add a rule, write it in a module of its family and name the module here. A module names its rules in ``RULES``.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from claimlens.rules.model import Rule
from claimlens.rules.severity import matches
from claimlens.settings import Problem, Settings
from claimlens.text.escape import visible
from claimlens.text.nearest import nearest

FAMILIES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "token": (
            "claimlens.rules.tokens.times",
            "claimlens.rules.tokens.lifetime",
            "claimlens.rules.tokens.dates",
            "claimlens.rules.tokens.encoding",
            "claimlens.rules.tokens.signature",
            "claimlens.rules.tokens.header",
            "claimlens.rules.tokens.contents",
            "claimlens.rules.tokens.transport",
            "claimlens.rules.tokens.expected",
            "claimlens.rules.tokens.workspace",
            "claimlens.rules.tokens.secrets",
        ),
        "key": ("claimlens.rules.keys",),
        "apim": (
            "claimlens.rules.apim.syntax",
            "claimlens.rules.apim.places",
            "claimlens.rules.apim.attributes",
            "claimlens.rules.apim.children",
            "claimlens.rules.apim.origins",
            "claimlens.rules.apim.disclosure",
            "claimlens.rules.apim.names",
            "claimlens.rules.apim.declared_names",
            "claimlens.rules.apim.metadata",
            "claimlens.rules.apim.frame",
            "claimlens.rules.apim.sequence",
            "claimlens.rules.apim.expressions",
            "claimlens.rules.apim.literals",
            "claimlens.rules.apim.claims",
            "claimlens.rules.apim.lifetimes",
            "claimlens.rules.apim.audiences",
            "claimlens.rules.apim.issuers",
            "claimlens.rules.apim.token_keys",
            "claimlens.rules.apim.token_sources",
        ),
        "stated": ("claimlens.rules.stated",),
        "log": ("claimlens.rules.logs",),
        "suppression": ("claimlens.rules.directives",),
        "verification": ("claimlens.rules.verified",),
    }
)
"""The modules of each family; the rules of one family all take the same context."""


@functools.cache
def rules_of(family: str) -> tuple[Rule[Any], ...]:
    """Return the rules of one family in the order of the table; the modules are imported on first use."""
    return tuple(rule for module in FAMILIES[family] for rule in importlib.import_module(module).RULES)


@functools.cache
def registry() -> Mapping[str, Rule[Any]]:
    """Return every rule by its code, sorted by code."""
    rules = [rule for family in FAMILIES for rule in rules_of(family)]
    return MappingProxyType({rule.code: rule for rule in sorted(rules, key=lambda rule: rule.code)})


def is_known(pattern: str) -> bool:
    """Tell whether ``pattern``, a code or the beginning of one followed by ``*``, stands for a rule at least."""
    return any(matches(pattern, code) for code in registry())


def did_you_mean(code: str) -> str:
    """Return a sentence with the code that looks most like ``code``, with a blank in front; empty if none does."""
    meant = nearest(code, registry())
    return f" Did you mean '{meant}'?" if meant else ""


def unknown_codes(settings: Settings) -> tuple[Problem, ...]:
    """Return a problem for each code in ``claimlens.rules`` and ``claimlens.ignore`` that stands for no rule."""
    named = [("rules", code) for code in settings.rules]
    named += [("ignore", code) for codes in settings.ignore.values() for code in codes]
    return tuple(_unknown_code(key, code) for key, code in dict.fromkeys(named) if not is_known(code))


def _unknown_code(key: str, code: str) -> Problem:
    shown = visible(code[:60])
    written = f"claimlens.{key}.{shown}"
    return Problem(written, f"'{key}.{shown}': There is no rule '{shown}'.{did_you_mean(code)}")
