"""Writing a policy another way: what can be said the same is converted, what cannot is not offered."""

from __future__ import annotations

import pytest

from claimlens.apim.document import PolicyDocument
from claimlens.apim.editing.colours import Colour, coloured
from claimlens.apim.editing.formatting import Change
from claimlens.apim.editing.refactorings import escaped, extraction, to_azure_ad, unescaped
from claimlens.apim.parser import parse
from claimlens.text.spans import Span
from tests.support.cursor import in_inbound

TENANT = "11111111-2222-4333-8444-555555555555"
METADATA = f'<openid-config url="https://login.microsoftonline.com/{TENANT}/v2.0/.well-known/openid-configuration" />'
AUDIENCES = "<audiences><audience>api://orders</audience></audiences>"


def changed(document: PolicyDocument, changes: tuple[Change, ...]) -> str:
    pieces, cursor = [], 0
    for change in changes:
        pieces += (document.text[cursor : change.span.start], change.text)
        cursor = change.span.end
    return "".join((*pieces, document.text[cursor:]))


def converted(inside: str, attributes: str = 'header-name="Authorization"') -> str | None:
    document = parse(f"<validate-jwt {attributes}>{inside}</validate-jwt>")
    assert document.root is not None
    return changed(document, found) if (found := to_azure_ad(document, document.root)) else None


def test_a_policy_that_trusts_one_tenant_is_converted() -> None:
    issuers = (
        f"<issuers>\n<issuer>https://login.microsoftonline.com/{TENANT}/v2.0</issuer>"
        f"<issuer>https://sts.windows.net/{TENANT}/</issuer></issuers>"
    )
    text = converted(f"\n {METADATA}\n {AUDIENCES}\n {issuers}\n", 'header-name="h" require-signed-tokens="true"')
    assert text == (
        f'<validate-azure-ad-token tenant-id="{TENANT}" header-name="h">\n {AUDIENCES}\n</validate-azure-ad-token>'
    )


@pytest.mark.parametrize(
    ("inside", "attributes"),
    [
        (METADATA, ""),
        (AUDIENCES, ""),
        (METADATA * 2 + AUDIENCES, ""),
        (METADATA + AUDIENCES, 'clock-skew="60"'),
        (METADATA + AUDIENCES, 'require-signed-tokens="false"'),
        (METADATA + "<issuer-signing-keys><key>a</key></issuer-signing-keys>" + AUDIENCES, ""),
        (METADATA + AUDIENCES + "<issuers><issuer>https://other.example</issuer></issuers>", ""),
        (METADATA.replace("login.microsoftonline.com", "login.example") + AUDIENCES, ""),
    ],
)
def test_what_the_other_policy_cannot_say_is_not_converted(inside: str, attributes: str) -> None:
    assert converted(inside, attributes) is None


def test_code_is_written_with_entities_and_back() -> None:
    code = '@(context.Request.Method == "GET" && 1 < 2)'
    text = in_inbound(f'<set-variable name="x" value="{code}" /><set-body>{code}</set-body><!-- {code} -->')
    document = parse(text)
    with_entities = changed(document, escaped(document))
    assert 'value="@(context.Request.Method == &quot;GET&quot; &amp;&amp; 1 &lt; 2)"' in with_entities
    assert '<set-body>@(context.Request.Method == "GET" &amp;&amp; 1 &lt; 2)</set-body>' in with_entities
    again = parse(with_entities)
    assert not again.problems
    assert escaped(again) == ()
    assert changed(again, unescaped(again)) == text
    assert unescaped(document) == ()


def test_policies_become_a_fragment() -> None:
    text = in_inbound('<cors />\n        <set-header name="x" />')
    document = parse(text)
    start, end = text.index("<cors"), text.index('"x" />') + len('"x" />')
    found = extraction(document, Span(start - 3, end + 1), "mine")
    assert found is not None
    assert changed(document, (found.change,)) == in_inbound('<include-fragment fragment-id="mine" />')
    fragment = parse(found.fragment)
    assert not fragment.problems
    assert [element.name for element in fragment.elements] == ["fragment", "cors", "set-header"]


@pytest.mark.parametrize("selected", ["<base />", "<inbound>", "<openid-config", 'header-name="h"'])
def test_what_no_fragment_can_hold_stays(selected: str) -> None:
    text = in_inbound(f'<validate-jwt header-name="h">{METADATA}</validate-jwt>')
    start = text.index(selected)
    assert extraction(parse(text), Span(start, start + len(selected)), "mine") is None


def test_code_is_coloured() -> None:
    text = '<set-body>@{ var x = (string)context.Variables["a"]; return JObject.Parse(x); }</set-body>'
    found = {span.slice(text): colour for span, colour in coloured(parse(text))}
    assert found == {
        "var": Colour.KEYWORD,
        "x": Colour.VARIABLE,
        "string": Colour.KEYWORD,
        "context": Colour.VARIABLE,
        "Variables": Colour.PROPERTY,
        '"a"': Colour.STRING,
        "return": Colour.KEYWORD,
        "JObject": Colour.TYPE,
        "Parse": Colour.METHOD,
    }
