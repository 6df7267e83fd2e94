"""What can be set, with its defaults; ``package.json`` and docs/settings.md are checked against this."""

from __future__ import annotations

from collections.abc import Mapping

import attrs


@attrs.frozen
class ExpectedSettings:
    """What tokens in this folder are meant for; empty means that nothing is expected."""

    audiences: tuple[str, ...] = ()
    issuers: tuple[str, ...] = ()
    tenants: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()

    @property
    def scopes_in_tokens(self) -> tuple[str, ...]:
        """The scopes as tokens carry them: without the URI of their API, which people write in front."""
        return tuple(scope.rpartition("/")[2] for scope in self.scopes)


@attrs.frozen
class NetworkSettings:
    """What may be reached. Read from the user's own settings only: a workspace can never set these."""

    allowed_hosts: tuple[str, ...] = ()
    offline: bool = False
    proxy: str | None = None
    ca_file: str | None = None


@attrs.frozen
class PolicySettings:
    """How API Management policies are judged."""

    gateway: str | None = None
    """``classic``, ``v2``, ``consumption``, ``self-hosted`` or ``workspace``; None judges for any gateway."""
    named_values: Mapping[str, str] = attrs.field(factory=dict, repr=False)


@attrs.frozen
class Settings:
    """All settings; names in VS Code are ``claimlens.`` and the camelCase of the path to a field."""

    rules: Mapping[str, str] = attrs.field(factory=dict)
    """Severity by rule code; a trailing ``*`` matches a family; the longest match wins."""
    ignore: Mapping[str, tuple[str, ...]] = attrs.field(factory=dict)
    """Codes (``*`` for all) to leave out, by glob relative to the folder."""
    expected: ExpectedSettings = ExpectedSettings()
    clock_skew_seconds: int = 300
    expiry_hint_minutes: int = 10
    code_lens_enabled: bool = True
    inlay_hints_enabled: bool = True
    inlay_hints_errors: bool = False
    decorations_enabled: bool = True
    policies: PolicySettings = PolicySettings()
    network: NetworkSettings = NetworkSettings()


@attrs.frozen
class Problem:
    """A setting that was not understood and has its default instead.

    Attributes:
        key: the setting, such as ``claimlens.clockSkewSeconds``, as it was written.
        message: for people, complete in itself: the key, what is wrong and what is expected. Holds no value of a
            setting.
        source: where it was written, such as ``claimlens.toml``, or empty.
    """

    key: str
    message: str
    source: str = ""
