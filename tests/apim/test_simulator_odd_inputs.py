"""What people really send and write: odd requests, odd policies, and values that only the service knows."""

from __future__ import annotations

import time
from typing import Any

import pytest

from claimlens.apim.parser import parse
from claimlens.apim.simulator import IssuerDocuments, Request, Scope, StepVerdict, Surroundings, simulate
from claimlens.apim.simulator.report import headline
from claimlens.jose.verification_keys import read_key_set
from tests.support.keys import base64url, forged, jwk, private_key, signed
from tests.support.simulator import CLAIMS, DOCUMENTS, ISSUER, NOW, SECONDS, URL, answer, bearer, jwt, run, token

AUTHORIZATION = 'header-name="Authorization"'


def headers(*pairs: tuple[str, str]) -> Request:
    return Request(headers=pairs)


# Where the token comes from


def test_two_authorization_headers_are_seen_as_one() -> None:
    simulation = run(jwt(), headers(("Authorization", f"Bearer {token()}"), ("authorization", "Basic eA==")))

    assert answer(simulation) == ("fail", "JwtInvalid")
    assert "2 Authorization headers" in simulation.steps[-1].detail


@pytest.mark.parametrize("scheme", ["bearer", "BEARER", "Bearer"])
def test_the_case_of_the_scheme_does_not_matter(scheme: str) -> None:
    simulation = run(
        jwt(attributes=f'{AUTHORIZATION} require-scheme="Bearer"'), headers(("Authorization", f"{scheme} {token()}"))
    )

    assert answer(simulation) == ("pass", None)
    assert [step.reading for step in simulation.steps if step.check == "require-scheme"] == [scheme != "Bearer"]


@pytest.mark.parametrize(
    ("attributes", "request_", "expected"),
    [
        (AUTHORIZATION, headers(("Authorization", token())), ("pass", None)),
        (AUTHORIZATION, headers(("Authorization", "Bearer")), ("fail", "JwtInvalid")),
        (AUTHORIZATION, headers(("Authorization", "")), ("fail", "TokenNotPresent")),
        (AUTHORIZATION, headers(("Authorization", "Basic dTpw")), ("fail", "JwtInvalid")),
        (f'{AUTHORIZATION} require-scheme="Bearer"', headers(("Authorization", token())), ("fail", "TokenNotPresent")),
        ('header-name="X-Token"', headers(("X-Token", f"Bearer {token()}")), ("fail", "JwtInvalid")),
        ('header-name="X-Token" require-scheme="Bearer"', headers(("X-Token", token())), ("pass", None)),
        ('header-name="authorization"', bearer(token()), ("pass", None)),
        ('query-parameter-name="t"', Request(url="https://gateway.example/?t="), ("fail", "TokenNotPresent")),
        ('query-parameter-name="t"', bearer(token()), ("fail", "TokenNotPresent")),
        ('token-value="@(context.Request.Headers.GetValueOrDefault("Authorization","").Split(\' \').Last())"',
         bearer(token()), ("pass", None)),
        ('token-value="@(context.Request.Headers["Authorization"].First().Substring("Bearer ".Length))"',
         bearer(token()), ("pass", None)),
        ('token-value="@(context.Request.Headers.GetValueOrDefault("Authorization",""))"', bearer(token()),
         ("fail", "JwtInvalid")),
        ('token-value="@(context.Request.Headers.GetValueOrDefault("X-None",""))"', bearer(token()),
         ("fail", "TokenNotPresent")),
        ('token-value="@((string)context.Variables["t"])"', bearer(token()), ("undetermined", None)),
        ('token-value="{{token}}"', bearer(token()), ("undetermined", None)),
    ],
)  # fmt: skip
def test_the_policy_looks_where_it_says(attributes: str, request_: Request, expected: tuple[str, str | None]) -> None:
    assert answer(run(jwt(attributes=attributes), request_)) == expected


ENCRYPTED = ".".join([base64url(b'{"alg":"RSA-OAEP","enc":"A256GCM"}'), "AAAA", "AAAA", "AAAA", "AAAA"])


def test_an_encrypted_token_needs_a_key_of_the_policy() -> None:
    without = run(jwt(), bearer(ENCRYPTED))
    with_key = run(jwt('<decryption-keys><key certificate-id="c" /></decryption-keys>'), bearer(ENCRYPTED))

    assert answer(without) == ("fail", "JwtInvalid")
    assert without.steps[-1].reading
    assert answer(with_key) == ("undetermined", None)


# Keys


