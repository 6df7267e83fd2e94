"""Which hosts and addresses may be reached.

Two questions are asked, both before a byte is sent: is the *name* one the user trusts (`admit`), and is the *address*
it resolves to one on the public internet (`address_refusal`). The connection is then made to that very address, so a
name that resolves differently the second time (DNS rebinding) gains nothing.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable
from urllib.parse import SplitResult, urlsplit

import attrs

from claimlens.oidc.failures import Failure, FailureKind, FetchError
from claimlens.text.escape import visible

IPAddress = ipaddress.IPv4Address | ipaddress.IPv6Address

MAXIMUM_URL_LENGTH = 2048


@attrs.frozen
class NetworkPolicy:
    """What may be reached, handed in by the caller; this package knows no provider by name.

    Attributes:
        known_provider: tells whether a host (lower case, no port) belongs to a known identity provider.
        allowed_hosts: hosts the user allowed, as ``host`` (any port) or ``host:port``; these may be plain http,
            loopback or private.
        offline: refuse everything.
        proxy: URL of the proxy to use, or None.
        ca_file: PEM file of extra certificate authorities, or None for the operating system's trust store alone.
    """

    known_provider: Callable[[str], bool] = attrs.field(default=lambda _: False)
    allowed_hosts: tuple[str, ...] = ()
    offline: bool = False
    proxy: str | None = None
    ca_file: str | None = None


@attrs.frozen
class Target:
    """A URL that may be asked, taken apart.

    Attributes:
        url: the URL in normal form.
        host: lower case, in A-labels (RFC 5890), without brackets.
        port: the port to connect to.
        allowed: whether the user allowed this very host, which lifts the address check.
    """

    url: str
    scheme: str
    host: str
    port: int
    path: str
    allowed: bool


def admit(url: str, policy: NetworkPolicy) -> Target:
    """Return the target of ``url`` or raise `FetchError` with the reason it may not be asked."""
    shown = visible(url[:200])
    if policy.offline:
        raise _refusal(
            FailureKind.OFFLINE,
            shown,
            "Nothing was fetched: the setting network.offline is on.",
            "Switch it off, or give metadata and keys as files.",
        )
    parts = _split(url, shown)
    host = _normal_host(parts.hostname or "", shown)
    port = _port(parts, shown)
    allowed = _is_allowed(host, port, policy)
    _refuse_untrusted(parts.scheme, host, port, allowed, policy, shown)
    path = parts.path or "/"
    if parts.query:
        path += "?" + parts.query
    netloc = f"[{host}]" if ":" in host else host
    standard = 443 if parts.scheme == "https" else 80
    origin = f"{parts.scheme}://{netloc}" + ("" if port == standard else f":{port}")
    return Target(url=origin + path, scheme=parts.scheme, host=host, port=port, path=path, allowed=allowed)


def host_named(text: str) -> str | None:
    """Return the host that a person means, with its port if one is given: ``host``, ``host:port``, or that of a URL."""
    try:
        parts = urlsplit(text if "://" in text else f"//{text}")
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return None
    if not parts.hostname or parts.username is not None or not re.fullmatch(r"[^\s/?#@]+", parts.hostname):
        return None
    return f"[{parts.hostname}]{port}" if ":" in parts.hostname else f"{parts.hostname}{port}"


def _refuse_untrusted(scheme: str, host: str, port: int, allowed: bool, policy: NetworkPolicy, shown: str) -> None:
    """Raise `FetchError` unless the host is one that the user allowed, or a known provider asked over TLS."""
    if scheme not in ("https", "http"):
        raise _refusal(
            FailureKind.SCHEME_REFUSED,
            shown,
            f"{shown} is not an https URL.",
            "Metadata and keys are only read over https.",
        )
    if allowed:
        return
    if scheme == "http":
        raise _refusal(
            FailureKind.SCHEME_REFUSED,
            shown,
            f"{shown} is plain http, which anybody on the way can change.",
            f"Use https, or allow the host {host}:{port} if it is your own test server.",
            _with_port(host, port),
        )
    if not policy.known_provider(host):
        raise _refusal(
            FailureKind.HOST_NOT_ALLOWED,
            shown,
            f"{host} is not a known identity provider; nothing was sent to it.",
            f"Allow the host {_with_port(host, port)} if you trust it.",
            _with_port(host, port),
        )
    if port != 443:
        raise _refusal(
            FailureKind.HOST_NOT_ALLOWED,
            shown,
            f"Port {port} of {host} is not where that provider publishes its keys.",
            f"Allow {_with_port(host, port)} if you trust it.",
            _with_port(host, port),
        )


def address_refusal(address: str) -> str | None:
    """Return why no connection may be made to this address (``169.254.169.254``), or None where it is public.

    `ipaddress.is_global` alone is not enough: it calls NAT64, 6to4, multicast and Azure's WireServer global.
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "not an IP address"
    return _refusal_of(parsed)


