"""The documentation of the rules as Markdown: what ``docs/rules`` holds and ``claimlens rule`` shows."""

from __future__ import annotations

from typing import Any

from claimlens.rules.model import Rule, Severity
from claimlens.rules.registry import registry
from claimlens.rules.suppression import FILE_LINES

FAMILY_TITLES = {
    "jwt": "Tokens",
    "jwk": "Keys",
    "apim": "API Management policies",
    "config": "Settings files",
    "log": "Logs",
    "suppression": "Suppressions",
}
"""What the rules of each prefix are about, in the order of the index."""

_FOOTER = """\
## Settings

Change the severity, or switch the rule off, in the editor's settings or in `claimlens.toml`:

```toml
[rules]
{code} = "{severity}"
```

Suppress one finding by a comment on its line or the line above: `claimlens: ignore[{code}]`.
"""

_INTRODUCTION = f"""\
# Rules

Each finding names the rule it comes from; `claimlens rule CODE` shows the same page.

## Severities

No rule about tokens is an error by itself: a file cannot say whether a token in it is meant to work.
A **warning** is for what somebody should act on, **information** for what explains a refusal but is ordinary in samples
and logs, a **hint** for what is worth knowing.
Some rules say more where a request is about to be sent with the token.
Settings change the severity of a rule or, by a `*` at the end, of a family; the longest match wins:

```toml
[rules]
"jwt-*" = "hint"
jwt-live-token = "error"
jwt-no-expiry = "off"
```

## Suppressing findings

In a comment, in whatever syntax the language has:

- `claimlens: ignore[jwt-expired, jwt-time-*]` speaks for the findings on its own line; if there are none, for those on
  the next line. Without brackets every finding is meant. A finding on several lines counts by the first.
- `claimlens: ignore-file[jwt-expired]` in the first {FILE_LINES} lines speaks for the whole file.

In the settings, by globs like those of `.gitignore`, relative to the folder:

```toml
[ignore]
"tests/" = ["jwt-*", "jwk-*"]
"*.min.js" = ["*"]
```
"""


def page(rule: Rule[Any]) -> str:
    """Return the page of one rule: title, summary, severity, cause, then its own documentation."""
    cause = f"  \nEvidence for the cause `{rule.cause}`" if rule.cause else ""
    example = Severity.HINT if rule.severity is Severity.OFF else Severity.OFF
    return (
        f"# {rule.code}\n\n{rule.summary}.\n\nDefault severity: {rule.severity.value}{cause}\n\n"
        f"{rule.documentation}\n\n{_FOOTER.format(code=rule.code, severity=example.value)}"
    )


def index() -> str:
    """Return the list of all rules with links to their pages, by family."""
    parts = [_INTRODUCTION]
    for prefix, title in FAMILY_TITLES.items():
        rules = [rule for rule in registry().values() if rule.code.partition("-")[0] == prefix]
        rows = [f"| [{rule.code}]({rule.code}.md) | {rule.summary} | {rule.severity.value} |" for rule in rules]
        if rows:
            parts.append("\n".join([f"## {title}\n", "| rule | says | severity |", "| --- | --- | --- |", *rows, ""]))
    return "\n".join(parts)
