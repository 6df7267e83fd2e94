"""From an issuer to its keys: which documents to ask, what their ``issuer`` must be. Nothing is fetched here.

OpenID Connect Discovery 1.0 puts the metadata under the issuer; Microsoft does not always. The differences are data
(``data/issuers.json``); this module fills them in.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from typing import Any

from claimlens.entra.catalogue import application
from claimlens.entra.claims import mapping, text, texts
from claimlens.entra.guids import as_guid
from claimlens.entra.issuers import IssuerRule, as_match, find_rule, match_issuer
from claimlens.entra.model import Claims, IssuerComparison, IssuerMatch, MetadataLocation
from claimlens.entra.notes import has_proprietary_signature
from claimlens.entra.policies import policy_of

TENANT_PLACEHOLDER = "{tenantid}"

_PLACEHOLDER = re.compile(r"\{([a-z]+)\}")
_SAFE_IN_A_PATH = re.compile(r"[A-Za-z0-9_-]{1,128}")
_ALIASES = {"accounts.google.com": "https://accounts.google.com"}  # both are right, says Google
_LOGIN_HOST_BY_CLOUD = {
    "global": "login.microsoftonline.com",
    "usgov": "login.microsoftonline.us",
    "china": "login.partner.microsoftonline.cn",
}


def metadata_location(issuer: Any, claims: Claims | None = None, header: Claims | None = None) -> MetadataLocation:
    """Return where the keys of ``issuer`` are, for the token with these claims and header. Never raises.

    The claims tell the B2C policy, the applications that may have their own signing keys, and the cloud of a v1.0
    token; the header tells tokens that nobody can verify.
    """
    claims, header = mapping(claims), mapping(header)
    found = _found(issuer) if isinstance(issuer, str) else None
    if found is None:
        return MetadataLocation(
            verifiable_by_third_parties=False,
            reason="The issuer is not a URL that keys could be found from." if issuer else "The token names no issuer.",
        )
    rule, _, match = found
    policy, _ = policy_of(claims, match)
    safe_policy = policy.lower() if policy and _SAFE_IN_A_PATH.fullmatch(policy) else None
    metadata, key_urls, expected = _published(issuer, safe_policy)
    urls = _in_cloud_order(rule, metadata, claims)
    obstacle = _obstacle(match, claims, header)
    return MetadataLocation(
        urls=urls,
        keys=rule.keys,
        key_urls=key_urls,
        expected_issuers=expected,
        key_issuer_rule=rule.per_key_issuer,
        application_urls=_application_urls(rule, urls, claims),
        quirks=rule.quirks,
        verifiable_by_third_parties=rule.verifiable and obstacle is None,
        reason=obstacle or rule.reason or _condition(rule, urls),
    )


@functools.lru_cache(maxsize=64)
def _found(issuer: str) -> tuple[IssuerRule, dict[str, str], IssuerMatch] | None:
    """Return the rule for an issuer; a token's issuer is looked up again and again, and a rule never changes."""
    found = find_rule(issuer)
    return (*found, as_match(issuer, *found)) if found else None


