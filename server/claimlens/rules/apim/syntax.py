"""Rules about what is no policy document: each stands for one kind of broken syntax, described in ``syntax.toml``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from importlib import resources
from typing import Any

from claimlens.rules.apim.context import PolicyContext
from claimlens.rules.apim.syntax_fixes import fixes_of
from claimlens.rules.model import Finding, Related, Rule, Severity

_PAGE = """\
{meaning}

The service refuses to save such a policy.

## How to fix it

{fix}

## Example

Bad:

```xml
{bad}
```

Good:

```xml
{good}
```

## Sources

- [Policies in API Management](https://learn.microsoft.com/azure/api-management/api-management-howto-policies)
- [XML 1.0](https://www.w3.org/TR/xml/)
"""


def _rule(name: str, entry: Mapping[str, Any]) -> Rule[PolicyContext]:
    codes = frozenset(f"syntax-{code}" for code in entry["codes"])
    texts = {key: text for key, text in entry.items() if isinstance(text, str)}

    def check(context: PolicyContext) -> Iterator[Finding]:
        for problem in context.document.problems:
            if problem.code in codes:
                related = tuple(Related(place.message, place.span) for place in problem.related)
                message, fixes = problem.message.replace("`", "'"), fixes_of(context, problem)
                yield made.finding(message, problem.span, related=related, fixes=fixes)

    check.__doc__ = _PAGE.format(**texts)
    made = Rule(f"apim-syntax-{name}", Severity.ERROR, texts["summary"], None, check)
    return made


def _rules() -> Iterator[Rule[PolicyContext]]:
    data = tomllib.loads(resources.files("claimlens.rules.apim").joinpath("syntax.toml").read_text(encoding="utf-8"))
    for name, entry in data.items():
        yield _rule(name, entry)


RULES = tuple(_rules())
