"""Documents are fetched once, kept for as long as the issuer says, and outlive an outage with their age told."""

from __future__ import annotations

import asyncio
import datetime
from collections.abc import AsyncIterator
from pathlib import Path

import attrs
import pytest
import pytest_asyncio

from claimlens.oidc import DocumentCache, FailureKind, Fetcher, FetchError, NetworkPolicy
from tests.support import fault_server
from tests.support.fault_server import HOST, FaultServer

pytestmark = pytest.mark.network

START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
KEY = {"kty": "RSA", "kid": "one", "n": "AQAB", "e": "AQAB"}


@attrs.define
class Clock:
    now: datetime.datetime = START

    def __call__(self) -> datetime.datetime:
        return self.now

    def forward(self, **delta: float) -> None:
        self.now += datetime.timedelta(**delta)


@attrs.frozen
class Setup:
    server: FaultServer
    cache: DocumentCache
    clock: Clock


@pytest_asyncio.fixture
async def setup(tmp_path: Path) -> AsyncIterator[Setup]:
    async def resolve(host: str, port: int) -> tuple[str, ...]:
        return ("127.0.0.1",)

    async with fault_server.serve(tmp_path) as server:
        policy = NetworkPolicy(allowed_hosts=(f"{HOST}:{server.port}",), ca_file=str(server.ca_file))
        clock = Clock()
        yield Setup(server, DocumentCache(Fetcher(policy, resolve=resolve), clock), clock)


@pytest.mark.asyncio
async def test_fifty_that_ask_together_make_one_request(setup: Setup) -> None:
    url = setup.server.json("/keys", {"keys": [KEY]})

    answers = await asyncio.gather(*(setup.cache.keys(url, kid="one") for _ in range(50)))

    assert setup.server.requests["/keys"] == 1
    assert {answer.fetched_at for answer in answers} == {START}


@pytest.mark.asyncio
async def test_one_who_gives_up_does_not_take_the_answer_from_the_others(setup: Setup) -> None:
    url = setup.server.json("/keys", {"keys": [KEY]})
    impatient = asyncio.create_task(setup.cache.keys(url))
    patient = asyncio.create_task(setup.cache.keys(url))
    await asyncio.sleep(0)
    impatient.cancel()

    assert (await patient).value.keys == (KEY,)


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("control", "fresh_minutes"), [("max-age=3600", 60), ("max-age=1", 5), ("no-store", 5), ("max-age=9999999", 1440)]
)
async def test_freshness_follows_cache_control_within_bounds(setup: Setup, control: str, fresh_minutes: int) -> None:
    url = setup.server.json("/keys", {"keys": [KEY]}, headers=f"Cache-Control: {control}")
    await setup.cache.keys(url)

    setup.clock.forward(minutes=fresh_minutes - 0.5)
    await setup.cache.keys(url)
    assert setup.server.requests["/keys"] == 1

    setup.clock.forward(minutes=1)
    await setup.cache.keys(url)
    assert setup.server.requests["/keys"] == 2


@pytest.mark.asyncio
async def test_a_document_that_has_not_changed_is_confirmed_by_its_etag(setup: Setup) -> None:
    url = setup.server.json("/keys", {"keys": [KEY]}, headers='ETag: "one"')
    await setup.cache.keys(url)
    setup.server.raw("/keys", b'HTTP/1.1 304 Not Modified\r\nETag: "one"\r\n\r\n')
    setup.clock.forward(hours=2)

    again = await setup.cache.keys(url)

    assert setup.server.headers["/keys"]["if-none-match"] == '"one"'
    assert (again.value.keys, again.fetched_at) == ((KEY,), setup.clock.now)


@pytest.mark.asyncio
async def test_an_unknown_kid_asks_again_at_most_every_five_minutes(setup: Setup) -> None:
    url = setup.server.json("/keys", {"keys": [KEY]}, headers="Cache-Control: max-age=86400")
    await setup.cache.keys(url, kid="one")
    setup.server.json("/keys", {"keys": [KEY, {**KEY, "kid": "two"}]})

    assert (await setup.cache.keys(url, kid="two")).value.has("two")
    assert setup.server.requests["/keys"] == 2

    for _ in range(100):
        await setup.cache.keys(url, kid="three")
    assert setup.server.requests["/keys"] == 2

    setup.clock.forward(minutes=6)
    await setup.cache.keys(url, kid="three")
    assert setup.server.requests["/keys"] == 3


@pytest.mark.asyncio
async def test_keys_outlive_an_outage_and_tell_their_age(setup: Setup) -> None:
    url = setup.server.json("/keys", {"keys": [KEY]})
    await setup.cache.keys(url)
    setup.server.json("/keys", {}, status="500 Internal Server Error")
    setup.clock.forward(hours=2)

    held = await setup.cache.keys(url)

    assert held.value.keys == (KEY,)
    assert held.fetched_at == START
    assert held.outage is not None
    assert held.outage.kind is FailureKind.STATUS

    await setup.cache.keys(url)
    assert setup.server.requests["/keys"] == 2  # not asked again at once

    setup.clock.forward(hours=30)
    with pytest.raises(FetchError):
        await setup.cache.keys(url)


@pytest.mark.asyncio
async def test_clearing_makes_the_next_one_ask(setup: Setup) -> None:
    url = setup.server.json("/keys", {"keys": [KEY]})
    await setup.cache.keys(url)
    setup.cache.clear()

    await setup.cache.keys(url)

    assert setup.server.requests["/keys"] == 2


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ([], FailureKind.METADATA_INVALID),
        ({}, FailureKind.METADATA_INVALID),
        ({"issuer": 5}, FailureKind.METADATA_INVALID),
        ({"issuer": "https://issuer.test"}, FailureKind.JWKS_URI_MISSING),
    ],
)
async def test_metadata_that_cannot_be_used_is_told(setup: Setup, document: object, kind: FailureKind) -> None:
    with pytest.raises(FetchError) as caught:
        await setup.cache.metadata(setup.server.json("/metadata", document))

    assert caught.value.failure.kind is kind


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("document", "kind"),
    [
        ([], FailureKind.KEYS_INVALID),
        ({"keys": "none"}, FailureKind.KEYS_INVALID),
        ({"keys": ["text"]}, FailureKind.KEYS_INVALID),
        ({"keys": []}, FailureKind.KEYS_EMPTY),
        ({"keys": [KEY] * 101}, FailureKind.KEYS_INVALID),
    ],
)
async def test_key_sets_that_cannot_be_used_are_told(setup: Setup, document: object, kind: FailureKind) -> None:
    with pytest.raises(FetchError) as caught:
        await setup.cache.keys(setup.server.json("/keys", document))

    assert caught.value.failure.kind is kind


@pytest.mark.asyncio
async def test_metadata_that_name_themselves_as_the_key_set_are_told_of(setup: Setup) -> None:
    url = f"https://{HOST}:{setup.server.port}/both"
    assert url == setup.server.json("/both", {"issuer": "https://idp.example", "jwks_uri": url})
    metadata = await setup.cache.metadata(url)

    with pytest.raises(FetchError) as refused:
        await setup.cache.keys(metadata.value.jwks_uri, kid="one")

    assert refused.value.failure.kind is FailureKind.KEYS_INVALID
