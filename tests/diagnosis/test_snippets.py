"""Every snippet, for a token of every issuer: well formed, with the right endpoints, and without the token."""

from __future__ import annotations

import ast
import json
import shlex
import shutil
import subprocess
from typing import Any

import pytest
from lxml import etree

from claimlens import jose
from claimlens.apim.parser import parse
from claimlens.apim.simulator import IssuerDocuments, Outcome, Scope, Surroundings, simulate
from claimlens.diagnosis.snippets import Snippet, targets, write
from claimlens.entra import metadata_location
from claimlens.jose.verification_keys import read_key_set
from claimlens.rules.engine import check
from claimlens.services.simulation import request_with
from claimlens.settings import Settings
from claimlens.text.snapshot import Snapshot
from tests.support.keys import jwk, signed
from tests.support.snippets import API, CLAIMS, CLIENT, NOW, TENANT
from tests.support.tokens import compact, make_encrypted_token

POLICIES = ("apim-validate-jwt", "apim-validate-azure-ad-token")
ENTRA = [name for name in CLAIMS if name.startswith("entra")]
PREFERRED = [(POLICIES[0], name) for name in ENTRA]
"""The one hint that is right: for tokens of Entra ID there is a policy of their own, which the user did not ask for."""
POLICY_CASES = [(POLICIES[0], name) for name in CLAIMS] + [(POLICIES[1], name) for name in ENTRA]


def snippet(target: str, claims: dict[str, Any] | str, **header: Any) -> Snippet:
    found = CLAIMS[claims] if isinstance(claims, str) else claims
    return write(jose.decode(compact(found, {"alg": "RS256", "typ": "JWT", "kid": "one", **header})), target, NOW)


def text(target: str, claims: dict[str, Any] | str) -> str:
    written = snippet(target, claims)
    assert not written.refusal
    return written.text


def policy(element: str) -> str:
    inbound = element.replace("\n", "\n        ").rstrip()
    return (
        "<policies>\n    <inbound>\n        <base />\n        "
        + inbound
        + "\n    </inbound>\n    <backend>\n        <base />\n    </backend>\n    <outbound>\n        <base />\n"
        + "    </outbound>\n    <on-error>\n        <base />\n    </on-error>\n</policies>\n"
    )


@pytest.mark.parametrize("issuer", CLAIMS)
@pytest.mark.parametrize("target", targets())
def test_every_target_writes_something_or_says_why_not(target: str, issuer: str) -> None:
    written = snippet(target, issuer)

    assert bool(written.text) != bool(written.refusal)
    assert compact(CLAIMS[issuer]).split(".")[1] not in written.text


@pytest.mark.parametrize("issuer", CLAIMS)
class TestWellFormed:
    def test_python(self, issuer: str) -> None:
        assert ast.parse(text("python-pyjwt", issuer))

    def test_json(self, issuer: str) -> None:
        assert json.loads(text("easyauth", issuer))["globalValidation"]["requireAuthentication"]

    def test_xml(self, issuer: str) -> None:
        root = etree.fromstring(text("apim-validate-jwt", issuer))

        assert root.find("openid-config").get("url").startswith("https://")

    def test_shell(self, issuer: str) -> None:
        assert shlex.split(text("curl", issuer), comments=True)
        bash = shutil.which("bash")
        if bash is None:
            pytest.skip("needs bash")
        assert subprocess.run([bash, "-n"], input=text("curl", issuer).encode(), capture_output=True).stderr == b""

    def test_kql_has_no_empty_line_inside_a_query_and_balanced_brackets(self, issuer: str) -> None:
        for query in text("kql", issuer).split("\n\n"):
            assert query.startswith("//")
            assert query.count("(") == query.count(")")
            statement = [line for line in query.splitlines() if not line.startswith(("//", "let "))]
            assert all(line.startswith(("| ", "    ", "union ", "ApiManagement")) for line in statement)


@pytest.mark.parametrize(("target", "issuer"), POLICY_CASES)
class TestPolicies:
    def test_nothing_is_found_in_it(self, target: str, issuer: str) -> None:
        result = check(Snapshot.of(policy(text(target, issuer)), "file:///policy.xml"), Settings(), NOW)

        assert not result.failures
        chosen = {"apim-prefer-aad-policy"} if (target, issuer) in PREFERRED else set()
        assert {found.code for found in result.findings} == chosen

    def test_it_lets_its_own_token_pass_and_refuses_another_audience(self, target: str, issuer: str) -> None:
        claims = CLAIMS[issuer]
        document = parse(policy(text(target, issuer)))
        expected = metadata_location(claims["iss"], claims).expected_issuers
        documents = {"": IssuerDocuments(expected[0] if expected else claims["iss"], read_key_set([jwk("RS256")]))}
        surroundings = Surroundings((Scope("api", document),), documents)

        def answer(payload: dict[str, Any]) -> Any:
            return simulate(request_with(signed("RS256", payload), document), surroundings, NOW)

        passed, refused = answer(claims), answer({**claims, "aud": "https://another.example"})
        assert passed.outcome is Outcome.PASS, passed.steps
        assert refused.outcome is Outcome.FAIL
        assert refused.error.reason == "TokenAudienceNotAllowed"


