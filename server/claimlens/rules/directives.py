"""Rules about the comments that suppress other rules, codes ``suppression-``."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.rules.context import DirectiveContext
from claimlens.rules.model import Edit, Finding, Fix, Severity, Tag, rule
from claimlens.rules.registry import did_you_mean, is_known, registry
from claimlens.rules.suppression import FILE_LINES
from claimlens.text.escape import visible
from claimlens.text.nearest import nearest


@rule("suppression-invalid", Severity.WARNING, "A comment that should suppress findings cannot work")
def suppression_invalid(context: DirectiveContext) -> Iterator[Finding]:
    """The comment silences less than its author thinks, or nothing.

    It names a code that does not exist, has a list that is empty or does not end, stands too far down for
    `ignore-file`, or begins with a word that only looks like `ignore`.

    ## How to fix it

    Write `ignore` for this line or the next, `ignore-file` in the first ten lines for the whole file, and after it, in
    brackets, the codes as they stand in the findings.
    A code that ends in `*` stands for a family: `jwt-*`.
    Without brackets, every finding is meant.

    ## Example

    Bad:

    ```python
    TOKEN = load()  # claimlens: ignore[jwt-expird]
    ```

    Good:

    ```python
    TOKEN = load()  # claimlens: ignore[jwt-expired]
    ```
    """
    directive = context.directive
    if directive.verb not in ("ignore", "ignore-file"):
        word = nearest(directive.verb, ("ignore", "ignore-file")) or "ignore"
        yield suppression_invalid.finding(
            f"'{visible(directive.verb[:40])}' is not known here. Did you mean '{word}'?", directive.span
        )
        return
    if directive.listed and not directive.closed:
        yield suppression_invalid.finding("The list of codes lacks its closing bracket.", directive.span)
    elif directive.listed and not directive.codes:
        yield suppression_invalid.finding("The list of codes is empty: nothing is suppressed.", directive.span)
    if directive.verb == "ignore-file" and not directive.early:
        yield suppression_invalid.finding(
            f"'ignore-file' is heard in the first {FILE_LINES} lines only.", directive.span
        )
    for code, span in directive.codes:
        if not is_known(code):
            meant = nearest(code, registry())
            fixes = (Fix(f"Change to {meant}", (Edit(span, meant),), preferred=True),) if meant else ()
            yield suppression_invalid.finding(
                f"There is no rule '{visible(code[:60])}'.{did_you_mean(code)}", span, fixes=fixes
            )


@rule("suppression-unused", Severity.OFF, "A comment suppresses nothing")
def suppression_unused(context: DirectiveContext) -> Iterator[Finding]:
    """A `claimlens: ignore` comment, or one of the codes in it, silences no finding.

    What it was written for is gone, and it would hide the next finding that nobody has looked at.

    This rule is off unless the settings switch it on, because time alone can make a finding come and go: the comment
    beside a token that is about to expire is of use tomorrow.

    ## How to fix it

    Remove the comment, or the code from its list.

    ## Example

    Settings that switch the rule on, in `claimlens.toml`:

    ```toml
    [rules]
    suppression-unused = "hint"
    ```

    Bad (there is no token any more):

    ```python
    TOKEN = load()  # claimlens: ignore[jwt-expired]
    ```

    Good:

    ```python
    TOKEN = load()
    ```
    """
    directive = context.directive
    if not directive.effective:
        return
    if not directive.codes:
        if not context.used:
            yield suppression_unused.finding("Nothing is suppressed here.", directive.span, tags=(Tag.UNNECESSARY,))
        return
    for code, span in directive.codes:
        if is_known(code) and code not in context.used:
            yield suppression_unused.finding(
                f"No finding of '{visible(code)}' is suppressed here.", span, tags=(Tag.UNNECESSARY,)
            )


RULES = (suppression_invalid, suppression_unused)
