"""What the values of policy expressions offer: members of ``context``, of texts, lists, tokens and a few static types.

The allowed .NET types and the members of ``context``: https://learn.microsoft.com/azure/api-management/api-management-policy-expressions
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import attrs

from claimlens import jose
from claimlens.apim.simulator.model import Request
from claimlens.jose.claims_checks import strings


class UndecidedError(Exception):
    """The value of an expression cannot be known here; says why in a few words."""


class ThrowsError(UndecidedError):
    """The value of an expression is known to be none: the service throws when it evaluates it; says why."""


@attrs.frozen
class Jwt:
    """A token as expressions see it (``AsJwt()``, or the variable of ``output-token-variable-name``)."""

    claims: Mapping[str, Any]


@attrs.frozen
class Context:
    """What expressions can look at; names of unknown headers are in lower case."""

    request: Request
    variables: Mapping[str, Any]
    last_error: Mapping[str, Any] | None = None
    unknown_headers: frozenset[str] = frozenset()
    unknown_variables: frozenset[str] = frozenset()


@attrs.frozen
class StaticType:
    """A type whose static members an expression reads, such as ``string`` in ``string.IsNullOrEmpty``."""

    name: str


def undecided(what: str) -> Callable[[], Any]:
    """Return a function that refuses to decide."""

    def refuse() -> Any:
        raise UndecidedError(f"{what} is not followed here")

    return refuse


def as_text(value: Any) -> str:
    """Return a value as C# puts it into a text; raise `UndecidedError`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "True" if value else "False"
    if isinstance(value, str | int):
        return str(value)
    raise UndecidedError("something is no text")


def indexed(value: Any, index: Any) -> Any:
    """Return ``value[index]``; raise `UndecidedError`, as `ThrowsError` where the service is known to throw.

    A variable that no policy at hand sets may be set by one that is not.
    """
    if isinstance(value, list) and isinstance(index, int) and not isinstance(index, bool):
        if not -1 < index < len(value):
            raise ThrowsError("an index is out of range, so the expression throws")
        return value[index]
    if isinstance(value, dict) and isinstance(index, str):
        if index not in value:
            kind = UndecidedError if type(value) is _Partial else ThrowsError
            raise kind(f"{index!r} is not there, so the expression throws")
        return value[index]
    raise UndecidedError("an index is not followed here")


def member(value: Any, name: str, arguments: list[Any] | None) -> Any:
    """Return ``value.name``, or ``value.name(arguments)``; raise `UndecidedError`, also where the service throws."""
    if value is None:
        raise UndecidedError(f"{name} of null is read, so the expression throws")
    if isinstance(value, Context):
        return _of_context(value, name)
    if isinstance(value, _Request):
        return _of_request(value, name)
    if isinstance(value, Jwt):
        return _of_token(value, name)
    if isinstance(value, StaticType):
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
        return _Request(context.request, context.unknown_headers)
    if name == "Variables":
        return _Partial(context.variables, context.unknown_variables)
    if name == "LastError" and context.last_error is not None:
        return dict(context.last_error)
    raise UndecidedError(f"context.{name} is only known in the service")


@attrs.frozen
class _Request:
    """``context.Request``."""

    sent: Request
    unknown_headers: frozenset[str]


def _of_request(seen: _Request, name: str) -> Any:
    request = seen.sent
    if name == "Method":
        return request.method
    if name == "Headers":
        names = dict.fromkeys(each.lower() for each, _ in request.headers)
        values = {each: [value for key, value in request.headers if key.lower() == each] for each in names}
        return _Headers(values, seen.unknown_headers)
    if name == "IpAddress" and request.client_address is not None:
        return request.client_address
    if name in ("Url", "OriginalUrl"):
        try:
            parts = urlsplit(request.url)
        except ValueError:
            raise UndecidedError("the request's URL cannot be read") from None
        return {
            "Path": parts.path,
            "Host": parts.hostname or "",
            "Scheme": parts.scheme,
            "QueryString": f"?{parts.query}" if parts.query else "",
            "Query": {each: list(values) for each, values in request.query.items()},
        }
    raise UndecidedError(f"context.Request.{name} is only known in the service")