@functools.lru_cache(maxsize=64)
def _published(issuer: str, policy: str | None) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Return the metadata URLs, the key URLs and the expected issuers of an issuer that `_found` knows."""
    found = _found(issuer)
    if found is None:
        return (), (), ()
    rule, parts, _ = found
    known = {**parts, "iss": issuer, "base": issuer.rstrip("/"), **({"policy": policy} if policy else {})}
    metadata = tuple(dict.fromkeys(_filled(rule.metadata, known)))
    return metadata, _filled(rule.key_urls, known), _expected_issuers(rule, issuer, parts, known)


def issuer_matches(metadata_issuer: Any, token_issuer: Any, tenant_id: Any) -> IssuerComparison:
    """Compare the metadata's ``issuer`` with the token's, exactly, with the token's ``tid`` in place of ``{tenantid}``.

    Only a GUID may take that place: anything else could turn the template into somebody else's issuer.
    """
    if not isinstance(metadata_issuer, str) or not metadata_issuer:
        return IssuerComparison(False, "The metadata names no issuer.")
    if not isinstance(token_issuer, str) or not token_issuer:
        return IssuerComparison(False, "The token names no issuer.")
    if TENANT_PLACEHOLDER in metadata_issuer:
        tenant = as_guid(tenant_id)
        if tenant is None:
            return IssuerComparison(
                False,
                "The metadata's issuer holds {tenantid}, and the token has no GUID in tid to put in its place.",
            )
        if metadata_issuer.replace(TENANT_PLACEHOLDER, tenant) == token_issuer:
            return IssuerComparison(True, "The metadata's issuer equals the token's, with its tid filled in.")
        metadata_issuer = metadata_issuer.replace(TENANT_PLACEHOLDER, tenant)
    elif metadata_issuer == token_issuer:
        return IssuerComparison(True, "The metadata's issuer equals the token's issuer.")
    elif _ALIASES.get(token_issuer) == metadata_issuer:
        return IssuerComparison(True, "The token's issuer is the other accepted spelling of the metadata's issuer.")
    return IssuerComparison(False, _difference(metadata_issuer, token_issuer))


def key_issuer_matches(key_issuer: Any, token_issuer: Any, tenant_id: Any) -> IssuerComparison:
    """Tell whether a key with this ``issuer`` member may verify a token of ``token_issuer``.

    Entra's keys name their issuer in the v2.0 form, also for v1.0 tokens of the same tenant. A key without an issuer
    is good for every token of the metadata it came from.
    """
    if key_issuer is None:
        return IssuerComparison(True, "The key is not bound to an issuer.")
    plain = issuer_matches(key_issuer, token_issuer, tenant_id)
    match = match_issuer(token_issuer)
    if plain.matches or match is None or match.family != "entra" or match.tenant_id is None:
        return plain
    clouds = [match.cloud] if match.cloud else ["global", "usgov"]
    for cloud in clouds:
        host = _LOGIN_HOST_BY_CLOUD.get(cloud)
        if host and issuer_matches(key_issuer, f"https://{host}/{match.tenant_id}/v2.0", tenant_id).matches:
            return IssuerComparison(True, "The key is bound to the v2.0 form of the token's issuer.")
    return IssuerComparison(False, "The key is bound to another issuer, so it must not verify this token.")


def _filled(templates: Iterable[str], known: dict[str, str]) -> tuple[str, ...]:
    """Fill in the templates; one with a part that is not known is left out."""
    return tuple([template.format_map(known) for template in templates if _names(template) <= known.keys()])


@functools.cache
def _names(template: str) -> frozenset[str]:
    """Return the parts that a template of the catalogue wants filled in."""
    return frozenset(_PLACEHOLDER.findall(template))


def _in_cloud_order(rule: IssuerRule, urls: tuple[str, ...], claims: Claims) -> tuple[str, ...]:
    """Add the US Government host for v1.0 tokens, whose issuer tells no cloud; first where the audience tells it."""
    if rule.id != "entra-v1":
        return urls
    government = tuple(url.replace(_LOGIN_HOST_BY_CLOUD["global"], _LOGIN_HOST_BY_CLOUD["usgov"]) for url in urls)
    clouds = {known.cloud for known in map(application, texts(claims, "aud")) if known}
    return government + urls if "usgov" in clouds else urls + government


def _expected_issuers(rule: IssuerRule, issuer: str, parts: dict[str, str], known: dict[str, str]) -> tuple[str, ...]:
    stated = _filled(rule.expected_issuers, known) or (issuer,)
    tenant = parts.get("tid")
    if rule.per_key_issuer and tenant and rule.id != "entra-msa":
        return (*stated, issuer.replace(tenant, TENANT_PLACEHOLDER))
    return stated


def _application_urls(rule: IssuerRule, urls: tuple[str, ...], claims: Claims) -> tuple[str, ...]:
    """Return the metadata with ``?appid=``: an own signing key belongs to the audience or to the client.

    https://learn.microsoft.com/entra/identity-platform/jwt-claims-customization#validate-token-signing-key
    """
    if not rule.application_keys or not urls:
        return ()
    audiences = [audience.removeprefix("api://").removeprefix("spn:") for audience in texts(claims, "aud")]
    guids = [as_guid(each) for each in (*audiences, claims.get("azp"), claims.get("appid"))]
    return tuple([f"{urls[0]}?appid={guid}" for guid in dict.fromkeys(guids) if guid])


def _obstacle(issuer: IssuerMatch | None, claims: Claims, header: Claims) -> str | None:
    """Return why nobody but the parties themselves can verify the token, or None."""
    algorithm = text(header, "alg") or ""
    if has_proprietary_signature(header, issuer):
        return (
            "By design: the header carries a nonce, and the signature is made over another header. "
            "Only the Microsoft service that the token is meant for can verify it."
        )
    if algorithm.upper() == "NONE":
        return "It has no signature (alg none)."
    if algorithm.upper().startswith("HS"):
        return "It is signed with a shared secret (HMAC), which no issuer publishes."
    if issuer and issuer.id == "okta" and ("scp" in claims or "cid" in claims):
        return "Access tokens of an Okta organization are for Okta alone; use a custom authorization server."
    return None


def _condition(rule: IssuerRule, urls: tuple[str, ...]) -> str:
    if rule.metadata and not urls:
        return "The policy is not known: the token has neither tfp nor a policy in acr."
    return ""


def _difference(expected: str, actual: str) -> str:
    if expected.rstrip("/") == actual.rstrip("/"):
        return "The metadata's issuer and the token's differ in the slash at the end."
    if expected.lower() == actual.lower():
        return "The metadata's issuer and the token's differ in upper and lower case."
    theirs, ours = match_issuer(expected), match_issuer(actual)
    if theirs and ours and theirs.family == ours.family == "entra":
        if theirs.tenant_id != ours.tenant_id:
            return "The metadata belongs to another tenant than the token."
        if theirs.cloud and ours.cloud and theirs.cloud != ours.cloud:
            return "The metadata belongs to another cloud than the token."
        return "The metadata is that of another token version: v1.0 and v2.0 tokens have different issuers."
    if theirs and ours and theirs.family != ours.family:
        return f"The metadata is of {theirs.name}, the token of {ours.name}."
    return "The metadata's issuer is not the token's issuer."
