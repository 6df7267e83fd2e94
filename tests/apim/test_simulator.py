"""Every row of the error table and every attribute of the JWT policies, both ways."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from claimlens.apim.parser import parse
from claimlens.apim.simulator import (
    IssuerDocuments,
    Outcome,
    Request,
    Scope,
    StepVerdict,
    Surroundings,
    simulate,
)
from claimlens.jose.verification_keys import read_key_set
from tests.support.keys import base64url, forged, jwk, private_key, signed
from tests.support.simulator import (
    CLAIMS,
    DOCUMENTS,
    ISSUER,
    NOW,
    SECONDS,
    TENANT,
    URL,
    answer,
    bearer,
    jwt,
    run,
    token,
)

REFUSED = [
    ("no token", jwt(), Request(), "TokenNotPresent", "JWT not present."),
    ("no JWT", jwt(), bearer("opaque"), "JwtInvalid", "IDX12741"),
    ("changed", jwt(), bearer(token()[:-8] + "AAAAAAAA"), "TokenSignatureInvalid", "IDX10511"),
    ("unsigned", jwt(), bearer(forged({"alg": "none"}, CLAIMS, b"")), "TokenSignatureInvalid", "IDX10504"),
    (
        "other key", jwt(), bearer(signed("RS256", CLAIMS, key=private_key("RSA-other"), kid="two")),
        "TokenSignatureKeyNotFound", "IDX10503",
    ),
    ("no key", "<validate-jwt />", bearer(token()), "TokenSignatureKeyNotFound", "IDX10500"),
    ("no signature", jwt(), bearer(token().rpartition(".")[0] + "."), "TokenSignatureInvalid", "IDX10504"),
    ("upside down", jwt(), bearer(token(nbf=SECONDS + 700)), "JwtInvalid", "IDX10224"),
    ("expired", jwt(), bearer(token(exp=SECONDS - 1)), "TokenExpired", "IDX10223"),
    ("no expiry", jwt(), bearer(token(exp=None)), "JwtInvalid", "IDX10225"),
    ("not yet valid", jwt(), bearer(token(nbf=SECONDS + 1)), "JwtInvalid", "IDX10222"),
    (
        "audience", jwt("<audiences><audience>api://other</audience></audiences>"), bearer(token()),
        "TokenAudienceNotAllowed", "IDX10214",
    ),
    ("issuer", jwt(), bearer(token(iss=ISSUER + "/")), "TokenIssuerNotAllowed", "IDX10205"),
    ("no issuer", jwt(), bearer(token(iss=None)), "TokenIssuerNotAllowed", "IDX10211"),
    (
        "claim absent", jwt('<required-claims><claim name="groups"/></required-claims>'), bearer(token()),
        "TokenClaimNotFound", "missing the following claims: groups",
    ),
    (
        "claim value", jwt('<required-claims><claim name="ver"><value>1.0</value></claim></required-claims>'),
        bearer(token()), "TokenClaimValueNotAllowed", "Claim ver value of 2.0 is not allowed",
    ),
    ("no header", '<check-header name="X-A"><value>1</value></check-header>', Request(), "HeaderNotFound", "X-A"),
    (
        "header value", '<check-header name="X-A"><value>1</value></check-header>', Request(headers=(("x-a", "2"),)),
        "HeaderValueNotAllowed", "2",
    ),
    (
        "address not allowed", '<ip-filter action="allow"><address>10.0.0.1</address></ip-filter>',
        Request(client_address="10.0.0.2"), "CallerIpNotAllowed", "10.0.0.2",
    ),
    (
        "address blocked", '<ip-filter action="forbid"><address-range from="10.0.0.1" to="10.0.0.9"/></ip-filter>',
        Request(client_address="10.0.0.2"), "CallerIpBlocked", "10.0.0.2",
    ),
    (
        "address unreadable", '<ip-filter action="allow"><address>10.0.0.1</address></ip-filter>',
        Request(client_address="somewhere"), "FailedToParseCallerIP", "IP address",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("policy", "request_", "reason", "words"), [each[1:] for each in REFUSED], ids=[each[0] for each in REFUSED]
)
def test_each_refusal_has_the_reason_that_the_service_gives(
    policy: str, request_: Request, reason: str, words: str
) -> None:
    simulation = run(policy, request_)

    assert answer(simulation) == ("fail", reason)
    assert simulation.error is not None
    assert words in simulation.error.message
    assert simulation.steps[-1].verdict is StepVerdict.FAIL
    assert (simulation.error.section, simulation.error.scope) == ("inbound", "api")
    assert simulation.error.path.endswith("[1]")


PASSING = [
    ("plain", jwt(), bearer(token())),
    ("audience with a slash", jwt("<audiences><audience>api://orders/</audience></audiences>"), bearer(token())),
    (
        "one of several audiences", jwt("<audiences><audience>a</audience><audience>api://orders</audience></audiences>"),
        bearer(token(aud=["x", "api://orders"])),
    ),
    ("listed issuer", jwt("<issuers><issuer>https://other/</issuer></issuers>"), bearer(token(iss="https://other/"))),
    ("exactly at the end", jwt(), bearer(token(exp=SECONDS))),
    ("skew", jwt(attributes='header-name="Authorization" clock-skew="60"'), bearer(token(exp=SECONDS - 60))),
    (
        "no expiry allowed", jwt(attributes='header-name="Authorization" require-expiration-time="false"'),
        bearer(token(exp=None)),
    ),
    (
        "unsigned allowed", jwt(attributes='header-name="Authorization" require-signed-tokens="false"'),
        bearer(forged({"alg": "none"}, CLAIMS, b"")),
    ),
    ("another header", jwt(attributes='header-name="X-Token"'), Request(headers=(("x-token", token()),))),
    ("query", jwt(attributes='query-parameter-name="t"'), Request(url=f"https://gateway.example/?t={token()}")),
    ("token value", jwt(attributes='token-value="@(context.Request.Headers.GetValueOrDefault("X-T",""))"'),
     Request(headers=(("X-T", token()),))),
    ("scheme", jwt(attributes='header-name="Authorization" require-scheme="Bearer"'), bearer(token())),
    ("presence", jwt('<required-claims><claim name="roles"/></required-claims>'), bearer(token())),
    ("all of an array", jwt('<required-claims><claim name="roles" match="all"><value>Admin</value><value>Reader</value>'
                            "</claim></required-claims>"), bearer(token())),
    ("any of an array", jwt('<required-claims><claim name="roles" match="any"><value>X</value><value>Reader</value>'
                            "</claim></required-claims>"), bearer(token())),
    ("separator", jwt('<required-claims><claim name="scp" separator=" "><value>read</value></claim></required-claims>'),
     bearer(token())),
    ("case of a header value", '<check-header name="X-A" ignore-case="true"><value>ABC</value></check-header>',
     Request(headers=(("X-A", "abc"),))),
    ("address in a range", '<ip-filter action="allow"><address-range from="10.0.0.1" to="10.0.0.9"/></ip-filter>',
     Request(client_address="10.0.0.5")),
]  # fmt: skip


@pytest.mark.parametrize(("policy", "request_"), [each[1:] for each in PASSING], ids=[each[0] for each in PASSING])
def test_what_the_policy_accepts_passes(policy: str, request_: Request) -> None:
    simulation = run(policy, request_)

    assert answer(simulation) == ("pass", None)
    assert simulation.status == 200


NOT_QUITE = [
    ("case of an audience", jwt("<audiences><audience>API://orders</audience></audiences>"), "TokenAudienceNotAllowed"),
    ("two slashes", jwt("<audiences><audience>api://orders//</audience></audiences>"), "TokenAudienceNotAllowed"),
    ("all, one missing", jwt('<required-claims><claim name="roles" match="all"><value>Admin</value><value>X</value>'
                             "</claim></required-claims>"), "TokenClaimValueNotAllowed"),
    ("no separator", jwt('<required-claims><claim name="scp"><value>read</value></claim></required-claims>'),
     "TokenClaimValueNotAllowed"),
    ("second claim", jwt('<required-claims><claim name="ver"><value>2.0</value></claim><claim name="x"/>'
                         "</required-claims>"), "TokenClaimNotFound"),
    ("scheme", jwt(attributes='header-name="Authorization" require-scheme="DPoP"'), "TokenNotPresent"),
]  # fmt: skip


@pytest.mark.parametrize(("policy", "reason"), [each[1:] for each in NOT_QUITE], ids=[each[0] for each in NOT_QUITE])
def test_near_misses_fail(policy: str, reason: str) -> None:
    assert answer(run(policy, bearer(token()))) == ("fail", reason)


def test_status_and_message_of_the_policy_are_what_the_caller_sees() -> None:
    attributes = 'header-name="Authorization" failed-validation-httpcode="403" failed-validation-error-message="No."'

    simulation = run(jwt(attributes=attributes), Request())

    assert (simulation.status, simulation.body) == (403, '{"statusCode": 403, "message": "No."}')
    assert simulation.error is not None
    assert simulation.error.message == "JWT not present."


def test_without_keys_the_signature_is_open_and_the_rest_is_judged() -> None:
    passing = run(jwt(), bearer(token()), issuers={URL: IssuerDocuments(ISSUER)})
    failing = run(jwt(), bearer(token(exp=SECONDS - 1)), issuers={URL: IssuerDocuments(ISSUER)})

    assert answer(passing) == ("undetermined", None)
    assert [step.check for step in passing.steps if step.verdict is StepVerdict.UNKNOWN] == ["signature"]
    assert answer(failing) == ("fail", "TokenExpired")


def test_inline_keys() -> None:
    secret = base64.b64encode(b"a secret of thirty-two characters!").decode()
    numbers = private_key("RS256").public_key().public_numbers()
    modulus = base64url(numbers.n.to_bytes(256, "big"))
    keys = '<validate-jwt header-name="Authorization"><issuer-signing-keys>{}</issuer-signing-keys></validate-jwt>'
    symmetric = signed("HS256", CLAIMS, key=b"a secret of thirty-two characters!")

    assert answer(run(keys.format(f"<key>{secret}</key>"), bearer(symmetric))) == ("pass", None)
    assert answer(run(keys.format("<key>AAAA</key>"), bearer(symmetric)))[0] == "fail"
    assert answer(run(keys.format(f'<key n="{modulus}" e="AQAB" />'), bearer(token()))) == ("pass", None)
    assert answer(run(keys.format(f'<key id="one" n="{modulus}" e="AQAB" />'), bearer(token()))) == ("pass", None)
    assert answer(run(keys.format('<key certificate-id="c" />'), bearer(token())))[0] == "undetermined"
    named = run(keys.format("<key>{{secret}}</key>"), bearer(symmetric), named_values={"secret": secret})
    assert answer(named) == ("pass", None)
    assert secret not in repr(named)
    assert answer(run(keys.format("<key>{{secret}}</key>"), bearer(symmetric)))[0] == "undetermined"


OTHER = "99999999-7a42-4b0e-9c6d-2e8f5a1b7c30"


def entra(content: str = "", tenant: str = TENANT) -> str:
    return f'<validate-azure-ad-token tenant-id="{tenant}">{content}</validate-azure-ad-token>'


ENTRA_DOCUMENTS = {"": IssuerDocuments(ISSUER, read_key_set([jwk("RS256")]))}


@pytest.mark.parametrize(
    ("policy", "claims", "expected"),
    [
        (entra(), {}, "pass"),
        (entra(tenant=f"https://login.microsoftonline.com/{TENANT}"), {}, "pass"),
        (entra(tenant="organizations"), {"tid": OTHER, "iss": f"https://sts.windows.net/{OTHER}/"}, "pass"),
        (entra(tenant="organizations"), {"tid": OTHER}, "fail"),
        (entra(), {"iss": f"https://sts.windows.net/{TENANT}/"}, "pass"),
        (entra(), {"iss": f"https://contoso.b2clogin.com/{TENANT}/v2.0/"}, "fail"),
        (entra(tenant="common"), {}, "pass"),
        (entra(), {"tid": "another"}, "fail"),
        (entra(tenant="contoso.onmicrosoft.com"), {}, "undetermined"),
        (entra("<client-application-ids><application-id>client</application-id></client-application-ids>"), {}, "pass"),
        (entra("<client-application-ids><application-id>other</application-id></client-application-ids>"), {}, "fail"),
        (
            entra("<client-application-ids><application-id>old</application-id></client-application-ids>"),
            {"azp": None, "appid": "old"},
            "pass",
        ),
        (
            entra("<backend-application-ids><application-id>orders</application-id></backend-application-ids>"),
            {},
            "pass",
        ),
        (entra("<audiences><audience>api://orders</audience></audiences>"), {}, "pass"),
        (entra("<audiences><audience>x</audience></audiences>"), {}, "fail"),
        (
            entra("<backend-application-ids><application-id>bills</application-id></backend-application-ids>"),
            {},
            "fail",
        ),
        (entra('<required-claims><claim name="ver"><value>2.0</value></claim></required-claims>'), {}, "pass"),
        (entra('<required-claims><claim name="ver"><value>1.0</value></claim></required-claims>'), {}, "fail"),
    ],
)
def test_validate_azure_ad_token(policy: str, claims: dict[str, Any], expected: str) -> None:
    assert str(run(policy, bearer(token(**claims)), issuers=ENTRA_DOCUMENTS).outcome) == expected


@pytest.mark.parametrize(
    ("attributes", "request_", "expected"),
    [
        ('header-name="X-T"', Request(headers=(("X-T", token()),)), ("pass", None)),
        ('header-name="X-T"', bearer(token()), ("fail", "TokenNotPresent")),
        ('query-parameter-name="t"', Request(url=f"https://gateway.example/?t={token()}"), ("pass", None)),
        ('token-value="@(context.Request.Headers.GetValueOrDefault("X-T",""))"', Request(headers=(("X-T", token()),)),
         ("pass", None)),
        ('failed-validation-httpcode="403"', Request(), ("fail", "TokenNotPresent")),
        ("", bearer(token(exp=SECONDS - 1)), ("fail", "TokenExpired")),
        ("", bearer(signed("RS256", CLAIMS, key=private_key("RSA-other"))), ("fail", "TokenSignatureInvalid")),
    ],
)  # fmt: skip
def test_validate_azure_ad_token_looks_where_validate_jwt_does(
    attributes: str, request_: Request, expected: tuple[str, str | None]
) -> None:
    policy = f'<validate-azure-ad-token tenant-id="{TENANT}" {attributes} />'

    assert answer(run(policy, request_, issuers=ENTRA_DOCUMENTS)) == expected


@pytest.mark.parametrize(
    ("certificate", "expected"),
    [
        (None, ("undetermined", None)),
        ({}, ("fail", "ClientCertificateNotFound")),
        ({"thumbprint": "AB"}, ("undetermined", None)),
        ({"thumbprint": "CD"}, ("fail", "ClientCertificateIdentityNotMatched")),
    ],
)
def test_client_certificates(certificate: dict[str, str] | None, expected: tuple[str, str | None]) -> None:
    policy = (
        '<validate-client-certificate><identities><identity thumbprint="ab" /></identities>'
        "</validate-client-certificate>"
    )

    assert answer(run(policy, Request(certificate=certificate))) == expected


def test_a_managed_identity_above_the_check_takes_the_token_away() -> None:
    simulation = run('<authentication-managed-identity resource="https://x" />' + jwt(), bearer(token()))

    assert answer(simulation) == ("undetermined", None)
    assert "managed identity" in simulation.steps[0].detail
    assert "managed identity" in simulation.steps[1].detail


def test_into_a_variable_the_identity_does_no_harm() -> None:
    policy = '<authentication-managed-identity resource="x" output-token-variable-name="t" />' + jwt()

    assert answer(run(policy, bearer(token()))) == ("pass", None)


CHOOSE = (
    '<choose><when condition="@(context.Request.Headers.GetValueOrDefault("X-Key","") == "k")">'
    '<return-response><set-status code="200" /></return-response></when><otherwise>{}</otherwise></choose>'
)


def test_conditions_that_can_be_decided_are() -> None:
    by_key = run(CHOOSE.format(jwt()), Request(headers=(("X-Key", "k"),)))
    by_token = run(CHOOSE.format(jwt()), bearer(token()))
    neither = run(CHOOSE.format(jwt()), Request())

    assert (by_key.outcome, by_key.status) == (Outcome.PASS, 200)
    assert answer(by_token) == ("pass", None)
    assert answer(neither) == ("fail", "TokenNotPresent")


def test_a_condition_that_cannot_be_decided_leaves_it_open() -> None:
    policy = f'<choose><when condition="@(context.Product.Name == "x")">{jwt()}</when></choose>'

    assert answer(run(policy, bearer(token())))[0] == "undetermined"


def test_the_token_of_a_check_can_be_looked_at_later() -> None:
    policy = jwt(attributes='header-name="Authorization" output-token-variable-name="jwt"') + (
        '<choose><when condition="@(((Jwt)context.Variables["jwt"]).Claims["roles"].Contains("Admin"))">'
        '<return-response><set-status code="204" /></return-response></when></choose>'
    )

    assert run(policy, bearer(token())).status == 204


def test_outer_scopes_run_where_base_stands() -> None:
    inner = parse("<policies><inbound><base /></inbound></policies>")
    outer = parse(f"<policies><inbound>{jwt()}</inbound></policies>")
    around = Surroundings((Scope("operation", inner), Scope("api", outer, "api/policy.xml")), DOCUMENTS)

    simulation = simulate(Request(), around, NOW)

    assert answer(simulation) == ("fail", "TokenNotPresent")
    assert simulation.steps[-1].path == "api/policy.xml"
    assert simulation.error is not None
    assert simulation.error.scope == "api"


def test_sections_without_a_root_are_run_like_those_with_one() -> None:
    snippet = parse(f"<outbound><return-response /></outbound><inbound>{jwt()}</inbound>")
    around = Surroundings((Scope("api", snippet),), DOCUMENTS)

    assert answer(simulate(Request(), around, NOW)) == ("fail", "TokenNotPresent")
    assert answer(simulate(bearer(token()), around, NOW))[0] == "pass"


def test_fragments_are_run_and_one_that_includes_itself_does_not_hang() -> None:
    fragment = Scope("fragment", parse(f"<fragment>{jwt()}</fragment>"), "a.xml")
    circle = Scope("fragment", parse('<fragment><include-fragment fragment-id="b" /></fragment>'))
    include = '<include-fragment fragment-id="{}" />'

    inside = run(include.format("a"), Request(), fragments={"a": fragment})
    assert answer(inside) == ("fail", "TokenNotPresent")
    assert (inside.steps[-1].path, inside.error.path if inside.error else "") == ("a.xml", "validate-jwt[1]")
    assert answer(run(include.format("b"), Request(), fragments={"b": circle}))[0] == "undetermined"
    assert answer(run(include.format("c"), Request()))[0] == "undetermined"


def test_on_error_answers_in_the_place_of_the_policy() -> None:
    text = f"""<policies><inbound>{jwt()}</inbound><on-error>
        <choose><when condition="@(true)"><base /></when></choose>
        <return-response><set-status code="418" /><set-body>@(context.LastError.Reason)</set-body></return-response>
    </on-error></policies>"""

    simulation = simulate(Request(), Surroundings((Scope("api", parse(text)),), DOCUMENTS), NOW)

    assert (simulation.status, simulation.body) == (418, "TokenNotPresent")


def test_the_policy_id_and_path_name_the_place() -> None:
    guard = jwt(attributes='header-name="Authorization" id="guard"')
    policy = f'<choose><when condition="@(true)">{guard}</when></choose>'

    error = run(policy, Request()).error

    assert error is not None
    assert (error.policy_id, error.path) == ("guard", "choose[1]/when[1]/validate-jwt[1]")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ("pass", None)),
        ("text", ("pass", None)),
        ("<", ("undetermined", None)),
        ("<policies>", ("undetermined", None)),
        ("<policies><inbound></outbound></policies>", ("undetermined", None)),
        ("<validate-jwt", ("fail", "TokenSignatureKeyNotFound")),
        ("<policies><inbound><validate-jwt>", ("fail", "TokenSignatureKeyNotFound")),
    ],
)
def test_of_broken_policies_what_can_be_read_is_judged(text: str, expected: tuple[str, str | None]) -> None:
    simulation = simulate(bearer(token()), Surroundings((Scope("api", parse(text)),)), NOW)

    is_broken = text.startswith("<")
    assert answer(simulation) == expected
    assert [step.verdict for step in simulation.steps if step.check == "syntax"] == [StepVerdict.UNKNOWN] * is_broken


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        (Request(), '{"statusCode": 401, "message": "JWT not present."}'),
        (bearer("nonsense"), '{"statusCode": 401, "message": "Invalid JWT."}'),
        (bearer(token(aud="other")), '{"statusCode": 401, "message": "Invalid JWT."}'),
    ],
)
def test_the_caller_does_not_learn_the_details(request_: Request, body: str) -> None:
    simulation = run(jwt("<audiences><audience>api://orders</audience></audiences>"), request_)

    assert (simulation.status, simulation.body) == (401, body)


@pytest.mark.parametrize(
    ("issuer", "expected"),
    [
        (ISSUER, ("undetermined", None)),
        (f"https://sts.windows.net/{TENANT}/", ("fail", "TokenIssuerNotAllowed")),
        (ISSUER.replace("3f1c", "4f1c"), ("fail", "TokenIssuerNotAllowed")),
    ],
)
def test_the_issuer_of_entra_id_follows_from_the_address_of_its_metadata(
    issuer: str, expected: tuple[str, str | None]
) -> None:
    assert answer(run(jwt(), bearer(token(iss=issuer)), issuers={})) == expected


def test_a_token_that_only_its_own_service_can_verify_fails_by_its_signature() -> None:
    for_graph = forged({"alg": "RS256", "kid": "k", "nonce": "n"}, {**CLAIMS, "aud": "https://graph.microsoft.com"})

    simulation = run(jwt(), bearer(for_graph), issuers={})

    assert answer(simulation) == ("fail", "TokenSignatureInvalid")
    assert simulation.unfetched == ()
