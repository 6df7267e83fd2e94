"""From an issuer to a verdict, over real HTTP and TLS: what issuers publish, served under its real paths."""

from __future__ import annotations

import datetime
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import attrs
import pytest
import pytest_asyncio

from claimlens import jose
from claimlens.apim.parser import parse
from claimlens.apim.simulator import IssuerDocuments, Scope, Simulation, Surroundings, simulate
from claimlens.apim.simulator import Request as PolicyRequest
from claimlens.diagnosis.case import Case
from claimlens.diagnosis.diagnose import diagnose
from claimlens.jose.claims_checks import CheckVerdict, Expected
from claimlens.jose.verification_keys import read_key_set
from claimlens.jose.verify import MAXIMUM_TOKEN_LENGTH, Verdict
from claimlens.oidc import DocumentCache, FailureKind, Fetcher, NetworkPolicy
from claimlens.oidc.fetch import Response
from claimlens.services.simulation_online import simulate_online
from claimlens.services.verification import Request, Verification, signature_online, verify_offline, verify_online
from tests.support import fault_server
from tests.support.fault_server import HOST, FaultServer
from tests.support.keys import forged, jwk, private_key, signed

pytestmark = pytest.mark.network

NOW = datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
TENANT = "3f1c9d5e-7a42-4b0e-9c6d-2e8f5a1b7c30"
OTHER_TENANT = "0a1b2c3d-0000-4000-8000-00000000000a"
APPLICATION = "8c2b7f10-4d6e-4a19-b3c5-6f0e9d8a7b21"
V2 = f"https://login.microsoftonline.com/{TENANT}/v2.0"
V1 = f"https://sts.windows.net/{TENANT}/"
TIMES = {"iat": int(NOW.timestamp()) - 60, "nbf": int(NOW.timestamp()) - 60, "exp": int(NOW.timestamp()) + 3600}


@attrs.frozen
class Rewriting(Fetcher):
    """Asks the test's own server in place of each host; everything else is the real fetcher."""

    server: FaultServer = attrs.field(kw_only=True)
    asked: list[str] = attrs.field(factory=list, kw_only=True)

    async def json(self, url: str, *, etag: str | None = None) -> Response:
        self.asked.append(url)
        path = url.partition("://")[2].partition("/")[2]
        return await Fetcher.json(self, self.server.url(f"/{path}"), etag=etag)


@attrs.frozen
class Issuer:
    """The test's server in the place of every issuer."""

    server: FaultServer
    fetcher: Rewriting
    cache: DocumentCache

    def publish(self, path: str, issuer: str, *keys: dict[str, Any], jwks: str = "/keys") -> None:
        self.server.json(path, {"issuer": issuer, "jwks_uri": f"https://login.microsoftonline.com{jwks}"})
        self.server.json(jwks, {"keys": list(keys)})

    async def verify(self, token: str, **more: Any) -> Verification:
        return await verify_online(Request(jose.decode(token), NOW, **more), self.cache)


@pytest_asyncio.fixture
async def issuer(tmp_path: Path) -> AsyncIterator[Issuer]:
    async def resolve(host: str, port: int) -> tuple[str, ...]:
        return ("127.0.0.1",)

    async with fault_server.serve(tmp_path) as server:
        policy = NetworkPolicy(allowed_hosts=(f"{HOST}:{server.port}",), ca_file=str(server.ca_file))
        fetcher = Rewriting(policy, resolve, server=server)
        yield Issuer(server, fetcher, DocumentCache(fetcher, lambda: NOW))


def entra_claims(issuer: str = V2, **more: Any) -> dict[str, Any]:
    version = "1.0" if issuer == V1 else "2.0"
    return {"iss": issuer, "aud": APPLICATION, "tid": TENANT, "ver": version, "scp": "read", **TIMES, **more}


V2_METADATA = f"/{TENANT}/v2.0/.well-known/openid-configuration"
V1_METADATA = f"/{TENANT}/.well-known/openid-configuration"


@pytest.mark.asyncio
async def test_a_v2_token_is_valid_and_what_was_not_asked_is_named(issuer: Issuer) -> None:
    issuer.publish(V2_METADATA, V2, jwk("RS256", issuer=V2))

    answer = await issuer.verify(signed("RS256", entra_claims()))

    assert (answer.verdict, answer.signature) == (Verdict.VALID, Verdict.VALID)
    assert answer.summary.startswith("Valid; audience,")
    assert answer.key is not None
    assert (answer.key.kid, answer.key.fetched_at) == ("one", NOW)


