"""Verify a token: find its issuer's keys, check the signature, check the claims, give one verdict.

Three packages each know a part: `claimlens.entra` where an issuer's keys are, `claimlens.oidc` how to fetch them,
`claimlens.jose` whether a key made a signature. This module joins what they say and adds no opinion of its own.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import attrs

from claimlens import entra
from claimlens.entra import MetadataLocation
from claimlens.jose.claims_checks import Check, CheckVerdict, Expected, check_claims
from claimlens.jose.model import Token, TokenForm
from claimlens.jose.verification_keys import FAMILIES, KeyRing, RefusedKey
from claimlens.jose.verify import SignatureResult, Verdict, refusal, verify_readable, verify_signature
from claimlens.oidc import DocumentCache, Failure, FetchError
from claimlens.text.escape import visible


@attrs.frozen
class KeyReport:
    """Where the key of a signature comes from.

    Attributes:
        kid: its identifier, or None.
        source: the URL, or the name of the file.
        fetched_at: when its issuer last confirmed it; None for a file.
        outage: why it could not be refreshed, where it is served past its time.
    """

    kid: str | None
    source: str
    fetched_at: datetime.datetime | None = None
    outage: Failure | None = None


@attrs.frozen
class Verification:
    """The answer to "is this token good?".

    Attributes:
        verdict: of the whole token, for what was asked.
        signature: of the signature alone.
        summary: the verdict in one sentence, with what was not checked.
        checks: every check with its own verdict, in order.
        key: the key that was used, or None.
        failure: why keys could not be fetched, where that is what is missing.
    """

    verdict: Verdict
    signature: Verdict
    summary: str
    checks: tuple[Check, ...]
    key: KeyReport | None = None
    failure: Failure | None = None

    @property
    def signature_detail(self) -> str:
        """Why the signature is valid, invalid or open, in one sentence."""
        steps = [check for check in self.checks if check.name in ("form", *_STAGES)]
        return next((step.detail for step in steps if step.verdict is not CheckVerdict.PASS), steps[-1].detail)


@attrs.frozen
class Request:
    """What is to be verified, and against what.

    Attributes:
        token: the token.
        now: the time, aware and in UTC.
        expected: audiences, tenants, clients, scopes, roles, leeway.
        issuer: the issuer to ask and to insist on; None takes the one the token names.
        issuers: those of which the token's must be one (``{tenantid}`` stands for its ``tid``); empty: nobody asked.
        algorithms: the only algorithms allowed, or None.
    """

    token: Token
    now: datetime.datetime
    expected: Expected = attrs.field(factory=Expected)
    issuer: str | None = None
    issuers: tuple[str, ...] = ()
    algorithms: tuple[str, ...] | None = None

    @property
    def claims(self) -> Mapping[str, Any]:
        """The token's claims; empty where it has none that can be read."""
        return self.token.payload or {}


@attrs.frozen
class _Attempt:
    """What one metadata document led to."""

    issuer: Check
    signature: SignatureResult
    key: KeyReport | None = None

    @property
    def key_missing(self) -> bool:
        return self.issuer.verdict is CheckVerdict.PASS and self.signature.reason == "key-not-found"

    @property
    def rank(self) -> tuple[bool, bool]:
        return self.issuer.verdict is CheckVerdict.PASS, self.signature.verdict is not Verdict.UNDETERMINED


def key_host(token: Token) -> str | None:
    """Return the host that publishes the keys of a token's issuer, or None where no published key could verify it."""
    if token.form is not TokenForm.JWS or FAMILIES.get(token.algorithm or "", "oct") == "oct":
        return None
    claims = token.payload or {}
    location = entra.metadata_location(claims.get("iss"), claims, token.header or {})
    urls = (*location.urls, *location.key_urls)
    return host_of(urls[0]) if urls and location.verifiable_by_third_parties else None


def host_of(source: str) -> str:
    """Return the host (and port, unless it is the usual one) of a URL; anything else is returned as it is."""
    return source.partition("://")[2].partition("/")[0] or source


def verify_offline(
    request: Request, ring: KeyRing, *, source: str, metadata: Mapping[str, Any] | None = None
) -> Verification:
    """Verify with keys at hand; ``metadata`` is the issuer's document, where it is at hand too."""
    signature = verify_signature(request.token, ring, algorithms=request.algorithms)
    issuer = _check_named_issuer(request) if metadata is None else _check_issuer(request, metadata)
    return _judge(request, _Attempt(issuer, signature, _report(signature, source)))


async def verify_online(request: Request, cache: DocumentCache) -> Verification:
    """Verify with the keys that the issuer publishes. Fetches: call it only when the user asked for it."""
    attempt, failure = await _ask(request, cache)
    return _judge(request, attempt, failure)


async def signature_online(request: Request, cache: DocumentCache) -> tuple[SignatureResult, Failure | None]:
    """Return what the issuer's keys say about the signature alone, and why they could not be fetched, if so.

    Fetches like `verify_online`.
    """
    attempt, failure = await _ask(request, cache)
    return attempt.signature, failure


