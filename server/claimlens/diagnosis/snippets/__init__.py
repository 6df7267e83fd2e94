"""Code and commands with the values of a token filled in: validate it elsewhere, get another one, find it in the logs.

Start at `write`. What can be written is listed in ``targets.toml``, the text of each is a template in ``templates``;
`values` reads from a token what the templates need and `literals` makes each value inert for its language. A snippet
never holds token text, and nothing here runs one; `commands` cuts one into lines for the prompt of a terminal.
"""

from __future__ import annotations

from claimlens.diagnosis.snippets.commands import Command, commands
from claimlens.diagnosis.snippets.targets import Target, targets
from claimlens.diagnosis.snippets.write import Snippet, refusal, write

__all__ = ["Command", "Snippet", "Target", "commands", "refusal", "targets", "write"]
