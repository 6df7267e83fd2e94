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
        ("the password is wrong", "the password is wrong"),
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


def test_the_command_does_it() -> None:
    ended = run("redact", "-", "--everything", stdin=f"{ALICE} {TOKEN}")

    assert (ended.status, ended.output) == (0, "[guid-1] [token-1]")


def test_nothing_is_kept_of_everything() -> None:
    assert run("redact", "-", "--everything", "--keep-claims", stdin="").status == 2
