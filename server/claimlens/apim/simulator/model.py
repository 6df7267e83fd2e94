"""What goes into a simulation and what comes out of it."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

import attrs

from claimlens.apim.document import PolicyDocument
from claimlens.jose.verification_keys import KeyRing
from claimlens.text.spans import Span


class Outcome(enum.StrEnum):
    """What the caller would get."""

    PASS = "pass"  # noqa: S105 - an outcome, not a password
    FAIL = "fail"
    UNDETERMINED = "undetermined"


class StepVerdict(enum.StrEnum):
    """How one check came out."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


@attrs.frozen
class Request:
    """The call that reaches the gateway.

    Attributes:
        method: in upper case.
        url: absolute where known.
        headers: names as sent, in order; several of one name are several entries.
        client_address: the caller's IP address, or None where it is not known.
        certificate: attributes of the client certificate (``thumbprint``, ``subject``, ``issuer``), or None where
            nothing is known of one; empty for a call without.
    """

    method: str = "GET"
    url: str = "https://gateway.example/"
    headers: tuple[tuple[str, str], ...] = attrs.field(default=(), repr=False)
    body: str = attrs.field(default="", repr=False)
    client_address: str | None = None
    certificate: Mapping[str, str] | None = None

    def header(self, name: str) -> str | None:
        """Return a header's value, of several all, joined by commas (RFC 9110 section 5.3); None where absent."""
        values = [value for each, value in self.headers if each.lower() == name.lower()]
        return ",".join(values) if values else None

    def with_header(self, name: str, value: str | None) -> Request:
        """Return the request with this header in place of any of its name; None removes it."""
        others = tuple(each for each in self.headers if each[0].lower() != name.lower())
        return attrs.evolve(self, headers=others if value is None else (*others, (name, value)))

    @property
    def query(self) -> Mapping[str, list[str]]:
        """The query parameters."""
        try:
            return parse_qs(urlsplit(self.url).query, keep_blank_values=True)
        except ValueError:
            return {}


@attrs.frozen
class IssuerDocuments:
    """What an ``openid-config`` address gives: the issuer, and the keys where they are at hand; else why not."""

    issuer: str | None = None
    keys: KeyRing | None = None
    problem: str | None = None


@attrs.frozen
class Scope:
    """The policies of one scope: ``global``, ``workspace``, ``product``, ``api`` or ``operation``."""

    name: str
    document: PolicyDocument
    path: str = ""


@attrs.frozen
class Surroundings:
    """What the policies refer to.

    Attributes:
        scopes: from the innermost to the outermost; the first is the policy under test.
        issuers: documents by ``openid-config`` URL; the entry ``""`` serves every URL that has none of its own.
        named_values: by display name. Values may be secret and are never shown.
        fragments: by id; the scope of each is that of the policy that includes it.
        products: those of which the subscription decides whose policies run; they are not among the scopes.
    """

    scopes: tuple[Scope, ...]
    issuers: Mapping[str, IssuerDocuments] = attrs.field(factory=dict, repr=False)
    named_values: Mapping[str, str] = attrs.field(factory=dict, repr=False)
    fragments: Mapping[str, Scope] = attrs.field(factory=dict, repr=False)
    products: tuple[str, ...] = ()


@attrs.frozen
class Step:
    """One check of one policy.

    Attributes:
        policy: the policy's name.
        element: the element that asks for the check (``audiences``), or the policy itself.
        check: what was looked at, in a word or two.
        verdict: what came out.
        detail: why, with the values compared; invisible characters are shown.
        span: where in the policy.
        path: the file, empty for the policy under test.
        reading: whether this is our reading rather than documented behaviour.
    """

    policy: str
    element: str
    check: str
    verdict: StepVerdict
    detail: str
    span: Span
    path: str = ""
    reading: bool = False


@attrs.frozen
class LastError:
    """``context.LastError`` as policies see it.

    https://learn.microsoft.com/azure/api-management/api-management-error-handling-policies#lasterror
    """

    source: str
    reason: str
    message: str
    scope: str
    section: str
    path: str
    policy_id: str | None = None


@attrs.frozen
class Simulation:
    """The answer of the gateway, as far as it can be told.

    Attributes:
        outcome: what the caller gets.
        status: the HTTP status of a refusal (200 for a pass), or None where it is not known.
        body: the body of a refusal, or None.
        error: ``context.LastError``, or None.
        steps: every check in order.
        unfetched: addresses of metadata, named in the policies, whose keys are not at hand.
    """

    outcome: Outcome
    status: int | None
    body: str | None
    error: LastError | None
    steps: tuple[Step, ...]
    unfetched: tuple[str, ...] = ()
