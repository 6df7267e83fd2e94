"""The subcommands, one module each. To add one, write a module of its name and list it here.

A module holds ``DESCRIPTION`` for the parser, ``JSON``, the members of what it prints with ``--format json``,
``add_arguments(parser)``, which adds its arguments, and ``run(arguments)``, which does the work and returns the exit
status. Only the module that is asked for is imported.
"""

from __future__ import annotations

from collections.abc import Mapping

COMMANDS: Mapping[str, str] = {
    "tokens": "list the tokens in files",
    "decode": "decode and explain a token",
    "check": "check files and folders with all rules",
    "verify": "verify a token's signature and claims",
    "explain": "name the cause of a 401 and its fix",
    "simulate": "say what an API Management policy answers to a token",
    "metadata": "fetch and check an issuer's metadata and keys",
    "snippet": "write code that validates a token, or gets one",
    "redact": "replace tokens by placeholders",
    "rule": "list the rules, or explain one",
}
"""Each subcommand with what it does, in the order of the help."""
