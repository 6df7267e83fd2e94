"""What surrounds the token: manifest, metadata address, libraries, settings, App Service."""

from __future__ import annotations

import base64
import re
from collections import defaultdict
from collections.abc import Iterator

from claimlens import entra
from claimlens.diagnosis.case import Artefact, Case
from claimlens.diagnosis.detectors.audience import host_of
from claimlens.diagnosis.detectors.candidate import Candidate, listed, shown
from claimlens.diagnosis.model import Confidence, Evidence
from claimlens.entra import ValidityState
from claimlens.expectations import Expectation, SourceKind, Stated, accepted_audiences, accepted_issuers

_PACKAGE = re.compile(
    r"(?m)^[\s>|*-]*(?:<PackageReference\s+Include=\"|\"|id=\")?(?P<name>(?:Microsoft|System|Azure|MSAL)[\w.]*\.[\w.]+)\"?\s*(?:\"?\s*[:=@]\s*\"?[~^>=]*|\s+Version=\"|\s+version=\"|\s*[(/\s]\s*v?)(?P<version>\d+\.\d+(?:\.\d+)*)"
)


def detect_manifest_version(case: Case) -> Iterator[Candidate]:
    """The manifest decides the token version; compare it with what the rest expects."""
    for artefact, manifest in case.expectations:
        if manifest.kind is not SourceKind.MANIFEST:
            continue
        version = next(iter(manifest.all_of("token_version")), None)
        misnamed = next(iter(manifest.all_of("misnamed_token_version")), None)
        issued = "2.0" if version is not None and version.value.strip() == "2" else "1.0"
        wanted = _wanted_version(case)
        if misnamed is not None:
            yield _misnamed(artefact, misnamed)
        elif version is not None and wanted is not None and wanted[0] != issued:
            summary = (
                f"The manifest asks for v{issued} tokens ({version.label} is {version.value or 'null'}), the API "
                f"expects v{wanted[0]}."
            )
            fix = f"Set api.requestedAccessTokenVersion to {wanted[0][0]} in the API's manifest."
            evidence = (artefact.evidence(version.span), wanted[1].evidence(wanted[2].span))
            yield Candidate("token-version-config", Confidence.LIKELY, summary, fix, evidence, 4)


def _misnamed(artefact: Artefact, stated: Stated) -> Candidate:
    summary = f"The manifest sets {stated.label}, a name that has no effect; the tokens stay v1.0."
    fix = "Set api.requestedAccessTokenVersion (accessTokenAcceptedVersion in the older manifest) to 2."
    return Candidate("token-version-config", Confidence.CERTAIN, summary, fix, (artefact.evidence(stated.span),), 6)


def _wanted_version(case: Case) -> tuple[str, Artefact, Stated] | None:
    token = case.token
    if token is None or token.profile.version is None:
        return None
    for artefact, expectation in case.expectations:
        wanted: dict[str, Stated] = {}
        for accepted in accepted_issuers(expectation):
            match = entra.match_issuer(accepted.value.replace("{tenantid}", "00000000-0000-0000-0000-000000000000"))
            if match is not None and match.id in ("entra-v1", "entra-v2"):
                wanted.setdefault("1.0" if match.id == "entra-v1" else "2.0", accepted.stated)
        if wanted and token.profile.version not in wanted:
            version, stated = next(iter(wanted.items()))
            return version, artefact, stated
    return None


def detect_metadata(case: Case) -> Iterator[Candidate]:
    """The metadata cannot be read, or is that of a host that has none."""
    found = case.clue("metadata-unreachable")
    if found is None:
        return
    place = found.evidence
    for source, expectation in case.expectations:
        wrong = expectation.first("instance", "authority", "metadata")
        if wrong is not None and host_of(wrong.value).endswith(".onmicrosoft.com"):
            summary = f"The metadata is read from {shown(wrong.value)}, where nothing is published."
            fix = (
                "Use the sign-in host: https://login.microsoftonline.com/ (https://<tenant>.ciamlogin.com/ for "
                "External ID)."
            )
            evidence = (source.evidence(wrong.span), place)
            yield Candidate("metadata-wrong-endpoint", Confidence.CERTAIN, summary, fix, evidence, 5)
            yield Candidate("metadata-unreachable", Confidence.LIKELY, summary, fix, (place,), 2)
            return
    summary = "The validator cannot read the issuer's metadata or keys."
    yield Candidate("metadata-unreachable", Confidence.LIKELY, summary, "", (place,), 3)


