"""A small, honest evaluator for policy expressions: what it cannot decide it says it cannot, and never guesses.

It knows literals, comparisons, logic, string methods, and the request, variables and tokens of ``context``. Everything
else raises `UndecidedError`, which makes the step that asked undetermined.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import attrs

from claimlens.apim.simulator.members import (
    Context,
    StaticType,
    UndecidedError,
    as_jwt,
    as_text,
    indexed,
    member,
    undecided,
)

MAXIMUM_DEPTH = 100
MAXIMUM_STEPS = 5_000


def evaluate(code: str, context: Context) -> Any:
    """Return the value of the C# inside ``@(…)``; raise `UndecidedError`."""
    return _Evaluator(code, context).single()


def evaluate_block(code: str, context: Context) -> Any:
    """Return what the statements inside ``@{…}`` return; raise `UndecidedError`."""
    return _Evaluator(code, context).block()


_TOKEN = re.compile(
    r"""
    (?P<blank>\s++|//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/)
  | (?P<string>@"(?:[^"]|"")*+"|"(?:[^"\\\n]|\\.)*+")
  | (?P<interpolated>\$@?"(?:[^"\\]|\\.)*+")
  | (?P<char>'(?:[^'\\]|\\.)')
  | (?P<number>\d[\d_]*+(?:\.\d++)?[dfmLl]?)
  | (?P<name>[A-Za-z_]\w*+)
  | (?P<operator>\?\?|\?\.|=>|==|!=|<=|>=|&&|\|\||[-+*/%!<>=?:.,;()\[\]{}])
    """,
    re.VERBOSE | re.DOTALL,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "0": "\0"}
_TYPES = frozenset(
    ("string", "int", "bool", "long", "double", "object", "var", "Jwt", "String", "Boolean", "Int32", "IResponse")
)
_PRECEDENCE = {
    "??": 1,
    "||": 2,
    "&&": 3,
    "==": 4,
    "!=": 4,
    "<": 5,
    ">": 5,
    "<=": 5,
    ">=": 5,
    "+": 6,
    "-": 6,
    "*": 7,
    "/": 7,
    "%": 7,
}


@attrs.frozen
class _Out:
    """``out name`` among arguments."""

    name: str


