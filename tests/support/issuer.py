"""An issuer without a network: documents by URL, under the real guard."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import attrs

from claimlens.oidc import DocumentCache, Failure, FailureKind, Fetcher, FetchError, admit
from claimlens.oidc.fetch import Response
from claimlens.services.network import network_policy
from claimlens.settings import NetworkSettings

Documents = dict[str, Any]


@attrs.frozen
class DocumentFetcher(Fetcher):
    """Asks `Issuer` in place of the network; which hosts may be asked is decided as ever."""

    issuer: Issuer = attrs.field(kw_only=True)

    async def json(self, url: str, *, etag: str | None = None) -> Response:
        admit(url, self.policy)
        self.issuer.asked.append(url)
        if self.issuer.never_answers:
            await asyncio.get_running_loop().create_future()
        if self.issuer.down or url not in self.issuer.documents:
            kind = FailureKind.CONNECTION_REFUSED if self.issuer.down else FailureKind.NOT_FOUND
            raise FetchError(Failure(kind, url, "The host does not answer.", "Try again later."))
        return Response(self.issuer.documents[url])


@attrs.define
class Issuer:
    """What is published, and what was asked for.

    Attributes:
        documents: by URL.
        asked: the URLs, in order.
        down: whether nothing answers.
        never_answers: whether every question stays open.
    """

    documents: Documents = attrs.field(factory=dict)
    asked: list[str] = attrs.field(factory=list)
    down: bool = False
    never_answers: bool = False

    def publish(self, issuer: str, *keys: dict[str, Any]) -> None:
        """Publish metadata and keys where OpenID Connect Discovery puts them."""
        jwks_uri = f"{issuer}/keys"
        self.documents[f"{issuer}/.well-known/openid-configuration"] = {"issuer": issuer, "jwks_uri": jwks_uri}
        self.documents[jwks_uri] = {"keys": list(keys)}

    def cache_maker(self, now: Callable[[], datetime]) -> Callable[[NetworkSettings], DocumentCache]:
        """Return what makes a server's caches."""
        return lambda settings: DocumentCache(DocumentFetcher(network_policy(settings), issuer=self), now)
