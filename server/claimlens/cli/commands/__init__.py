"""The subcommands, one module each. To add one, write a module with these four names and list it here.

``NAME``, ``HELP`` and ``DESCRIPTION`` are for the parser, ``add_arguments(parser)`` adds its arguments, and
``run(arguments)`` does the work and returns the exit status.
"""

from __future__ import annotations

from types import ModuleType

from claimlens.cli.commands import check, decode, explain, metadata, redact, rule, tokens, verify

COMMANDS: tuple[ModuleType, ...] = (tokens, decode, check, verify, explain, metadata, redact, rule)
