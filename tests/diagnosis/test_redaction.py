"""A log that is redacted tells the same story without anybody in it."""

from __future__ import annotations

from base64 import b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimlens import jose
from claimlens.diagnosis.redaction import redact_everything
from tests.support.command import run
from tests.support.snippets import CLAIMS
from tests.support.tokens import compact

TOKEN, OTHER = compact(CLAIMS["entra-v2"]), compact(CLAIMS["entra-v1"])
ALICE = "a8c1e7f4-3b52-4d69-8e0f-71c5d2b9a604"
BOB = "d7b3a1c9-5e24-4f80-b6d2-93e7c0f15a48"
ENTRA_SECRET = "abc8Q~" + "Zz9_.-" * 5 + "x1y2"


def redacted(text: str) -> str:
    return redact_everything(text, jose.scan(text))


def test_the_same_value_has_the_same_placeholder() -> None:
    text = f"user {ALICE} got {TOKEN}\nuser {BOB} got {OTHER}\nuser {ALICE.upper()} sent {TOKEN}\n"

    assert redacted(text) == (
        "user [guid-1] got [token-1]\nuser [guid-2] got [token-2]\nuser [guid-1] sent [token-1]\n"
    )


def test_addresses_are_the_same_in_any_case_and_encoding() -> None:
    text = "Alice@Contoso.example login_hint=alice%40contoso.example bob.o'neil+x@fabrikam.example"

    assert redacted(text) == "[email-1] login_hint=[email-1] [email-2]"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("client_id=x&client_secret=s3cr3t%2B&scope=y", "client_id=x&client_secret=[secret-1]&scope=y"),
        ('{"clientSecret": "a b, c", "password":"a b, c"}', '{"clientSecret": "[secret-1]", "password":"[secret-1]"}'),
        ("Authorization: Basic dXNlcjpwYXNzd29yZA==", "Authorization: Basic [secret-1]"),
        ("Authorization: Bearer an.opaque-token_12345", "Authorization: Bearer [secret-1]"),
        ("AccountName=a;AccountKey=abc/def+123==;End", "AccountName=a;AccountKey=[secret-1];End"),
        ("?sv=2024&sig=abc%2Fdef&se=1", "?sv=2024&sig=[secret-1]&se=1"),
        ("Ocp-Apim-Subscription-Key: 0123456789abcdef", "Ocp-Apim-Subscription-Key: [secret-1]"),
        ("password='it is long'", "password='[secret-1]'"),
        (f"the secret is {ENTRA_SECRET} here", "the secret is [secret-1] here"),
        (f"access_token={TOKEN}", "access_token=[token-1]"),
        (f"data:\n  t: {b64encode(TOKEN.encode()).decode()}\n", "data:\n  t: [secret-1]\n"),
        (f"auth={b64encode(f'Bearer {TOKEN}'.encode()).decode()};", "auth=[secret-1];"),
        (f"REFRESH='0.AR{'w' * 24}.AgABAwEAAAD-x_y'", "REFRESH='[secret-1]'"),
        ("version 0.AB and 1.A2b", "version 0.AB and 1.A2b"),
        (f"x: ghs_{'a' * 36}, ya29.a0{'B' * 20}_c", "x: [secret-1], [secret-2]"),
        ("https://me:p%40ss@api.example/x", "https://me:[secret-1]@api.example/x"),
        (
            "redis://:r3dis@cache:6380 amqp://guest:guest@mq/",
            "redis://:[secret-1]@cache:6380 amqp://guest:[secret-2]@mq/",
        ),
        ("curl -u admin:s3cret https://x --user 'a:b c'", "curl -u admin:[secret-1] https://x --user 'a:[secret-2] c'"),
        ("authorization: basic dXNlcjpwYXNzd29yZA==", "authorization: basic [secret-1]"),
        ("Authorization: key-0123456789", "Authorization: [secret-1]"),
        ("?code=M.C5_BL2&state=a%3D&session_state=3", "?code=[secret-1]&state=[secret-2]&session_state=3"),
        ("code=OAAABAAAAiL9Kn2Z27UubvW&client_id=x", "code=[secret-1]&client_id=x"),
        ("Cookie: .AspNetCore.Cookies=CfDJ8A; b=c/d==", "Cookie: .AspNetCore.Cookies=[secret-1]; b=[secret-2]"),
        ("set-cookie: ESTS=0.A; path=/; secure", "set-cookie: ESTS=[secret-1]; path=/; secure"),
        ('"cookies":[{"name":"a","value":"b\\"c"}]', '"cookies":[{"name":"a","value":"[secret-1]"}]'),
        ("state is CfDJ8NrAbCdEfGhIjKlMnOp", "state is [secret-1]"),
        ('{\\"client_secret\\":\\"a b\\",\\"x\\":1}', '{\\"client_secret\\":\\"[secret-1]\\",\\"x\\":1}'),
        (
            '{"name":"A__ClientSecret","slotSetting":false,"value":"v"}',
            '{"name":"A__ClientSecret","slotSetting":false,"value":"[secret-1]"}',
        ),
        ('<add key="ida:ClientSecret" value="a b"/>', '<add key="ida:ClientSecret" value="[secret-1]"/>'),
        ("<Password>a b</Password>", "<Password>[secret-1]</Password>"),
        ("Uid=sa;Pwd=my pass word;Encrypt=True", "Uid=sa;Pwd=[secret-1];Encrypt=True"),
        (
            "DB_PWD='it''s' PASSWORD=\"a\\\"b\" userPassword=a{b}c, x",
            "DB_PWD='[secret-1]' PASSWORD=\"[secret-2]\" userPassword=[secret-3], x",
        ),
        ("X-API-Key: k-998 x-arr-clientcert: MIIC12", "X-API-Key: [secret-1] x-arr-clientcert: [secret-2]"),
        (
            "-----BEGIN RSA PRIVATE KEY-----\nMIIE\nab==\n-----END RSA PRIVATE KEY-----\n",
            "-----BEGIN RSA PRIVATE KEY-----[secret-1]-----END RSA PRIVATE KEY-----\n",
        ),
        ("-----BEGIN PRIVATE KEY-----\\nMIIEvQIBADANBgkqhkiG9w0B\\n", "-----BEGIN PRIVATE KEY-----[secret-1]"),
        ('{"kty":"RSA","n":"x","d":"y","qi":"z"}', '{"kty":"RSA","n":"x","d":"[secret-1]","qi":"[secret-2]"}'),
        ("SAMLResponse=PHNhbWw%2B&RelayState=x", "SAMLResponse=[secret-1]&RelayState=x"),
        ("the password is wrong", "the password is wrong"),
        ('Bearer authorization_uri="https://x.example", error="invalid_token"',) * 2,
        ("Bearer error=invalid_token, Basic authentication is off",) * 2,
        ('error="insufficient_claims", claims="eyJhY2Nlc3NfdG9rZW4iOnsibmJmIjp7fX19"',) * 2,
        ('{"id_token":null,"access_token":"","secret":***}',) * 2,
        ("Invalid client secret provided; status code=401, state=Running",) * 2,
        (
            "error=invalid_client&error_description=AADSTS7000215",
            "error=invalid_client&error_description=AADSTS7000215",
        ),
    ],
)
def test_secrets_are_known_by_name_or_form(text: str, expected: str) -> None:
    assert redacted(text) == expected