async def _ask(request: Request, cache: DocumentCache) -> tuple[_Attempt, Failure | None]:
    """Return the best attempt at a verdict, and why keys could not be fetched, where that is what is missing."""
    location = entra.metadata_location(_issuer(request), request.claims, request.token.header or {})
    obstacle = _obstacle(request, location)
    if obstacle is not None:
        return _Attempt(_check_named_issuer(request), obstacle), None
    attempts: list[_Attempt] = []
    failure: Failure | None = None
    for url in _candidates(location, attempts):
        try:
            attempts.append(await _attempt(request, cache, url, location))
        except FetchError as error:
            failure = failure or error.failure
    if not attempts and location.key_urls:
        try:
            attempts.append(
                await _attempt_keys(request, cache, location.key_urls[0], _check_known_issuer(location), location)
            )
        except FetchError as error:
            failure = failure or error.failure
    if attempts:
        return max(attempts, key=lambda attempt: attempt.rank), None
    missing = f"The keys could not be fetched: {failure}" if failure else "No place is known to fetch the keys from."
    unknown = SignatureResult(Verdict.UNDETERMINED, missing, "keys-unavailable")
    return _Attempt(_check_named_issuer(request), unknown), failure


def _candidates(location: MetadataLocation, attempts: list[_Attempt]) -> Iterable[str]:
    """Yield the metadata URLs worth asking, given what the earlier ones led to.

    An application may have signing keys of its own; its metadata is asked for only once the tenant's has no such key.
    """
    for url in location.urls:
        if not any(attempt.issuer.verdict is CheckVerdict.PASS for attempt in attempts):
            yield url
    for url in location.application_urls:
        if attempts and all(attempt.key_missing for attempt in attempts if attempt.rank[0]):
            yield url


async def _attempt(request: Request, cache: DocumentCache, url: str, location: MetadataLocation) -> _Attempt:
    metadata = await cache.metadata(url)
    issuer = _check_issuer(request, metadata.value.document)
    if issuer.verdict is not CheckVerdict.PASS:
        detail = "Not checked: the keys of another issuer prove nothing about this token."
        return _Attempt(issuer, SignatureResult(Verdict.UNDETERMINED, detail, "issuer"))
    return await _attempt_keys(request, cache, metadata.value.jwks_uri, issuer, location)


async def _attempt_keys(
    request: Request, cache: DocumentCache, url: str, issuer: Check, location: MetadataLocation
) -> _Attempt:
    kid = (request.token.header or {}).get("kid")
    keys = await cache.keys(url, kid=kid if isinstance(kid, str) else None)
    ring = keys.value.ring
    if location.key_issuer_rule:
        ring = _bound_to_issuer(ring, request)
    signature = verify_readable(request.token, ring, algorithms=request.algorithms)
    return _Attempt(issuer, signature, _report(signature, keys.value.url, keys.fetched_at, keys.outage))


def _bound_to_issuer(ring: KeyRing, request: Request) -> KeyRing:
    """Refuse the keys that Entra publishes for another issuer than the token's."""
    kid, issuer, tenant = (request.token.header or {}).get("kid"), request.claims.get("iss"), request.claims.get("tid")
    tried = [key for key in ring.keys if kid is None or key.kid == kid]
    foreign = [key for key in tried if not entra.key_issuer_matches(key.issuer, issuer, tenant).matches]
    if not foreign:
        return ring
    refused = [RefusedKey(key.kid, "it is published for tokens of another issuer") for key in foreign]
    usable = tuple(key for key in ring.keys if key not in foreign)
    return KeyRing(usable, (*ring.refused, *refused), ring.problem)


def _issuer(request: Request) -> Any:
    return request.issuer if request.issuer is not None else request.claims.get("iss")


def _obstacle(request: Request, location: MetadataLocation) -> SignatureResult | None:
    """Return the answer for tokens that no published key can verify, or None."""
    refused = refusal(request.token, KeyRing(), algorithms=request.algorithms)
    if refused is not None and (refused.verdict is Verdict.INVALID or refused.reason != "algorithm"):
        return refused  # of an algorithm that is not supported, the issuer can still be checked
    if location.verifiable_by_third_parties:
        return None
    return SignatureResult(Verdict.UNDETERMINED, location.reason, "not-verifiable")


def _check_named_issuer(request: Request) -> Check:
    """Compare the token's issuer with the one asked for, without any metadata."""
    named = request.claims.get("iss")
    if request.issuer is None:
        told = f"the token says {visible(str(named))}" if named is not None else "the token names none"
        return Check("issuer", CheckVerdict.UNKNOWN, f"Not checked: no metadata at hand; {told}.", asked=False)
    comparison = entra.issuer_matches(request.issuer, named, request.claims.get("tid"))
    verdict = CheckVerdict.PASS if comparison.matches else CheckVerdict.FAIL
    detail = f"The token's issuer is {visible(str(named))}; asked for was {visible(request.issuer)}."
    return Check("issuer", verdict, detail)


