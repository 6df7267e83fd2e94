"""Rules about policies: where they look, what they leave alone, and their quick fixes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from claimlens.apim.parser import parse
from claimlens.rules.registry import registry, rules_of
from tests.support import markers
from tests.support.checking import check_marked, check_text

FIXTURES = Path(__file__).parent / "fixtures"
POLICY = """\
<policies>
  <inbound>
    <base />
    <validate-jwt header-name="Authorization" clock-skew="00:05:00">
      <openid-config url="https://login.example.com/.well-known/openid-configuration" />
    </validate-jwt>
  </inbound>
</policies>
"""
VALIDATE_JWT = """\
<validate-jwt header-name="VALUE" require-scheme="VALUE" clock-skew="VALUE" failed-validation-httpcode="VALUE"
    require-signed-tokens="VALUE" require-expiration-time="VALUE">
  <openid-config url="VALUE" />
  <audiences><audience>VALUE</audience></audiences>
  <issuers><issuer>VALUE</issuer></issuers>
  <required-claims>
    <claim name="VALUE" match="VALUE"><value>VALUE</value><value>x</value></claim>
  </required-claims>
</validate-jwt>
"""


def found(text: str, uri: str = "", **settings: object) -> list[str]:
    result = check_text(text, uri=uri, **settings)

    assert result.failures == ()
    return [finding.code for finding in result.findings]


FIXED = [
    (path, index)
    for path in sorted(FIXTURES.glob("apim-*/found.txt"))
    for index, _ in enumerate(check_marked(markers.read(path.read_text(encoding="utf-8"))).findings)
]


@pytest.mark.parametrize(("path", "index"), FIXED, ids=lambda value: getattr(value, "parent", Path(str(value))).name)
def test_a_fix_takes_its_finding_away_and_breaks_nothing(path: Path, index: int) -> None:
    marked = markers.read(path.read_text(encoding="utf-8"))
    before = check_marked(marked).findings
    for fix in before[index].fixes:
        text = markers.apply(marked.text, fix.edits)
        after = check_marked(markers.MarkedText(text, (), marked.options)).findings

        assert len([each for each in after if each.code == path.parent.name]) < len(before)
        assert len(parse(text).problems) <= len(parse(marked.text).problems)


def test_there_are_many_kinds_of_fixes() -> None:
    fixable = {
        path.parent.name
        for path in FIXTURES.glob("apim-*/found.txt")
        if any(finding.fixes for finding in check_marked(markers.read(path.read_text(encoding="utf-8"))).findings)
    }

    assert len(fixable) >= 30


def test_a_policy_in_a_template_has_its_findings_and_fixes_in_the_file() -> None:
    text = json.dumps({"properties": {"format": "rawxml", "value": POLICY}}, indent=2)
    result = check_text(text, uri="file:///infra/template.json")
    skew = next(finding for finding in result.findings if finding.code == "apim-clock-skew-format")

    assert skew.span.slice(text) == "00:05:00"
    assert 'clock-skew="300"' in json.loads(markers.apply(text, skew.fixes[0].edits))["properties"]["value"]


def test_a_policy_in_bicep_has_its_findings_in_the_file() -> None:
    text = f"resource policy 'x' = {{\n  properties: {{\n    value: '''\n{POLICY}'''\n  }}\n}}\n"
    result = check_text(text, uri="file:///infra/main.bicep")

    assert "00:05:00" in [finding.span.slice(text) for finding in result.findings]


@pytest.mark.parametrize(
    "text",
    [
        "<project><policies><entry/></policies></project>",
        "<policies><sandbox-policy/></policies>",
        '<fragment android:name="x" xmlns:android="y"/>',
        "<html><my-element>text</my-element></html>",
        "See <validate-jwt> in the documentation.",
        "",
    ],
)
def test_what_is_no_policy_is_left_alone(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize("value", ["{{named}}", "${terraform}", "#{devops}#", '@(context.Request.Method + "")'])
@pytest.mark.parametrize(
    "policy",
    [
        '<set-header name="a" exists-action="VALUE"><value>b</value></set-header>',
        VALIDATE_JWT,
        '<forward-request timeout="VALUE" follow-redirects="VALUE" />',
        '<rate-limit-by-key calls="VALUE" renewal-period="VALUE" counter-key="VALUE" />',
    ],
)
def test_a_value_that_is_not_known_yet_is_not_judged(policy: str, value: str) -> None:
    section = "backend" if "forward" in policy else "inbound"
    text = f"<policies><{section}>{policy.replace('VALUE', value)}</{section}></policies>"

    assert set(found(text)) <= {"apim-missing-base", "apim-expression-not-allowed"}


def test_a_rule_can_be_switched_off_and_suppressed_in_a_comment() -> None:
    code = "apim-clock-skew-format"
    commented = POLICY.replace("    <validate", f"    <!-- claimlens: ignore[{code}] -->\n    <validate")

    assert code in found(POLICY)
    assert code not in found(POLICY, rules={code: "off"})
    assert code not in found(commented)


def test_every_rule_about_policies_is_of_the_family_apim() -> None:
    assert {rule.code for rule in rules_of("apim")} == {code for code in registry() if code.startswith("apim-")}


@pytest.mark.parametrize(
    "text", ["<policies><inbound>" + "<a" * 500, "<fragment>" + "<choose><when>" * 300, "<policies>\0"]
)
def test_hostile_text_makes_no_rule_fail(text: str) -> None:
    assert check_text(text).failures == ()