def _refusal_of(parsed: IPAddress) -> str | None:
    for network, reason in _NEVER:
        if parsed.version == network.version and parsed in network:
            return reason
    if isinstance(parsed, ipaddress.IPv6Address):
        embedded = _embedded_ipv4(parsed)
        if embedded is not None:
            return f"an IPv6 form of {embedded}"
        if parsed not in _GLOBAL_UNICAST:
            return "not a global unicast address"
    if parsed.is_loopback:
        return "a loopback address"
    if parsed.is_link_local:
        return "a link-local address (cloud metadata services live there)"
    if parsed.is_multicast:
        return "a multicast address"
    if parsed.is_private:
        return "a private address"
    if not parsed.is_global or parsed.is_reserved or parsed.is_unspecified:
        return "not a public address"
    return None


_GLOBAL_UNICAST = ipaddress.ip_network("2000::/3")

_NEVER: tuple[tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, str], ...] = tuple(
    (ipaddress.ip_network(network), reason)
    for network, reason in (
        ("168.63.129.16/32", "Azure's WireServer"),
        ("100.100.100.200/32", "a cloud metadata service"),
        ("192.0.0.0/24", "reserved for protocols (RFC 6890)"),
        ("192.88.99.0/24", "a 6to4 relay (RFC 7526)"),
        ("64:ff9b::/96", "a NAT64 form of an IPv4 address"),
        ("64:ff9b:1::/48", "a NAT64 form of an IPv4 address"),
        ("2001::/32", "a Teredo address"),
        ("2002::/16", "a 6to4 form of an IPv4 address"),
        ("fec0::/10", "a site-local address"),
        ("fd00:ec2::254/128", "a cloud metadata service"),
    )
)


def _embedded_ipv4(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address inside a mapped (``::ffff:a.b.c.d``) or compatible (``::a.b.c.d``) address."""
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    value = int(address)
    return ipaddress.IPv4Address(value) if 1 < value < 2**32 else None


def _split(url: str, shown: str) -> SplitResult:
    malformed = None
    if len(url) > MAXIMUM_URL_LENGTH:
        malformed = f"is longer than {MAXIMUM_URL_LENGTH} characters"
    elif re.search(r"[\x00-\x20\x7f-\xa0\\]|[\u2028\u2029]", url):
        malformed = "holds a blank, a control character or a backslash"
    if malformed is None:
        try:
            parts = urlsplit(url)
        except ValueError:
            malformed = "is not a URL"
        else:
            if not parts.scheme or not parts.hostname:
                malformed = "has no scheme or no host"
            elif "@" in parts.netloc:
                malformed = "holds user information before the host"
            elif parts.fragment:
                malformed = "has a fragment"
    if malformed is not None:
        raise _refusal(
            FailureKind.URL_MALFORMED, shown, f"{shown} {malformed}.", "Nothing was fetched; correct the URL."
        )
    return parts


def _port(parts: SplitResult, shown: str) -> int:
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port is None:
        return 80 if parts.scheme == "http" else 443
    if port == 0:
        raise _refusal(FailureKind.URL_MALFORMED, shown, f"{shown} names no valid port.", "Correct the URL.")
    return port


_DNS_NAME = re.compile(r"(?=.{1,253}\Z)(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)*[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?")


def _normal_host(host: str, shown: str) -> str:
    """Return the host in lower-case A-labels or as a canonical IP address.

    Spellings that only the C library's parser takes for an address (``2852039166``, ``0x7f.1``, ``127.1``, full-width
    digits) are not names: the last label of a DNS name begins with a letter.
    """
    host = host.lower()
    try:
        return ipaddress.ip_address(host.partition("%")[0]).compressed
    except ValueError:
        pass
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            host = ""
    if host.endswith(".") or not _DNS_NAME.fullmatch(host):
        raise _refusal(
            FailureKind.URL_MALFORMED,
            shown,
            f"{shown} does not name a host in the usual form.",
            "Write the host as a DNS name or a plain IP address.",
        )
    return host


def _is_allowed(host: str, port: int, policy: NetworkPolicy) -> bool:
    bracketed = f"[{host}]" if ":" in host else host
    spellings = {host, bracketed, f"{bracketed}:{port}"}
    return any(host_named(entry.strip()) in spellings for entry in policy.allowed_hosts)


def _with_port(host: str, port: int) -> str:
    bracketed = f"[{host}]" if ":" in host else host
    return bracketed if port == 443 else f"{bracketed}:{port}"


def _refusal(kind: FailureKind, url: str, message: str, remedy: str, host: str | None = None) -> FetchError:
    return FetchError(Failure(kind=kind, url=url, message=message, remedy=remedy, host=host))
