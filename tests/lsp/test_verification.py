"""Verifying in the editor: what is shown and kept, what is asked first, and that nothing else uses the network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from claimlens.lsp.permission import ALWAYS, NO, ONCE
from tests.support.issuer import Issuer
from tests.support.keys import jwk, pem, signed
from tests.support.server import NOW, RefusedError, Session, at

URI = "file:///folder/work.http"
TENANT = "3f1c9d5e-7a42-4b0e-9c6d-2e8f5a1b7c30"
ENTRA = f"https://login.microsoftonline.com/{TENANT}/v2.0"
OWN = "https://login.contoso.example"
TIMES = {"iat": int(NOW.timestamp()) - 60, "nbf": int(NOW.timestamp()) - 60, "exp": int(NOW.timestamp()) + 3600}
COMMANDS = [
    "claimlens.verifyToken",
    "claimlens.showIssuerMetadata",
    "claimlens.checkWithKeyFile",
    "claimlens.checkWithSecret",
    "claimlens.showToken",
]


def token_from(issuer: str = ENTRA, **more: Any) -> str:
    claims = {"iss": issuer, "aud": "api://orders", "tid": TENANT, "ver": "2.0", "scp": "read", **TIMES, **more}
    return signed("RS256", claims)


def damaged(token: str) -> str:
    """Change one character in the middle of the signature."""
    middle = (token.rindex(".") + len(token)) // 2
    return token[:middle] + ("A" if token[middle] != "A" else "B") + token[middle + 1 :]


@pytest.fixture
def issuer() -> Issuer:
    published = Issuer()
    published.publish(ENTRA, jwk("RS256"))
    published.publish(OWN, jwk("RS256"))
    return published


class Editor(Session):
    """A client with all our commands and an issuer in place of the network."""

    def __init__(self, issuer: Issuer, **options: Any) -> None:
        settings = options.pop("settings", None)
        super().__init__(options={"commands": COMMANDS, "remembersHosts": True, **options}, settings=settings)
        self.server.network.make_cache = issuer.cache_maker(lambda: self.time)

    def show(self, text: str) -> None:
        self.open(URI, text, "http")

    def verify(self, **more: Any) -> dict[str, Any]:
        return self.request("claimlens/verify", {**at(URI, 0, 30), **more})

    def lenses(self) -> list[str]:
        found = self.request("textDocument/codeLens", {"textDocument": {"uri": URI}})
        return [lens["command"]["title"] for lens in found]

    def codes(self) -> list[str]:
        return [found["code"] for found in self.diagnostics(URI)["items"]]

    def questions(self) -> list[str]:
        return [params["message"] for params in self.notifications("window/showMessageRequest")]


@pytest.fixture
def editor(issuer: Issuer) -> Iterator[Editor]:
    with Editor(issuer) as session:
        yield session


class TestVerdict:
    def test_a_good_token_is_valid_and_the_report_lists_every_check(self, editor: Editor) -> None:
        editor.show(f"Bearer {token_from()}")

        answer = editor.verify()

        assert (answer["verdict"], answer["signature"]) == ("valid", "valid")
        assert answer["summary"].startswith("Valid; audience")
        for check in ("algorithm", "key", "signature", "issuer", "expiry"):
            assert f"✓ {check}" in answer["report"]
        assert f"`{ENTRA}/keys`" in answer["report"]

    def test_the_hover_says_against_whom_with_which_key_and_when(self, editor: Editor) -> None:
        editor.show(f"Bearer {token_from()}")
        editor.verify()

        shown = editor.hover(URI, 0, 30)

        assert shown is not None
        assert "`signature verified against login.microsoftonline.com, key one, at 2026-03-01 12:00:00 UTC`" in shown

    def test_the_lens_changes(self, editor: Editor) -> None:
        editor.show(f"Bearer {token_from()}")
        before = editor.lenses()
        editor.verify()
        after = editor.lenses()

        assert before[1:] == ["Verify signature (login.microsoftonline.com)"]
        assert after == [f"{before[0]} · signature verified", "Verify again"]

    def test_an_invalid_signature_is_a_diagnostic_until_the_text_changes(self, editor: Editor) -> None:
        good = token_from()
        bad = damaged(good)
        editor.show(f"Bearer {bad}")
        assert "jwt-signature-invalid" not in editor.codes()

        assert editor.verify()["verdict"] == "invalid"

        found = [item for item in editor.diagnostics(URI)["items"] if item["code"] == "jwt-signature-invalid"]
        assert [item["range"]["start"]["character"] for item in found] == [7]
        assert "not made with the key one" in found[0]["message"]
        assert "signature invalid" in editor.lenses()[0]
        editor.insert(URI, 2, 0, 0, "moved ")
        assert "jwt-signature-invalid" in editor.codes()
        editor.change(URI, 3, {"text": f"moved Bearer {good}"})
        assert "jwt-signature-invalid" not in editor.codes()
        assert "signature" not in editor.lenses()[0]

    def test_a_later_verification_takes_the_place_of_an_earlier_one(self, editor: Editor, issuer: Issuer) -> None:
        token = token_from()
        editor.show(f"Bearer {token}")
        assert editor.verify(key=pem("RSA-other").decode(), keyName="other.pem")["verdict"] == "invalid"
        assert "jwt-signature-invalid" in editor.codes()

        assert editor.verify()["verdict"] == "valid"

        assert "jwt-signature-invalid" not in editor.codes()

    def test_the_finding_obeys_settings_and_comments(self, issuer: Issuer) -> None:
        with Editor(issuer, settings={None: {"rules": {"jwt-signature-invalid": "error"}}}) as editor:
            bad = damaged(token_from())
            editor.show(f"Bearer {bad}")
            editor.verify()
            severities = {item["code"]: item["severity"] for item in editor.diagnostics(URI)["items"]}
            editor.change(URI, 2, {"text": f"Bearer {bad} # claimlens: ignore[jwt-signature-invalid]"})
            silenced = editor.codes()
        assert severities["jwt-signature-invalid"] == 1
        assert "jwt-signature-invalid" not in silenced

    def test_the_client_is_asked_to_ask_again(self, editor: Editor) -> None:
        editor.show(f"Bearer {token_from()}")
        editor.sent.clear()
        editor.verify()

        methods = {message["method"] for message in editor.sent}
        assert {"workspace/diagnostic/refresh", "workspace/codeLens/refresh"} <= methods

    def test_what_the_settings_expect_is_checked(self, issuer: Issuer) -> None:
        with Editor(issuer, settings={None: {"expected": {"audiences": ["api://invoices"]}}}) as editor:
            editor.show(f"Bearer {token_from()}")
            answer = editor.verify()
        assert (answer["verdict"], answer["signature"]) == ("invalid", "valid")
        assert "api://invoices" in answer["report"]

    @pytest.mark.parametrize(
        ("expected", "verdict"),
        [
            ({"issuers": [ENTRA.replace(TENANT, "{tenantid}")]}, "valid"),
            ({"issuers": ["https://elsewhere.example/"]}, "invalid"),
            ({"scopes": ["api://orders/read", "write"], "roles": ["Admin"]}, "valid"),
            ({"scopes": ["write"]}, "invalid"),
        ],
    )
    def test_it_is_checked_as_the_rules_do(self, issuer: Issuer, expected: dict[str, list[str]], verdict: str) -> None:
        with Editor(issuer, settings={None: {"expected": expected}}) as editor:
            editor.show(f"Bearer {token_from()}")
            answer = editor.verify()
            unexpected = {"jwt-unexpected-issuer", "jwt-missing-permission"} & set(editor.codes())
        assert answer["verdict"] == verdict
        assert bool(unexpected) == (verdict == "invalid")

    def test_a_token_given_as_text_needs_no_document(self, editor: Editor) -> None:
        assert editor.request("claimlens/verify", {"text": f"Bearer {token_from()}"})["verdict"] == "valid"
        assert editor.request("claimlens/verify", {"text": "no token"}) is None

    def test_keys_outlive_an_outage_and_their_age_is_told(self, editor: Editor, issuer: Issuer) -> None:
        editor.show(f"Bearer {token_from(exp=int(NOW.timestamp()) + 7200)}")
        editor.verify()
        issuer.down = True
        editor.pass_time(timedelta(hours=1))

        answer = editor.verify()

        assert answer["verdict"] == "valid"
        assert "the keys are those of 2026-03-01 12:00 UTC" in answer["summary"]
        assert "(keys of 2026-03-01 12:00:00 UTC)" in str(editor.hover(URI, 0, 30))

    def test_without_an_answer_the_verdict_is_open_and_says_why(self, editor: Editor, issuer: Issuer) -> None:
        issuer.down = True
        editor.show(f"Bearer {token_from()}")

        answer = editor.verify()

        assert answer["verdict"] == "undetermined"
        assert "The host does not answer." in answer["report"]
        assert "signature not verified" in editor.lenses()[0]

    def test_nothing_hostile_in_a_token_comes_alive_in_the_report(self, editor: Editor) -> None:
        claims = {"iss": "https://login.microsoftonline.com/`[x](command:y)|<b>", "aud": "`|<img src=x>", **TIMES}
        editor.show("Bearer " + signed("RS256", claims, kid="[a](command:b)`|<script>"))
        report = editor.verify()["report"]

        outside = "".join(report.split("`")[0::2])
        assert "](command:" not in outside
        assert "<script" not in outside


class TestGivenKeys:
    def test_a_key_file_in_any_form(self, editor: Editor, issuer: Issuer) -> None:
        editor.show(f"Bearer {token_from()}")
        forms = [pem("RS256").decode(), json.dumps(jwk("RS256")), json.dumps({"keys": [jwk("RS256")]})]

        verdicts = [editor.verify(key=text, keyName="issuer.pem")["signature"] for text in forms]

        assert verdicts == ["valid"] * 3
        assert "against issuer.pem" in str(editor.hover(URI, 0, 30))
        assert issuer.asked == []

    @pytest.mark.parametrize(
        ("text", "said"),
        [("nothing", "no public key"), ("{", "not valid JSON"), ("{}", "neither a JWK nor"), ("x" * 600_000, "longer")],
    )
    def test_a_file_without_a_key_leaves_the_verdict_open(self, editor: Editor, text: str, said: str) -> None:
        editor.show(f"Bearer {token_from()}")
        answer = editor.verify(key=text, keyName="x")
        assert answer["verdict"] == "undetermined"
        assert said in answer["report"]

    def test_a_secret_is_checked_and_shown_nowhere(self, editor: Editor, issuer: Issuer) -> None:
        secret = "correct horse battery staple, and more of it"
        editor.show("Bearer " + signed("HS256", {"sub": "x", **TIMES}, key=secret.encode(), kid=None))

        right, wrong = editor.verify(secret=secret), editor.verify(secret="wrong secret of a good length, really")

        assert (right["signature"], wrong["signature"]) == ("valid", "invalid")
        assert secret.encode() not in bytes(editor.raw)
        assert issuer.asked == []


class TestPermission:
    def test_known_providers_are_asked_without_a_question(self, editor: Editor) -> None:
        editor.show(f"Bearer {token_from()}")
        editor.verify()
        assert editor.questions() == []

    def test_another_host_is_asked_about_and_no_means_no(self, editor: Editor, issuer: Issuer) -> None:
        editor.chosen = NO
        editor.show(f"Bearer {token_from(OWN)}")

        answer = editor.verify()

        assert answer["verdict"] == "undetermined"
        assert "login.contoso.example is not a known identity provider" in answer["report"]
        assert [
            question for question in editor.questions() if "login.contoso.example" in question
        ] == editor.questions()
        assert len(editor.questions()) == 1
        assert issuer.asked == []

    def test_a_client_that_does_not_answer_allows_nothing(self, editor: Editor, issuer: Issuer) -> None:
        editor.show(f"Bearer {token_from(OWN)}")
        assert editor.verify()["verdict"] == "undetermined"
        assert issuer.asked == []

    def test_once_is_for_one_action(self, editor: Editor) -> None:
        editor.chosen = ONCE
        editor.show(f"Bearer {token_from(OWN)}")
        assert editor.verify()["verdict"] == "valid"
        assert editor.notifications("claimlens/hostAllowed") == []

        assert editor.verify()["verdict"] == "valid"

        assert len(editor.questions()) == 2

    def test_always_is_for_good_and_the_client_keeps_it(self, editor: Editor, issuer: Issuer) -> None:
        editor.chosen = ALWAYS
        editor.show(f"Bearer {token_from(OWN)}")
        editor.verify()
        editor.verify()

        assert len(editor.questions()) == 1
        assert editor.notifications("claimlens/hostAllowed") == [{"host": "login.contoso.example"}]
        fetched = list(issuer.asked)
        network = {"allowedHosts": ["login.contoso.example"]}
        editor.notify("claimlens/didChangeUserSettings", {"network": network, "trusted": True})
        editor.verify()
        assert issuer.asked == fetched

    def test_a_client_that_keeps_nothing_is_not_offered_always(self, issuer: Issuer) -> None:
        with Editor(issuer, remembersHosts=False) as editor:
            editor.show(f"Bearer {token_from(OWN)}")
            editor.verify()
            (asked,) = editor.notifications("window/showMessageRequest")
        assert [action["title"] for action in asked["actions"]] == [ONCE, NO]

    def test_an_untrusted_workspace_reaches_known_providers_only(self, issuer: Issuer) -> None:
        with Editor(issuer, trusted=False, network={"allowedHosts": ["login.contoso.example"]}) as editor:
            editor.chosen = ALWAYS
            editor.show(f"Bearer {token_from(OWN)}")
            refused = editor.verify()
            asked, known = editor.questions(), editor.request("claimlens/verify", {"text": token_from()})
            editor.notify(
                "claimlens/didChangeUserSettings",
                {"network": {"allowedHosts": ["login.contoso.example"]}, "trusted": True},
            )
            trusted = editor.verify()
        assert (refused["verdict"], asked, known["verdict"]) == ("undetermined", [], "valid")
        assert trusted["verdict"] == "valid"

    def test_settings_of_a_workspace_allow_no_host(self, issuer: Issuer) -> None:
        settings = {None: {"network": {"allowedHosts": ["login.contoso.example"]}}}
        with Editor(issuer, settings=settings) as editor:
            editor.show(f"Bearer {token_from(OWN)}")
            assert editor.verify()["verdict"] == "undetermined"
        assert issuer.asked == []

    def test_offline_asks_nobody(self, issuer: Issuer) -> None:
        with Editor(issuer, network={"offline": True}) as editor:
            editor.show(f"Bearer {token_from()}")
            answer = editor.verify()
        assert "network.offline is on" in answer["report"]
        assert issuer.asked == []


class TestProgress:
    def test_progress_begins_and_ends(self, editor: Editor) -> None:
        editor.show(f"Bearer {token_from()}")
        editor.verify()

        begin, end = editor.notifications("$/progress")
        assert (begin["value"]["kind"], begin["value"]["cancellable"]) == ("begin", True)
        assert (end["value"]["kind"], end["token"]) == ("end", begin["token"])

    def test_cancelling_the_progress_cancels_the_verification(self, editor: Editor, issuer: Issuer) -> None:
        issuer.never_answers = True
        editor.show(f"Bearer {token_from()}")
        waiting = editor.post("claimlens/verify", at(URI, 0, 30))
        editor.settle()
        assert waiting not in editor.answers
        (begin,) = editor.notifications("$/progress")

        editor.notify("window/workDoneProgress/cancel", {"token": begin["token"]})

        assert editor.answers[waiting]["error"]["code"] == -32800
        assert editor.notifications("$/progress")[-1]["value"]["kind"] == "end"
        assert "signature" not in editor.lenses()[0]

    @pytest.mark.parametrize("client", [{"client": {}}, {"refused": ["window/workDoneProgress/create"]}])
    def test_a_client_without_progress_gets_its_answer_all_the_same(self, issuer: Issuer, client: Any) -> None:
        with Session(**client) as session:
            session.server.network.make_cache = issuer.cache_maker(lambda: NOW)
            answer = session.request("claimlens/verify", {"text": token_from()})
        assert answer["verdict"] == "valid"
        assert session.notifications("$/progress") == []


class TestMetadata:
    def test_keys_algorithms_and_metadata_are_readable_json(self, editor: Editor) -> None:
        editor.show(f"Bearer {token_from()}")

        answer = editor.request("claimlens/metadata", at(URI, 0, 30))

        told = json.loads(answer["text"])
        assert answer["issuer"] == told["issuer"] == ENTRA
        assert told["keys"] == [{"kid": "one", "kty": "RSA"}]
        assert told["metadata"]["jwks_uri"] == f"{ENTRA}/keys"
        assert told["fetched_at"] == "2026-03-01T12:00:00+00:00"

    def test_an_issuer_can_be_named(self, editor: Editor) -> None:
        assert editor.request("claimlens/metadata", {"issuer": ENTRA})["issuer"] == ENTRA

    def test_a_failure_is_told(self, editor: Editor, issuer: Issuer) -> None:
        issuer.down = True
        answer = editor.request("claimlens/metadata", {"issuer": ENTRA})
        assert answer["failure"] == {
            "kind": "connection-refused",
            "message": "The host does not answer. Try again later.",
        }

    def test_the_cache_serves_until_it_is_cleared(self, editor: Editor, issuer: Issuer) -> None:
        editor.show(f"Bearer {token_from()}")
        editor.verify()
        editor.verify()
        assert len(issuer.asked) == 2

        editor.request("claimlens/clearMetadata")
        editor.verify()

        assert len(issuer.asked) == 4

    def test_fifty_verifications_at_once_ask_twice(self, editor: Editor, issuer: Issuer) -> None:
        editor.show(f"Bearer {token_from()}")
        asked = [editor.post("claimlens/verify", at(URI, 0, 30)) for _ in range(50)]
        editor.settle()

        assert {editor.answers[each]["result"]["verdict"] for each in asked} == {"valid"}
        assert len(issuer.asked) == 2


class TestOffers:
    def offered(self, editor: Session) -> dict[str, str]:
        actions = editor.code_actions(URI, 0, 30)
        return {action["title"]: action["command"]["command"] for action in actions if action.get("command")}

    def test_what_can_be_done_with_a_token(self, editor: Editor, issuer: Issuer) -> None:
        editor.show(f"Bearer {token_from()}")

        offered = self.offered(editor)

        assert offered["Verify signature (login.microsoftonline.com)"] == "claimlens.verifyToken"
        assert offered["Fetch issuer metadata"] == "claimlens.showIssuerMetadata"
        assert offered["Check with a key from file…"] == "claimlens.checkWithKeyFile"
        assert issuer.asked == []

    def test_a_shared_secret_can_be_typed_and_has_no_issuer_to_ask(self, editor: Editor) -> None:
        editor.show("Bearer " + signed("HS256", {"iss": ENTRA, **TIMES}, key=b"x" * 32))
        offered = self.offered(editor)
        assert offered["Check with a secret…"] == "claimlens.checkWithSecret"
        assert not [title for title in offered if title.startswith("Verify signature")]

    def test_a_client_without_our_commands_verifies_by_the_servers(self, issuer: Issuer) -> None:
        with Session() as session:
            session.server.network.make_cache = issuer.cache_maker(lambda: NOW)
            session.open(URI, f"Bearer {token_from()}", "http")
            (action,) = [each for each in session.code_actions(URI, 0, 30) if each["title"].startswith("Verify")]
            answer = session.request("workspace/executeCommand", action["command"])
            (message,) = session.notifications("window/showMessage")
            hover = session.hover(URI, 0, 30)
        assert answer.startswith("Valid")
        assert message == {"type": 3, "message": answer}
        assert "signature verified" in str(hover)

    def test_a_command_with_nonsense_is_refused(self, editor: Editor) -> None:
        for arguments in ([], [7], [{"position": "x"}]):
            with pytest.raises(RefusedError):
                editor.request(
                    "workspace/executeCommand", {"command": "claimlens.server.verify", "arguments": arguments}
                )


def test_opening_hovering_and_checking_ask_nobody(editor: Editor, issuer: Issuer) -> None:
    editor.show(f"Bearer {token_from()}\nBearer {token_from(OWN)}")
    editor.hover(URI, 0, 30)
    editor.codes()
    editor.lenses()
    editor.code_actions(URI, 0, 30)
    editor.request("claimlens/decode", at(URI, 0, 30))

    assert issuer.asked == []
    assert editor.questions() == []