@pytest.mark.asyncio
@pytest.mark.parametrize("algorithm", ["PS256", "RS512"])
async def test_keys_without_an_algorithm_verify_every_one_of_their_family(issuer: Issuer, algorithm: str) -> None:
    key = {name: value for name, value in jwk("RS256").items() if name != "alg"}
    issuer.publish(V2_METADATA, V2, key)

    answer = await issuer.verify(signed(algorithm, entra_claims(), key=private_key("RS256")))

    assert answer.verdict is Verdict.VALID


@pytest.mark.asyncio
async def test_a_v1_token_finds_its_metadata_on_the_sign_in_host(issuer: Issuer) -> None:
    issuer.publish(V1_METADATA, V1, jwk("RS256", issuer=V2))

    answer = await issuer.verify(signed("RS256", entra_claims(V1)))

    assert answer.verdict is Verdict.VALID
    assert issuer.fetcher.asked[0] == f"https://login.microsoftonline.com{V1_METADATA}"


@pytest.mark.asyncio
async def test_a_template_takes_the_tenant_of_the_token(issuer: Issuer) -> None:
    issuer.publish(V2_METADATA, "https://login.microsoftonline.com/{tenantid}/v2.0", jwk("RS256"))

    assert (await issuer.verify(signed("RS256", entra_claims()))).verdict is Verdict.VALID


@pytest.mark.asyncio
async def test_metadata_of_another_issuer_is_said_and_its_keys_are_not_asked_for(issuer: Issuer) -> None:
    issuer.publish(V2_METADATA, f"https://login.microsoftonline.com/{OTHER_TENANT}/v2.0", jwk("RS256"))

    answer = await issuer.verify(signed("RS256", entra_claims()))

    assert (answer.verdict, answer.signature) == (Verdict.INVALID, Verdict.UNDETERMINED)
    assert OTHER_TENANT in answer.summary
    assert "another tenant" in answer.summary
    assert issuer.server.requests["/keys"] == 0


@pytest.mark.asyncio
async def test_a_key_published_for_another_issuer_is_not_used(issuer: Issuer) -> None:
    other = f"https://login.microsoftonline.com/{OTHER_TENANT}/v2.0"
    issuer.publish(V2_METADATA, V2, jwk("RS256", issuer=other))

    answer = await issuer.verify(signed("RS256", entra_claims()))

    assert answer.verdict is Verdict.UNDETERMINED
    assert "another issuer" in answer.summary


@pytest.mark.asyncio
async def test_an_application_with_its_own_keys_is_asked_about_when_the_key_is_missing(issuer: Issuer) -> None:
    issuer.publish(V2_METADATA, V2, jwk("RSA-other", "two"))
    issuer.publish(f"{V2_METADATA}?appid={APPLICATION}", V2, jwk("RS256"), jwks="/keys?appid=x")

    answer = await issuer.verify(signed("RS256", entra_claims()))

    assert answer.verdict is Verdict.VALID


@pytest.mark.asyncio
async def test_b2c_needs_the_policy_of_the_token(issuer: Issuer) -> None:
    named = f"https://contosob2c.b2clogin.com/{TENANT}/v2.0/"
    issuer.publish(f"/{TENANT}/b2c_1_susi/v2.0/.well-known/openid-configuration", named, jwk("RS256"))
    claims = {"iss": named, "aud": APPLICATION, "tfp": "B2C_1_susi", **TIMES}

    assert (await issuer.verify(signed("RS256", claims))).verdict is Verdict.VALID


@pytest.mark.asyncio
async def test_an_external_id_tenant(issuer: Issuer) -> None:
    named = f"https://{TENANT}.ciamlogin.com/{TENANT}/v2.0"
    issuer.publish(f"/{TENANT}/v2.0/.well-known/openid-configuration", named, jwk("RS256"))

    answer = await issuer.verify(signed("RS256", {**entra_claims(), "iss": named}))

    assert answer.verdict is Verdict.VALID


@pytest.mark.asyncio
async def test_active_directory_federation_services_name_the_issuer_of_access_tokens_apart(issuer: Issuer) -> None:
    document = {
        "issuer": "https://adfs.contoso.example/adfs",
        "access_token_issuer": "http://adfs.contoso.example/adfs/services/trust",
        "jwks_uri": "https://adfs.contoso.example/keys",
    }
    issuer.server.json("/adfs/.well-known/openid-configuration", document)
    issuer.server.json("/keys", {"keys": [jwk("RS256")]})
    claims = {"iss": document["access_token_issuer"], "aud": "api://orders", **TIMES}

    assert (await issuer.verify(signed("RS256", claims))).verdict is Verdict.VALID


