"""The documentation of the rules as Markdown: what ``docs/rules`` holds and ``claimlens rule`` shows."""

from __future__ import annotations

from typing import Any

from claimlens.rules.model import Rule, Severity
from claimlens.rules.registry import registry

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
    parts = ["# Rules\n\nEach finding names the rule it comes from; the same text is shown by `claimlens rule CODE`.\n"]
    for prefix, title in FAMILY_TITLES.items():
        rules = [rule for rule in registry().values() if rule.code.partition("-")[0] == prefix]
        rows = [f"| [{rule.code}]({rule.code}.md) | {rule.summary} | {rule.severity.value} |" for rule in rules]
        if rows:
            parts.append("\n".join([f"## {title}\n", "| rule | says | severity |", "| --- | --- | --- |", *rows, ""]))
    return "\n".join(parts)
