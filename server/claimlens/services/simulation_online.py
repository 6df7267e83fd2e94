"""Fetch the documents that the JWT policies of a text name; only when the user asked for it."""

from __future__ import annotations

from claimlens.apim.parser import parse
from claimlens.apim.simulator import IssuerDocuments
from claimlens.apim.values import value_of
from claimlens.jose.verification_keys import read_key_set
from claimlens.oidc import DocumentCache, FetchError


async def fetch_documents(text: str, cache: DocumentCache) -> dict[str, IssuerDocuments]:
    """Return issuer and keys by ``openid-config`` URL; where it cannot be fetched, the reason."""
    found: dict[str, IssuerDocuments] = {}
    for element in parse(text).elements:
        url = element.attribute("url") if element.name == "openid-config" else None
        if url is None or not value_of(url).is_literal:
            continue
        address = value_of(url).text.strip()
        try:
            metadata = await cache.metadata(address)
            keys = await cache.keys(metadata.value.jwks_uri)
        except FetchError as error:
            found[address] = IssuerDocuments(problem=str(error.failure).rstrip("."))
            continue
        found[address] = IssuerDocuments(metadata.value.issuer, read_key_set(keys.value.keys))
    return found