class _Evaluator:
    """Parses and evaluates in one pass; both sides of a decided ``&&`` are still parsed, but not evaluated."""

    def __init__(self, code: str, context: Context) -> None:
        self.context = context
        self.tokens = _tokens(code)
        self.position = 0
        self.depth = 0
        self.steps = 0
        self.silent = 0
        self.locals: dict[str, Any] = {}

    def single(self) -> Any:
        value = self._expression()
        if self._peek() is not None:
            raise UndecidedError("it is more than one expression")
        return value

    def block(self) -> Any:
        while self._peek() is not None:
            finished, value = self._statement()
            if finished:
                return value
        raise UndecidedError("it does not return")

    @contextlib.contextmanager
    def _deeper(self) -> Iterator[None]:
        """Count how deep the code is nested, so that none can exhaust the stack."""
        self.depth += 1
        if self.depth > MAXIMUM_DEPTH:
            raise UndecidedError("it is nested too deeply")
        yield
        self.depth -= 1

    # Statements

    def _statement(self) -> tuple[bool, Any]:
        with self._deeper():
            return self._one_statement()

    def _one_statement(self) -> tuple[bool, Any]:
        word = self._peek()
        if word == "return":
            self._next()
            value = self._expression()
            self._expect(";")
            return True, value
        if word == "if":
            return self._if()
        if word == "{":
            return self._braces()
        if word in _TYPES and self._is_declaration():
            self._next()
            name = self._next()
            value = None
            if self._peek() == "=":
                self._next()
                value = self._expression()
            self.locals[name] = value
            self._expect(";")
            return False, None
        raise UndecidedError("it holds statements that are not followed here")

    def _if(self) -> tuple[bool, Any]:
        self._next()
        self._expect("(")
        condition = self._truth(self._expression())
        self._expect(")")
        answer = self._branch(condition)
        if self._peek() == "else":
            self._next()
            other = self._branch(not condition)
            answer = answer if condition else other
        return answer

    def _branch(self, taken: bool) -> tuple[bool, Any]:
        if taken and not self.silent:
            return self._statement()
        self.silent += 1
        try:
            self._statement()
        finally:
            self.silent -= 1
        return False, None

    def _braces(self) -> tuple[bool, Any]:
        self._expect("{")
        answer: tuple[bool, Any] = (False, None)
        while self._peek() != "}":
            if self._peek() is None:
                raise UndecidedError("a brace is missing")
            found = self._statement()
            if found[0] and not answer[0]:
                answer = found
        self._expect("}")
        return answer

    def _is_declaration(self) -> bool:
        following = self.tokens[self.position + 1 : self.position + 3]
        return len(following) == 2 and following[0][0] == "name" and following[1][1] in ("=", ";")

    # Expressions

    def _expression(self) -> Any:
        with self._deeper():
            condition = self._binary(1)
            if self._peek() == "?":
                self._next()
                chosen = self._truth(condition) if not self.silent else True
                condition = self._either(chosen)
        return condition

    def _either(self, chosen: bool) -> Any:
        first = self._quietly(not chosen, self._expression)
        self._expect(":")
        second = self._quietly(chosen, self._expression)
        return first if chosen else second

    def _quietly(self, silent: bool, parse: Callable[[], Any]) -> Any:
        self.silent += silent
        try:
            return parse()
        finally:
            self.silent -= silent

    def _binary(self, least: int) -> Any:
        left = self._unary()
        while (operator := self._peek()) is not None and _PRECEDENCE.get(operator, 0) >= least:
            self._next()
            decided = not self.silent and (
                (operator == "&&" and not self._truth(left))
                or (operator == "||" and self._truth(left))
                or (operator == "??" and left is not None)
            )
            right = self._quietly(decided, partial(self._binary, _PRECEDENCE[operator] + 1))
            if not self.silent and not decided:
                left = _apply(operator, left, right)
        return left

    def _unary(self) -> Any:
        with self._deeper():
            return self._one_unary()

    def _one_unary(self) -> Any:
        word = self._peek()
        if word == "!":
            self._next()
            value = self._unary()
            return None if self.silent else not self._truth(value)
        if word == "-":
            self._next()
            value = self._unary()
            return None if self.silent else -_number(value)
        if word == "(" and self._is_cast():
            self.position += 3
            return self._unary()
        return self._postfix(self._primary())

    def _is_cast(self) -> bool:
        following = [text for _, text in self.tokens[self.position + 1 : self.position + 3]]
        return len(following) == 2 and following[0] in _TYPES and following[1] == ")"

    def _primary(self) -> Any:
        kind, text = self._take()
        if kind in ("string", "char"):
            return _unquoted(text)
        if kind == "number":
            plain = text.rstrip("dfmLl").replace("_", "")
            return float(plain) if "." in plain else int(plain)
        if text == "(":
            value = self._expression()
            self._expect(")")
            return value
        if kind == "name":
            return self._named(text)
        raise UndecidedError(
            f"{text} is not followed here" if kind == "operator" else "it holds an interpolated string"
        )

    def _named(self, name: str) -> Any:
        if name in ("true", "false"):
            return name == "true"
        if name == "null":
            return None
        if name == "context":
            return self.context
        if name in self.locals:
            return self.locals[name]
        if name in ("string", "String", "int", "bool", "StringComparison", "Convert"):
            return StaticType(name)
        if self.silent:
            return None
        raise UndecidedError(f"{name} is not known here")

    def _postfix(self, value: Any) -> Any:
        short = False  # behind ?. of null the rest of the chain is not evaluated
        while (word := self._peek()) in (".", "?.", "["):
            self._count()
            self._next()
            if word == "[":
                index = self._expression()
                self._expect("]")
                value = None if self.silent or short else indexed(value, index)
                continue
            name = self._next()
            self._skip_type_arguments()
            arguments = self._arguments() if self._peek() == "(" else None
            short = short or (word == "?." and value is None)
            value = None if self.silent or short else self._member(value, name, arguments)
        return value

    def _member(self, value: Any, name: str, arguments: list[Any] | None) -> Any:
        if name == "TryParseJwt" and isinstance(value, str) and arguments and isinstance(arguments[0], _Out):
            found = self.locals[arguments[0].name] = as_jwt(value)
            return found is not None
        return member(value, name, arguments)

    def _skip_type_arguments(self) -> None:
        if self._peek() != "<":
            return
        end = self.position + 1
        while end < len(self.tokens) and (
            self.tokens[end][0] == "name" or self.tokens[end][1] in (",", ".", "<", "[", "]")
        ):
            end += 1
        following = self.tokens[end + 1 : end + 2]
        if end < len(self.tokens) and self.tokens[end][1] == ">" and following and following[0][1] == "(":
            self.position = end + 1

    def _arguments(self) -> list[Any]:
        self._expect("(")
        found: list[Any] = []
        while self._peek() != ")":
            found.append(self._argument())
            if self._peek() == ",":
                self._next()
            elif self._peek() != ")":
                raise UndecidedError("an argument is not followed here")
        self._expect(")")
        return found

    def _argument(self) -> Any:
        following = [text for _, text in self.tokens[self.position : self.position + 3]]
        if following[1:2] == ["=>"]:
            return self._lambda(self._next())
        if following[:1] == ["out"]:
            self._next()
            if self._peek() in _TYPES:
                self._next()
            return _Out(self._next())
        return self._expression()

    def _lambda(self, name: str) -> Callable[[Any], Any]:
        """Return a function that evaluates the body anew for each value; how long that takes is counted as well."""
        self._expect("=>")
        start = self.position
        self._quietly(True, partial(self._body, name, None))

        def call(value: Any) -> Any:
            end, self.position = self.position, start
            answer = self._body(name, value)
            self.position = end
            return answer

        return call

    def _body(self, name: str, value: Any) -> Any:
        before, self.locals = self.locals, {**self.locals, name: value}
        answer = self._expression()
        self.locals = before
        return answer

    # Tokens

    def _peek(self) -> str | None:
        return self.tokens[self.position][1] if self.position < len(self.tokens) else None

    def _take(self) -> tuple[str, str]:
        if self.position >= len(self.tokens):
            raise UndecidedError("it ends too soon")
        self._count()
        self.position += 1
        return self.tokens[self.position - 1]

    def _next(self) -> str:
        return self._take()[1]

    def _expect(self, text: str) -> None:
        if self._next() != text:
            raise UndecidedError(f"{text} was expected")

    def _count(self) -> None:
        self.steps += 1
        if self.steps > MAXIMUM_STEPS:
            raise UndecidedError("it is too long")

    def _truth(self, value: Any) -> bool:
        if self.silent:
            return False
        if not isinstance(value, bool):
            raise UndecidedError("a condition is no true or false")
        return value


