"""Variables of ``.http`` files."""

from __future__ import annotations

import pytest

from claimlens.rules.request_variables import filled, unset, variables_of


@pytest.mark.parametrize(
    ("text", "part", "result"),
    [
        ("@host = idp.example", "https://{{host}}/a", "https://idp.example/a"),
        ("@a={{b}}\r\n  @b = {{ c }}\n@c=end", "{{a}}", "end"),
        ("@a=1\n@a=2", "{{a}}", "2"),
        ("@a={{a}}x", "{{a}}", "{{a}}xxxx"),
        ("host = x", "{{host}} {{$guid}} {", "{{host}} {{$guid}} {"),
    ],
)
def test_they_are_filled_in_as_far_as_they_are_known(text: str, part: str, result: str) -> None:
    assert filled(part, variables_of(text)) == result


def test_filling_in_ends_before_it_is_too_much() -> None:
    variables = variables_of(f"@a = {'{{a}}' * 1_000}{'x' * 5_000}")

    assert len(filled("{{a}}" * 4_000, variables)) <= 100_000


@pytest.mark.parametrize(("part", "name"), [("Bearer {{token}}", "token"), ("Bearer x", None), ("{{", None)])
def test_what_is_still_to_be_filled_in_has_a_name(part: str, name: str | None) -> None:
    assert unset(part) == name