class TestEndpoints:
    @pytest.mark.parametrize(
        ("issuer", "base"),
        [
            ("entra-v2", f"https://login.microsoftonline.com/{TENANT}"),
            ("entra-v1", f"https://login.microsoftonline.com/{TENANT}"),
            ("entra-usgov", f"https://login.microsoftonline.us/{TENANT}"),
            ("entra-china", f"https://login.partner.microsoftonline.cn/{TENANT}"),
            ("b2c", f"https://contoso.b2clogin.com/{TENANT}/b2c_1_signin"),
            ("ciam", f"https://contoso.ciamlogin.com/{TENANT}"),
        ],
    )
    def test_the_endpoints_are_those_of_the_cloud_and_the_product(self, issuer: str, base: str) -> None:
        for target in ("curl", "http"):
            written = text(target, issuer)
            assert f"{base}/oauth2/v2.0/token" in written
            assert f"{base}/oauth2/v2.0/authorize" in written

    def test_b2c_has_no_device_code_and_no_on_behalf_of(self) -> None:
        assert "jwt-bearer" not in text("curl", "b2c")
        assert "devicecode" not in text("http", "b2c")

    def test_b2c_asks_by_the_app_id_uri_of_its_tenant(self) -> None:
        assert f"https://contoso.onmicrosoft.com/{API}/.default" in text("curl", "b2c")

    @pytest.mark.parametrize(
        ("issuer", "cloud"), [("entra-usgov", "AzureUSGovernment"), ("entra-china", "AzureChinaCloud")]
    )
    def test_azure_command_lines_are_told_a_sovereign_cloud(self, issuer: str, cloud: str) -> None:
        assert f"az cloud set --name '{cloud}'" in text("az", issuer)
        assert f"-Environment '{cloud}'" in text("powershell", issuer)
        assert "cloud set" not in text("az", "entra-v2")

    def test_the_slash_of_an_audience_stays_before_the_default_scope(self) -> None:
        claims = {**CLAIMS["entra-v1"], "aud": "https://management.azure.com/"}

        assert "--scope 'https://management.azure.com//.default'" in text("az", claims)

    def test_nobody_is_told_to_act_as_an_application_of_microsoft(self) -> None:
        written = text("curl", {**CLAIMS["entra-v1"], "appid": "04b07795-8ddb-461a-bbee-02f9e1bf7b46"})

        assert "\nclient_id='your-client-id'\n" in written

    def test_an_issuer_that_is_not_of_microsoft_is_asked_for_its_endpoints(self) -> None:
        assert "https://issuer.example/.well-known/openid-configuration" in text("curl", "oidc")


class TestContents:
    def test_both_forms_of_an_application_id_are_accepted(self) -> None:
        for issuer in ("entra-v1", "entra-v2"):
            assert f'"{API}"' in text("node-jose", issuer)
            assert f'"api://{API}"' in text("node-jose", issuer)

    def test_the_very_sign_in_is_looked_for(self) -> None:
        written = text("kql", "entra-v2")

        assert '"AQAAAAAAAAAAAAAAAAAAAA"' in written
        assert f'AppId == "{CLIENT}"' in written
        assert 'todatetime("2026-03-02T07:45:00Z")' in written
        assert "UniqueTokenIdentifier == identifier" in written

    def test_scopes_in_a_list_are_read_as_a_list(self) -> None:
        written = text("go", {**CLAIMS["oidc"], "scp": ["orders.read"]})

        assert 'Scopes []string `json:"scp"`' in written
        assert "strings" not in written.replace("[]string", "")


class TestRefusals:
    def test_a_token_that_only_its_resource_can_check(self) -> None:
        assert "nonce" in snippet("node-jose", "entra-v1", nonce="x").refusal

    def test_a_shared_secret(self) -> None:
        assert "shared secret" in snippet("dotnet", "oidc", alg="HS256").refusal

    def test_an_encrypted_token(self) -> None:
        token = jose.decode(make_encrypted_token({"alg": "RSA-OAEP", "enc": "A256GCM"}))

        assert all(write(token, target, NOW).refusal for target in targets())

    def test_no_audience_is_no_validation(self) -> None:
        claims = {name: value for name, value in CLAIMS["entra-v2"].items() if name != "aud"}

        assert "audience" in snippet("go", claims).refusal

    def test_azure_command_lines_know_entra_alone(self) -> None:
        assert "curl" in snippet("az", "b2c").refusal
        assert "validate-jwt" in snippet("apim-validate-azure-ad-token", "ciam").refusal


def test_every_target_names_its_source() -> None:
    assert all(target.source.startswith("https://") for target in targets().values())