def _tokens(code: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    position = 0
    while position < len(code):
        match = _TOKEN.match(code, position)
        if match is None:
            raise UndecidedError("it holds characters that are not followed here")
        if match.lastgroup != "blank":
            found.append((match.lastgroup or "", match[0]))
        position = match.end()
    return found


def _unquoted(text: str) -> str:
    if text.startswith("@"):
        return text[2:-1].replace('""', '"')
    return re.sub(r"\\(.)", lambda found: _ESCAPES.get(found[1], found[1]), text[1:-1])


def _apply(operator: str, left: Any, right: Any) -> Any:
    if operator in ("&&", "||"):
        if not isinstance(right, bool):
            raise UndecidedError("a condition is no true or false")
        return right
    if operator == "??":
        return right
    if operator in ("==", "!="):
        if left is None or right is None:
            return (left is right) == (operator == "==")
        if not _is_plain(left) or not _is_plain(right):
            raise UndecidedError("two things are compared that are not known here")
        return (left == right and type(left) is type(right)) == (operator == "==")
    if operator == "+" and (isinstance(left, str) or isinstance(right, str)):
        return as_text(left) + as_text(right)
    first, second = _number(left), _number(right)
    return {
        "<": lambda: first < second,
        ">": lambda: first > second,
        "<=": lambda: first <= second,
        ">=": lambda: first >= second,
        "+": lambda: first + second,
        "-": lambda: first - second,
        "*": lambda: first * second,
    }.get(operator, undecided("a division"))()


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | bool | int | float)


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UndecidedError("a number was expected")
    return value