def test_a_key_with_another_id_is_tried_where_none_has_the_token_s() -> None:
    numbers = private_key("RS256").public_key().public_numbers()
    inline = f'<key id="other" n="{base64url(numbers.n.to_bytes(256, "big"))}" e="AQAB" />'
    secret = "<key>c2VjcmV0</key>"
    policy = f"<validate-jwt {AUTHORIZATION}><issuer-signing-keys>{secret}{inline}</issuer-signing-keys></validate-jwt>"

    assert answer(run(policy, bearer(signed("RS256", CLAIMS, kid="unknown")))) == ("pass", None)
    assert answer(run(jwt(), bearer(signed("RS256", CLAIMS, kid="unknown")))) == ("pass", None)
    foreign = signed("RS256", CLAIMS, key=private_key("RSA-other"), kid="unknown")
    assert answer(run(policy, bearer(foreign))) == ("fail", "TokenSignatureKeyNotFound")


def test_what_cannot_be_verified_here_is_left_open() -> None:
    assert answer(run(jwt(), bearer(forged({"alg": "XS256", "kid": "one"}, CLAIMS))))[0] == "undetermined"


def test_several_metadata_documents_are_alternatives() -> None:
    other = "https://other.example/.well-known/openid-configuration"
    policy = (
        f'<validate-jwt {AUTHORIZATION}><openid-config url="{other}" /><openid-config url="{URL}" /></validate-jwt>'
    )
    documents = {**DOCUMENTS, other: IssuerDocuments("https://other.example/", read_key_set([jwk("ES256", "two")]))}

    assert answer(run(policy, bearer(token()), issuers=documents)) == ("pass", None)
    assert answer(run(policy, bearer(token(iss="https://other.example/")), issuers=documents)) == ("pass", None)
    assert answer(run(policy, bearer(token(iss="https://third.example/")), issuers=documents))[1] == (
        "TokenIssuerNotAllowed"
    )
    assert answer(run(policy, bearer(token()))) == ("pass", None)  # one of the two was enough
    assert answer(run(policy, bearer(token(iss="https://third.example/"))))[0] == "undetermined"


def test_listed_issuers_are_added_to_those_of_metadata() -> None:
    policy = jwt("<issuers><issuer>https://other/</issuer></issuers>")

    assert answer(run(policy, bearer(token()))) == ("pass", None)
    assert answer(run(policy, bearer(token(iss="https://other")))) == ("fail", "TokenIssuerNotAllowed")


def test_the_issuer_of_metadata_for_several_tenants() -> None:
    documents = {
        URL: IssuerDocuments("https://login.microsoftonline.com/{tenantid}/v2.0", read_key_set([jwk("RS256")]))
    }

    passing = run(jwt(), bearer(token()), issuers=documents)

    assert answer(passing) == ("pass", None)
    assert next(step for step in passing.steps if step.check == "issuer").reading
    assert answer(run(jwt(), bearer(token(tid="another")), issuers=documents)) == ("fail", "TokenIssuerNotAllowed")


# Times


@pytest.mark.parametrize(
    ("skew", "claims", "expected"),
    [
        ("172800", {"exp": SECONDS - 172_800, "nbf": None}, ("pass", None)),
        ("172800", {"exp": SECONDS - 172_801, "nbf": None}, ("fail", "TokenExpired")),
        ("60", {"nbf": SECONDS + 60}, ("pass", None)),
        ("60", {"nbf": SECONDS + 61}, ("fail", "JwtInvalid")),
        ("999999999999", {}, ("undetermined", None)),
        ("1e3", {}, ("undetermined", None)),
        ("-5", {}, ("undetermined", None)),
        ("{{skew}}", {"exp": SECONDS - 1}, ("undetermined", None)),
        ("0", {"exp": "soon"}, ("undetermined", None)),
        ("0", {"exp": 1e40}, ("undetermined", None)),
        ("0", {"exp": 253402300799}, ("pass", None)),
    ],
)
def test_clock_skew_and_odd_dates(skew: str, claims: dict[str, Any], expected: tuple[str, str | None]) -> None:
    simulation = run(jwt(attributes=f'{AUTHORIZATION} clock-skew="{skew}"'), bearer(token(**claims)))

    assert answer(simulation) == expected


def test_a_long_clock_skew_is_told_in_full() -> None:
    policy = jwt(attributes=f'{AUTHORIZATION} clock-skew="172800"')

    assert "clock-skew 172800 s" in run(policy, bearer(token(exp=SECONDS - 172_801, nbf=None))).steps[-1].detail


# Claims


def claim(content: str, attributes: str = "") -> str:
    return jwt(f'<required-claims><claim name="x" {attributes}>{content}</claim></required-claims>')


