"""A claim in words, whatever stands in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimlens.entra import explain_claim, known_claims

GRAPH = {"aud": "https://graph.microsoft.com"}


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("exp", 1_700_000_000, "2023-11-14 22:13:20 UTC"),
        ("exp", "1700000000", "1700000000 (text instead of a number; probably 2023-11-14 22:13:20 UTC)"),
        ("exp", 1_700_000_000_000, "1700000000000 (milliseconds instead of seconds; probably 2023-11-14 22:13:20 UTC)"),
        ("exp", "tomorrow", "tomorrow"),
        ("exp", True, "true"),
        ("xms_tcdt", 1_289_241_547, "2010-11-08 18:39:07 UTC"),
        ("aud", "https://graph.microsoft.com/", "Microsoft Graph (https://graph.microsoft.com/)"),
        ("aud", ["api://orders", "https://vault.azure.net"], "api://orders, Azure Key Vault (https://vault.azure.net)"),
        (
            "appid",
            "04b07795-8ddb-461a-bbee-02f9e1bf7b46",
            "Microsoft Azure CLI (04b07795-8ddb-461a-bbee-02f9e1bf7b46)",
        ),
        ("iss", "https://accounts.google.com", "Google (https://accounts.google.com)"),
        ("iss", "joe", "joe"),
        (
            "tid",
            "9188040d-6c67-4c5b-b112-36a304b66dad",
            "Personal Microsoft accounts (9188040d-6c67-4c5b-b112-36a304b66dad)",
        ),
        ("amr", ["pwd", "mfa", "new"], "password or client secret (pwd), more than one factor (mfa), new"),
        ("amr", "pwd", "password or client secret (pwd)"),
        ("amr", [], "none"),
        ("azpacr", "2", "certificate or federated credential (2)"),
        ("acct", 1, "guest (1)"),
        ("acct", True, "true"),
        ("idtyp", "app", "app-only (app)"),
        ("xms_cc", ["cp1"], "handles claims challenges (CAE) (cp1)"),
        ("xms_idrel", "1 10", "member (1), 10"),
        (
            "wids",
            ["62e90394-69f5-4237-9190-012177145e10"],
            "Global Administrator (62e90394-69f5-4237-9190-012177145e10)",
        ),
        ("uti", "AQAAAAAAAAAAAAAAAAAAAA", "AQAAAAAAAAAAAAAAAAAAAA (request id 00000001-0000-0000-0000-000000000000)"),
        ("scp", "a b", "a, b"),
        ("groups", ["x"], "x"),
        ("address", {"country": "NL", "n": [1, None]}, '{"country": "NL", "n": [1, null]}'),
        ("mine", 1.5, "1.5"),
    ],
)
def test_a_value_in_words(name, value, words):
    assert explain_claim(name, value).value == words


def test_permissions_are_named_only_where_the_token_is_for_graph():
    assert explain_claim("scp", "User.Read", claims=GRAPH).value == "Sign in and read user profile (User.Read)"
    assert explain_claim("roles", ["User.Read.All"], claims=GRAPH).value.endswith("(User.Read.All)")
    assert explain_claim("scp", "User.Read", claims={"aud": "api://orders"}).value == "User.Read"


def test_nonce_means_one_thing_in_the_header_and_another_in_the_payload():
    header, payload = explain_claim("nonce", "n", "header"), explain_claim("nonce", "n")

    assert "Microsoft" in header.meaning
    assert "sign-in request" in payload.meaning


def test_a_header_parameter_is_not_explained_as_a_claim():
    assert not explain_claim("exp", 1, "header").known
    assert explain_claim("iss", "x", "header").known


def test_a_long_name_is_explained_by_the_short_one():
    explained = explain_claim("http://schemas.microsoft.com/identity/claims/objectidentifier", "x")

    assert explained.meaning == explain_claim("oid", "x").meaning
    assert "oid" in explained.gotcha


def test_a_family_of_claims_is_known_by_its_prefix():
    assert explain_claim("extension_abc_plan", "gold").known
    assert explain_claim("xms_something_new", 1).known


def test_an_unknown_claim_says_nothing_but_its_value():
    explained = explain_claim("favourite_colour", "blue")

    assert (explained.known, explained.meaning, explained.gotcha, explained.link) == (False, "", "", "")
    assert explained.value == "blue"


def test_a_value_beyond_all_measure_is_cut():
    assert len(explain_claim("mine", "x" * 10**6).value) < 3000
    assert "and 950 more" in explain_claim("groups", ["g"] * 1000).value
    assert explain_claim("mine", 10**5000).value == "a number of 16610 bits"
    assert len(explain_claim("mine", {str(number): "x" * 100 for number in range(10_000)}).value) < 3000


def test_deep_nesting_is_cut():
    value = []
    for _ in range(100_000):
        value = [value]

    assert explain_claim("mine", value).value == "[[[[[…]]]]]"
    assert explain_claim("amr", value).value == "[[[[[…]]]]]"


def test_the_value_stays_out_of_the_repr():
    assert "canary" not in repr(explain_claim("mine", "canary"))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=6,
)


@given(
    st.sampled_from([*known_claims(), *known_claims("header")]) | st.text(),
    JSON,
    st.sampled_from(["header", "payload"]),
)
def test_no_value_makes_it_raise(name, value, place):
    explained = explain_claim(name, value, place, {"aud": value})

    assert isinstance(explained.value, str)
    assert explained.known is bool(explained.meaning)