def _check_known_issuer(location: MetadataLocation) -> Check:
    """An issuer without metadata is known by the place its keys are published at."""
    return Check("issuer", CheckVerdict.PASS, f"The issuer publishes keys without metadata. {location.keys}".strip())


def _check_issuer(request: Request, metadata: Mapping[str, Any]) -> Check:
    """Compare the token's issuer with its metadata's, and with the one asked for.

    AD FS names the issuer of its access tokens apart, in ``access_token_issuer``.
    """
    if request.issuer is not None:
        named = _check_named_issuer(request)
        if named.verdict is CheckVerdict.FAIL:
            return named
    token_issuer, tenant = request.claims.get("iss"), request.claims.get("tid")
    published = metadata.get("issuer", metadata.get("access_token_issuer"))
    comparison = entra.issuer_matches(published, token_issuer, tenant)
    if comparison.matches:
        return Check("issuer", CheckVerdict.PASS, comparison.reason)
    other = entra.issuer_matches(metadata.get("access_token_issuer"), token_issuer, tenant)
    if other.matches:
        return Check("issuer", CheckVerdict.PASS, other.reason)
    values = f"{visible(str(published))} against {visible(str(token_issuer))}"
    return Check("issuer", CheckVerdict.FAIL, f"{comparison.reason} {values}.")


def _check_expected_issuers(request: Request) -> Iterable[Check]:
    """Compare the token's issuer with those that are expected, where somebody said which."""
    if not request.issuers:
        return
    named, tenant = request.claims.get("iss"), request.claims.get("tid")
    matches = any(entra.issuer_matches(each, named, tenant).matches for each in request.issuers)
    verdict = CheckVerdict.PASS if matches else CheckVerdict.FAIL
    expected = ", ".join(map(visible, request.issuers))
    yield Check("expected issuer", verdict, f"iss is {visible(str(named))}; expected is {expected}.")


def _report(
    signature: SignatureResult,
    source: str,
    fetched_at: datetime.datetime | None = None,
    outage: Failure | None = None,
) -> KeyReport | None:
    if signature.key is None:
        return None
    return KeyReport(signature.key.kid, source, fetched_at, outage)


_STAGES = {
    "algorithm": ("algorithm", "unsigned", "algorithm-confusion"),
    "key": ("key-set", "key-refused", "key-not-found", "key-mismatch", "keys-unavailable", "issuer", "not-verifiable"),
    "signature": ("signature", "signature-missing", "verified"),
}
"""At which check each reason of a `SignatureResult` arises; the checks before it have passed."""

_STAGE_OF = {reason: stage for stage, reasons in _STAGES.items() for reason in reasons}

_AS_CHECK = {
    Verdict.VALID: CheckVerdict.PASS,
    Verdict.INVALID: CheckVerdict.FAIL,
    Verdict.UNDETERMINED: CheckVerdict.UNKNOWN,
}


def _signature_checks(token: Token, signature: SignatureResult) -> Iterable[Check]:
    """Yield the steps of the signature check up to the one that settled it."""
    settled = _STAGE_OF.get(signature.reason, "form")
    verdict = _AS_CHECK[signature.verdict]
    if settled == "form":
        yield Check("form", verdict, signature.detail)
        return
    passed: Mapping[str, str | Callable[[], str]] = {
        "algorithm": lambda: f"{visible(str(token.algorithm))} is a signature algorithm that may be used.",
        "key": "A key that fits is at hand.",
    }
    for stage in _STAGES:
        if stage == settled:
            yield Check(stage, verdict, signature.detail)
            break
        yield Check(stage, CheckVerdict.PASS, passed[stage])
    if settled != "signature":
        yield Check("signature", CheckVerdict.UNKNOWN, "Not reached.")


def _judge(request: Request, attempt: _Attempt, failure: Failure | None = None) -> Verification:
    """Join the checks into one verdict: one that fails decides; one that was asked for and is open leaves it open."""
    signature = attempt.signature
    checks = (
        *_signature_checks(request.token, signature),
        attempt.issuer,
        *_check_expected_issuers(request),
        *check_claims(request.token.payload, request.expected, request.now),
    )
    open_or_failed = [check for check in checks if check.verdict is not CheckVerdict.PASS]
    failed = [check for check in open_or_failed if check.verdict is CheckVerdict.FAIL]
    missing = [check for check in open_or_failed if check.asked]
    if failed:
        verdict, summary = Verdict.INVALID, f"Invalid: {failed[0].detail}"
    elif missing:
        verdict, summary = Verdict.UNDETERMINED, f"Undetermined: {missing[0].detail}"
    else:
        unasked = ", ".join([check.name for check in open_or_failed])
        verdict, summary = Verdict.VALID, f"Valid; {unasked} not checked." if unasked else "Valid."
    if attempt.key is not None and attempt.key.outage is not None and attempt.key.fetched_at is not None:
        since = attempt.key.fetched_at.strftime("%Y-%m-%d %H:%M UTC")
        summary += f" The issuer could not be reached; the keys are those of {since}."
    return Verification(verdict, signature.verdict, summary, checks, attempt.key, failure)