@pytest.mark.parametrize(
    ("policy", "value", "outcome", "reading"),
    [
        (claim("<value>b</value><value>z</value>", 'match="any" separator=","'), "a,b", "pass", False),
        (claim("<value>y</value><value>z</value>", 'match="any" separator=","'), "a,b", "fail", False),
        (claim("<value>a</value><value>b</value>", 'separator=","'), "b,a,c", "pass", False),
        (claim("<value>b</value>", 'separator=","'), "a, b", "fail", False),
        (claim("<value>12</value>"), 12, "pass", True),
        (claim("<value>12</value>"), 13, "fail", True),
        (claim("<value>true</value>"), True, "pass", True),
        (claim("<value>a</value>"), ["a", 1], "pass", True),
        (claim("<value>a</value>"), ["a", "b"], "pass", False),
        (claim("<value>A</value>"), "a", "fail", False),
        (claim("<value>a</value>"), {"a": "b"}, "fail", True),
        (claim(""), False, "pass", False),
        (claim(""), [], "pass", False),
        (claim("<value>{{v}}</value>"), "a", "undetermined", False),
        (claim("<value>a</value><value>{{v}}</value>", 'match="any"'), "a", "pass", False),
        (claim("<value>b</value><value>{{v}}</value>"), "a", "fail", False),
        (claim("<value>@(context.Request.Method)</value>"), "GET", "pass", False),
        (claim("<value>${scope}</value>"), "a", "undetermined", False),
    ],
)
def test_values_of_required_claims(policy: str, value: Any, outcome: str, reading: bool) -> None:
    simulation = run(policy, bearer(token(x=value)))

    assert str(simulation.outcome) == outcome
    assert simulation.steps[-1].reading == reading


def test_all_missing_claims_are_named_at_once() -> None:
    policy = jwt('<required-claims><claim name="a" /><claim name="ver" /><claim name="b" /></required-claims>')

    error = run(policy, bearer(token())).error

    assert error is not None
    assert error.message == "JWT token is missing the following claims: a, b. Access denied."


@pytest.mark.parametrize(
    ("audiences", "aud", "expected"),
    [
        ("<audiences />", "api://orders", ("fail", "TokenAudienceNotAllowed")),
        ("<audiences><audience>a</audience></audiences>", None, ("fail", "TokenAudienceNotAllowed")),
        ("<audiences><audience> api://orders </audience></audiences>", "api://orders", ("pass", None)),
        ("<audiences><audience>{{aud}}</audience></audiences>", "api://orders", ("undetermined", None)),
        ("<audiences><audience>{{known}}</audience></audiences>", "api://orders", ("pass", None)),
        ("<audiences><audience>${aud}</audience></audiences>", "api://orders", ("undetermined", None)),
        ("<audiences><audience>#{aud}#</audience></audiences>", "api://orders", ("undetermined", None)),
    ],
)  # fmt: skip
def test_audiences(audiences: str, aud: str | None, expected: tuple[str, str | None]) -> None:
    simulation = run(jwt(audiences), bearer(token(aud=aud)), named_values={"known": "api://orders"})

    assert answer(simulation) == expected


# Answers


@pytest.mark.parametrize(
    ("code", "status"), [("{{code}}", 403), ("{{none}}", None), ("@(402)", 402), ("²", None), ("x", None)]
)
def test_the_status_is_told_where_it_is_known(code: str, status: int | None) -> None:
    policy = jwt(attributes=f'{AUTHORIZATION} failed-validation-httpcode="{code}"')

    assert run(policy, Request(), named_values={"code": "403"}).status == status


@pytest.mark.parametrize("code", ["²", "9" * 5000, "{{none}}"])
def test_a_response_whose_status_is_not_known_leaves_the_outcome_open(code: str) -> None:
    policy = f'<return-response><set-status code="{code}" /></return-response>'

    assert answer(run(policy, Request())) == ("undetermined", None)


def test_a_mocked_response_ends_the_request() -> None:
    assert run(f'<mock-response status-code="202" />{jwt()}', Request()).status == 202


def on_error(text: str, status: int | None, body: str | None) -> None:
    policies = f"<policies><inbound>{jwt()}</inbound><on-error>{text}</on-error></policies>"
    simulation = simulate(Request(), Surroundings((Scope("api", parse(policies)),), DOCUMENTS), NOW)

    assert answer(simulation) == ("fail", "TokenNotPresent")
    assert (simulation.status, simulation.body) == (status, body)


