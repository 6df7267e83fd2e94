"""The strict JSON reader: what it accepts, what it says, where it says it, and that it agrees with itself."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimlens.jose.strict_json import _Parser, parse

values = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**64 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=5), inner, max_size=4)),
    max_leaves=15,
)


@given(values, st.sampled_from([None, 1]), st.booleans())
def test_what_json_writes_is_read_back(value: Any, indent: int | None, ascii_only: bool) -> None:
    text = json.dumps(value, indent=indent, ensure_ascii=ascii_only)
    for document in (parse(text), _Parser(text).run()):
        assert document.value == value or "\\ud" in text.lower()
        assert document.faults == () or document.faults[0].code == "json-lone-surrogate"


@given(values)
def test_every_value_is_placed_where_it_stands(value: Any) -> None:
    text = json.dumps(value, ensure_ascii=False)
    document = parse(text)
    for path, place in document.places.items():
        inner = value
        for step in path:
            inner = inner[step]
        assert json.loads(place.value.slice(text)) == inner
        if path and isinstance(path[-1], str):
            assert place.name is not None
            assert json.loads(place.name.slice(text)) == path[-1]


@given(st.text(alphabet=st.sampled_from('{}[]:,"\\u0dD8e1 .-+aNtrufalsn\n\x00é'), max_size=40))
def test_the_quick_way_and_the_careful_way_agree(text: str) -> None:
    quick, careful = parse(text), _Parser(text).run()
    assert quick.value == careful.value
    assert quick.faults == careful.faults
    if not quick.faults:
        assert json.loads(text) == quick.value


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("", "json-empty", ""),
        (" \n", "json-empty", " \n"),
        ('{"a":1,}', "json-invalid", "}"),
        ('{"a" 1}', "json-invalid", "1"),
        ("{'a':1}", "json-invalid", "'"),
        ('{"a":01}', "json-invalid", "0"),
        ('{"a":1} x', "json-invalid", "x"),
        ('{"a":[1}', "json-invalid", "}"),
        ('{"a":"\x01"}', "json-invalid", '"'),
        ('{"a":', "json-invalid", ""),
        ('{"a":1,"a":2}', "json-duplicate-member", '"a"'),
        ('{"a":{"b":1,"b":2}}', "json-duplicate-member", '"b"'),
        ('{"a":-Infinity}', "json-nan", "-Infinity"),
        ('{"a":1e999}', "json-number-range", "1e999"),
        ('{"a":18446744073709551616}', "json-number-range", "18446744073709551616"),
        ('{"a":"\\udc00"}', "json-lone-surrogate", '"\\udc00"'),
    ],
)
def test_each_fault_is_said_where_it_is(text: str, code: str, place: str) -> None:
    (fault,) = parse(text).faults
    assert fault.code == code
    assert fault.span.slice(text) == place


@pytest.mark.parametrize("opening", ["[", '{"a":', '[{"a":'])
def test_no_nesting_makes_it_fall_over(opening: str) -> None:
    assert [fault.code for fault in parse(opening * 100_000).faults] == ["json-too-deep"]


def test_sixty_four_levels_are_read() -> None:
    assert parse("[" * 64 + "]" * 64).faults == ()
    assert [fault.code for fault in parse("[" * 65 + "]" * 65).faults] == ["json-too-deep"]


def test_a_number_of_any_length_is_read_in_no_time() -> None:
    assert [fault.code for fault in parse("9" * 1_000_000).faults] == ["json-number-range"]
