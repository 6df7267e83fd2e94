"""What some file says it accepts, and where it says so."""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from urllib.parse import unquote

import attrs

from claimlens.expectations.rooms import Room
from claimlens.text.spans import Span


class SourceKind(enum.StrEnum):
    """What kind of file or place states an expectation. It decides what the statements mean (`accepted`)."""

    SETTINGS = "Claimlens settings"
    VALIDATE_JWT = "validate-jwt"
    VALIDATE_AZURE_AD_TOKEN = "validate-azure-ad-token"  # noqa: S105 - a policy's name
    IDENTITY_WEB = "Microsoft.Identity.Web"
    JWT_BEARER = "JwtBearer"
    APP_SERVICE = "App Service authentication"
    SPRING = "Spring Security"
    MANIFEST = "app manifest"
    SOURCE_CODE = "source code"
    FILE = "settings file"


@attrs.frozen
class Stated:
    """One value that a file states.

    Attributes:
        value: the value, as written.
        span: where it stands.
        label: the keys that lead to it: ``AzureAd:TenantId``.
        joint: what has to stand between this value and another one in the same list; None where it is in no list.
        path: the file, where it is not that of the section.
    """

    value: str
    span: Span
    label: str
    joint: str | None = None
    path: str | None = None

    @property
    def placeholder(self) -> bool:
        """Whether the value is filled in elsewhere: ``${…}``, ``{{…}}``, ``#{…}#``, ``<your-client-id>``, empty."""
        return is_placeholder(self.value)

    def filled(self, value_of: Callable[[str], str]) -> Stated:
        """Return it with another value, its label telling what is written, or as it is where the value is the same."""
        value = value_of(self.value)
        return self if value == self.value else attrs.evolve(self, value=value, label=f"{self.label} {self.value}")

    @property
    def has_stray_blank(self) -> bool:
        """Whether a blank or line break stands at either end, where it makes the value equal nothing."""
        return bool(self.value) and self.value != self.value.strip()


@attrs.frozen
class Expectation:
    """What one section of one file says about the tokens it accepts.

    Attributes:
        kind: what states it.
        label: the section's name, for people.
        span: from the first statement to the last.
        statements: the values by role (a key of ``vocabulary.toml``), in the order of the file.
        path: the file, once a caller knows it.
        room: where App Service authentication that lists no audience could list one.
    """

    kind: SourceKind
    label: str
    span: Span
    statements: Mapping[str, tuple[Stated, ...]]
    path: str | None = None
    room: Room | None = None

    @cached_property
    def location(self) -> str:
        """The path without escapes, to compare; empty where the file is not known."""
        return unquote(self.path or "")

    def of(self, *roles: str) -> tuple[Stated, ...]:
        """Return the statements of these roles, in order, without placeholders."""
        return tuple(stated for role in roles for stated in self.statements.get(role, ()) if not stated.placeholder)

    def all_of(self, *roles: str) -> tuple[Stated, ...]:
        """Return the statements of these roles, placeholders and empty ones included."""
        return tuple(stated for role in roles for stated in self.statements.get(role, ()))

    def first(self, *roles: str) -> Stated | None:
        """Return the first statement of these roles that is no placeholder, or None."""
        return next(iter(self.of(*roles)), None)

    def filled(self, value_of: Callable[[str], str]) -> Expectation:
        """Return it with what ``value_of`` makes of each value; the label of one it changes tells what is written."""
        statements = {role: tuple(each.filled(value_of) for each in values) for role, values in self.statements.items()}
        return self if statements == self.statements else attrs.evolve(self, statements=statements)


_PLACEHOLDER = re.compile(
    r"\$\{|\$\(|\{\{|#\{|%\(|\$\[|^<[^<>]*>$|^\[[^\[\]]*\]$|^%\w+%$|^__\w+__$|^(?:var|local|param|parameters)\."
    r"|^(?:your|enter|insert|replace|todo|changeme|xxx)\b|your[-_ ]?(?:tenant|client|app)|\btenant_id\b|^\$env:"
    r"|^@Microsoft\.KeyVault",
    re.IGNORECASE,
)


def is_placeholder(value: str) -> bool:
    """Tell whether a value of a settings file is filled in elsewhere."""
    return not value.strip() or _PLACEHOLDER.search(value.strip()) is not None


def with_path(expectations: Iterable[Expectation], path: str) -> tuple[Expectation, ...]:
    """Return the expectations with the file they stand in."""
    return tuple(attrs.evolve(expectation, path=path) for expectation in expectations)
