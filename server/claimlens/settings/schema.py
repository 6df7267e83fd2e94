"""Every setting there is: name, type, default, scope, description. The one table that all the others follow.

`claimlens.settings.parse` reads by it; tests hold ``package.json`` and docs/settings.md against `describe`. To add a
setting, add a field to `claimlens.settings.model` and a line here.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Mapping
from typing import Any, Literal

import attrs

from claimlens.settings.model import Settings

SEVERITIES = ("off", "hint", "information", "warning", "error")
GATEWAYS = ("classic", "v2", "consumption", "self-hosted", "workspace")


class Wrong(enum.Enum):
    """What a reader returns for a value that it does not accept."""

    VALUE = enum.auto()


@attrs.frozen
class ValueType:
    """A kind of value.

    Attributes:
        name: ``boolean``, ``integer``, ``string``, ``array`` or ``object``, as JSON Schema calls it.
        expected: what it is for people, such as ``a list of texts``.
        read: returns the value in the form of `Settings`, or `Wrong.VALUE`.
        entries: for an object whose entries stand for themselves: returns one entry's value; a wrong one costs itself.
    """

    name: str
    expected: str
    read: Callable[[Any], Any] = attrs.field(repr=False)
    entries: Callable[[Any], Any] | None = attrs.field(default=None, repr=False)


@attrs.frozen
class Setting:
    """One setting.

    Attributes:
        name: after ``claimlens.``, in camelCase, such as ``expected.audiences``.
        field: the path to its field in `Settings`; empty for what only the editor extension reads.
        type: what it may be.
        scope: ``folder``: each folder has its own; ``user``: only the user's own settings count.
        description: one sentence.
    """

    name: str
    field: tuple[str, ...]
    type: ValueType
    scope: Literal["folder", "user"]
    description: str

    @property
    def key(self) -> str:
        """The full name, such as ``claimlens.expected.audiences``."""
        return f"claimlens.{self.name}"

    @property
    def default(self) -> Any:
        """What holds when nothing is set, in the form of `Settings`; empty text for what the extension reads."""
        value: Any = Settings() if self.field else ""
        for name in self.field:
            value = getattr(value, name)
        return value


def describe() -> tuple[Setting, ...]:
    """Return every setting, in the order in which people should read them."""
    return tuple(_SETTINGS.values())


def known_settings() -> Mapping[str, Setting]:
    """Return every setting by its `Setting.name`."""
    return _SETTINGS


def _boolean(value: Any) -> Any:
    return value if isinstance(value, bool) else Wrong.VALUE


def _whole_number(maximum: int) -> ValueType:
    def read(value: Any) -> Any:
        if isinstance(value, float) and value.is_integer():  # JSON does not tell 5 from 5.0
            value = int(value)
        is_number = isinstance(value, int) and not isinstance(value, bool)
        return value if is_number and 0 <= value <= maximum else Wrong.VALUE

    return ValueType("integer", f"a whole number from 0 to {maximum}", read)


def _text(value: Any) -> Any:
    return value if isinstance(value, str) else Wrong.VALUE


def _optional_text(value: Any) -> Any:
    return (value or None) if value is None or isinstance(value, str) else Wrong.VALUE


def _one_of(choices: tuple[str, ...]) -> Callable[[Any], Any]:
    return lambda value: value if value in choices and isinstance(value, str) else Wrong.VALUE


def _optional_gateway(value: Any) -> Any:
    return None if value in (None, "") else _one_of(GATEWAYS)(value)


def _texts(value: Any) -> Any:
    all_texts = isinstance(value, list | tuple) and all(isinstance(entry, str) for entry in value)
    return tuple(value) if all_texts else Wrong.VALUE


def _object(value: Any) -> Any:
    return value if isinstance(value, Mapping) and all(isinstance(name, str) for name in value) else Wrong.VALUE


def _globs(value: Any) -> Any:
    """Read a list of globs as globs that leave out every code."""
    globs = _texts(value)
    return _object(value) if globs is Wrong.VALUE else dict.fromkeys(globs, ("*",))


_BOOLEAN = ValueType("boolean", "true or false", _boolean)
_TEXTS = ValueType("array", "a list of texts", _texts)
_TEXT = ValueType("string", "a text", _text)
_OPTIONAL_TEXT = ValueType("string", "a text or null", _optional_text)
_GATEWAY = ValueType("string", f"one of {', '.join(GATEWAYS)}, or null", _optional_gateway)
_TEXT_MAP = ValueType("object", "an object whose values are texts", _object, _text)
_SEVERITY_MAP = ValueType(
    "object", f"an object from rule code to one of {', '.join(SEVERITIES)}", _object, _one_of(SEVERITIES)
)
_GLOB_MAP = ValueType("object", "a list of globs, or an object from glob to a list of rule codes", _globs, _texts)

_ALL = (
    Setting(
        "rules",
        ("rules",),
        _SEVERITY_MAP,
        "folder",
        "Severity by rule code; a trailing `*` matches a family, and the longest match wins.",
    ),
    Setting(
        "ignore",
        ("ignore",),
        _GLOB_MAP,
        "folder",
        "Files to leave out, as globs like those of `.gitignore`; or, by glob, the rule codes to leave out there.",
    ),
    Setting("clockSkewSeconds", ("clock_skew_seconds",), _whole_number(86_400), "folder", "How far clocks may differ."),
    Setting(
        "expiryHintMinutes",
        ("expiry_hint_minutes",),
        _whole_number(525_600),
        "folder",
        "How long before its end a token is said to expire soon; 0 switches that off.",
    ),
    Setting(
        "expected.audiences",
        ("expected", "audiences"),
        _TEXTS,
        "folder",
        "Audiences (`aud`) tokens here are meant for.",
    ),
    Setting("expected.issuers", ("expected", "issuers"), _TEXTS, "folder", "Issuers (`iss`) tokens here come from."),
    Setting("expected.tenants", ("expected", "tenants"), _TEXTS, "folder", "Tenant ids (`tid`) tokens here come from."),
    Setting("expected.scopes", ("expected", "scopes"), _TEXTS, "folder", "Scopes (`scp`), any one of which is needed."),
    Setting("expected.roles", ("expected", "roles"), _TEXTS, "folder", "Roles (`roles`), any one of which is needed."),
    Setting(
        "codeLens.enabled", ("code_lens_enabled",), _BOOLEAN, "folder", "A line above each token that says what it is."
    ),
    Setting(
        "inlayHints.enabled",
        ("inlay_hints_enabled",),
        _BOOLEAN,
        "folder",
        "A note behind each token that says what it is, where no code lens says so.",
    ),
    Setting(
        "inlayHints.errors",
        ("inlay_hints_errors",),
        _BOOLEAN,
        "folder",
        "A note behind each known error code or message that says what it means.",
    ),
    Setting("decorations.enabled", ("decorations_enabled",), _BOOLEAN, "folder", "Colours for the parts of a token."),
    Setting(
        "policies.gateway",
        ("policies", "gateway"),
        _GATEWAY,
        "folder",
        "The API Management gateway that policies are written for; null judges for any.",
    ),
    Setting(
        "policies.namedValues",
        ("policies", "named_values"),
        _TEXT_MAP,
        "folder",
        "Values for `{{name}}` in API Management policies.",
    ),
    Setting(
        "network.allowedHosts",
        ("network", "allowed_hosts"),
        _TEXTS,
        "user",
        "Hosts (`host` or `host:port`) that may be asked for metadata and keys besides the known identity providers.",
    ),
    Setting("network.offline", ("network", "offline"), _BOOLEAN, "user", "Never use the network."),
    Setting(
        "network.proxy",
        ("network", "proxy"),
        _OPTIONAL_TEXT,
        "user",
        "The proxy to use, such as `http://proxy.example:8080`; the proxies of the environment are not used.",
    ),
    Setting(
        "network.caFile",
        ("network", "ca_file"),
        _OPTIONAL_TEXT,
        "user",
        "A PEM file with certificate authorities to trust besides those of the operating system.",
    ),
    Setting("server.path", (), _TEXT, "user", "A `claimlens` executable to run as the language server."),
    Setting("server.interpreter", (), _TEXT, "user", "The Python interpreter to run the language server with."),
)
_SETTINGS: Mapping[str, Setting] = {setting.name: setting for setting in _ALL}
