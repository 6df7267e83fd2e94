"""What a token is, told from its claims: one made-up token of each sort that people meet."""

import base64
import uuid
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from claimlens.entra import Flow, TokenKind, profile, request_id
from claimlens.jose import decode, scan
from tests.support.tokens import compact, token_of

NOW = datetime(2026, 1, 1, 12, tzinfo=UTC)
STAMP = int(NOW.timestamp())
TENANT = "775527ff-9a37-4307-8b3d-cc311f58d925"
OTHER = "fa15d692-e9c7-4460-a743-29f295222229"
USER = "5f1f7a2e-0000-4000-8000-000000000001"
API = "11111111-2222-4333-8444-555555555555"
CLIENT = "66666666-7777-4888-8999-aaaaaaaaaaaa"
V1, V2 = f"https://sts.windows.net/{TENANT}/", f"https://login.microsoftonline.com/{TENANT}/v2.0"
TIMES = {"iat": STAMP - 300, "nbf": STAMP - 300, "exp": STAMP + 3900}
V2_USER = {
    "aud": API,
    "iss": V2,
    "azp": CLIENT,
    "azpacr": "0",
    "name": "Ada",
    "oid": USER,
    "preferred_username": "ada@x.y",
    "scp": "Orders.Read Orders.Write",
    "sub": "pairwise",
    "tid": TENANT,
    "ver": "2.0",
    **TIMES,
}
V2_APP = {
    "aud": API,
    "iss": V2,
    "azp": CLIENT,
    "azpacr": "1",
    "oid": USER,
    "sub": USER,
    "tid": TENANT,
    "ver": "2.0",
    "roles": ["Orders.Read.All"],
    **TIMES,
}
V1_GRAPH = {
    "aud": "https://graph.microsoft.com",
    "iss": V1,
    "appid": "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
    "appidacr": "0",
    "scp": "User.Read Own.Thing",
    "tid": TENANT,
    "unique_name": "ada@x.y",
    "ver": "1.0",
    **TIMES,
}
V2_ID = {
    "aud": CLIENT,
    "iss": V2,
    "nonce": "n",
    "name": "Ada",
    "oid": USER,
    "sub": "s",
    "tid": TENANT,
    "ver": "2.0",
    **TIMES,
}
MANAGED = {
    "aud": "https://management.azure.com/",
    "iss": V1,
    "appid": CLIENT,
    "appidacr": "2",
    "idtyp": "app",
    "oid": USER,
    "xms_mirid": "/subscriptions/s/resourcegroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/job",
    "sub": USER,
    "tid": TENANT,
    "ver": "1.0",
    **TIMES,
}
B2C = f"https://contoso.b2clogin.com/{TENANT}/v2.0/"
ASSERTION = {
    "iss": CLIENT,
    "sub": CLIENT,
    "aud": f"https://login.microsoftonline.com/{TENANT}/oauth2/v2.0/token",
    **TIMES,
}
GITHUB = {
    "iss": "https://token.actions.githubusercontent.com",
    "aud": "api://AzureADTokenExchange",
    "sub": "repo:octo/app:ref:refs/heads/main",
    "repository": "octo/app",
    **TIMES,
}
POD = {"sub": "system:serviceaccount:default:web", "kubernetes.io": {"namespace": "default"}, **TIMES}
AKS = f"https://eastus.oic.prod-aks.azure.com/{TENANT}/{OTHER}/"
LOGOUT_EVENT = {"http://schemas.openid.net/event/backchannel-logout": {}}


def told(claims, header=None):
    return profile(token_of(claims, header), NOW)