class _Partial(dict[str, Any]):
    """A mapping of which some members are only known in the service; asking for one raises `UndecidedError`."""

    def __init__(self, known: Mapping[str, Any], unknown: frozenset[str]) -> None:
        super().__init__(known)
        self._unknown = unknown

    def __contains__(self, key: object) -> bool:
        if key in self._unknown:
            raise UndecidedError(f"{key} is only known in the service")
        return super().__contains__(key)


class _Headers(_Partial):
    """Header values by lower-case name; names do not depend on case."""

    def __contains__(self, key: object) -> bool:
        return isinstance(key, str) and super().__contains__(key.lower())

    def __getitem__(self, key: str) -> Any:
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
    if arguments and callable(arguments[0]):
        return _for_each([{"Key": key, "Value": each} for key, each in value.items()], name, arguments[0])
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


def _for_each(items: list[Any], name: str, call: Callable[[Any], Any]) -> Any:
    """Return what a method of LINQ makes of ``items`` with a lambda."""
    if name == "Select":
        return [call(each) for each in items]
    if name not in ("Where", "Any", "All", "Count", "First", "FirstOrDefault", "Last", "LastOrDefault"):
        raise UndecidedError(f"{name} is not followed here")
    answers = [call(each) for each in items]
    if not all(isinstance(each, bool) for each in answers):
        raise UndecidedError("a condition is no true or false")
    kept = [item for item, holds in zip(items, answers, strict=True) if holds]
    if name == "All":
        return len(kept) == len(items)
    return kept if name == "Where" else _of_list(kept, name, [])


def _of_list(value: list[Any], name: str, arguments: list[Any] | None) -> Any:
    if arguments and callable(arguments[0]):
        return _for_each(value, name, arguments[0])
    if name in ("ToList", "ToArray") and arguments == []:
        return value
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
        return value.replace(as_text(arguments[0]), as_text(arguments[1]))
    if name in ("StartsWith", "EndsWith", "Contains", "Equals", "IndexOf") and arguments:
        return _compared(value, name, arguments)
    raise UndecidedError(f"{name} is not followed here")


def _compared(value: str, name: str, arguments: list[Any]) -> Any:
    other = arguments[0]
    if not isinstance(other, str):
        return False if name == "Equals" else undecided(name)()
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


_WHOLE_NUMBER = re.compile(r"-?\d{1,9}")
_TRUTH = re.compile(r"\s*(true|false)\s*", re.IGNORECASE)
_READERS: Mapping[tuple[str, str], re.Pattern[str]] = {
    ("int", "Parse"): _WHOLE_NUMBER,
    ("Convert", "ToInt32"): _WHOLE_NUMBER,
    ("bool", "Parse"): _TRUTH,
    ("Convert", "ToBoolean"): _TRUTH,
}


def _static(type_name: str, name: str, arguments: list[Any]) -> Any:
    if type_name == "StringComparison":
        return f"comparison:{name}"
    if type_name in ("string", "String"):
        if name == "Empty":
            return ""
        if name == "IsNullOrEmpty" and len(arguments) == 1:
            return arguments[0] is None or arguments[0] == ""
        if name == "IsNullOrWhiteSpace" and len(arguments) == 1:
            return arguments[0] is None or not as_text(arguments[0]).strip()
        if name == "Equals" and len(arguments) >= 2 and isinstance(arguments[0], str):
            return _compared(arguments[0], "Equals", arguments[1:])
    read = _READERS.get((type_name, name))
    if read is not None and len(arguments) == 1 and (found := read.fullmatch(as_text(arguments[0]))) is not None:
        return int(found[0]) if read is _WHOLE_NUMBER else found[1].lower() == "true"
    raise UndecidedError(f"{type_name}.{name} is not followed here")


def as_jwt(text: str) -> Jwt | None:
    """Return the token in a text (a leading ``Bearer`` allowed), or None, as ``AsJwt()`` does."""
    bare = text[7:] if text[:7].lower() == "bearer " else text
    token = jose.decode(bare.strip())
    return Jwt(token.payload) if token.payload is not None else None