@pytest.mark.asyncio
async def test_a_token_for_graph_is_unverifiable_by_design(issuer: Issuer) -> None:
    claims = entra_claims(V1, aud="00000003-0000-0000-c000-000000000000")

    answer = await issuer.verify(signed("RS256", claims, {"nonce": "n"}))

    assert answer.verdict is Verdict.UNDETERMINED
    assert "nonce" in answer.summary
    assert issuer.fetcher.asked == []


@pytest.mark.asyncio
async def test_an_unsigned_token_is_invalid_and_nothing_is_fetched(issuer: Issuer) -> None:
    answer = await issuer.verify(forged({"alg": "none"}, entra_claims(), b""))

    assert answer.verdict is Verdict.INVALID
    assert issuer.fetcher.asked == []


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("more", "check"),
    [
        ({"exp": int(NOW.timestamp()) - 1}, "expiry"),
        ({"nbf": int(NOW.timestamp()) + 10}, "not before"),
        ({"iat": int(NOW.timestamp()) + 10}, "issued at"),
        ({"aud": "api://other"}, "audience"),
        ({"tid": OTHER_TENANT}, "tenant"),
        ({"azp": "somebody"}, "client"),
    ],
)
async def test_one_failing_check_makes_the_token_invalid(issuer: Issuer, more: dict[str, Any], check: str) -> None:
    issuer.publish(V2_METADATA, V2, jwk("RS256"))
    expected = Expected(
        audiences=(APPLICATION,), tenants=(TENANT,), scopes=("read",), roles=("Admin",), clients=("client",)
    )
    right = {"roles": ["Admin"], "azp": "client"}

    good = await issuer.verify(signed("RS256", entra_claims(**right)), expected=expected)
    bad = await issuer.verify(signed("RS256", entra_claims(**{**right, **more})), expected=expected)

    assert (good.verdict, good.summary) == (Verdict.VALID, "Valid.")
    assert bad.verdict is Verdict.INVALID
    assert [each.name for each in bad.checks if each.verdict is CheckVerdict.FAIL] == [check]


@pytest.mark.asyncio
async def test_a_token_that_is_too_long_is_left_open_and_nobody_is_asked(issuer: Issuer) -> None:
    issuer.publish(V2_METADATA, V2, jwk("RS256"))

    answer = await issuer.verify(signed("RS256", entra_claims(filler="x" * MAXIMUM_TOKEN_LENGTH)))

    assert (answer.signature, answer.verdict) == (Verdict.UNDETERMINED, Verdict.UNDETERMINED)
    assert issuer.server.requests == {}


@pytest.mark.asyncio
async def test_leeway_forgives_clocks_that_differ(issuer: Issuer) -> None:
    issuer.publish(V2_METADATA, V2, jwk("RS256"))
    token = signed("RS256", entra_claims(exp=int(NOW.timestamp()) - 30))

    forgiven = await issuer.verify(token, expected=Expected(leeway=datetime.timedelta(minutes=1)))

    assert forgiven.verdict is Verdict.VALID
    assert (await issuer.verify(token)).verdict is Verdict.INVALID


@pytest.mark.asyncio
async def test_an_issuer_that_cannot_be_reached_leaves_the_verdict_open(issuer: Issuer) -> None:
    issuer.server.behaviours[V2_METADATA] = fault_server.answer(b"", status="500 Internal Server Error")

    answer = await issuer.verify(signed("RS256", entra_claims()))

    assert answer.verdict is Verdict.UNDETERMINED
    assert answer.failure is not None
    assert answer.failure.kind is FailureKind.STATUS
    assert "answered 500" in answer.summary


@pytest.mark.asyncio
async def test_keys_at_hand_outlive_their_issuer(issuer: Issuer) -> None:
    issuer.publish(V2_METADATA, V2, jwk("RS256"))
    token = signed("RS256", entra_claims())
    assert (await issuer.verify(token)).verdict is Verdict.VALID
    for path in (V2_METADATA, "/keys"):
        issuer.server.behaviours[path] = fault_server.reset
    later = NOW + datetime.timedelta(minutes=30)
    issuer.cache.now = lambda: later

    answer = await issuer.verify(token)

    assert answer.verdict is Verdict.VALID
    assert "could not be reached" in answer.summary
    assert "12:00 UTC" in answer.summary


