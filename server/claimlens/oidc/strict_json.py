"""JSON as RFC 8259 has it and as a security check needs it: UTF-8, no NaN, no duplicate members, bounded depth."""

from __future__ import annotations

import json
from typing import Any, NoReturn

MAXIMUM_DEPTH = 64
MAXIMUM_NUMBER_LENGTH = 40


class NotStrictJsonError(ValueError):
    """Says in a few words, without quoting the document, why it is refused."""


def parse(body: bytes) -> Any:
    """Return the value of a JSON text in UTF-8; raise `NotStrictJsonError` for anything RFC 8259 leaves to chance."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise NotStrictJsonError("it is not UTF-8") from None
    if not text.strip():
        raise NotStrictJsonError("it is empty")
    _check_depth(text)
    try:
        return json.loads(
            text, object_pairs_hook=_unique, parse_constant=_constant, parse_int=_integer, parse_float=_float
        )
    except json.JSONDecodeError as error:
        raise NotStrictJsonError(f"{error.msg.lower()} at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise NotStrictJsonError("it is nested too deeply") from None


def _check_depth(text: str) -> None:
    """Refuse deep nesting before the parser, which recurses, sees it."""
    depth = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_string = False
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            if depth > MAXIMUM_DEPTH:
                raise NotStrictJsonError("it is nested too deeply")
        elif character in "]}":
            depth -= 1


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotStrictJsonError("an object has two members of the same name")
    return members


def _constant(_: str) -> NoReturn:
    raise NotStrictJsonError("it holds NaN or Infinity")


def _integer(digits: str) -> int:
    if len(digits) > MAXIMUM_NUMBER_LENGTH:
        raise NotStrictJsonError("it holds a number of absurd length")
    return int(digits)


def _float(digits: str) -> float:
    if len(digits) > 10 * MAXIMUM_NUMBER_LENGTH:
        raise NotStrictJsonError("it holds a number of absurd length")
    return float(digits)