def test_on_error_is_followed_through_its_conditions() -> None:
    answers = '<choose><when condition="@(context.LastError.Source == "{}")"><return-response><set-status code="418" />'
    answers += "<set-body>No.</set-body></return-response></when></choose>"

    on_error(answers.format("validate-jwt"), 418, "No.")
    on_error(answers.format("rate-limit"), 401, '{"statusCode": 401, "message": "JWT not present."}')
    on_error(
        '<choose><when condition="@(context.Product.Id == "x")"><set-body>a</set-body></when></choose>', None, None
    )


def test_on_error_is_that_of_the_policy_that_the_request_meets_first() -> None:
    inner = parse(
        "<policies><inbound><base /></inbound><on-error><base /><set-body>inner</set-body></on-error></policies>"
    )
    outer = parse(f'<policies><inbound>{jwt()}</inbound><on-error><set-status code="499" /></on-error></policies>')
    around = Surroundings((Scope("operation", inner), Scope("api", outer, "api.xml")), DOCUMENTS)

    simulation = simulate(Request(), around, NOW)

    assert (simulation.status, simulation.body) == (499, "inner")
    assert simulation.error is not None
    assert simulation.error.scope == "api"


# Variables, headers and conditions


def test_a_variable_keeps_what_an_expression_made() -> None:
    policy = (
        '<set-variable name="caller" '
        'value="@(context.Request.Headers.GetValueOrDefault("Authorization","").AsJwt())" />'
        '<set-variable name="is-admin" '
        'value="@(((Jwt)context.Variables["caller"])?.Claims["roles"].Contains("Admin"))" />'
        '<choose><when condition="@(context.Variables.GetValueOrDefault<bool>("is-admin"))">'
        '<return-response><set-status code="204" /></return-response></when></choose>'
    )

    assert run(policy, bearer(token())).status == 204
    assert run(policy, bearer(token(roles=["Reader"]))).status == 200


def test_nested_conditions_on_the_token() -> None:
    policy = (
        '<choose><when condition="@(context.Request.Headers.GetValueOrDefault("Authorization","").AsJwt() != null)">'
        '<choose><when condition="@(context.Request.Headers.GetValueOrDefault("Authorization","").AsJwt()'
        '.Claims.GetValueOrDefault("ver","") == "1.0")">{}</when><otherwise>{}</otherwise></choose></when>'
        '<otherwise><return-response><set-status code="403" /></return-response></otherwise></choose>'
    ).format(jwt("<audiences><audience>one</audience></audiences>"), jwt())

    assert answer(run(policy, bearer(token()))) == ("pass", None)
    assert answer(run(policy, bearer(token(ver="1.0")))) == ("fail", "TokenAudienceNotAllowed")
    assert run(policy, bearer("opaque")).status == 403


def test_the_output_variable_is_the_token_that_was_checked() -> None:
    policy = jwt(attributes=f'{AUTHORIZATION} output-token-variable-name="jwt"') + (
        '<check-header name="X-Client" failed-check-httpcode="403" failed-check-error-message="no" ignore-case="true">'
        '<value>@(((Jwt)context.Variables["jwt"]).Claims.GetValueOrDefault("azp",""))</value></check-header>'
    )

    matching = headers(("Authorization", f"Bearer {token()}"), ("X-Client", "CLIENT"))
    assert answer(run(policy, matching)) == ("pass", None)
    other = headers(("Authorization", f"Bearer {token()}"), ("X-Client", "other"))
    assert answer(run(policy, other)) == ("fail", "HeaderValueNotAllowed")


UNDECIDED = '<choose><when condition="@(context.Product.Name == "x")">{}</when></choose>'


@pytest.mark.parametrize(
    "before",
    [
        UNDECIDED.format('<set-variable name="v" value="b" />'),
        '<set-variable name="v" value="@(context.Product.Name)" />',
        '<send-request response-variable-name="v" mode="new" />',
        '<cache-lookup-value key="k" variable-name="v" />',
    ],
)
def test_a_variable_that_only_the_service_knows_decides_nothing(before: str) -> None:
    policy = f'<set-variable name="v" value="a" />{before}' + (
        '<choose><when condition="@(context.Variables.GetValueOrDefault("v","a") == "a")">{}</when></choose>'
    ).format('<return-response><set-status code="403" /></return-response>')

    assert answer(run(policy, Request())) == ("undetermined", None)


@pytest.mark.parametrize(
    "before",
    [
        UNDECIDED.format('<set-header name="Authorization"><value>Bearer x</value></set-header>'),
        '<set-header name="Authorization"><value>@(context.Product.Name)</value></set-header>',
        '<set-header name="authorization"><value>Bearer {{token}}</value></set-header>',
        '<authentication-basic username="u" password="p" />',
        '<authentication-managed-identity resource="https://x" />',
    ],
)
def test_a_token_that_only_the_service_knows_is_not_judged(before: str) -> None:
    assert answer(run(before + jwt(), bearer(token(exp=1)))) == ("undetermined", None)


