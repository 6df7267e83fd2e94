"""The ordered walk: who answered, token, issuer, audience, signature, authorization, time, on-behalf-of."""

from __future__ import annotations

from collections.abc import Iterator

from claimlens.diagnosis.case import Case
from claimlens.diagnosis.clues import clues
from claimlens.diagnosis.detectors.candidate import shown
from claimlens.diagnosis.microsoft_services import service_at
from claimlens.diagnosis.model import Cause, Confidence, Step, StepVerdict
from claimlens.diagnosis.targets import told_targets
from claimlens.entra import ValidityState
from claimlens.expectations import accepted_audiences, accepted_issuers
from claimlens.jose.verify import Verdict

_STEPS: dict[str, tuple[str, ...]] = {
    "issuer": (
        "issuer-v1-vs-v2", "issuer-wrong-tenant", "issuer-b2c-vs-entra", "issuer-trailing-slash-or-case", "issuer-ciam",
        "issuer-templated-common", "tenant-cross-cloud", "guest-or-consumer-account", "metadata-wrong-endpoint",
        "metadata-unreachable", "token-version-config", "easyauth-issuer",
    ),
    "audience": (
        "audience-mismatch", "audience-guid-vs-app-id-uri", "graph-token-for-own-api", "managed-identity-audience",
        "id-token-as-access-token", "easyauth-audience", "resource-scope-mismatch", "config-whitespace",
    ),
    "signature": (
        "signature-key-not-found", "signature-graph-nonce", "signature-app-specific-keys", "signature-stale-keys",
        "signature-invalid", "alg-not-allowed", "policy-key-format", "library-version-mismatch",
    ),
    "authorization": (
        "missing-scope", "missing-role", "scope-vs-role-confusion", "required-claim-mismatch",
        "required-claim-separator",
        "claim-mapping", "groups-overage", "optional-claim-missing", "consent-missing", "scope-prefix-mismatch",
        "app-role-assignment-required", "easyauth-authorization-policy", "stale-claims-cached-token",
        "function-key-required",
    ),
    "time": ("token-expired", "token-not-yet-valid", "clock-skew", "cae-challenge"),
    "on-behalf-of": ("obo-wrong-audience", "obo-id-token"),
}  # fmt: skip
"""Which causes a step fails with."""


_OPEN = {"signature": "Not checked, and nothing in the input speaks against it."}
"""What to say of a step that nothing decides, where there is more to say."""


def walk(case: Case, causes: tuple[Cause, ...]) -> Iterator[Step]:
    """Yield the steps in order, each with what the causes and the token say about it."""
    yield _answered(case)
    yield _token(case, causes)
    for name, codes in _STEPS.items():
        found = next((cause for cause in causes if cause.code in codes), None)
        if found is not None and found.confidence is not Confidence.POSSIBLE:
            yield Step(name, StepVerdict.FAIL, found.summary, found.evidence)
        elif name == "time":
            yield _time(case)
        elif name in _PASSED and (passed := _PASSED[name](case)) is not None:
            yield passed
        elif found is not None:
            yield Step(name, StepVerdict.UNKNOWN, found.summary, found.evidence)
        elif name != "on-behalf-of":
            yield Step(name, StepVerdict.UNKNOWN, _OPEN.get(name, "Nothing in the input speaks against it."))


def _issuer(case: Case) -> Step | None:
    token = case.token
    if token is None or not token.text("iss"):
        return None
    for artefact, expectation in case.expectations:
        for accepted in accepted_issuers(expectation):
            if accepted.admits(token.text("iss")):
                evidence = (token.evidence, artefact.evidence(accepted.stated.span))
                return Step("issuer", StepVerdict.PASS, f"iss is {shown(token.text('iss'))}, as accepted.", evidence)
    return None


def _audience(case: Case) -> Step | None:
    token = case.token
    for artefact, expectation in case.expectations if token is not None else ():
        for accepted in accepted_audiences(expectation):
            if token is not None and accepted.value in token.texts("aud"):
                evidence = (token.evidence, artefact.evidence(accepted.stated.span))
                return Step("audience", StepVerdict.PASS, f"aud is {shown(accepted.value)}, as accepted.", evidence)
    return None


def _signature(case: Case) -> Step | None:
    token = case.token
    if token is None or case.signature is None or case.signature.verdict is not Verdict.VALID:
        return None
    return Step("signature", StepVerdict.PASS, case.signature.detail, (token.evidence,))


_PASSED = {"issuer": _issuer, "audience": _audience, "signature": _signature}
"""What shows that a step is passed, where no cause stands against it."""


_SERVICES = ("answered-by-graph", "answered-by-resource-manager", "answered-by-key-vault")
"""What answers at addresses of its own only, whatever words an answer borrows."""


def _answered(case: Case) -> Step:
    hosts = [target.host for target in told_targets(case)]
    elsewhere = bool(hosts) and not any(service_at(host) for host in hosts)
    for name, clue in clues().items():
        if not name.startswith("answered-by-") or (elsewhere and name in _SERVICES):
            continue
        place = next((found for found in case.clues(name) if found.artefact.is_spoken), None)
        if place is not None:
            return Step("answered-by", StepVerdict.PASS, f"The answer comes from {clue.says}.", (place.evidence,))
    return Step("answered-by", StepVerdict.UNKNOWN, "Nothing shows which layer answered.")


def _token(case: Case, causes: tuple[Cause, ...]) -> Step:
    bad = next(
        (
            cause
            for cause in causes
            if cause.code
            in (
                "token-opaque",
                "token-malformed",
                "token-encrypted",
                "scheme-missing-or-duplicated",
                "no-access-token-issued",
            )
        ),
        None,
    )
    if bad is not None:
        return Step("token", StepVerdict.FAIL, bad.summary, bad.evidence)
    token = case.token
    if token is None:
        return Step("token", StepVerdict.UNKNOWN, "The input holds no token that can be read.")
    return Step(
        "token",
        StepVerdict.PASS,
        f"The token is an {token.profile.title}."
        if token.profile.title[0] in "aeiI"
        else f"The token is a {token.profile.title}.",
        (token.evidence,),
    )


def _time(case: Case) -> Step:
    token = case.token
    if token is None:
        return Step("time", StepVerdict.UNKNOWN, "There is no token whose times could be read.")
    state, summary = token.profile.validity.state, token.profile.validity.summary
    verdict = (
        StepVerdict.PASS
        if state is ValidityState.VALID
        else StepVerdict.FAIL
        if state is ValidityState.EXPIRED
        else StepVerdict.UNKNOWN
    )
    return Step("time", verdict, f"{summary[0].upper()}{summary[1:]}.", (token.evidence,))
