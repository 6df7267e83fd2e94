"""The reference of the settings as Markdown: what ``docs/settings.md`` holds."""

from __future__ import annotations

import re

from claimlens.settings.schema import Setting, describe

_INTRODUCTION = """\
# Settings

In VS Code the settings are named `claimlens.…` as below.
Elsewhere they stand in `claimlens.toml`, or under `[tool.claimlens]` in `pyproject.toml`, with the same names in
kebab-case or camelCase; the nearest such file above a document counts.
An editor's settings stand above a file, but its defaults do not hide what the file says.
A name or value that is not understood is reported, with the nearest name, and the default holds.

```toml
clock-skew-seconds = 120

[rules]
jwt-live-token = "error"

[expected]
audiences = ["api://orders"]
```
"""


def page() -> str:
    """Return the reference of all settings."""
    folder = [setting for setting in describe() if setting.scope == "folder"]
    user = [setting for setting in describe() if setting.scope == "user"]
    return "\n".join(
        [
            _INTRODUCTION,
            "## For each folder\n",
            *_table(folder),
            "\n## For the user alone\n",
            "These are read from the user's own settings only: a folder that somebody else wrote must not say which",
            "hosts to call or which program to run. In other editors than VS Code, `network` is a member of the",
            "[initialization options](protocol.md#initializationoptions); the command line has arguments instead.\n",
            *_table(user),
            "",
        ]
    )


def _table(settings: list[Setting]) -> list[str]:
    rows = [
        " | ".join([f"| `{each.name}`", _kebab(each), each.type.expected, _default(each), f"{each.description} |"])
        for each in settings
    ]
    return ["| setting | in TOML | value | default | what it does |", "| --- | --- | --- | --- | --- |", *rows]


def _kebab(setting: Setting) -> str:
    """Return the name as it stands in TOML; what only an editor's extension reads has none."""
    if setting.scope == "user":
        return "–"
    return f"`{re.sub('([A-Z])', lambda found: '-' + found[1].lower(), setting.name)}`"


def _default(setting: Setting) -> str:
    if setting.default in ((), {}, "", None):
        return "nothing"
    return f"`{str(setting.default).lower()}`"
