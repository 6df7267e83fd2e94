"""Fetch one JSON document, safely: the only module of Claimlens that opens a socket.

``httpx`` is imported here and nowhere else. What httpx does not do by itself is done here: names are resolved once and
the connection is made to the checked address, the whole exchange has one deadline, the answer has a size limit before
and after decompression, no redirect is followed, and every failure is a `Failure` that says what to do.
"""

from __future__ import annotations

import asyncio
import datetime
import email.utils
import ipaddress
import ssl
import zlib
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn
from urllib.parse import urlsplit

import attrs

from claimlens import __version__
from claimlens.oidc.failures import Failure, FailureKind, FetchError
from claimlens.oidc.guard import NetworkPolicy, Target, address_refusal, admit
from claimlens.oidc.strict_json import NotStrictJsonError, parse
from claimlens.text.escape import visible

if TYPE_CHECKING:
    import httpx

MAXIMUM_BODY = 512 * 1024
"""Largest answer in bytes, before and after decompression (Entra's key set is about 20 KB, its metadata 2 KB)."""
TOTAL_SECONDS = 10.0
CONNECT_SECONDS = 3.0
READ_SECONDS = 5.0
LONGEST_RETRY_AFTER = 3.0

Resolve = Callable[[str, int], Awaitable[tuple[str, ...]]]
"""Turns a host and a port into its addresses; raises `OSError` where there are none."""


@attrs.frozen
class Response:
    """A fetched JSON document.

    Attributes:
        document: the parsed JSON.
        etag: for asking again (RFC 9110 section 8.8.3), or None.
        max_age: seconds for which the server calls it fresh, or None.
        not_modified: the document we had is still the current one; ``document`` is None.
    """

    document: Any = attrs.field(repr=False)
    etag: str | None = None
    max_age: int | None = None
    not_modified: bool = False


async def resolve(host: str, port: int) -> tuple[str, ...]:
    """Return the addresses of ``host`` as the operating system resolves it."""
    import socket

    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return tuple(dict.fromkeys(str(entry[4][0]) for entry in found))


@attrs.frozen
class Fetcher:
    """Fetches JSON under one `NetworkPolicy`.

    Attributes:
        policy: what may be reached.
        resolve: how names become addresses; tests hand in their own.
        total_seconds: the deadline of one `json` call, its retry included.
    """

    policy: NetworkPolicy
    resolve: Resolve = resolve
    total_seconds: float = TOTAL_SECONDS

    async def json(self, url: str, *, etag: str | None = None) -> Response:
        """Return the JSON document at ``url``; raise `FetchError` for every refusal and failure."""
        target = admit(url, self.policy)
        try:
            async with asyncio.timeout(self.total_seconds):
                return await self._with_one_retry(target, etag)
        except TimeoutError:
            _fail(
                FailureKind.TIMEOUT,
                target,
                f"{target.host} did not finish its answer within {self.total_seconds:g} seconds.",
                "Check the connection and try again.",
            )

    async def _with_one_retry(self, target: Target, etag: str | None) -> Response:
        try:
            return await self._once(target, etag)
        except _TransientError as transient:
            if transient.wait > 0:
                await asyncio.sleep(transient.wait)
        try:
            return await self._once(target, etag)
        except _TransientError as transient:
            raise FetchError(transient.failure) from None

    async def _once(self, target: Target, etag: str | None) -> Response:
        import httpx

        address = await self._address(target)
        client = httpx.AsyncClient(
            verify=_trust(self.policy.ca_file, target),
            proxy=_proxy(self.policy.proxy, target),
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        )
        # The connection is made to the checked address; certificate and virtual host still go by the name.
        host = {} if address is None else {"host": address}
        extensions = {} if address is None else {"sni_hostname": target.host}
        headers = _headers(target, etag)
        try:
            url = httpx.URL(target.url).copy_with(**host)
            async with client, client.stream("GET", url, headers=headers, extensions=extensions) as answer:
                _check_status(answer.status_code, answer.headers, target)
                caching = {"etag": answer.headers.get("etag"), "max_age": _max_age(answer.headers)}
                if answer.status_code == 304:
                    return Response(document=None, not_modified=True, **caching)
                try:
                    body = await _read(answer, target)
                except (httpx.RemoteProtocolError, httpx.ReadError):
                    _fail(
                        FailureKind.TRUNCATED,
                        target,
                        f"{target.host} broke off in the middle of its answer.",
                        "Try again; a proxy on the way may be at fault.",
                    )
        except httpx.HTTPError as error:
            _fail_transport(error, target, proxied=self.policy.proxy is not None)
        except httpx.InvalidURL:
            _fail(FailureKind.URL_MALFORMED, target, "The URL cannot be asked for.", "Correct the URL.")
        return Response(document=_parse(body, target), **caching)

    async def _address(self, target: Target) -> str | None:
        """Return the address to connect to, checked; None where the proxy resolves the name."""
        if self.policy.proxy is not None:
            try:
                ipaddress.ip_address(target.host)
            except ValueError:
                return None
            addresses: tuple[str, ...] = (target.host,)
        else:
            try:
                addresses = await self.resolve(target.host, target.port)
            except (OSError, UnicodeError):
                addresses = ()
        if not addresses:
            _fail(
                FailureKind.NAME_NOT_FOUND,
                target,
                f"The name {target.host} could not be resolved.",
                "Check the spelling, the connection, and whether a VPN or proxy is needed.",
            )
        if not target.allowed:
            # One bad address refuses the name: a mixed answer is how rebinding begins.
            for address in addresses:
                reason = address_refusal(address)
                if reason is not None:
                    _fail(
                        FailureKind.ADDRESS_REFUSED,
                        target,
                        f"{target.host} leads to {address}, {reason}; no connection was made.",
                        "Allow the host if it is your own server.",
                        host=target.host,
                    )
        return addresses[0]


