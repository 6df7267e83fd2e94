"""How much a finding matters.

What a rule says by itself follows one policy, so that a repository full of sample tokens is not a wall of errors:

* **error** is nobody's default for a token: no rule can know that a token in a file is meant to work. Settings may
  raise any rule to it.
* **warning** is for what somebody should act on: a secret that lies open, a request that is about to fail, a token
  that no verifier takes or that an attacker would make, a token that is not what the settings say it should be.
* **information** is for what explains a refusal but is ordinary in samples and logs: expired, truncated, encrypted.
* **hint** is for what is worth knowing and needs no action.
* **off** is for rules that people switch on when they want them.

A rule may go one step further where the surroundings say more: an expired token is information in a log, and a warning
in the request that somebody is about to send.
"""

from __future__ import annotations

from claimlens.rules.model import Severity
from claimlens.settings import Settings


def severity_of(code: str, default: Severity, settings: Settings) -> Severity:
    """Return the severity that the settings give to ``code``, else ``default``.

    A pattern that ends in ``*`` speaks for every code that begins like it; the longest one that fits wins.
    """
    fitting = [pattern for pattern in settings.rules if matches(pattern, code)]
    return Severity(settings.rules[max(fitting, key=len)]) if fitting else default


def matches(pattern: str, code: str) -> bool:
    """Tell whether ``pattern``, a code or the beginning of one followed by ``*``, stands for ``code``."""
    return code == pattern or (pattern.endswith("*") and code.startswith(pattern[:-1]))