@given(
    st.lists(
        st.sampled_from(
            [
                TOKEN,
                ALICE,
                BOB,
                "a@b.io",
                "client_secret=",
                "sig:",
                '"',
                "'",
                "Bearer ",
                " ",
                "\n",
                ENTRA_SECRET,
                "[",
            ]
        )
    ).map(" ".join)
)
def test_doing_it_twice_changes_nothing(text: str) -> None:
    once = redacted(text)

    assert redacted(once) == once
    assert ALICE not in once
    assert TOKEN not in once


def test_nothing_is_left_of_what_stands_together() -> None:
    once = redacted(TOKEN + TOKEN + ALICE + BOB + TOKEN)

    assert "eyJ" not in once
    assert ALICE not in once


def test_a_guest_an_escape_and_a_quote_are_no_other_person() -> None:
    text = "a_b.example#EXT#@c.example 'eve@d.example' eve@d.example o\\u0027neil@d.example o'neil@d.example x@1.2.3"

    assert redacted(text) == "[email-1] '[email-2]' [email-2] [email-3] [email-3] x@1.2.3"


def test_a_guid_is_known_without_its_hyphens() -> None:
    assert redacted(f"{ALICE.replace('-', '')} {ALICE} {'0' * 32}") == f"[guid-1] [guid-1] {'0' * 32}"


def test_placeholders_are_numbered_as_they_stand_and_behind_those_that_are_there() -> None:
    text = f"Bearer opaque-1234567890 password=x [secret-4] {ALICE}"

    assert redacted(text) == "Bearer [secret-5] password=[secret-6] [secret-4] [guid-1]"


def test_the_command_does_it() -> None:
    ended = run("redact", "-", "--everything", stdin=f"{ALICE} {TOKEN}")

    assert (ended.status, ended.output) == (0, "[guid-1] [token-1]")


def test_nothing_is_kept_of_everything() -> None:
    assert run("redact", "-", "--everything", "--keep-claims", stdin="").status == 2