@pytest.mark.parametrize(
    ("kind", "claims", "header"),
    [
        (TokenKind.ACCESS, V2_USER, None),
        (TokenKind.ACCESS, V2_APP, None),
        (TokenKind.ACCESS, V1_GRAPH, None),
        (TokenKind.ACCESS, {"iss": V1, "appid": CLIENT}, None),
        (TokenKind.ID, V2_ID, None),
        (TokenKind.ID, {"iss": V1, "aud": CLIENT, "upn": "ada@x.y"}, None),
        (TokenKind.MANAGED_IDENTITY, MANAGED, None),
        (TokenKind.ID, {"iss": B2C, "aud": CLIENT, "tfp": "B2C_1_si", "auth_time": STAMP, "nonce": "n"}, None),
        (
            TokenKind.ACCESS,
            {"iss": B2C, "aud": API, "tfp": "B2C_1_si", "azp": CLIENT, "scp": "read", "nonce": "n"},
            None,
        ),
        (TokenKind.CLIENT_ASSERTION, ASSERTION, {"alg": "PS256", "x5t#S256": "x"}),
        (TokenKind.CLIENT_ASSERTION, {"iss": "web", "sub": "web", "aud": ["https://idp.example/token"]}, None),
        (TokenKind.FEDERATED, GITHUB, None),
        (TokenKind.FEDERATED, {**POD, "iss": AKS, "aud": ["api://AzureADTokenExchange"]}, None),
        (
            TokenKind.FEDERATED,
            {"iss": V2, "aud": "fb60f99c-7a34-4190-8149-302f77469936", "sub": "/eid1/c/pub/t/x"},
            None,
        ),
        (TokenKind.SERVICE_ACCOUNT, {**POD, "iss": AKS, "aud": ["https://kubernetes.default.svc"]}, None),
        (TokenKind.SERVICE_ACCOUNT, {"iss": "kubernetes/serviceaccount", "sub": "system:serviceaccount:d:w"}, None),
        (TokenKind.SESSION, {"iss": "https://x.azurewebsites.net/", "aud": "https://x.azurewebsites.net/"}, None),
        (TokenKind.EXCHANGE_IDENTITY, {"iss": "00000002-0000-0ff1-ce00-000000000000@contoso.com", "appctx": {}}, None),
        (TokenKind.LOGOUT, {"iss": V2, "events": LOGOUT_EVENT, "sid": "s"}, None),
        (TokenKind.LOGOUT, {"iss": "https://idp.example"}, {"alg": "RS256", "typ": "logout+jwt"}),
        (TokenKind.SECURITY_EVENT, {"iss": "https://idp.example", "events": {"https://x/y": {}}}, None),
        (TokenKind.DPOP_PROOF, {"htm": "GET", "htu": "https://x", "jti": "1"}, {"alg": "ES256", "typ": "dpop+jwt"}),
        (TokenKind.DPOP_PROOF, {"htm": "GET", "htu": "https://x", "jti": "1"}, None),
        (
            TokenKind.SIGNED_HTTP_REQUEST,
            {"at": "a.b.c", "cnf": {"jwk": {}}, "ts": STAMP},
            {"alg": "RS256", "typ": "pop"},
        ),
        (TokenKind.SIGNED_HTTP_REQUEST, {"at": "a.b.c", "cnf": {"jwk": {}}, "ts": STAMP}, None),
        (
            TokenKind.SD_JWT_VC,
            {"vct": "https://x/id", "_sd": [], "iss": "https://i"},
            {"alg": "ES256", "typ": "dc+sd-jwt"},
        ),
        (TokenKind.SD_JWT_VC, {"vct": "https://x/id", "_sd": [], "iss": "https://i"}, None),
        (TokenKind.SD_JWT, {"_sd": [], "iss": "https://i"}, None),
        (TokenKind.ACCESS, {"iss": "https://i", "scope": "a"}, {"alg": "RS256", "typ": "application/at+jwt"}),
        (TokenKind.ACCESS, {"iss": "https://x.eu.auth0.com/", "gty": "client-credentials", "scope": "a"}, None),
        (TokenKind.ID, {"iss": "https://accounts.google.com", "azp": "1", "email": "a@b", "sub": "1"}, None),
        (TokenKind.ID, {"iss": "https://s.example/realms/r", "typ": "ID"}, None),
        (TokenKind.ACCESS, {"iss": "https://s.example/realms/r", "typ": "Bearer"}, None),
        (TokenKind.REFRESH, {"iss": "https://s.example/realms/r", "typ": "Refresh"}, {"alg": "HS512"}),
        (
            TokenKind.ACCESS,
            {"iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A", "token_use": "access"},
            None,
        ),
        (TokenKind.ID, {"iss": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_A", "token_use": "id"}, None),
        (TokenKind.ID, {"iss": "https://x.auth0.com/", "aud": "c", "email": "a@b", "nickname": "a", "sub": "1"}, None),
        (TokenKind.UNKNOWN, {"sub": "1234567890", "name": "John Doe"}, None),
        (TokenKind.UNKNOWN, {}, None),
    ],
)
def test_kind(kind, claims, header):
    assert told(claims, header).kind is kind


def test_an_encrypted_token_is_told_by_its_header():
    header = base64.urlsafe_b64encode(b'{"alg":"dir","enc":"A256GCM"}').decode().rstrip("=")

    assert profile(decode(f"{header}..AAAA.AAAA.AAAA"), NOW).kind is TokenKind.ENCRYPTED


def test_disclosures_make_an_sd_jwt():
    (token,) = scan(compact({"iss": "https://i"}) + "~WyJzYWx0IiwgImEiLCAxXQ~")

    assert profile(token, NOW).kind is TokenKind.SD_JWT


@pytest.mark.parametrize(
    ("flow", "evidence", "claims"),
    [
        (Flow.DELEGATED, ("scp",), V2_USER),
        (Flow.APP_ONLY, ("oid", "sub"), V2_APP),
        (Flow.APP_ONLY, ("idtyp",), MANAGED),
        (Flow.DELEGATED, ("idtyp",), {**V2_USER, "idtyp": "user"}),
        (Flow.UNKNOWN, ("idtyp",), {**V2_USER, "idtyp": "device"}),
        (Flow.DELEGATED, (), V2_ID),
        (Flow.APP_ONLY, ("roles",), {"iss": V2, "azp": CLIENT, "roles": ["x"]}),
        (
            Flow.DELEGATED,
            ("preferred_username",),
            {"iss": V2, "azp": CLIENT, "roles": ["x"], "preferred_username": "a"},
        ),
        (Flow.DELEGATED, ("scp",), {"iss": B2C, "azp": CLIENT, "scp": "read", "oid": USER, "sub": USER}),
        (Flow.UNKNOWN, (), {"iss": B2C, "azp": CLIENT, "oid": USER, "sub": USER}),
        (Flow.APP_ONLY, ("oid", "sub"), {**V2_APP, "scp": "/"}),
        (Flow.APP_ONLY, ("gty",), {"iss": "https://x.auth0.com/", "gty": "client-credentials", "scope": "a"}),
        (Flow.UNKNOWN, (), GITHUB),
        (Flow.UNKNOWN, (), ASSERTION),
        (Flow.UNKNOWN, (), {}),
    ],
)
def test_flow_and_its_evidence(flow, evidence, claims):
    answer = told(claims)

    assert (answer.flow, answer.evidence["flow"]) == (flow, evidence)


@pytest.mark.parametrize(
    ("version", "claims"),
    [
        ("2.0", V2_USER),
        ("1.0", V1_GRAPH),
        ("1.0", {"iss": V1}),
        ("2.0", {"iss": V2}),
        ("1.0", {"iss": B2C, "ver": "1.0"}),
        (None, {"iss": "https://accounts.google.com", "ver": "1.0"}),
        (None, {"iss": f"https://login.microsoftonline.com/{TENANT}", "ver": 1}),
        (None, {"ver": "2.0"}),
    ],
)
def test_version(version, claims):
    assert told(claims).version == version


def test_the_title_joins_kind_and_version():
    assert told(V2_USER).title == "access token v2.0"
    assert told(GITHUB).title == "workload identity token"


def test_a_token_for_graph_is_told_with_names():
    answer = told({**V1_GRAPH, "wids": ["62e90394-69f5-4237-9190-012177145e10", "nonsense"]})

    assert [audience.name for audience in answer.audiences] == ["Microsoft Graph"]
    assert answer.client.name == "Microsoft Azure CLI"
    assert [(granted.value, granted.title) for granted in answer.permissions] == [
        ("User.Read", "Sign in and read user profile"),
        ("Own.Thing", None),
    ]
    assert [role.name for role in answer.directory_roles] == ["Global Administrator", None]
    assert answer.subject == "ada@x.y"
    assert answer.tenant.value == TENANT
    assert answer.evidence["client"] == ("appid",)
    assert answer.evidence["subject"] == ("unique_name",)


def test_permissions_of_another_api_get_no_title_of_graph():
    answer = told({**V2_USER, "scp": "User.Read"})

    assert [(granted.value, granted.title) for granted in answer.permissions] == [("User.Read", None)]


def test_roles_are_application_permissions():
    answer = told({**V2_APP, "aud": "00000003-0000-0000-c000-000000000000", "roles": ["User.Read.All"]})

    assert [(granted.type, granted.title) for granted in answer.permissions] == [
        ("application", "Read all users' full profiles")
    ]


def test_the_client_of_an_id_token_is_its_audience_and_of_an_assertion_its_subject():
    assert told(V2_ID).client.value == CLIENT
    assert told(ASSERTION).client.value == CLIENT


@pytest.mark.parametrize(
    ("policy", "claims"),
    [
        ("B2C_1_si", {"iss": B2C, "tfp": "B2C_1_si"}),
        ("B2C_1_si", {"iss": B2C, "acr": "B2C_1_si"}),
        ("b2c_1_in_path", {"iss": f"https://contoso.b2clogin.com/tfp/{TENANT}/b2c_1_in_path/v2.0/"}),
        (None, {"iss": B2C}),
        (None, {"iss": V1, "acr": "1"}),
    ],
)
def test_policy(policy, claims):
    assert told(claims).policy == policy


@pytest.mark.parametrize(
    ("code", "claims"),
    [
        ("version-mismatch", {"iss": V2, "ver": "1.0"}),
        ("version-mismatch", {"iss": V1, "ver": "2.0"}),
        ("tenant-mismatch", {**V2_USER, "tid": OTHER}),
        ("groups-overage", {**V2_USER, "_claim_names": {"groups": "src1"}}),
        ("groups-overage", {**V2_ID, "hasgroups": True}),
        ("groups-overage", {**V2_ID, "hasgroups": "true"}),
        ("personal-account", {**V2_USER, "tid": "9188040d-6c67-4c5b-b112-36a304b66dad"}),
        ("personal-account", {**V2_USER, "idp": "live.com"}),
        ("guest", {**V2_USER, "idp": f"https://sts.windows.net/{OTHER}/"}),
        ("guest", {**V2_USER, "acct": 1}),
        ("guest", {**V2_USER, "xms_idrel": "5 10"}),
        ("guest", {**V2_USER, "upn": "ada_home.com#EXT#@x.onmicrosoft.com"}),
        ("managed-identity", MANAGED),
        ("continuous-access", {**V2_USER, "exp": STAMP + 24 * 3600}),
        ("continuous-access", {**V2_USER, "xms_cc": ["CP1"]}),
        ("confidential-client", {**V2_USER, "azpacr": "1"}),
        ("actor", {**V2_USER, "act": {"sub": "x"}}),
        ("agent", {**V2_USER, "xms_act_fct": "3 11"}),
        ("no-permissions", {"iss": V2, "azp": CLIENT, "aud": API}),
        ("token-exchange", GITHUB),
        ("proof-of-possession", {**V2_USER, "cnf": {"kid": "k"}}),
    ],
)
def test_a_note_is_made_with_its_claims(code, claims):
    note = told(claims).note(code)

    assert note is not None
    assert note.claims


def test_an_azure_service_needs_no_permissions_in_the_token_but_graph_does():
    without = {name: value for name, value in V2_APP.items() if name != "roles"}

    assert told(without | {"aud": "https://management.azure.com/"}).note("no-permissions") is None
    assert told(without | {"aud": "https://graph.microsoft.com"}).note("no-permissions")


@pytest.mark.parametrize("claims", [V2_USER, V2_APP, V1_GRAPH, V2_ID, {"iss": B2C, "ver": "1.0", "tfp": "p"}])
def test_an_ordinary_token_gets_no_notes(claims):
    assert told(claims).notes == ()


def test_ordinary_and_continuous_lifetimes_are_told_apart():
    assert not told(V2_USER).continuous_access
    assert told({**V2_USER, "exp": STAMP + 27 * 3600}).continuous_access
    assert not told({**V2_ID, "exp": STAMP + 24 * 3600}).continuous_access
    assert not told({**MANAGED, "exp": STAMP + 24 * 3600}).continuous_access
    assert not told({**V2_USER, "exp": STAMP + 365 * 24 * 3600}).continuous_access


def test_a_nonce_in_the_header_makes_a_graph_token_unverifiable_for_others():
    answer = told(V1_GRAPH, {"alg": "RS256", "typ": "JWT", "nonce": "n"})

    assert answer.verifiable is False
    assert "Microsoft Graph" in answer.note("signature-nonce").text


def test_a_nonce_in_the_header_of_another_issuer_means_nothing():
    answer = told({"iss": "https://idp.example", "scope": "a"}, {"alg": "RS256", "nonce": "n"})

    assert answer.verifiable is True
    assert answer.note("signature-nonce") is None


def test_request_id_is_the_guid_in_dotnet_byte_order():
    identifier = uuid.UUID("0e6e0f43-9d4b-4d6c-9c3d-3a1b2c3d4e5f")
    unique = base64.urlsafe_b64encode(identifier.bytes_le).decode().rstrip("=")

    assert request_id(unique) == str(identifier)
    assert told({**V2_USER, "uti": unique}).request_id == str(identifier)


@pytest.mark.parametrize("value", ["", "short", "A" * 23, "A" * 21 + "+", "A" * 21 + "\n", 1, None, ["A" * 22]])
def test_what_is_no_uti_has_no_request_id(value):
    assert request_id(value) is None


def test_no_claim_value_is_in_the_repr():
    marked = dict.fromkeys(V2_USER, "canary-value")
    answer = told(
        {**V2_USER, **marked, "iss": f"https://canary-value.b2clogin.com/{TENANT}/v2.0/", "tfp": "canary-value"}
    )

    assert "canary" not in repr(answer)
    assert TENANT not in repr(answer)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)
CLAIM_NAMES = sorted(
    {*V2_USER, *MANAGED, *V2_ID, *POD, "wids", "uti", "events", "_claim_names", "xms_cc", "acct", "idp", "cnf"}
)
HEADER_NAMES = ["alg", "typ", "kid", "nonce", "enc"]


@settings(max_examples=60)
@given(
    st.dictionaries(st.sampled_from(CLAIM_NAMES), JSON | st.sampled_from([V1, V2, B2C, CLIENT, "\ud800"]), max_size=12),
    st.dictionaries(st.sampled_from(HEADER_NAMES), JSON),
)
def test_no_claims_make_it_raise(claims, header):
    answer = told(claims, header)

    assert answer.kind in TokenKind
    assert answer.title


@pytest.mark.parametrize(
    "text", ["", "a.b.c", "eyJhbGciOiJSUzI1NiJ9", "eyJhbGciOiJSUzI1NiJ9..", "eyJhbGciOiJSUzI1NiJ9.W10."]
)
def test_a_damaged_token_has_a_profile_too(text):
    assert profile(decode(text), NOW).kind is TokenKind.UNKNOWN
