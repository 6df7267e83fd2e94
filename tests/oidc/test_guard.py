"""What may be asked, and what must never be connected to."""

from __future__ import annotations

import pytest

from claimlens.oidc import FailureKind, FetchError, NetworkPolicy, address_refusal, admit

KNOWN = NetworkPolicy(known_provider=lambda host: host == "login.microsoftonline.com" or host.endswith(".b2clogin.com"))


def refusal(url: str, policy: NetworkPolicy = KNOWN) -> FailureKind:
    with pytest.raises(FetchError) as caught:
        admit(url, policy)
    assert caught.value.failure.message
    assert caught.value.failure.remedy
    return caught.value.failure.kind


def test_a_known_provider_is_admitted_over_https() -> None:
    target = admit("https://LOGIN.microsoftonline.com/common/v2.0/.well-known/openid-configuration?appid=1", KNOWN)

    assert (target.host, target.port, target.allowed) == ("login.microsoftonline.com", 443, False)
    assert target.url == "https://login.microsoftonline.com/common/v2.0/.well-known/openid-configuration?appid=1"


def test_an_allowed_host_may_be_plain_http_and_private() -> None:
    policy = NetworkPolicy(allowed_hosts=("localhost:8080",))

    assert admit("http://localhost:8080/realms/x", policy).allowed
    assert refusal("http://localhost:8081/realms/x", policy) is FailureKind.SCHEME_REFUSED
    assert refusal("https://localhost/realms/x", policy) is FailureKind.HOST_NOT_ALLOWED


@pytest.mark.parametrize(
    "written", ["IdP.example", " idp.example ", "idp.example:443", "https://idp.example/tenant/v2.0"]
)
def test_a_host_may_be_written_as_people_have_it_at_hand(written: str) -> None:
    assert admit("https://idp.example/keys", NetworkPolicy(allowed_hosts=(written,))).allowed


@pytest.mark.parametrize(
    "written", ["", "/", "idp.example@evil.example", "https://idp.example@evil.example", "a b", "*"]
)
def test_what_names_no_host_or_another_allows_nothing(written: str) -> None:
    with pytest.raises(FetchError):
        admit("https://idp.example/keys", NetworkPolicy(allowed_hosts=(written,)))


def test_a_host_allowed_without_port_is_allowed_at_each() -> None:
    policy = NetworkPolicy(allowed_hosts=("keycloak.contoso.example",))

    assert admit("https://keycloak.contoso.example:8443/x", policy).port == 8443


def test_offline_refuses_even_known_providers() -> None:
    policy = NetworkPolicy(known_provider=lambda _: True, offline=True)

    assert refusal("https://login.microsoftonline.com/common", policy) is FailureKind.OFFLINE


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("http://login.microsoftonline.com/common", FailureKind.SCHEME_REFUSED),
        ("file:///etc/passwd", FailureKind.URL_MALFORMED),
        ("file://login.microsoftonline.com/etc/passwd", FailureKind.SCHEME_REFUSED),
        ("ftp://login.microsoftonline.com/x", FailureKind.SCHEME_REFUSED),
        ("data:application/json,{}", FailureKind.URL_MALFORMED),
        ("javascript:alert(1)", FailureKind.URL_MALFORMED),
        ("https://", FailureKind.URL_MALFORMED),
        ("", FailureKind.URL_MALFORMED),
        ("https://user@login.microsoftonline.com/", FailureKind.URL_MALFORMED),
        ("https://login.microsoftonline.com@evil.example/", FailureKind.URL_MALFORMED),
        ("https://login.microsoftonline.com\\@evil.example/", FailureKind.URL_MALFORMED),
        ("https://login.microsoftonline.com\\.evil.example/", FailureKind.URL_MALFORMED),
        ("https://login.microsoftonline.com#@evil.example/", FailureKind.URL_MALFORMED),
        ("https://login.microsoftonline.com/a b", FailureKind.URL_MALFORMED),
        ("https://login.microsoftonline.com/\r\nHost: evil.example", FailureKind.URL_MALFORMED),
        ("https://login.microsoftonline.com./", FailureKind.URL_MALFORMED),
        ("https://login.microsoftonline.com:99999/", FailureKind.URL_MALFORMED),
        ("https://login.microsoftonline.com:0/", FailureKind.URL_MALFORMED),
        ("https://login.microsoftonline.com:8443/", FailureKind.HOST_NOT_ALLOWED),
        ("https://login.microsoftonline.com.evil.example/", FailureKind.HOST_NOT_ALLOWED),
        ("https://evil.example/login.microsoftonline.com", FailureKind.HOST_NOT_ALLOWED),
        ("https://xlogin.microsoftonline.com/", FailureKind.HOST_NOT_ALLOWED),
        ("https://login.mıcrosoftonline.com/", FailureKind.HOST_NOT_ALLOWED),
        ("https://b2clogin.com.evil.example/", FailureKind.HOST_NOT_ALLOWED),
        ("https://evilb2clogin.com/", FailureKind.HOST_NOT_ALLOWED),
        ("https://2852039166/", FailureKind.URL_MALFORMED),
        ("https://0xa9fea9fe/", FailureKind.URL_MALFORMED),
        ("https://0x7f.1/", FailureKind.URL_MALFORMED),
        ("https://127.1/", FailureKind.URL_MALFORMED),
        ("https://0177.0.0.1/", FailureKind.URL_MALFORMED),
        ("https://①②⑦.0.0.1/", FailureKind.URL_MALFORMED),
        ("https://１２７.0.0.1/", FailureKind.URL_MALFORMED),
        ("https://127.0.0.1/", FailureKind.HOST_NOT_ALLOWED),
        ("https://[::1]/", FailureKind.HOST_NOT_ALLOWED),
        ("https://[::ffff:127.0.0.1]/", FailureKind.HOST_NOT_ALLOWED),
        ("https://[::1/", FailureKind.URL_MALFORMED),
        ("https://" + "a" * 64 + ".example/", FailureKind.URL_MALFORMED),
        ("https://login.microsoftonline.com/" + "a" * 3000, FailureKind.URL_MALFORMED),
        ("https://-a.b2clogin.com/", FailureKind.URL_MALFORMED),
        ("https://a..b2clogin.com/", FailureKind.URL_MALFORMED),
    ],
)
def test_everything_else_is_refused_before_a_byte_is_sent(url: str, kind: FailureKind) -> None:
    assert refusal(url) is kind


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "0.1.2.3", "10.0.0.1", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.255.254",
        "168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.8", "192.0.2.1", "192.88.99.1",
        "192.168.1.1", "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::ffff:8.8.8.8",
        "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:a9fe:a9fe::1",
        "fc00::1", "fd00:ec2::254", "fe80::1",
        "fe80::1%eth0", "fec0::1", "ff02::1", "not-an-address", "127.1", "2852039166",
    ],
)  # fmt: skip
def test_addresses_that_are_not_public_are_refused_with_a_reason(address: str) -> None:
    assert address_refusal(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "20.190.128.1", "2603:1030::1", "2a00:1450:4001::200e"])
def test_public_addresses_pass(address: str) -> None:
    assert address_refusal(address) is None