class _TransientError(Exception):
    """A failure worth one more try after ``wait`` seconds."""

    def __init__(self, failure: Failure, wait: float) -> None:
        super().__init__(failure.message)
        self.failure = failure
        self.wait = wait


def _headers(target: Target, etag: str | None) -> dict[str, str]:
    return {
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "User-Agent": f"claimlens/{__version__}",
        "Host": _host_header(target),
        **({"If-None-Match": etag} if etag else {}),
    }


def _host_header(target: Target) -> str:
    host = f"[{target.host}]" if ":" in target.host else target.host
    standard = 443 if target.scheme == "https" else 80
    return host if target.port == standard else f"{host}:{target.port}"


def _proxy(address: str | None, target: Target) -> str | None:
    """Return the proxy's address if it can be one; a user's password may stand in it, so it is not quoted."""
    try:
        parts = urlsplit(address or "")
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if address is not None and not usable:
        _fail(
            FailureKind.PROXY,
            target,
            "The setting network.proxy is not the address of an HTTP proxy; nothing was sent.",
            "Write it as http://proxy.example:8080.",
        )
    return address


def _trust(ca_file: str | None, target: Target) -> ssl.SSLContext:
    """Return a context that trusts what the operating system trusts, and the user's extra authorities."""
    import truststore

    context = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca_file is None:
        return context
    try:
        # Bundles name each authority in a comment, in its own language; the certificates themselves are ASCII.
        context.load_verify_locations(cadata=Path(ca_file).read_text(encoding="ascii", errors="ignore"))
    except (OSError, ValueError, ssl.SSLError):
        _fail(
            FailureKind.TLS,
            target,
            f"The file of extra certificate authorities, {visible(ca_file[:200])}, could not be read.",
            "It must hold certificates in PEM form (-----BEGIN CERTIFICATE-----).",
        )
    return context