@pytest.mark.asyncio
@pytest.mark.parametrize(
    "named",
    [
        "http://2852039166/", "https://127.1/", "https://[::ffff:127.0.0.1]/", "https://user@login.microsoftonline.com/",
        "https://login.microsoftonline.com./", "file:///etc/passwd", "https://evil.example/", "", "not a url",
        "https://login.microsoftonline.com.evil.example/tenant/v2.0", "https://169.254.169.254/metadata",
    ],
)  # fmt: skip
async def test_an_issuer_is_no_way_to_make_us_ask_anybody(named: str) -> None:
    async def resolve(host: str, port: int) -> tuple[str, ...]:
        raise AssertionError("no name of a stranger may even be looked up")

    from claimlens.entra import known_provider

    cache = DocumentCache(Fetcher(NetworkPolicy(known_provider=known_provider), resolve), lambda: NOW)
    request = Request(jose.decode(signed("RS256", {**entra_claims(), "iss": named})), NOW)

    answer = await verify_online(request, cache)

    assert answer.verdict is Verdict.UNDETERMINED


def test_keys_from_a_file_need_no_network() -> None:
    token = jose.decode(signed("RS256", entra_claims()))
    ring = read_key_set([jwk("RS256")])

    plain = verify_offline(Request(token, NOW), ring, source="keys.json")
    named = verify_offline(Request(token, NOW, issuer=V1), ring, source="keys.json")
    with_metadata = verify_offline(Request(token, NOW), ring, source="keys.json", metadata={"issuer": V2})

    assert (plain.verdict, plain.summary.split(",")[0]) == (Verdict.VALID, "Valid; issuer")
    assert named.verdict is Verdict.INVALID
    assert next(each.verdict for each in with_metadata.checks if each.name == "issuer") is CheckVerdict.PASS


def test_a_token_without_an_expiry_is_not_called_expired() -> None:
    claims = {name: value for name, value in entra_claims().items() if name != "exp"}

    answer = verify_offline(
        Request(jose.decode(signed("RS256", claims)), NOW), read_key_set([jwk("RS256")]), source="x"
    )

    assert answer.verdict is Verdict.VALID
    assert "expiry" in answer.summary


@pytest.mark.asyncio
@pytest.mark.parametrize(
    ("changed", "verdict", "cause"), [(False, Verdict.VALID, None), (True, Verdict.INVALID, "signature-invalid")]
)
async def test_a_diagnosis_takes_the_signature_into_account(
    issuer: Issuer, changed: bool, verdict: Verdict, cause: str | None
) -> None:
    issuer.publish(V2_METADATA, V2, jwk("RS256", issuer=V2))
    header = {"alg": "RS256", "typ": "JWT", "kid": "one"}
    token = forged(header, entra_claims()) if changed else signed("RS256", entra_claims())
    case = Case.of([("token.jwt", token)], NOW)
    assert case.token is not None

    result, _ = await signature_online(Request(case.token.token, NOW), issuer.cache)
    diagnosis = diagnose(attrs.evolve(case, signature=result))

    assert result.verdict is verdict
    assert [found.code for found in diagnosis.causes] == ([cause] if cause else [])
    step = next(step for step in diagnosis.steps if step.step == "signature")
    assert step.verdict == ("fail" if changed else "pass")


@pytest.mark.asyncio
async def test_a_policy_whose_metadata_cannot_be_fetched_says_why(issuer: Issuer) -> None:
    policy = (
        f'<policies><inbound><validate-jwt><openid-config url="https://login.microsoftonline.com{V2_METADATA}" />'
        "</validate-jwt></inbound></policies>"
    )

    def simulated(issuers: Mapping[str, IssuerDocuments]) -> Simulation:
        request = PolicyRequest(headers=(("Authorization", f"Bearer {signed('RS256', entra_claims())}"),))
        return simulate(request, Surroundings((Scope("api", parse(policy)),), issuers), NOW)

    answer = await simulate_online(simulated, issuer.cache)

    (failure,) = answer.failures
    (step,) = (step for step in answer.simulation.steps if step.check == "signature")
    assert str(step.verdict) == "unknown"
    assert "404" in step.detail
    assert "404" in str(failure)
