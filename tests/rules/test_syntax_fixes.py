"""The quick fixes of broken syntax leave a policy without that problem."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from claimlens.rules.engine import check
from claimlens.rules.model import Finding, Fix
from claimlens.settings import Settings
from claimlens.text.snapshot import Snapshot

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def policy(inside: str) -> str:
    return f"<policies>\n  <inbound>\n{inside}\n  </inbound>\n</policies>\n"


def findings(text: str) -> list[Finding]:
    return [each for each in check(Snapshot.of(text, "file:///policy.xml"), Settings(), NOW).findings if each.fixes]


def fixed(text: str, fix: Fix) -> str:
    for edit in sorted(fix.edits, key=lambda each: each.span.start, reverse=True):
        text = text[: edit.span.start] + edit.new_text + text[edit.span.end :]
    return text


WAIT = '    <wait for="all">\n      <choose />'
SPACE = "Put a space between the attributes"


@pytest.mark.parametrize(
    ("before", "title", "after"),
    [
        ("    <base>\n    <cors />", "End it with />", "    <base />\n    <cors />"),
        (WAIT, "Add </wait>", f"{WAIT}\n    </wait>"),
        (f"{WAIT}\n    </wiat>", "Change to </wait>", f"{WAIT}\n    </wait>"),
        ("    <cors><x>y</cors>", "Add </x>", "    <cors><x>y</x></cors>"),
        ("    </set-variable>\n    <base />", "Remove it", "    <base />"),
        ('    <base id="1 < 2" />', "Write &lt;", '    <base id="1 &lt; 2" />'),
        ("    <set-body>a < b</set-body>", "Write &lt;", "    <set-body>a &lt; b</set-body>"),
        ('    <trace source="a"id="b" />', SPACE, '    <trace source="a" id="b" />'),
        ('    <base id="a" id="b" />', "Remove this one from '<base>'", '    <base id="a" />'),
        ("    <base id />", 'Add =""', '    <base id="" />'),
        ('    <set-variable name="a" />', 'Add value=""', '    <set-variable name="a" value="" />'),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_fix_mends_its_problem(before: str, title: str, after: str, newline: str) -> None:
    text = policy(before).replace("\n", newline)
    finding, fix = next((each, fix) for each in findings(text) for fix in each.fixes if fix.title == title)
    changed = fixed(text, fix)
    assert changed == policy(after).replace("\n", newline)
    assert finding.code not in {each.code for each in findings(changed)}