def detect_address_without_policy(case: Case) -> Iterator[Candidate]:
    """Azure AD B2C publishes metadata for each policy: an address that names none leads nowhere."""
    if not (case.is_in_trouble or case.statuses & {500, 502, 503}):
        return
    for artefact, expectation in case.expectations:
        is_site = expectation.kind is SourceKind.APP_SERVICE
        if expectation.kind is SourceKind.IDENTITY_WEB or expectation.of("policy"):
            continue  # the address is made of it and the policy
        for address in expectation.of("issuer", "authority", "metadata") if is_site else expectation.of("authority"):
            if not host_of(address.value).endswith(".b2clogin.com") or _POLICY.search(address.value):
                continue
            summary = (
                f"{address.label} is {shown(address.value)}, which names no policy; Azure AD B2C publishes metadata "
                "under the name of each policy only."
            )
            fix = (
                "Name the policy: https://<tenant>.b2clogin.com/<tenant>.onmicrosoft.com/<policy>/v2.0/"
                ".well-known/openid-configuration."
            )
            code = "easyauth-issuer" if is_site else "metadata-wrong-endpoint"
            yield Candidate(code, Confidence.LIKELY, summary, fix, (artefact.evidence(address.span),), 4)


_POLICY = re.compile(r"/b2c_1a?_|[?&]p=", re.IGNORECASE)


def detect_tenant_address(case: Case) -> Iterator[Candidate]:
    """An address stands where the id or the domain of a tenant belongs: the metadata address is made of it."""
    for artefact, expectation in case.expectations:
        for tenant in expectation.of("tenant", "domain"):
            if expectation.kind in _TAKE_ADDRESSES or not tenant.value.strip().lower().startswith(("http:", "https:")):
                continue
            bare = tenant.value.partition("://")[2].strip("/ ")
            summary = f"{tenant.label} is {shown(tenant.value)}; no metadata is published at an address made of that."
            fix = f"Set it to the tenant's domain or id alone: {shown(bare)}."
            evidence = (artefact.evidence(tenant.span),)
            yield Candidate("metadata-wrong-endpoint", Confidence.LIKELY, summary, fix, evidence, 4)


_TAKE_ADDRESSES = (SourceKind.VALIDATE_AZURE_AD_TOKEN, SourceKind.MANIFEST)


def detect_packages(case: Case) -> Iterator[Candidate]:
    """Microsoft's identity packages belong together in one version."""
    for artefact in case.artefacts:
        versions: dict[str, dict[str, int]] = defaultdict(dict)
        for found in _PACKAGE.finditer(artefact.text):
            family = _family(found["name"])
            if family is not None:
                versions[family].setdefault(found["version"], found.start("name"))
        for family, places in versions.items():
            majors = {version.split(".")[0] for version in places}
            if len(places) < 2:
                continue
            summary = f"Packages of {family} are installed in different versions: {', '.join(sorted(places))}."
            fix = f"Bring all packages of {family} to one version."
            evidence = tuple(artefact.evidence_at(offset) for offset in places.values())
            told = case.clue("no-keys") is not None or any(True for _ in case.mentions_of("library-version-mismatch"))
            signs = int(told) + int(len(majors) > 1)
            confidence = (Confidence.POSSIBLE, Confidence.LIKELY, Confidence.CERTAIN)[signs]
            yield Candidate("library-version-mismatch", confidence, summary, fix, evidence, 5 if signs else 1)


def _family(package: str) -> str | None:
    if package.startswith(("Microsoft.IdentityModel.", "System.IdentityModel.")):
        return "Microsoft.IdentityModel"
    if package.startswith("Microsoft.Identity.Web"):
        return "Microsoft.Identity.Web"
    return None


def detect_blank(case: Case) -> Iterator[Candidate]:
    """A blank at either end of a setting makes it equal nothing."""
    for artefact, expectation in case.expectations:
        for stated in expectation.of(
            "audience", "issuer", "client", "tenant", "authority", "instance", "application_uri"
        ):
            if stated.has_stray_blank:
                summary = f"{stated.label} has a blank at its end or beginning: {shown(stated.value)}."
                evidence = (artefact.evidence(stated.span),)
                yield Candidate("config-whitespace", Confidence.LIKELY, summary, "Remove the blank.", evidence, 4)


