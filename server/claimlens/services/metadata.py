"""Show an issuer's metadata and keys, and what is doubtful about them."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import attrs

from claimlens import entra
from claimlens.jose.verification_keys import read_key_set
from claimlens.oidc import DocumentCache, Failure, FailureKind, FetchError, KeySet, ProviderMetadata
from claimlens.text.escape import visible

WELL_KNOWN = "/.well-known/openid-configuration"


@attrs.frozen
class KeyDescription:
    """One published key.

    Attributes:
        kid: its identifier.
        kty: its type.
        algorithm: ``alg``, or None.
        use: ``use``, or None.
        curve: ``crv``, or None.
        issuer: the issuer it is bound to (Entra), or None.
        certificate: subject and validity of the first certificate in ``x5c``, shown but not trusted, or None.
        refused: why it would not be used for verification, or None.
    """

    kid: str | None
    kty: str
    algorithm: str | None = None
    use: str | None = None
    curve: str | None = None
    issuer: str | None = None
    certificate: Certificate | None = None
    refused: str | None = None


@attrs.frozen
class Certificate:
    """What a certificate says of itself."""

    subject: str
    not_before: datetime.datetime
    not_after: datetime.datetime


@attrs.frozen
class Remark:
    """Something doubtful about an issuer's documents: a stable code and one sentence."""

    code: str
    message: str


@attrs.frozen
class IssuerReport:
    """An issuer's documents, checked.

    Attributes:
        issuer: as the metadata names it.
        metadata_url: where it was read.
        jwks_uri: where the keys were read.
        keys: the keys.
        remarks: what is doubtful.
        metadata: the whole metadata document.
        fetched_at: when the keys were confirmed.
    """

    issuer: str
    metadata_url: str
    jwks_uri: str
    keys: tuple[KeyDescription, ...]
    remarks: tuple[Remark, ...]
    metadata: Mapping[str, Any] = attrs.field(repr=False)
    fetched_at: datetime.datetime


async def show_issuer(
    issuer: str,
    cache: DocumentCache,
    *,
    claims: Mapping[str, Any] | None = None,
    header: Mapping[str, Any] | None = None,
) -> IssuerReport:
    """Fetch and check the documents of ``issuer`` (an ``iss`` value or a metadata URL); raise `FetchError`."""
    failure: FetchError | None = None
    for url in _metadata_urls(issuer, claims, header):
        try:
            metadata = await cache.metadata(url)
            keys = await cache.keys(metadata.value.jwks_uri)
        except FetchError as error:
            failure = failure or error
            continue
        described = tuple(_describe(keys.value))
        return IssuerReport(
            issuer=metadata.value.issuer,
            metadata_url=url,
            jwks_uri=metadata.value.jwks_uri,
            keys=described,
            remarks=tuple(_remarks(issuer, url, metadata.value, keys.value, described)),
            metadata=metadata.value.document,
            fetched_at=keys.fetched_at,
        )
    if failure is None:
        raise FetchError(
            Failure(
                FailureKind.URL_MALFORMED,
                visible(issuer[:200]),
                f"No metadata is known for {visible(issuer[:200])}.",
                "Give an issuer URL or the URL of its metadata.",
            )
        )
    raise failure


def _metadata_urls(issuer: str, claims: Mapping[str, Any] | None, header: Mapping[str, Any] | None) -> tuple[str, ...]:
    if WELL_KNOWN in issuer or "/.well-known/oauth-authorization-server" in issuer:
        return (issuer,)
    urls = entra.metadata_location(issuer, claims or {}, header or {}).urls
    return urls or ((issuer.rstrip("/") + WELL_KNOWN,) if "://" in issuer else ())


def _describe(keys: KeySet) -> Iterator[KeyDescription]:
    for jwk in keys.keys:
        ring = read_key_set([jwk])
        yield KeyDescription(
            kid=_text(jwk.get("kid")),
            kty=_text(jwk.get("kty")) or "none",
            algorithm=_text(jwk.get("alg")),
            use=_text(jwk.get("use")),
            curve=_text(jwk.get("crv")),
            issuer=_text(jwk.get("issuer")),
            certificate=_certificate(jwk.get("x5c")),
            refused=ring.problem or (ring.refused[0].reason if ring.refused else None),
        )


def _certificate(chain: Any) -> Certificate | None:
    """Read the first certificate of ``x5c`` (RFC 7517 section 4.7: base64, not base64url)."""
    import base64

    from cryptography import x509

    if not isinstance(chain, list) or not chain or not isinstance(chain[0], str):
        return None
    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode(chain[0], validate=True))
        subject = certificate.subject.rfc4514_string()
    except ValueError:
        return None
    return Certificate(subject, certificate.not_valid_before_utc, certificate.not_valid_after_utc)


def _remarks(
    asked: str, url: str, metadata: ProviderMetadata, keys: KeySet, described: tuple[KeyDescription, ...]
) -> Iterator[Remark]:
    if asked != url and "{tenantid}" not in metadata.issuer and metadata.issuer != asked:
        comparison = entra.issuer_matches(metadata.issuer, asked, None)
        yield Remark(
            "issuer-mismatch", f"The metadata names the issuer {visible(metadata.issuer)}. {comparison.reason}"
        )
    if "{tenantid}" in metadata.issuer:
        yield Remark("issuer-template", "The issuer is a template: the token's tid takes the place of {tenantid}.")
    counted = Counter(key.kid for key in described if key.kid is not None)
    for kid, count in counted.items():
        if count > 1:
            yield Remark("duplicate-kid", f"{count} keys have the kid {visible(kid)}: none of them is used.")
    for key in described:
        if key.refused is not None:
            yield Remark("key-refused", f"The key {visible(key.kid or 'without kid')} is not used: {key.refused}.")
    if len({jwk.get("kty") == "oct" for jwk in keys.keys}) > 1:
        yield Remark("mixed-keys", "Symmetric and asymmetric keys stand in one set, which invites algorithm confusion.")


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None
