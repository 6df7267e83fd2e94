"""The network, behind one door: metadata, key sets, caching, and the guard in front of them.

The only package that opens sockets. It knows no provider by name: which hosts are known and which the user allowed is
handed in as a `NetworkPolicy`. Start at `DocumentCache`; `guard` decides what may be asked, `fetch` asks.
"""

from claimlens.oidc.cache import DocumentCache, Held
from claimlens.oidc.documents import KeySet, ProviderMetadata, read_keys, read_metadata
from claimlens.oidc.failures import Failure, FailureKind, FetchError
from claimlens.oidc.fetch import Fetcher
from claimlens.oidc.guard import NetworkPolicy, Target, address_refusal, admit, host_named

__all__ = [
    "DocumentCache",
    "Failure",
    "FailureKind",
    "FetchError",
    "Fetcher",
    "Held",
    "KeySet",
    "NetworkPolicy",
    "ProviderMetadata",
    "Target",
    "address_refusal",
    "admit",
    "host_named",
    "read_keys",
    "read_metadata",
]
