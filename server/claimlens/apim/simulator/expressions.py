"""A small, honest evaluator for policy expressions: what it cannot decide it says it cannot, and never guesses.

It knows literals, comparisons, logic, string methods, and the request, variables and tokens of ``context``. Everything
else raises `UndecidedError`, which makes the step that asked undetermined.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import attrs

from claimlens import jose
from claimlens.apim.simulator.model import Request
from claimlens.jose.claims_checks import strings

MAXIMUM_DEPTH = 60
MAXIMUM_STEPS = 5_000


class UndecidedError(Exception):
    """The value of an expression cannot be known here; says why in a few words."""


@attrs.frozen
class Jwt:
    """A token as expressions see it (``AsJwt()``, or the variable of ``output-token-variable-name``)."""

    claims: Mapping[str, Any]


@attrs.frozen
class Context:
    """What expressions can look at."""

    request: Request
    variables: Mapping[str, Any]
    last_error: Mapping[str, Any] | None = None


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

    # Statements

    def _statement(self) -> tuple[bool, Any]:
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
            self._expect("=")
            self.locals[name] = self._expression()
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
        return len(following) == 2 and following[0][0] == "name" and following[1][1] == "="

    # Expressions

    def _expression(self) -> Any:
        self.depth += 1
        if self.depth > MAXIMUM_DEPTH:
            raise UndecidedError("it is nested too deeply")
        condition = self._binary(1)
        if self._peek() == "?":
            self._next()
            chosen = self._truth(condition) if not self.silent else True
            condition = self._either(chosen)
        self.depth -= 1
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
            return _StaticType(name)
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
                value = None if self.silent or short else _indexed(value, index)
                continue
            name = self._next()
            self._skip_type_arguments()
            arguments = self._arguments() if self._peek() == "(" else None
            short = short or (word == "?." and value is None)
            value = None if self.silent or short else _member(value, name, arguments)
        return value

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
            found.append(self._expression())
            if self._peek() == ",":
                self._next()
            elif self._peek() != ")":
                raise UndecidedError("an argument is not followed here")
        self._expect(")")
        return found

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


@attrs.frozen
class _StaticType:
    name: str


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
        if not _is_plain(left) or not _is_plain(right):
            raise UndecidedError("two things are compared that are not known here")
        return (left == right and type(left) is type(right)) == (operator == "==")
    if operator == "+" and (isinstance(left, str) or isinstance(right, str)):
        return _text(left) + _text(right)
    first, second = _number(left), _number(right)
    return {
        "<": lambda: first < second,
        ">": lambda: first > second,
        "<=": lambda: first <= second,
        ">=": lambda: first >= second,
        "+": lambda: first + second,
        "-": lambda: first - second,
        "*": lambda: first * second,
    }.get(operator, _undecided("a division"))()


def _undecided(what: str) -> Callable[[], Any]:
    def refuse() -> Any:
        raise UndecidedError(f"{what} is not followed here")

    return refuse


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, str | bool | int | float)


def _number(value: Any) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UndecidedError("a number was expected")
    return value


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, str | int):
        return str(value)
    raise UndecidedError("something is no text")


def _indexed(value: Any, index: Any) -> Any:
    if isinstance(value, list) and isinstance(index, int) and not isinstance(index, bool):
        if not -1 < index < len(value):
            raise UndecidedError("an index is out of range, so the expression throws")
        return value[index]
    if isinstance(value, dict) and isinstance(index, str):
        if index not in value:
            raise UndecidedError(f"{index!r} is not there, so the expression throws")
        return value[index]
    raise UndecidedError("an index is not followed here")


def _member(value: Any, name: str, arguments: list[Any] | None) -> Any:
    if value is None:
        raise UndecidedError(f"{name} of null is read, so the expression throws")
    if isinstance(value, Context):
        return _of_context(value, name)
    if isinstance(value, Request):
        return _of_request(value, name)
    if isinstance(value, Jwt):
        return _of_token(value, name)
    if isinstance(value, _StaticType):
        return _static(value.name, name, arguments or [])
    if isinstance(value, dict):
        return _of_mapping(value, name, arguments)
    if isinstance(value, list):
        return _of_list(value, name, arguments)
    if isinstance(value, str):
        return _of_text(value, name, arguments)
    raise UndecidedError(f"{name} is not known here")


def _of_context(context: Context, name: str) -> Any:
    if name == "Request":
        return context.request
    if name == "Variables":
        return dict(context.variables)
    if name == "LastError" and context.last_error is not None:
        return dict(context.last_error)
    raise UndecidedError(f"context.{name} is only known in the service")


def _of_request(request: Request, name: str) -> Any:
    if name == "Method":
        return request.method
    if name == "Headers":
        names = dict.fromkeys(each.lower() for each, _ in request.headers)
        return _Headers({each: [value for key, value in request.headers if key.lower() == each] for each in names})
    if name == "IpAddress" and request.client_address is not None:
        return request.client_address
    if name in ("Url", "OriginalUrl"):
        parts = urlsplit(request.url)
        return {
            "Path": parts.path,
            "Host": parts.hostname or "",
            "Scheme": parts.scheme,
            "QueryString": f"?{parts.query}" if parts.query else "",
            "Query": {each: list(values) for each, values in request.query.items()},
        }
    raise UndecidedError(f"context.Request.{name} is only known in the service")


class _Headers(dict[str, list[str]]):
    """Header values by lower-case name; names do not depend on case."""

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and super().__contains__(key.lower())

    def __getitem__(self, key: str) -> list[str]:
        return super().__getitem__(key.lower())


def _of_token(token: Jwt, name: str) -> Any:
    if name == "Claims":
        return {claim: list(strings(value)) or [_plain_claim(value)] for claim, value in token.claims.items()}
    if name == "Audiences":
        return list(strings(token.claims.get("aud")))
    single = {"Issuer": "iss", "Subject": "sub", "Id": "jti"}.get(name)
    if single is not None:
        return token.claims.get(single)
    raise UndecidedError(f"Jwt.{name} is not followed here")


def _plain_claim(value: Any) -> str:
    return "true" if value is True else "false" if value is False else str(value)


def _of_mapping(value: dict[str, Any], name: str, arguments: list[Any] | None) -> Any:
    if arguments is None:
        if name in value:
            return value[name]
        if name == "Count":
            return len(value)
    elif name == "ContainsKey" and len(arguments) == 1:
        return arguments[0] in value
    elif name == "GetValueOrDefault" and arguments:
        default = arguments[1] if len(arguments) > 1 else None
        if arguments[0] not in value:
            return default
        found = value[arguments[0]]
        # Headers, query parameters and claims hold lists; their GetValueOrDefault joins them by commas.
        return ",".join(found) if isinstance(found, list) else found
    raise UndecidedError(f"{name} is not known here")


def _of_list(value: list[Any], name: str, arguments: list[Any] | None) -> Any:
    if name in ("Length", "Count") and not arguments:
        return len(value)
    if name in ("First", "FirstOrDefault", "Last", "LastOrDefault") and not arguments:
        if not value:
            if name.endswith("OrDefault"):
                return None
            raise UndecidedError("the first of nothing is read, so the expression throws")
        return value[0] if name.startswith("First") else value[-1]
    if name == "Contains" and arguments:
        return arguments[0] in value
    if name == "Any" and not arguments and arguments is not None:
        return bool(value)
    raise UndecidedError(f"{name} is not followed here")


_PLAIN_METHODS: Mapping[str, Callable[[str], Any]] = {
    "ToLower": str.lower,
    "ToLowerInvariant": str.lower,
    "ToUpper": str.upper,
    "ToUpperInvariant": str.upper,
    "Trim": str.strip,
    "TrimStart": str.lstrip,
    "TrimEnd": str.rstrip,
    "ToString": str,
}


def _of_text(value: str, name: str, arguments: list[Any] | None) -> Any:
    if arguments is None:
        if name == "Length":
            return len(value)
        raise UndecidedError(f"{name} is not followed here")
    if name in _PLAIN_METHODS and not arguments:
        return _PLAIN_METHODS[name](value)
    if name == "AsJwt" and not arguments:
        return as_jwt(value)
    if name == "Split" and arguments and all(isinstance(each, str) and each for each in arguments):
        return re.split("|".join(re.escape(each) for each in arguments), value)
    if name == "Substring" and arguments and all(isinstance(each, int) for each in arguments):
        start, length = arguments[0], arguments[1] if len(arguments) > 1 else len(value) - arguments[0]
        if not 0 <= start <= start + length <= len(value):
            raise UndecidedError("Substring is out of range, so the expression throws")
        return value[start : start + length]
    if name == "Replace" and len(arguments) == 2:
        return value.replace(_text(arguments[0]), _text(arguments[1]))
    if name in ("StartsWith", "EndsWith", "Contains", "Equals", "IndexOf") and arguments:
        return _compared(value, name, arguments)
    raise UndecidedError(f"{name} is not followed here")


def _compared(value: str, name: str, arguments: list[Any]) -> Any:
    other = arguments[0]
    if not isinstance(other, str):
        return False if name == "Equals" else _undecided(name)()
    if len(arguments) > 1:
        if not isinstance(arguments[1], str) or not arguments[1].startswith("comparison:"):
            raise UndecidedError(f"{name} is not followed here")
        if arguments[1].endswith("IgnoreCase"):
            value, other = value.lower(), other.lower()
    match name:
        case "StartsWith":
            return value.startswith(other)
        case "EndsWith":
            return value.endswith(other)
        case "Contains":
            return other in value
        case "IndexOf":
            return value.find(other)
        case _:
            return value == other


def _static(type_name: str, name: str, arguments: list[Any]) -> Any:
    if type_name == "StringComparison":
        return f"comparison:{name}"
    if type_name in ("string", "String"):
        if name == "Empty":
            return ""
        if name == "IsNullOrEmpty" and len(arguments) == 1:
            return arguments[0] is None or arguments[0] == ""
        if name == "IsNullOrWhiteSpace" and len(arguments) == 1:
            return arguments[0] is None or not _text(arguments[0]).strip()
        if name == "Equals" and len(arguments) >= 2 and isinstance(arguments[0], str):
            return _compared(arguments[0], "Equals", arguments[1:])
    if (
        type_name == "int"
        and name == "Parse"
        and len(arguments) == 1
        and re.fullmatch(r"-?\d{1,9}", _text(arguments[0]))
    ):
        return int(arguments[0])
    raise UndecidedError(f"{type_name}.{name} is not followed here")


def as_jwt(text: str) -> Jwt | None:
    """Return the token in a text (a leading ``Bearer`` allowed), or None, as ``AsJwt()`` does."""
    bare = text[7:] if text[:7].lower() == "bearer " else text
    token = jose.decode(bare.strip())
    return Jwt(token.payload) if token.payload is not None else None
