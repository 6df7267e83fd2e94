"""From an issuer to its keys, and whether the metadata is the right one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimlens.entra import issuer_matches, key_issuer_matches, match_issuer, metadata_location
from claimlens.entra.data import load

TENANT = "775527ff-9a37-4307-8b3d-cc311f58d925"
OTHER = "fa15d692-e9c7-4460-a743-29f295222229"
API = "11111111-2222-4333-8444-555555555555"
CLIENT = "66666666-7777-4888-8999-aaaaaaaaaaaa"
PERSONAL = "9188040d-6c67-4c5b-b112-36a304b66dad"
V1, V2 = f"https://sts.windows.net/{TENANT}/", f"https://login.microsoftonline.com/{TENANT}/v2.0"
TEMPLATE = "https://login.microsoftonline.com/{tenantid}/v2.0"
KNOWN = "/.well-known/openid-configuration"
GLOBAL, GOVERNMENT = "https://login.microsoftonline.com", "https://login.microsoftonline.us"
CHINA = "https://login.partner.microsoftonline.cn"


@pytest.mark.parametrize(
    ("issuer", "claims", "urls"),
    [
        (V1, {}, [f"{GLOBAL}/{TENANT}{KNOWN}", f"{GOVERNMENT}/{TENANT}{KNOWN}"]),
        (V1, {"aud": "https://graph.microsoft.us"}, [f"{GOVERNMENT}/{TENANT}{KNOWN}", f"{GLOBAL}/{TENANT}{KNOWN}"]),
        (V2, {}, [f"{GLOBAL}/{TENANT}/v2.0{KNOWN}"]),
        (f"{GLOBAL}/{PERSONAL}/v2.0", {}, [f"{GLOBAL}/consumers/v2.0{KNOWN}"]),
        (f"{GOVERNMENT}/{TENANT}/v2.0", {}, [f"{GOVERNMENT}/{TENANT}/v2.0{KNOWN}"]),
        (f"{CHINA}/{TENANT}/v2.0", {}, [f"{CHINA}/{TENANT}/v2.0{KNOWN}"]),
        (f"https://sts.chinacloudapi.cn/{TENANT}/", {}, [f"{CHINA}/{TENANT}{KNOWN}"]),
        (
            f"https://contoso.b2clogin.com/{TENANT}/v2.0/",
            {"tfp": "B2C_1_SignIn"},
            [
                f"https://contoso.b2clogin.com/{TENANT}/b2c_1_signin/v2.0{KNOWN}",
                f"https://contoso.b2clogin.com/contoso.onmicrosoft.com/b2c_1_signin/v2.0{KNOWN}",
            ],
        ),
        (
            f"https://login.contoso.com/{TENANT}/v2.0/",
            {"acr": "b2c_1a_custom"},
            [f"https://login.contoso.com/{TENANT}/b2c_1a_custom/v2.0{KNOWN}"],
        ),
        (
            f"https://contoso.b2clogin.com/tfp/{TENANT}/b2c_1_si/v2.0/",
            {},
            [
                f"https://contoso.b2clogin.com/tfp/{TENANT}/b2c_1_si/v2.0{KNOWN}",
                f"https://contoso.b2clogin.com/{TENANT}/b2c_1_si/v2.0{KNOWN}",
            ],
        ),
        (f"{GLOBAL}/{TENANT}/v2.0/", {"tfp": "b2c_1_si"}, [f"{GLOBAL}/te/{TENANT}/b2c_1_si/v2.0{KNOWN}"]),
        (f"https://{TENANT}.ciamlogin.com/{TENANT}/v2.0", {}, [f"https://{TENANT}.ciamlogin.com/{TENANT}/v2.0{KNOWN}"]),
        ("https://adfs.contoso.com/adfs", {}, [f"https://adfs.contoso.com/adfs{KNOWN}"]),
        ("http://adfs.contoso.com/adfs/services/trust", {}, [f"https://adfs.contoso.com/adfs{KNOWN}"]),
        ("https://api.botframework.com", {}, ["https://login.botframework.com/v1/.well-known/openidconfiguration"]),
        (
            "https://token.actions.githubusercontent.com",
            {},
            [f"https://token.actions.githubusercontent.com{KNOWN}"],
        ),
        (f"https://vstoken.dev.azure.com/{TENANT}", {}, [f"https://vstoken.dev.azure.com/{TENANT}{KNOWN}"]),
        (
            f"https://eastus.oic.prod-aks.azure.com/{TENANT}/{OTHER}/",
            {},
            [f"https://eastus.oic.prod-aks.azure.com/{TENANT}/{OTHER}{KNOWN}"],
        ),
        ("accounts.google.com", {}, [f"https://accounts.google.com{KNOWN}"]),
        ("https://x.eu.auth0.com/", {}, [f"https://x.eu.auth0.com{KNOWN}"]),
        ("https://sso.contoso.com/realms/main", {}, [f"https://sso.contoso.com/realms/main{KNOWN}"]),
        (
            "https://idp.example/",
            {},
            [f"https://idp.example{KNOWN}", "https://idp.example/.well-known/oauth-authorization-server"],
        ),
    ],
)
def test_metadata_urls_in_order(issuer, claims, urls):
    location = metadata_location(issuer, claims)

    assert list(location.urls) == urls
    assert location.verifiable_by_third_parties


def test_a_google_service_account_has_keys_without_metadata():
    location = metadata_location("svc@proj.iam.gserviceaccount.com")

    assert location.urls == ()
    assert location.key_urls == ("https://www.googleapis.com/service_accounts/v1/jwk/svc@proj.iam.gserviceaccount.com",)


@pytest.mark.parametrize(
    "claims", [{}, {"tfp": "../../evil"}, {"tfp": "a/b"}, {"tfp": "a?b"}, {"acr": "1"}, {"tfp": 1}]
)
def test_without_a_usable_policy_there_is_no_b2c_metadata_and_the_reason_says_so(claims):
    location = metadata_location(f"https://contoso.b2clogin.com/{TENANT}/v2.0/", claims)

    assert location.urls == ()
    assert "policy" in location.reason


def test_applications_with_their_own_keys_are_asked_for_by_audience_then_client():
    location = metadata_location(V2, {"aud": f"api://{API}", "azp": CLIENT, "appid": "not a guid"})

    assert location.application_urls == (
        f"{GLOBAL}/{TENANT}/v2.0{KNOWN}?appid={API}",
        f"{GLOBAL}/{TENANT}/v2.0{KNOWN}?appid={CLIENT}",
    )


@pytest.mark.parametrize(
    ("issuer", "expected", "rule"),
    [
        (V2, (V2, TEMPLATE), True),
        (V1, (V1, "https://sts.windows.net/{tenantid}/"), True),
        (f"{GLOBAL}/{PERSONAL}/v2.0", (f"{GLOBAL}/{PERSONAL}/v2.0",), True),
        ("accounts.google.com", ("https://accounts.google.com",), False),
        (
            "http://adfs.contoso.com/adfs/services/trust",
            ("http://adfs.contoso.com/adfs/services/trust", "https://adfs.contoso.com/adfs"),
            False,
        ),
        ("https://idp.example", ("https://idp.example",), False),
    ],
)
def test_expected_issuer_of_the_metadata_and_of_the_keys(issuer, expected, rule):
    location = metadata_location(issuer)

    assert (location.expected_issuers, location.key_issuer_rule) == (expected, rule)


@pytest.mark.parametrize(
    ("issuer", "claims", "header", "reason"),
    [
        (V1, {"iss": V1, "aud": "https://graph.microsoft.com"}, {"alg": "RS256", "nonce": "n"}, "By design"),
        (V2, {"iss": V2}, {"alg": "HS256"}, "shared secret"),
        (V2, {"iss": V2}, {"alg": "None"}, "no signature"),
        ("https://dev-1.okta.com", {"cid": "x", "scp": ["a"]}, {}, "Okta"),
        ("https://contoso.azurewebsites.net/", {}, {}, "WEBSITE_AUTH_SIGNING_KEY"),
        ("kubernetes/serviceaccount", {}, {}, "API server"),
        ("https://kubernetes.default.svc.cluster.local", {}, {}, "inside the cluster"),
        (CLIENT, {}, {}, "its own certificate"),
        (f"https://sts.microsoftonline.de/{TENANT}/", {}, {}, "closed"),
        (f"{GLOBAL}/common/v2.0", {}, {}, "each tenant"),
        (None, {}, {}, "no issuer"),
        ("joe", {}, {}, "not a URL"),
        (["https://idp.example"], {}, {}, "not a URL"),
    ],
)
def test_what_others_cannot_verify_says_why(issuer, claims, header, reason):
    location = metadata_location(issuer, claims, header)

    assert not location.verifiable_by_third_parties
    assert reason in location.reason


@pytest.mark.parametrize("example", [text for known in load("issuers")["issuers"] for text in known["examples"]])
def test_every_url_of_a_known_issuer_is_complete(example):
    location = metadata_location(example, {"tfp": "b2c_1_si"})

    for url in (*location.urls, *location.key_urls):
        assert url.startswith(("https://", "http://localhost"))
        assert "{" not in url


@pytest.mark.parametrize(
    ("metadata", "token", "tenant"),
    [
        (V2, V2, None),
        (TEMPLATE, V2, TENANT),
        (TEMPLATE, V2, TENANT.upper()),
        ("https://sts.windows.net/{tenantid}/", V1, TENANT),
        ("https://accounts.google.com", "accounts.google.com", None),
    ],
)
def test_an_issuer_that_matches(metadata, token, tenant):
    assert issuer_matches(metadata, token, tenant).matches


@pytest.mark.parametrize(
    ("metadata", "token", "tenant", "reason"),
    [
        (V2, V2 + "/", TENANT, "slash"),
        (V1, V1[:-1], TENANT, "slash"),
        (V2.replace("login", "LOGIN"), V2, TENANT, "upper and lower case"),
        (V2, V1, TENANT, "token version"),
        (TEMPLATE, V1, TENANT, "token version"),
        (TEMPLATE, V2, OTHER, "another tenant"),
        (f"{GOVERNMENT}/{TENANT}/v2.0", V2, TENANT, "another cloud"),
        (f"https://{TENANT}.ciamlogin.com/{TENANT}/v2.0", V2, TENANT, "External ID"),
        (TEMPLATE, V2, None, "no GUID"),
        (TEMPLATE, "https://login.microsoftonline.com/common/v2.0", "common", "no GUID"),
        (TEMPLATE, "https://login.microsoftonline.com/a/../b/v2.0", "a/../b", "no GUID"),
        (TEMPLATE, TEMPLATE, "{tenantid}", "no GUID"),
        (None, V2, TENANT, "metadata names no issuer"),
        (V2, None, TENANT, "token names no issuer"),
        (V2, [V2], TENANT, "token names no issuer"),
        ("https://a.example", "https://b.example", None, "not the token's"),
        ("accounts.google.com", "https://accounts.google.com", None, "not the token's"),
    ],
)
def test_an_issuer_that_differs_says_how(metadata, token, tenant, reason):
    comparison = issuer_matches(metadata, token, tenant)

    assert not comparison.matches
    assert reason in comparison.reason


@pytest.mark.parametrize(
    ("key", "token", "tenant", "good"),
    [
        (None, V2, TENANT, True),
        (TEMPLATE, V2, TENANT, True),
        (V2, V2, TENANT, True),
        (TEMPLATE, V1, TENANT, True),
        (V2, V1, TENANT, True),
        ("https://login.microsoftonline.us/{tenantid}/v2.0", V1, TENANT, True),
        (f"{GLOBAL}/{PERSONAL}/v2.0", V2, TENANT, False),
        (f"{GLOBAL}/{OTHER}/v2.0", V1, TENANT, False),
        (f"{GLOBAL}/{PERSONAL}/v2.0", f"{GLOBAL}/{PERSONAL}/v2.0", PERSONAL, True),
        ("https://login.microsoftonline.us/{tenantid}/v2.0", V2, TENANT, False),
        (TEMPLATE, V1, OTHER, False),
        (TEMPLATE, "https://idp.example", TENANT, False),
        ([], V2, TENANT, False),
    ],
)
def test_a_key_verifies_tokens_of_its_own_issuer_only(key, token, tenant, good):
    assert key_issuer_matches(key, token, tenant).matches is good


@pytest.mark.parametrize(
    "issuer",
    [
        "https://login.microsoftonline.com.evil.example/775527ff-9a37-4307-8b3d-cc311f58d925/v2.0",
        "https://login.microsoftonline.com@evil.example/775527ff-9a37-4307-8b3d-cc311f58d925/v2.0",
        "http://login.microsoftonline.com/775527ff-9a37-4307-8b3d-cc311f58d925/v2.0",
        "https://sts.windows.net/775527ff-9a37-4307-8b3d-cc311f58d925",
        "https://sts.windows.net/775527ff-9a37-4307-8b3d-cc311f58d925/\n",
        "https://sts.windows.net/common/x",
        "https://evil.example/sts.windows.net/775527ff-9a37-4307-8b3d-cc311f58d925/",
        "https://evilb2clogin.com/775527ff-9a37-4307-8b3d-cc311f58d925/v2.0?",
    ],
)
def test_what_only_looks_like_entra_is_not_entra(issuer):
    match = match_issuer(issuer)

    assert match is None or match.family not in ("entra",)


@given(
    st.text(max_size=60) | st.sampled_from([V1, V2]), st.dictionaries(st.sampled_from(["aud", "tfp", "azp"]), st.text())
)
def test_no_issuer_makes_it_raise(issuer, claims):
    location = metadata_location(issuer, claims)

    assert all(url.startswith("http") for url in location.urls)
