"""Verifying tokens of a real OpenID provider (oidc-provider, certified), over TLS, with the command and the server."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import attrs
import pytest

from claimlens import jose
from claimlens.jose.verify import Verdict
from claimlens.oidc import DocumentCache
from claimlens.services.network import cache_for
from claimlens.services.verification import Request, Verification, verify_online
from claimlens.settings import NetworkSettings
from tests.support import command
from tests.support.command import Ended
from tests.support.provider import Provider, running
from tests.support.stdio import Client

pytestmark = [pytest.mark.network, pytest.mark.xdist_group("provider")]
ALGORITHMS = ["RS256", "PS256", "ES256", "EdDSA"]


def damaged(token: str) -> str:
    """Change one byte of the signature, its text staying canonical base64url."""
    middle = (token.rindex(".") + len(token)) // 2
    return token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]


def verify(provider: Provider, token: str, *more: str) -> Ended:
    """Run ``claimlens verify`` against the provider."""
    network = ("--allow-host", provider.host, "--ca", str(provider.ca_file))
    return command.run("verify", "-", *network, "--format", "json", *more, stdin=token)


@attrs.define
class Clock:
    """The provider's clock, which is the machine's, and how far tests have moved it."""

    ahead: timedelta = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def cache_of(provider: Provider, clock: Clock) -> DocumentCache:
    return cache_for(NetworkSettings(allowed_hosts=(provider.host,), ca_file=str(provider.ca_file)), clock)


def judge(token: str, cache: DocumentCache, clock: Clock) -> Verification:
    return asyncio.run(verify_online(Request(jose.decode(token), clock()), cache))


class TestCommand:
    @pytest.mark.parametrize("algorithm", ALGORITHMS)
    def test_a_token_of_the_provider_is_valid(self, provider: Provider, algorithm: str) -> None:
        ended = verify(provider, provider.token(algorithm), "--audience", "api://orders")

        answer = ended.json
        assert (ended.status, answer["verdict"], answer["signature"]) == (0, "valid", "valid")
        assert answer["key"]["kid"].startswith(algorithm)
        assert answer["key"]["source"] == f"{provider.issuer}/jwks"
        verdicts = {check["check"]: check["verdict"] for check in answer["checks"]}
        assert {verdicts[name] for name in ("algorithm", "key", "signature", "issuer", "audience")} == {"pass"}

    @pytest.mark.parametrize("algorithm", ALGORITHMS)
    def test_one_byte_changed_is_invalid(self, provider: Provider, algorithm: str) -> None:
        ended = verify(provider, damaged(provider.token(algorithm)))

        assert (ended.status, ended.json["verdict"], ended.json["signature"]) == (1, "invalid", "invalid")

    def test_another_audience_is_invalid_though_the_signature_is_good(self, provider: Provider) -> None:
        answer = verify(provider, provider.token(), "--audience", "api://invoices").json

        assert (answer["verdict"], answer["signature"]) == ("invalid", "valid")

    def test_with_the_provider_down_it_is_undetermined(self, tmp_path: Path) -> None:
        with running(tmp_path) as provider:
            token = provider.token()
            provider.order("stop")
            ended = verify(provider, token)

        assert (ended.status, ended.json["verdict"]) == (2, "undetermined")
        assert ended.json["failure"]["kind"] == "connection-refused"

    def test_a_host_that_nobody_allowed_is_not_asked(self, provider: Provider) -> None:
        before = provider.order("requests")
        token = provider.token()
        ended = command.run("verify", "-", "--format", "json", stdin=token)

        assert (ended.status, ended.json["failure"]["kind"]) == (2, "host-not-allowed")
        asked = provider.order("requests")
        assert {path: count for path, count in asked.items() if path != "/token"} == {
            path: count for path, count in before.items() if path != "/token"
        }

    def test_without_its_authority_the_certificate_is_refused(self, provider: Provider) -> None:
        ended = command.run("verify", "-", "--allow-host", provider.host, "--format", "json", stdin=provider.token())

        assert (ended.status, ended.json["failure"]["kind"]) == (2, "tls")

    def test_the_metadata_and_the_keys_are_shown(self, provider: Provider) -> None:
        network = ("--allow-host", provider.host, "--ca", str(provider.ca_file))
        answer = command.run("metadata", provider.issuer, *network, "--format", "json").json

        assert answer["issuer"] == provider.issuer
        assert sorted(key["algorithm"] for key in answer["keys"]) == sorted(ALGORITHMS)
        assert answer["findings"] == []

    @pytest.mark.parametrize(
        ("fault", "kind"),
        [
            ("status", "status"),
            ("html", "html"),
            ("empty", "keys-empty"),
            ("redirect", "redirect"),
            ("truncated", "truncated"),
        ],
    )
    def test_a_key_set_that_cannot_be_had_leaves_the_verdict_open(
        self, provider: Provider, fault: str, kind: str
    ) -> None:
        token = provider.token()
        with provider.broken(fault):
            ended = verify(provider, token)

        assert (ended.status, ended.json["verdict"], ended.json["failure"]["kind"]) == (2, "undetermined", kind)


class TestCache:
    def test_keys_that_roll_over_while_we_run_are_fetched_once(self, tmp_path: Path) -> None:
        clock = Clock()
        with running(tmp_path) as provider:
            cache = cache_of(provider, clock)
            old = provider.token()
            assert judge(old, cache, clock).verdict is Verdict.VALID

            provider.order("rotate")
            new = provider.token()
            answers = [judge(new, cache, clock) for _ in range(3)]

            assert [answer.verdict for answer in answers] == [Verdict.VALID] * 3
            assert answers[0].key is not None
            assert answers[0].key.kid == "RS256-2"
            assert provider.order("requests")["/jwks"] == 2
            assert judge(old, cache, clock).verdict is Verdict.UNDETERMINED, "its key is published no longer"

    def test_keys_outlive_an_outage_and_say_how_old_they_are(self, tmp_path: Path) -> None:
        clock = Clock()
        with running(tmp_path) as provider:
            cache = cache_of(provider, clock)
            token = provider.token()
            before = judge(token, cache, clock)
            provider.order("stop")
            clock.ahead = timedelta(minutes=30)

            after = judge(token, cache, clock)

        assert (before.verdict, after.verdict) == (Verdict.VALID, Verdict.VALID)
        assert before.key is not None
        assert after.key is not None
        assert after.key.outage is not None
        assert after.key.fetched_at == before.key.fetched_at
        assert after.summary.endswith(f"the keys are those of {after.key.fetched_at:%Y-%m-%d %H:%M} UTC.")

    def test_fifty_verifications_started_together_ask_for_each_document_once(self, tmp_path: Path) -> None:
        clock = Clock()
        with running(tmp_path) as provider:
            cache = cache_of(provider, clock)
            tokens = [provider.token(ALGORITHMS[index % 4]) for index in range(50)]

            async def all_at_once() -> list[Verification]:
                requests = [Request(jose.decode(token), clock()) for token in tokens]
                return await asyncio.gather(*(verify_online(request, cache) for request in requests))

            answers = asyncio.run(all_at_once())
            asked = provider.order("requests")

        assert {answer.verdict for answer in answers} == {Verdict.VALID}
        assert (asked["/.well-known/openid-configuration"], asked["/jwks"]) == (1, 1)


class TestServer:
    """The language server as a process of its own."""

    def start(self, provider: Provider) -> Client:
        client = Client()
        network = {"allowedHosts": [provider.host], "caFile": str(provider.ca_file)}
        params: dict[str, Any] = {
            "processId": None,
            "rootUri": None,
            "capabilities": {},
            "initializationOptions": {"network": network},
        }
        client.request("initialize", params)
        client.notify("initialized", {})
        return client

    def test_after_one_success_an_outage_does_no_harm(self, tmp_path: Path) -> None:
        with running(tmp_path) as provider, self.start(provider) as client:
            first, second = provider.token("ES256"), provider.token("ES256")
            before = client.request("claimlens/verify", {"text": first})["result"]
            provider.order("stop")
            after = client.request("claimlens/verify", {"text": second})["result"]
            changed = client.request("claimlens/verify", {"text": damaged(second)})["result"]
            client.request("claimlens/clearMetadata")
            cleared = client.request("claimlens/verify", {"text": second})["result"]
            client.stop()

        assert (before["verdict"], after["verdict"]) == ("valid", "valid")
        assert "keys confirmed" in after["report"]
        assert changed["verdict"] == "invalid"
        assert cleared["verdict"] == "undetermined"
