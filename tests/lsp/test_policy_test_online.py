"""Testing a token against a policy with the issuer's keys: fetched on request alone, and only where that is allowed."""

from __future__ import annotations

from typing import Any

import pytest

from claimlens.lsp import messages
from claimlens.lsp.permission import NO, ONCE
from tests.support.issuer import Issuer
from tests.support.keys import jwk, private_key, signed
from tests.support.server import NOW, Session, at

TENANT = "3f1c9d5e-7a42-4b0e-9c6d-2e8f5a1b7c30"
ENTRA = f"https://login.microsoftonline.com/{TENANT}/v2.0"
OWN = "https://login.contoso.example"
URI = "file:///folder/policy.xml"
TIMES = {"nbf": int(NOW.timestamp()) - 60, "exp": int(NOW.timestamp()) + 3600}


def policy(content: str) -> str:
    return f"<policies>\n<inbound>\n{content}\n</inbound>\n</policies>\n"


def validate_jwt(address: str) -> str:
    return policy(f'<validate-jwt header-name="Authorization"><openid-config url="{address}" /></validate-jwt>')


def metadata(issuer: str) -> str:
    return f"{issuer}/.well-known/openid-configuration"


def token(issuer: str = ENTRA, key: Any = None) -> str:
    return signed("RS256", {"iss": issuer, "tid": TENANT, "aud": "api://orders", **TIMES}, key=key)


class Editor(Session):
    """A client, and an issuer in place of the network."""

    def __init__(self, chosen: str | None = None, settings: Any = None) -> None:
        super().__init__(settings=settings)
        self.chosen = chosen
        self.issuer = Issuer()
        for each in (ENTRA, OWN):
            self.issuer.publish(each, jwk("RS256"))
        self.server.network.make_cache = self.issuer.cache_maker(lambda: self.time)

    def simulate(self, text: str, sent: str, *, online: bool = True) -> Any:
        self.open(URI, text, "xml")
        return self.request(messages.SIMULATE, {**at(URI, 2, 6), "token": {"text": sent}, "online": online})


def test_nothing_is_fetched_unless_the_user_asks() -> None:
    with Editor() as editor:
        answer = editor.simulate(validate_jwt(metadata(ENTRA)), token(), online=False)
        asked = editor.issuer.asked

    assert (answer["outcome"], answer["keysFrom"], asked) == ("undetermined", ["login.microsoftonline.com"], [])


def test_with_the_issuer_s_keys_the_signature_is_decided() -> None:
    with Editor() as editor:
        good = editor.simulate(validate_jwt(metadata(ENTRA)), token())
        forged = editor.simulate(validate_jwt(metadata(ENTRA)), token(key=private_key("RSA-other")))
        asked = editor.issuer.asked

    assert (good["outcome"], good["keysFrom"]) == ("pass", [])
    assert (forged["outcome"], forged["reason"]) == ("fail", "TokenSignatureInvalid")
    assert asked == [metadata(ENTRA), f"{ENTRA}/keys"]


def test_the_keys_of_validate_azure_ad_token_are_those_of_its_tenant() -> None:
    with Editor() as editor:
        text = policy(f'<validate-azure-ad-token tenant-id="{TENANT}" />')
        before = editor.simulate(text, token(), online=False)
        after = editor.simulate(text, token())

    assert (before["outcome"], before["keysFrom"]) == ("undetermined", ["login.microsoftonline.com"])
    assert after["outcome"] == "pass"


def test_a_named_value_in_the_address_is_filled_in() -> None:
    settings = {None: {"policies": {"namedValues": {"tenant": TENANT}}}}
    with Editor(settings=settings) as editor:
        answer = editor.simulate(validate_jwt(metadata(ENTRA).replace(TENANT, "{{tenant}}")), token())

    assert answer["outcome"] == "pass"


@pytest.mark.parametrize(
    ("chosen", "outcome", "fetched"), [(NO, "undetermined", False), (None, "undetermined", False), (ONCE, "pass", True)]
)
def test_a_host_that_is_no_known_provider_is_asked_about(chosen: str | None, outcome: str, fetched: bool) -> None:
    with Editor(chosen) as editor:
        answer = editor.simulate(validate_jwt(metadata(OWN)), token(OWN))
        questions = [each["message"] for each in editor.notifications("window/showMessageRequest")]
        asked = editor.issuer.asked

    assert (answer["outcome"], bool(asked)) == (outcome, fetched)
    assert len(questions) == 1
    assert "Fetch metadata and keys from login.contoso.example? The token is not sent." in questions[0]


@pytest.mark.parametrize(
    "address",
    [
        '@(context.Request.Headers.GetValueOrDefault("Authorization","").AsJwt().Issuer + "/x")',
        '@("https://login.microsoftonline.com/x")',
        "${metadata}",
        "{{unknown}}",
        "https://[",
        "nonsense",
    ],
)
def test_no_address_follows_from_a_token_or_a_template(address: str) -> None:
    with Editor(ONCE) as editor:
        answer = editor.simulate(validate_jwt(address), token())
        asked = editor.issuer.asked

    assert (answer["outcome"], asked) == ("undetermined", [])


def test_an_issuer_that_does_not_answer_leaves_the_signature_open() -> None:
    with Editor() as editor:
        editor.issuer.down = True
        answer = editor.simulate(validate_jwt(metadata(ENTRA)), token())

    assert answer["outcome"] == "undetermined"
    assert "does not answer" in answer["report"]


def test_a_text_that_changes_while_keys_are_fetched_gets_no_marks() -> None:
    with Editor() as editor:
        fetched = editor.server.network.make_cache

        def change_meanwhile(settings: Any) -> Any:
            editor.server.documents.open(URI, "<policies />", 2, "xml")
            return fetched(settings)

        editor.server.network.make_cache = change_meanwhile
        answer = editor.simulate(validate_jwt(metadata(ENTRA)), token())

    assert (answer["outcome"], answer["marks"]) == ("pass", [])
