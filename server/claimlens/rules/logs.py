"""Rules about logs and responses, codes ``log-``."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.entra.errors import ErrorExplanation, explain
from claimlens.rules.context import LogContext
from claimlens.rules.model import Finding, Severity, rule
from claimlens.rules.tokens.wording import listed


@rule("log-known-error", Severity.INFORMATION, "The log shows a known error")
def log_known_error(context: LogContext) -> Iterator[Finding]:
    """The line holds an error code or message that Claimlens knows: of Entra ID, the identity libraries or a gateway.

    The finding says what it means and what to do first, with the values that the message shows side by side.
    It looks at logs and responses (`.log`, `.txt`, `.http`, `.json` …), not at source and prose.
    It says one thing a line.
    Messages of success and details are left out.
    Words that any text may hold, such as "jwt expired", are explained on hover alone.

    ## How to fix it

    Do what the finding says; `claimlens explain --log FILE`, with the token and the settings, names the cause itself.
    Where values read `[PII is hidden]`, set `IdentityModelEventSource.ShowPII = true` for the time of the search.
    To see nothing of this, set `"claimlens.rules": {"log-known-error": "off"}`.

    ## Example

    Bad:

    ```text
    IDX10223: Lifetime validation failed. The token is expired. ValidTo (UTC): '1/31/2026 9:39:32 AM', Current time …
    ```

    Good:

    ```text
    IDX10241: Security token validated.
    ```

    ## Sources

    - [Error codes of Entra ID](https://learn.microsoft.com/entra/identity-platform/reference-error-codes)
    - [Messages of Microsoft.IdentityModel](https://aka.ms/IdentityModel/PII)
    """
    entry = context.mention.entry
    explanation = explain(context.mention)
    name = entry.id if entry.pattern is None else entry.product
    parts = [f"{name}: {entry.meaning}", *_side_by_side(explanation), entry.fix]
    yield log_known_error.finding(
        " ".join(part for part in parts if part),
        context.mention.span,
        cause=entry.causes[0] if entry.causes else None,
    )


def _side_by_side(explanation: ErrorExplanation) -> Iterator[str]:
    for comparison in explanation.comparisons[:2]:
        sides = (listed(texts) for texts in (comparison.found, comparison.expected) if texts)
        yield f"{comparison.title}: {' / '.join(sides)}."


RULES = (log_known_error,)