def test_a_header_that_a_policy_sets_is_the_one_that_is_checked() -> None:
    policy = (
        '<set-header name="Authorization" exists-action="override"><value>@("Bearer " + '
        'context.Request.Headers.GetValueOrDefault("X-Forwarded-Token",""))</value></set-header>'
    )

    assert answer(run(policy + jwt(), headers(("X-Forwarded-Token", token())))) == ("pass", None)
    assert answer(run('<set-header name="Authorization" exists-action="delete" />' + jwt(), bearer(token())))[1] == (
        "TokenNotPresent"
    )
    skipped = '<set-header name="Authorization" exists-action="skip"><value>x</value></set-header>'
    untouched = run(skipped + jwt(), bearer(token()))
    assert answer(untouched) == ("pass", None)
    assert not any("replaced" in step.detail for step in untouched.steps)
    unknown = '<authentication-basic username="u" password="p" />'
    assert answer(run(unknown + '<set-header name="Authorization" exists-action="delete" />' + jwt(), Request())) == (
        ("fail", "TokenNotPresent")
    )
    assert answer(run(unknown + policy + jwt(), headers(("X-Forwarded-Token", token())))) == ("pass", None)


def test_a_branch_that_may_have_answered_leaves_a_later_refusal_open() -> None:
    maybe = UNDECIDED.format('<return-response><set-status code="200" /></return-response>')

    open_one = run(maybe + jwt(), Request())
    assert answer(open_one) == ("undetermined", "TokenNotPresent")
    assert headline(open_one).startswith(
        "A branch that is not decided may answer first; if not, the request is refused"
    )
    assert answer(run(UNDECIDED.format(jwt()) + jwt(), Request())) == ("fail", "TokenNotPresent")


@pytest.mark.parametrize("url", ["http://[::1", "", "nonsense", "http://x:port/?t=1"])
def test_a_url_that_cannot_be_read_decides_nothing_and_breaks_nothing(url: str) -> None:
    policy = '<choose><when condition="@(context.Request.Url.Path == "/a")"><return-response /></when></choose>'

    assert answer(run(policy + jwt(attributes='query-parameter-name="t"'), Request(url=url))) in (
        ("undetermined", "TokenNotPresent"),
        ("fail", "TokenNotPresent"),
        ("fail", "JwtInvalid"),
    )


def test_an_address_that_the_policy_writes_wrongly_is_not_the_caller_s_fault() -> None:
    policy = '<ip-filter action="allow"><address>10.0.0.300</address></ip-filter>'

    assert answer(run(policy, Request(client_address="10.0.0.2"))) == ("undetermined", None)


def test_a_policy_that_is_not_read_to_its_end_passes_nothing() -> None:
    deep = "<choose><otherwise>" * 300
    whole = parse(f"<policies><inbound>{deep}</inbound></policies>")

    simulation = simulate(bearer(token()), Surroundings((Scope("api", whole),)), NOW)

    assert answer(simulation) == ("undetermined", None)
    assert simulation.steps[0].verdict is StepVerdict.UNKNOWN


@pytest.mark.parametrize(
    "code",
    [
        "!" * 20_000 + "true",
        "-" * 20_000 + "1",
        "(" * 20_000,
        "(string)" * 20_000 + "x",
        "true?" * 20_000,
        "a." * 20_000,
    ],
)
def test_no_expression_exhausts_the_stack_or_patience(code: str) -> None:
    started = time.process_time()

    policy = f'<choose><when condition="@({code})"><return-response /></when></choose>'

    assert answer(run(policy, Request())) == ("undetermined", None)
    assert time.process_time() - started < 5


@pytest.mark.parametrize("code", ["{" * 20_000, "if(true)" * 20_000 + "return true;", "if(true){}else " * 20_000])
def test_no_statement_does_either(code: str) -> None:
    policy = f"<choose><when condition='@{{{code}}}'><return-response /></when></choose>"

    assert answer(run(policy, Request())) == ("undetermined", None)


def test_the_issuer_s_own_policy_reads_the_same() -> None:
    """The documents given without a URL serve every address that has none of its own."""
    everywhere = {"": IssuerDocuments(ISSUER, read_key_set([jwk("RS256")]))}

    assert answer(run(jwt(), bearer(token()), issuers=everywhere)) == ("pass", None)
