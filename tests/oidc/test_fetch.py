"""Every way an issuer can fail has its own message; none hangs, none leaks, none raises anything but `FetchError`."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
import pytest_asyncio

from claimlens.oidc import Failure, FailureKind, Fetcher, FetchError, NetworkPolicy
from tests.support import fault_server
from tests.support.fault_server import HOST, FaultServer

pytestmark = pytest.mark.network

GOOD = {"issuer": "https://issuer.test", "jwks_uri": "https://issuer.test/keys"}


@pytest_asyncio.fixture
async def server(tmp_path: Path) -> AsyncIterator[FaultServer]:
    async with fault_server.serve(tmp_path) as running:
        yield running


def fetcher(server: FaultServer, *addresses: str, total_seconds: float = 10.0, **policy: object) -> Fetcher:
    async def resolve(host: str, port: int) -> tuple[str, ...]:
        return addresses or ("127.0.0.1",)

    settings: dict[str, object] = {
        "allowed_hosts": (f"{HOST}:{server.port}",),
        "ca_file": str(server.ca_file),
        **policy,
    }
    return Fetcher(NetworkPolicy(**settings), resolve=resolve, total_seconds=total_seconds)  # type: ignore[arg-type]


async def failure(fetch: Fetcher, url: str) -> Failure:
    with pytest.raises(FetchError) as caught:
        await fetch.json(url)
    assert caught.value.failure.message.endswith((".", ")"))
    assert caught.value.failure.remedy.endswith(".")
    return caught.value.failure


@pytest.mark.asyncio
async def test_a_json_document_arrives_with_what_caching_needs(server: FaultServer) -> None:
    url = server.json("/good", GOOD, headers='ETag: "one"\nCache-Control: public, max-age=3600')

    response = await fetcher(server).json(url)

    assert (response.document, response.etag, response.max_age) == (GOOD, '"one"', 3600)
    assert server.headers["/good"]["host"] == f"{HOST}:{server.port}"
    assert "authorization" not in server.headers["/good"]
    assert "cookie" not in server.headers["/good"]


@pytest.mark.asyncio
async def test_a_byte_order_mark_is_forgiven(server: FaultServer) -> None:
    url = server.raw("/bom", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n\xef\xbb\xbf{}")

    assert (await fetcher(server).json(url)).document == {}


@pytest.mark.asyncio
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "x-gzip"])
async def test_compression_that_was_not_asked_for_is_read_within_limits(server: FaultServer, encoding: str) -> None:
    server.behaviours["/zip"] = fault_server.gzipped(json.dumps(GOOD).encode(), encoding=encoding)

    assert (await fetcher(server).json(server.url("/zip"))).document == GOOD


@pytest.mark.asyncio
async def test_interim_answers_are_skipped(server: FaultServer) -> None:
    hints = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 200
    url = server.raw("/hints", hints + b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    assert (await fetcher(server).json(url)).document == {}


STATUS = {
    "/404": ("404 Not Found", FailureKind.NOT_FOUND, "404"),
    "/500": ("500 Internal Server Error", FailureKind.STATUS, "500"),
    "/403": ("403 Forbidden", FailureKind.STATUS, "403"),
    "/204": ("204 No Content", FailureKind.STATUS, "204"),
    "/429": ("429 Too Many Requests", FailureKind.RATE_LIMITED, "429"),
}


@pytest.mark.asyncio
@pytest.mark.parametrize("path", STATUS)
async def test_a_status_other_than_200_is_told(server: FaultServer, path: str) -> None:
    status, kind, number = STATUS[path]
    url = server.raw(path, f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())

    told = await failure(fetcher(server), url)

    assert told.kind is kind
    assert f"{HOST} answered {number}" in told.message
    assert server.requests[path] == 1


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "location",
    ["https://issuer.test/elsewhere", "/loop", "http://169.254.169.254/metadata", "file:///etc/passwd", ""],
)
async def test_no_redirect_is_followed_and_its_goal_is_shown(server: FaultServer, location: str) -> None:
    server.behaviours["/loop"] = fault_server.redirect(location)

    told = await failure(fetcher(server), server.url("/loop"))

    assert told.kind is FailureKind.REDIRECT
    assert (location or "no place") in told.message
    assert server.requests == {"/loop": 1}


BODIES: dict[str, tuple[bytes, FailureKind, str]] = {
    "/html": (b"\n<!DOCTYPE html><title>Sign in</title>", FailureKind.HTML, "web page"),
    "/empty": (b"", FailureKind.NOT_JSON, "no JSON in it"),
    "/text": (b"hello", FailureKind.NOT_JSON, "line 1, column 1"),
    "/nan": (b'{"a": NaN}', FailureKind.NOT_JSON, "NaN"),
    "/deep": (b"[" * 200_000, FailureKind.NOT_JSON, "64"),
    "/digits": (b"[" + b"1" * 5000 + b"]", FailureKind.NOT_JSON, "64 bits"),
    "/utf8": (b'{"a": "\xff"}', FailureKind.NOT_JSON, "UTF-8"),
    "/utf16": ('{"a": 1}'.encode("utf-16"), FailureKind.NOT_JSON, "UTF-8"),
    "/twice": (b'{"issuer": "a", "issuer": "b"}', FailureKind.NOT_JSON, "stands twice"),
}


@pytest.mark.asyncio
@pytest.mark.parametrize("path", BODIES)
async def test_a_body_that_is_not_strict_json_is_told(server: FaultServer, path: str) -> None:
    body, kind, words = BODIES[path]
    server.behaviours[path] = fault_server.answer(body)

    told = await failure(fetcher(server), server.url(path))

    assert told.kind is kind
    assert words in told.message


HEAD = b"HTTP/1.1 200 OK\r\n"

TRANSPORT: dict[str, tuple[Callable[[], fault_server.Behaviour], FailureKind]] = {
    "truncated body": (lambda: fault_server.send(HEAD + b"Content-Length: 100\r\n\r\n{"), FailureKind.TRUNCATED),
    "truncated gzip": (
        lambda: fault_server.send(HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00"),
        FailureKind.TRUNCATED,
    ),
    "damaged gzip": (
        lambda: fault_server.answer(b"not gzip at all", headers="Content-Encoding: gzip"),
        FailureKind.TRUNCATED,
    ),
    "reset": (lambda: fault_server.reset, FailureKind.PROTOCOL),
    "garbage status line": (lambda: fault_server.send(b"BANANA\r\n\r\n"), FailureKind.PROTOCOL),
    "5,000 headers": (
        lambda: fault_server.send(HEAD + b"X-Filler: " + b"a" * 1000 + b"\r\n" + b"X: y\r\n" * 50_000),
        FailureKind.PROTOCOL,
    ),
    "100 MB chunked": (
        lambda: fault_server.endless(
            HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"10000\r\n" + b" " * 65536 + b"\r\n"
        ),
        FailureKind.TOO_LARGE,
    ),
    "Content-Length 10^11": (
        lambda: fault_server.endless(HEAD + b"Content-Length: 100000000000\r\n\r\n", b" " * 65536),
        FailureKind.TOO_LARGE,
    ),
    "gzip bomb": (lambda: fault_server.gzipped(b" " * 50_000_000), FailureKind.TOO_LARGE),
    "nested gzip": (
        lambda: fault_server.gzipped(b"{}", times=5, encoding="gzip, gzip, gzip, gzip, gzip"),
        FailureKind.ENCODING_REFUSED,
    ),
    "brotli": (lambda: fault_server.answer(b"{}", headers="Content-Encoding: br"), FailureKind.ENCODING_REFUSED),
}


@pytest.mark.asyncio
@pytest.mark.parametrize("name", TRANSPORT)
async def test_a_damaged_or_hostile_answer_is_told(server: FaultServer, name: str) -> None:
    behaviour, kind = TRANSPORT[name]
    server.behaviours["/x"] = behaviour()

    assert (await failure(fetcher(server), server.url("/x"))).kind is kind


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "behaviour",
    [
        fault_server.silent,
        fault_server.then_silent(b"HTTP/1.1 200"),
        fault_server.then_silent(HEAD + b"Content-Length: 100\r\n\r\n{"),
    ],
    ids=["silent", "slow headers", "slow body"],
)
async def test_the_whole_exchange_has_one_deadline(server: FaultServer, behaviour: fault_server.Behaviour) -> None:
    server.behaviours["/slow"] = behaviour

    told = await failure(fetcher(server, total_seconds=0.3), server.url("/slow"))

    assert told.kind is FailureKind.TIMEOUT
    assert "0.3 seconds" in told.message


@pytest.mark.asyncio
async def test_an_unavailable_server_is_asked_once_more(server: FaultServer) -> None:
    good = fault_server.answer(b"{}")

    async def first_busy(writer: asyncio.StreamWriter) -> None:
        busy = fault_server.answer(b"", status="503 Service Unavailable", headers="Retry-After: 0")
        await (busy if server.requests["/busy"] == 1 else good)(writer)

    server.behaviours["/busy"] = first_busy

    assert (await fetcher(server).json(server.url("/busy"))).document == {}
    assert server.requests["/busy"] == 2


@pytest.mark.asyncio
async def test_a_long_retry_after_is_not_waited_for(server: FaultServer) -> None:
    server.behaviours["/busy"] = fault_server.answer(b"", status="429 Too Many Requests", headers="Retry-After: 120")

    assert (await failure(fetcher(server), server.url("/busy"))).kind is FailureKind.RATE_LIMITED
    assert server.requests["/busy"] == 1


@pytest.mark.asyncio
async def test_a_name_nobody_knows_is_told(server: FaultServer) -> None:
    async def resolve(host: str, port: int) -> tuple[str, ...]:
        raise OSError

    nowhere = Fetcher(NetworkPolicy(known_provider=lambda _: True), resolve=resolve)

    told = await failure(nowhere, "https://login.contoso.example/x")

    assert told.kind is FailureKind.NAME_NOT_FOUND
    assert "login.contoso.example" in told.message


@pytest.mark.asyncio
async def test_a_refused_connection_is_told(server: FaultServer, unused_tcp_port: int) -> None:
    url = f"https://{HOST}:{unused_tcp_port}/x"

    told = await failure(fetcher(server, allowed_hosts=(HOST,)), url)

    assert told.kind is FailureKind.CONNECTION_REFUSED
    assert str(unused_tcp_port) in told.message


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "addresses",
    [("127.0.0.1",), ("169.254.169.254",), ("8.8.8.8", "127.0.0.1"), ("::1",), ("64:ff9b::7f00:1",)],
    ids=str,
)
async def test_a_provider_name_that_leads_inside_is_not_connected_to(
    server: FaultServer, addresses: tuple[str, ...]
) -> None:
    guarded = fetcher(server, *addresses, allowed_hosts=(), known_provider=lambda _: True)

    told = await failure(guarded, "https://login.contoso.example/x")

    assert told.kind is FailureKind.ADDRESS_REFUSED
    assert server.connections == 0


@pytest.mark.asyncio
async def test_the_connection_goes_to_the_checked_address_and_the_name_is_asked_once(server: FaultServer) -> None:
    asked = []

    async def resolve(host: str, port: int) -> tuple[str, ...]:
        asked.append((host, port))
        return ("127.0.0.1",) if len(asked) == 1 else ("169.254.169.254",)

    url = server.json("/good", GOOD)
    policy = NetworkPolicy(allowed_hosts=(f"{HOST}:{server.port}",), ca_file=str(server.ca_file))

    await Fetcher(policy, resolve=resolve).json(url)

    assert asked == [(HOST, server.port)]


@pytest.mark.asyncio
async def test_an_unknown_authority_is_refused(server: FaultServer) -> None:
    told = await failure(fetcher(server, ca_file=None), server.json("/good", GOOD))

    assert told.kind is FailureKind.TLS
    assert "certificate" in told.message
    assert server.requests == {}


@pytest.mark.asyncio
async def test_a_certificate_for_another_name_is_refused(tmp_path: Path) -> None:
    async with fault_server.serve(tmp_path, names=("other.test",)) as server:
        told = await failure(fetcher(server), server.json("/good", GOOD))

    assert told.kind is FailureKind.TLS
    assert HOST in told.message


@pytest.mark.asyncio
async def test_an_expired_certificate_is_refused(tmp_path: Path) -> None:
    async with fault_server.serve(tmp_path, expired=True) as server:
        told = await failure(fetcher(server), server.json("/good", GOOD))

    assert told.kind is FailureKind.TLS
    assert "expired" in told.message


@pytest.mark.asyncio
async def test_plain_http_at_a_tls_port_is_told(tmp_path: Path) -> None:
    async with fault_server.serve(tmp_path, tls=False) as server:
        told = await failure(fetcher(server), server.json("/good", GOOD))

    assert told.kind is FailureKind.TLS


@pytest.mark.asyncio
async def test_plain_http_works_for_an_allowed_host(tmp_path: Path) -> None:
    async with fault_server.serve(tmp_path, tls=False) as server:
        url = server.json("/good", GOOD).replace("https:", "http:")

        assert (await fetcher(server).json(url)).document == GOOD


@pytest.mark.asyncio
async def test_a_file_of_authorities_that_holds_none_is_told(server: FaultServer, tmp_path: Path) -> None:
    (tmp_path / "not.pem").write_text("hello")

    told = await failure(fetcher(server, ca_file=str(tmp_path / "not.pem")), server.json("/good", GOOD))

    assert told.kind is FailureKind.TLS
    assert "not.pem" in told.message
    assert "PEM" in told.remedy


@pytest.mark.asyncio
async def test_a_bundle_of_authorities_may_name_them_in_any_language(server: FaultServer, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(f"# Főtanúsítvány\n{server.ca_file.read_text()}", encoding="utf-8")

    answer = await fetcher(server, ca_file=str(bundle)).json(server.json("/good", GOOD))

    assert answer.document == GOOD


@pytest.mark.asyncio
async def test_a_proxy_that_refuses_is_told(tmp_path: Path, server: FaultServer) -> None:
    (tmp_path / "proxy").mkdir()
    async with fault_server.serve(tmp_path / "proxy", tls=False) as proxy:
        proxy.behaviours[f"{HOST}:{server.port}"] = fault_server.answer(b"", status="407 Proxy Authentication Required")
        through = fetcher(server, proxy=f"http://127.0.0.1:{proxy.port}")

        told = await failure(through, server.json("/good", GOOD))

    assert told.kind is FailureKind.PROXY
    assert server.connections == 0


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("proxy", "said"),
    [
        *(
            (each, "Write it as http://proxy.example:8080.")
            for each in ("garbage", "corp.example:8080", "http://", "://")
        ),
        *((each, "Write it as http") for each in ("socks5://127.0.0.1:1", "http://[::1", "http://127.0.0.1:abc")),
        ("http://somebody:canary@127.0.0.1:1", "No connection to the proxy"),
    ],
)
async def test_a_proxy_that_cannot_be_used_is_told_without_its_password(
    server: FaultServer, proxy: str, said: str
) -> None:
    told = await failure(fetcher(server, proxy=proxy), server.json("/good", GOOD))

    assert told.kind is FailureKind.PROXY
    assert said in str(told)
    assert "canary" not in str(told)


@pytest.mark.asyncio
async def test_the_environment_names_no_proxy(server: FaultServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """A workspace may set environment variables through a terminal or an env file; a proxy is set by the user alone."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")

    assert (await fetcher(server).json(server.json("/good", GOOD))).document == GOOD