def _check_status(status: int, headers: Mapping[str, str], target: Target) -> None:
    if status in (200, 304):
        return
    where = f"{target.host} answered {status}"
    if 300 <= status < 400:
        goal = visible(headers.get("location", "")[:200]) or "no place"
        _fail(
            FailureKind.REDIRECT,
            target,
            f"{where}, a redirect to {goal}; redirects are not followed.",
            "If you trust that place, name it as the issuer's metadata URL.",
        )
    if status == 404:
        _fail(
            FailureKind.NOT_FOUND,
            target,
            f"{where} (not found) for {visible(target.path[:200])}.",
            "Check tenant, policy and version in the issuer: nothing is published at that address.",
        )
    kind = FailureKind.RATE_LIMITED if status == 429 else FailureKind.STATUS
    remedy = (
        "Try again later." if status == 429 or status >= 500 else "Open the address in a browser to see what it says."
    )
    failure = Failure(kind=kind, url=_shown(target), message=f"{where} instead of the document.", remedy=remedy)
    wait = _retry_after(headers)
    if status in (408, 503) or (status == 429 and wait is not None):
        if wait is None:
            wait = 0.0
        if wait <= LONGEST_RETRY_AFTER:
            raise _TransientError(failure, wait)
    raise FetchError(failure)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Return ``Retry-After`` in seconds where it is a number (RFC 9110 section 10.2.3); a date is not waited for."""
    value = headers.get("retry-after", "").strip()
    return float(value) if value.isascii() and value.isdigit() and len(value) < 6 else None


def _max_age(headers: Mapping[str, str]) -> int | None:
    """Return for how long the answer is fresh (RFC 9111 section 4.2.1), in seconds."""
    for directive in headers.get("cache-control", "").lower().split(","):
        name, _, value = directive.strip().partition("=")
        value = value.strip('" ')
        if name in ("no-store", "no-cache"):
            return 0
        if name == "max-age" and value.isascii() and value.isdigit():
            return int(value[:9])
    if "expires" in headers and "date" in headers:
        try:
            expires = email.utils.parsedate_to_datetime(headers["expires"])
            date = email.utils.parsedate_to_datetime(headers["date"])
            return max(0, int((expires - date) / datetime.timedelta(seconds=1)))
        except (TypeError, ValueError, OverflowError):
            return None
    return None


async def _read(answer: httpx.Response, target: Target) -> bytes:
    encoding = answer.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", "deflate", ""):
        _fail(
            FailureKind.ENCODING_REFUSED,
            target,
            f"{target.host} sent its answer in the encoding {visible(encoding[:40])}, which was not asked for.",
            "A proxy on the way may be at fault.",
        )
    inflate = zlib.decompressobj(wbits=47) if encoding in ("gzip", "x-gzip", "deflate") else None
    received = 0
    body = bytearray()
    async for chunk in answer.aiter_raw():
        received += len(chunk)
        if inflate is None:
            body += chunk
        else:
            try:
                body += inflate.decompress(chunk, MAXIMUM_BODY + 1 - len(body))
            except zlib.error:
                _fail(
                    FailureKind.TRUNCATED,
                    target,
                    f"The compressed answer of {target.host} is damaged.",
                    "Try again; a proxy on the way may be at fault.",
                )
        if received > MAXIMUM_BODY or len(body) > MAXIMUM_BODY:
            _fail(
                FailureKind.TOO_LARGE,
                target,
                f"The answer of {target.host} is larger than {MAXIMUM_BODY // 1024} KB; reading it was stopped.",
                "Metadata and key sets are far smaller: this is not one.",
            )
    if inflate is not None and not inflate.eof:
        _fail(
            FailureKind.TRUNCATED,
            target,
            f"The compressed answer of {target.host} ends too soon.",
            "Try again; a proxy on the way may be at fault.",
        )
    return bytes(body)


def _parse(body: bytes, target: Target) -> Any:
    start = body[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<!--")):
        _fail(
            FailureKind.HTML,
            target,
            f"{target.host} sent a web page instead of JSON: a sign-in page, a proxy's notice or a wrong address.",
            "Open the address in a browser to see it.",
        )
    try:
        return parse(body)
    except NotStrictJsonError as error:
        _fail(
            FailureKind.NOT_JSON,
            target,
            f"The answer of {target.host} is not valid JSON: {error}.",
            "Check that the address is the issuer's metadata or key set.",
        )


def _fail_transport(error: httpx.HTTPError, target: Target, *, proxied: bool) -> NoReturn:
    """Turn httpx's exception into our failure; its text is used only where it names a certificate problem."""
    import httpx

    tls = _tls_reason(error)
    if tls is not None:
        _fail(
            FailureKind.TLS,
            target,
            f"The TLS connection to {target.host} failed: {tls}.",
            "If a company proxy signs connections, name its certificate authority in network.caFile.",
        )
    if isinstance(error, httpx.ProxyError):
        _fail(
            FailureKind.PROXY,
            target,
            f"The proxy did not let the request for {target.host} through.",
            "Check the setting network.proxy.",
        )
    if isinstance(error, httpx.ConnectTimeout | httpx.ReadTimeout | httpx.WriteTimeout | httpx.PoolTimeout):
        what = "accept a connection" if isinstance(error, httpx.ConnectTimeout) else "answer"
        _fail(
            FailureKind.TIMEOUT,
            target,
            f"{target.host} did not {what} in time.",
            "Check the connection, and whether a VPN or proxy is needed.",
        )
    if proxied and isinstance(error, httpx.ConnectError):
        _fail(
            FailureKind.PROXY,
            target,
            "No connection to the proxy: it was refused, its name is not known, or the network is down.",
            "Check the setting network.proxy.",
        )
    if isinstance(error, httpx.ConnectError):
        failure = Failure(
            kind=FailureKind.CONNECTION_REFUSED,
            url=_shown(target),
            message=f"No connection to {target.host} at port {target.port}: it was refused or the network is down.",
            remedy="Check that the server runs and the port is right.",
        )
        raise _TransientError(failure, 0.0)
    _fail(
        FailureKind.PROTOCOL,
        target,
        f"{target.host} broke off the connection or did not speak proper HTTP.",
        "Check that the address is a web server's.",
    )


def _tls_reason(error: BaseException) -> str | None:
    """Return the TLS library's reason, from wherever it stands in the chain of causes."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return seen.verify_message or "the certificate is not trusted"
        if isinstance(seen, ssl.SSLError):
            return (seen.reason or "no common protocol").replace("_", " ").lower()
        seen = seen.__cause__ or seen.__context__
    text = str(error)
    return visible(text[:200]) if "CERTIFICATE" in text or "certificate" in text else None


def _shown(target: Target) -> str:
    return target.url.partition("?")[0]


def _fail(kind: FailureKind, target: Target, message: str, remedy: str, host: str | None = None) -> NoReturn:
    raise FetchError(Failure(kind=kind, url=_shown(target), message=message, remedy=remedy, host=host))
