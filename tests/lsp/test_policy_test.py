"""Testing a token against a policy in the editor: the answer, the marks on the lines, the lenses that lead there."""

from __future__ import annotations

from typing import Any

import pytest

from claimlens.lsp import messages
from tests.support.server import NOW, Session, at
from tests.support.tokens import compact

ISSUER = "https://login.microsoftonline.com/11111111-2222-4333-8444-555555555555/v2.0"
CLAIMS = {"iss": ISSUER, "aud": "api://orders", "scp": "Orders.Read", "exp": int(NOW.timestamp()) + 600}
POLICY = "file:///folder/policy.xml"
REQUEST = "file:///folder/orders.http"
TEXT = f"""\
<policies>
  <inbound>
    <validate-jwt header-name="Authorization" failed-validation-httpcode="403">
      <openid-config url="{ISSUER}/.well-known/openid-configuration" />
      <audiences>
        <audience>api://orders</audience>
      </audiences>
      <required-claims>
        <claim name="scp"><value>Orders.Read</value></claim>
      </required-claims>
    </validate-jwt>
    <choose>
      <when condition="@(true)"><set-variable name="a" value="b" /></when>
    </choose>
  </inbound>
  <outbound><set-header name="x"><value>y</value></set-header></outbound>
</policies>
"""
BICEP = f"""\
resource policy 'Microsoft.ApiManagement/service/policies@2022-08-01' = {{
  properties: {{
    value: '''
{TEXT}'''
  }}
}}
"""


def answer_to(claims: dict[str, Any], text: str = TEXT, uri: str = POLICY, line: int = 2) -> Any:
    with Session() as session:
        session.open(uri, text, "xml")
        return session.request(messages.SIMULATE, {**at(uri, line, 6), "token": {"text": compact(claims)}})


def reached(answer: Any) -> list[tuple[int, str]]:
    return [(mark["range"]["start"]["line"], mark["reached"]) for mark in answer["marks"]]


def test_each_check_has_its_mark() -> None:
    answer = answer_to(CLAIMS)
    assert answer["outcome"] == "undetermined"  # the issuer's keys are not at hand
    assert reached(answer) == [(2, "passed"), (3, "open"), (4, "passed"), (8, "passed"), (12, "passed")]


def test_what_stands_behind_a_failure_is_not_reached() -> None:
    answer = answer_to({**CLAIMS, "aud": "api://other"})
    assert (answer["outcome"], answer["status"], answer["reason"]) == ("fail", 403, "TokenAudienceNotAllowed")
    assert reached(answer) == [(2, "passed"), (3, "open"), (4, "failed"), (7, "not reached"), (11, "not reached")]
    assert "api://other" in answer["marks"][2]["detail"]


def test_the_report_says_the_answer_and_links_to_the_lines() -> None:
    report = answer_to({**CLAIMS, "aud": "<img src=x>|[a](b)"})["report"]
    assert f"[line 5](<{POLICY}#L5>)" in report
    assert "TokenAudienceNotAllowed" in report
    assert "## context.LastError" in report
    assert "<img" not in report.replace("```json", "").split("## What the caller gets")[0]


def test_no_answer_holds_token_text() -> None:
    for claims in (CLAIMS, {**CLAIMS, "exp": 1}, {"aud": "api://orders"}):
        answer = str(answer_to(claims))
        assert not any(part in answer for part in compact(claims).split("."))


def test_a_policy_in_another_file_is_marked_in_that_file() -> None:
    answer = answer_to({**CLAIMS, "aud": "api://other"}, BICEP, "file:///folder/main.bicep", 5)
    assert reached(answer)[2] == (7, "failed")
    assert "#L8>)" in answer["report"]


def test_what_is_no_token_reaches_the_policy_all_the_same() -> None:
    with Session() as session:
        session.open(POLICY, TEXT, "xml")
        answer = session.request(messages.SIMULATE, {**at(POLICY, 2, 6), "token": {"text": "nonsense"}})
    assert answer["outcome"] == "fail"
    assert answer["marks"][0]["reached"] == "failed"


def test_without_policy_or_token_there_is_no_answer() -> None:
    with Session() as session:
        session.open(REQUEST, "nothing", "http")
        session.open(POLICY, TEXT, "xml")
        token = {"text": compact(CLAIMS)}
        assert session.request(messages.SIMULATE, {**at(REQUEST, 0, 0), "token": token}) is None
        assert session.request(messages.SIMULATE, {**at("file:///closed", 0, 0), "token": token}) is None
        assert session.request(messages.SIMULATE, {**at(POLICY, 2, 6), "token": at(REQUEST, 0, 0)}) is None


def test_named_values_come_from_the_settings() -> None:
    text = TEXT.replace("<audience>api://orders<", "<audience>{{audience}}<")
    settings = {None: {"policies": {"namedValues": {"audience": "api://orders"}}}}
    with Session(settings=settings) as session:
        session.open(POLICY, text, "xml")
        answer = session.request(messages.SIMULATE, {**at(POLICY, 2, 6), "token": {"text": compact(CLAIMS)}})
    assert (4, "passed") in reached(answer)


def test_the_tokens_and_policies_to_choose_from() -> None:
    with Session() as session:
        session.open(REQUEST, f"GET /\nAuthorization: Bearer {compact(CLAIMS)}\n", "http")
        session.open(POLICY, TEXT, "xml")
        tokens = session.request(messages.OPEN_TOKENS)
        policies = session.request(messages.OPEN_POLICIES)
    assert [(each["name"], each["position"]["line"]) for each in tokens] == [("orders.http", 1)]
    assert "api://orders" in tokens[0]["label"]
    assert [(each["name"], each["label"], each["position"]["line"]) for each in policies] == [
        ("policy.xml", "validate-jwt", 2)
    ]


@pytest.mark.parametrize(
    ("commands", "titles"),
    [([messages.TEST_POLICY, messages.TEST_TOKEN], ["Test with a token…", "Test against policy…"]), ([], [])],
)
def test_lenses_are_for_clients_that_carry_them_out(commands: list[str], titles: list[str]) -> None:
    with Session(options={"commands": [messages.SHOW_TOKEN, *commands]}) as session:
        session.open(POLICY, TEXT, "xml")
        session.open(REQUEST, f"Authorization: Bearer {compact(CLAIMS)}\n", "http")
        found = [
            lens["command"]["title"]
            for uri in (POLICY, REQUEST)
            for lens in session.request("textDocument/codeLens", {"textDocument": {"uri": uri}})
        ]
    assert [title for title in found if title.startswith("Test")] == titles