def detect_blank_in_secret(case: Case) -> Iterator[Candidate]:
    """A Kubernetes secret whose value ends in a line break, as ``echo`` without ``-n`` makes it."""
    for artefact in case.artefacts:
        if not _SECRET.search(artefact.text):
            continue
        for entry in artefact.entries:
            if entry.path[:1] == ("data",) and _ends_in_blank(entry.value):
                summary = f"The value of {entry.label} ends in a line break once it is decoded from Base64."
                fix = "Encode it without one: printf %s '<value>' | base64, or kubectl create secret --from-literal."
                # The line itself would show the secret.
                place = Evidence(artefact.path, artefact.line_of(entry.span.start), f"{entry.key}: (a value in Base64)")
                yield Candidate("config-whitespace", Confidence.CERTAIN, summary, fix, (place,), 4)


_SECRET = re.compile(r"^kind:[ \t]*Secret\b", re.MULTILINE)


def _ends_in_blank(encoded: str) -> bool:
    try:
        value = base64.b64decode(encoded.strip(), validate=True)
    except ValueError:
        return False
    return value[-1:].isspace()


def detect_blank_in_message(case: Case) -> Iterator[Candidate]:
    """A service quotes a value with a line break in it: that is how it was sent."""
    found = case.clue("blank-in-value")
    if found is not None and any(True for _ in case.mentions):
        summary = f"A line break or tab stands in the value that is refused: {shown(found.value)}."
        fix = "Write the values on one line, with single blanks between them."
        yield Candidate("config-whitespace", Confidence.LIKELY, summary, fix, (found.evidence,), 4)


def detect_scheme_setup(case: Case) -> Iterator[Candidate]:
    """The application has no handler for the token."""
    found = case.clue("scheme-not-registered")
    if found is not None:
        summary = "The application has no authentication scheme that would read the token."
        yield Candidate("auth-scheme-not-registered", Confidence.CERTAIN, summary, "", (found.evidence,), 4)


def detect_app_service_policy(case: Case) -> Iterator[Candidate]:
    """App Service answers 403 to good tokens when its authorization policy lets no such caller in."""
    if case.statuses and 403 not in case.statuses:
        return
    token = case.token
    for artefact, expectation in case.expectations:
        if expectation.kind is not SourceKind.APP_SERVICE:
            continue
        if token is not None and (
            token.profile.validity.state is ValidityState.EXPIRED or not _audience_fits(token.texts("aud"), expectation)
        ):
            continue
        lists = expectation.all_of("allowed_client", "allowed_principal")
        clients = tuple(stated.value for stated in expectation.of("allowed_client"))
        groups = tuple(stated.value for stated in expectation.of("allowed_principal") if "groups" in stated.label)
        caller = (token.text("azp") or token.text("appid")) if token is not None else ""
        if lists and not clients and not groups:
            if not case.statuses:
                continue
            summary = "The authorization policy of App Service authentication holds an empty list of allowed callers."
        elif clients and caller and caller not in clients:
            summary = (
                f"The caller {shown(caller)} is not among the applications that App Service lets in: {listed(clients)}."
            )
        elif groups and token is not None and not set(token.texts("groups")) & set(groups):
            held = "has none of them" if token.texts("groups") else "holds no groups claim at all"
            summary = f"App Service lets in members of {listed(groups)} only, and the token {held}."
            fix = "Set groupMembershipClaims in the manifest so that tokens hold groups, and add the user to the group."
            evidence = (artefact.evidence(lists[0].span), token.evidence)
            yield Candidate("easyauth-authorization-policy", Confidence.CERTAIN, summary, fix, evidence, 5)
            continue
        else:
            continue
        who = shown(caller) if caller else "the caller's application id"
        fix = f"Add {who} to validation.defaultAuthorizationPolicy.allowedApplications."
        evidence = (artefact.evidence(lists[0].span), *((token.evidence,) if token else ()))
        yield Candidate(
            "easyauth-authorization-policy",
            Confidence.CERTAIN if clients else Confidence.LIKELY,
            summary,
            fix,
            evidence,
            5,
        )


def detect_app_service_refusal(case: Case) -> Iterator[Candidate]:
    """App Service answers 403 itself: it knows the caller, and does not let it in."""
    if 401 in case.statuses or 403 not in case.statuses:
        return
    for artefact, mention in case.mentions:
        if mention.entry.id == "easyauth-no-permission":
            summary = (
                "App Service authentication answers 403: it accepts the token, and its policy keeps the caller out."
            )
            evidence = (artefact.evidence(mention.span),)
            yield Candidate("easyauth-authorization-policy", Confidence.LIKELY, summary, "", evidence, 2)
            return


def _audience_fits(audiences: tuple[str, ...], expectation: Expectation) -> bool:
    accepted = {one.value for one in accepted_audiences(expectation)}
    return not accepted or bool(accepted & set(audiences))
