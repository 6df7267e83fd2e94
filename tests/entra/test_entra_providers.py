"""Which hosts may be asked without the user naming them, and the many that only look like them."""

import pytest

from claimlens.entra import known_provider
from claimlens.entra.data import load


@pytest.mark.parametrize(
    "host",
    [
        "login.microsoftonline.com",
        "login.microsoftonline.us",
        "login.partner.microsoftonline.cn",
        "login.windows.net",
        "sts.windows.net",
        "contoso.b2clogin.com",
        "contoso.ciamlogin.com",
        "775527ff-9a37-4307-8b3d-cc311f58d925.ciamlogin.com",
        "token.actions.githubusercontent.com",
        "vstoken.dev.azure.com",
        "eastus.oic.prod-aks.azure.com",
        "accounts.google.com",
        "www.googleapis.com",
        "dev-123.okta.com",
        "contoso.auth0.com",
        "contoso.eu.auth0.com",
        "cognito-idp.eu-west-1.amazonaws.com",
        "LOGIN.MICROSOFTONLINE.COM",
    ],
)
def test_hosts_of_identity_providers_are_known(host):
    assert known_provider(host)


@pytest.mark.parametrize(
    "host",
    [
        # another name before or after
        "evil-login.microsoftonline.com",
        "evillogin.microsoftonline.com",
        "x.login.microsoftonline.com",
        "login.microsoftonline.com.evil.example",
        "login.microsoftonline.community",
        "login.microsoftonline.co",
        "login-microsoftonline.com",
        "loginXmicrosoftonline.com",
        "microsoftonline.com",
        "evilb2clogin.com",
        "contoso.evilb2clogin.com",
        "b2clogin.com",
        "b2clogin.com.evil.example",
        "contoso.b2clogin.com.evil.example",
        "contoso.b2clogin.comm",
        "ciamlogin.com",
        "okta.com",
        "evilokta.com",
        "contoso.okta.com.evil.example",
        "auth0.com",
        "oic.prod-aks.azure.com",
        "eastus.oic.prod-aks.azure.com.evil.example",
        "eastus.oic.prod-aks.azure.example",
        "cognito-idp.amazonaws.com",
        "cognito-idp.a.b.amazonaws.com",
        "cognito-idp.eu-west-1.amazonaws.com.evil.example",
        "evil.cognito-idp.eu-west-1.amazonaws.com",
        "s3.eu-west-1.amazonaws.com",
        "googleapis.com",
        "accounts.google.com.evil.example",
        "github.com",
        "raw.githubusercontent.com",
        # not a bare host
        "user@login.microsoftonline.com",
        "login.microsoftonline.com@evil.example",
        "login.microsoftonline.com:443",
        "login.microsoftonline.com:443@evil.example",
        "login.microsoftonline.com.",
        ".login.microsoftonline.com",
        "login..microsoftonline.com",
        "login.microsoftonline.com/",
        "login.microsoftonline.com\\.evil.example",
        "evil.example\\.b2clogin.com",
        "evil.example/.b2clogin.com",
        "evil.example#.b2clogin.com",
        "evil.example?.b2clogin.com",
        "evil.example%2f.b2clogin.com",
        " login.microsoftonline.com",
        "login.microsoftonline.com ",
        "login.microsoftonline.com\n",
        "login.microsoftonline.com\x00",
        "login.microsoftonline.com\x00.evil.example",
        "https://login.microsoftonline.com",
        "[login.microsoftonline.com]",
        # other letters that look the same, or become the same
        "login.m\u0456crosoftonline.com",
        "login.microsoftonl\u0131ne.com",
        "\u212aontoso.okta.com",
        "contoso.o\u212ata.com",
        "login.microsoftonline\u3002com",
        "login.microsoftonline\uff0ecom",
        "login.m\u200bicrosoftonline.com",
        "xn--login-microsoftonline-com.example",
        "login.xn--mcrosoftonline-2fi.com",
        "xn--b2clogin-7fg.com",
        # addresses
        "127.0.0.1",
        "169.254.169.254",
        "2852039166",
        "0x7f.1",
        "::1",
        "[::ffff:127.0.0.1]",
        "localhost",
        "",
        ".",
        "*",
        "*.b2clogin.com",
        "-evil.b2clogin.com",
        "a" * 64 + ".b2clogin.com",
        "a." * 200 + "b2clogin.com",
        "a" * 1_000_000,
    ],
)
def test_hosts_that_only_look_like_them_are_not_known(host):
    assert not known_provider(host)


def test_every_rule_is_full_labels_of_at_least_two_that_are_fixed():
    for rule in (rule for known in load("providers")["providers"] for rule in known["hosts"]):
        labels = rule.split(".")

        assert all(label == "*" or "*" not in label for label in labels), rule
        assert len([label for label in labels if label != "*"]) >= 2, rule
        assert "*" not in labels[-2:], rule
