"""What completion offers at a cursor, in finished and in half-typed policies."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from claimlens.apim.editing.completion import complete
from claimlens.apim.editing.items import Item, Known, Sort
from claimlens.apim.editing.pages import page_of
from claimlens.apim.editing.snippets import Snippet
from claimlens.apim.facts import Gateway
from claimlens.apim.parser import parse
from tests.support.cursor import in_inbound, with_cursor

NOTHING = Known()


def items(text: str, known: Known = NOTHING) -> tuple[Item, ...]:
    document, offset = with_cursor(text)
    return complete(document, offset, known)


def labels(text: str, known: Known = NOTHING) -> list[str]:
    return [item.label for item in items(text, known)]


def accepted(text: str, label: str, known: Known = NOTHING) -> str:
    """Return the text after the item with this label was chosen."""
    document, offset = with_cursor(text)
    item = next(item for item in complete(document, offset, known) if item.label == label)
    return document.text[: item.span.start] + item.snippet.plain + document.text[item.span.end :]


@pytest.mark.parametrize("typed", ["<|>", "<<|>", "<val<|>", "<val<|> />", "<val<|>idate-jwt></validate-jwt>"])
def test_a_section_takes_its_policies(typed: str) -> None:
    offered = labels(in_inbound(typed))
    assert offered[0] == "base"
    assert {"validate-jwt", "rate-limit", "choose", "set-header"} <= set(offered)
    assert not {"find-and-replace-all", "when", "openid-config", "forward-request"} & set(offered)


@pytest.mark.parametrize("typed", ["<validate-j<|>", "<<|>", "<|>"])
def test_a_chosen_policy_is_written_once_and_whole(typed: str) -> None:
    text = accepted(in_inbound(typed), "set-variable")
    assert '\n        <set-variable name="" value="" />\n        <base />' in text
    assert not parse(text).problems


def test_children_come_in_order_and_no_more_than_may_stand() -> None:
    assert labels(in_inbound("<validate-jwt><<|></validate-jwt>")) == [
        "openid-config",
        "issuer-signing-keys",
        "decryption-keys",
        "audiences",
        "issuers",
        "required-claims",
    ]
    offered = labels(in_inbound("<validate-jwt>\n<audiences><audience>a</audience></audiences>\n<|>\n</validate-jwt>"))
    assert "audiences" not in offered
    assert "issuers" in offered


def test_a_condition_holds_the_policies_of_its_section() -> None:
    offered = labels(in_inbound('<choose><when condition="@(true)"><<|></when></choose>'))
    assert "validate-jwt" in offered
    assert labels(in_inbound("<choose><<|></choose>"))[:2] == ["when", "otherwise"]


def test_a_section_without_a_root_holds_policies_too() -> None:
    offered = labels("<inbound>\n<<|>\n</inbound>")
    assert {"base", "validate-jwt"} <= set(offered)
    assert "forward-request" not in offered
    assert "find-and-replace" in labels("<outbound><<|></outbound>")
    assert "header-name" in labels("<inbound><validate-jwt <|>/></inbound>")
    assert labels("<inbound><validate-jwt><<|></validate-jwt></inbound>")[0] == "openid-config"


def test_sections_that_are_missing_are_offered() -> None:
    offered = labels("<policies>\n<inbound/>\n<<|>\n</policies>")
    assert [each for each in offered if not each.startswith("/")] == ["backend", "outbound", "on-error"]


@pytest.mark.parametrize("typed", ["<|>", "<<|>", "<val<|>", "\n  <|>"])
def test_the_end_of_a_document_that_is_being_written(typed: str) -> None:
    assert "validate-jwt" in labels(f"<policies><inbound>{typed}")
    assert "openid-config" in labels(f"<policies><inbound><validate-jwt>{typed}")


def test_an_empty_document_begins_with_a_root() -> None:
    document = parse(accepted("<|>", "policies"))
    assert not document.problems
    assert set(document.sections()) == {"inbound", "backend", "outbound", "on-error"}


@pytest.mark.parametrize(
    "tag",
    [
        "<validate-jwt <|>",
        "<validate-jwt hea<|>",
        "<validate-jwt clock-skew='1' <|>>",
        "<validate-jwt clock-skew='1' <|>></validate-jwt>",
        "<validate-jwt\n  clock-skew='1'\n  <|>\n  id='x'></validate-jwt>",
    ],
)
def test_attributes_that_are_not_there_yet(tag: str) -> None:
    offered = labels(in_inbound(tag))
    assert "header-name" in offered
    assert ("clock-skew" in offered) is ("clock-skew" not in tag)


def test_required_attributes_come_first_and_bring_their_quotes() -> None:
    offered = items(in_inbound("<set-header <|>></set-header>"))
    assert offered[0].label == "name"
    assert offered[0].detail == "required"
    assert '<set-header name="">' in accepted(in_inbound("<set-header <|>></set-header>"), "name")


def test_the_name_of_an_attribute_that_has_a_value_keeps_it() -> None:
    changed = accepted(in_inbound('<set-header na<|>me="x" />'), "name")
    assert '<set-header name="x" />' in changed


@pytest.mark.parametrize(
    ("typed", "after"),
    [
        ('exists-action="<|>"', 'exists-action="skip"'),
        ('exists-action="<|>', 'exists-action="skip'),
        ('exists-action="over<|>ride"', 'exists-action="skip"'),
        ("exists-action=<|>", 'exists-action="skip"'),
    ],
)
def test_values(typed: str, after: str) -> None:
    text = in_inbound(f'<set-header name="x" {typed}></set-header>')
    assert labels(text)[:4] == ["override", "skip", "append", "delete"]
    assert after in accepted(text, "skip")


def test_booleans_and_expressions() -> None:
    assert labels(in_inbound('<validate-jwt require-signed-tokens="<|>"/>')) == ["true", "false", "@( )"]


@pytest.mark.parametrize("typed", ["</<|>", "</val<|>", "</validate-jwt<|>"])
def test_closing_tags_begin_with_the_innermost(typed: str) -> None:
    text = in_inbound(f"<validate-jwt>\n{typed}")
    assert labels(text)[0] == "/validate-jwt"
    assert "<validate-jwt>\n</validate-jwt>\n        <base" in accepted(text, "/validate-jwt")


@pytest.mark.parametrize("typed", ["</<|>", "</inb<|>", "</inbound<|>"])
@pytest.mark.parametrize("before", ["<policies>\n  <inbound>\n    <base />\n  ", "<policies>\n<inbound>\n<base />\n"])
def test_a_closing_tag_at_the_indent_of_its_partner(before: str, typed: str) -> None:
    assert labels(f"{before}{typed}\n")[:2] == ["/inbound", "/policies"]
    assert accepted(f"{before}{typed}\n", "/inbound") == f"{before}</inbound>\n"


def test_a_closing_tag_with_another_name_is_replaced_whole() -> None:
    text = in_inbound("<cors>\n        </corrections<|>>")
    assert "<cors>\n        </cors>\n" in accepted(text, "/cors")


def test_a_closing_tag_ends_only_what_is_open() -> None:
    text = "<policies>\n  <inbound>\n    <set-header name='a'><value>1</value></set-header>\n    <choose>\n    </<|>\n"
    assert labels(text) == ["/choose", "/inbound", "/policies"]


@pytest.mark.parametrize(
    "code",
    [
        '<when condition="@(context.<|>',
        '<when condition="@(context.<|>"></when>',
        '<when condition="@(context.<|>)"></when>',
        '<when condition="@(context.Req<|> == 1)"></when>',
        '<when condition="@(1 < 2 && context.<|>)"></when>',
        "<when condition='@{ return context.<|>; }'></when>",
    ],
)
def test_members_of_context(code: str) -> None:
    offered = labels(in_inbound(f"<choose>{code}</choose>"))
    assert {"Request", "Variables", "LastError"} <= set(offered)


@pytest.mark.parametrize(
    ("code", "member"),
    [
        ("context.Request.<|>", "OriginalUrl"),
        ("context.Request?.<|>", "OriginalUrl"),
        ("context.Request.Url.<|>", "Path"),
        ("context.Request.Headers.<|>", "GetValueOrDefault"),
        ('context.Request.Headers.GetValueOrDefault("a","").AsJwt().<|>', "Claims"),
        ('context.Request.Headers.GetValueOrDefault("a","").AsJwt()?.<|>', "Claims"),
        ('((IResponse)context.Variables["x"]).<|>', "StatusCode"),
        ('context.Variables.GetValueOrDefault<IResponse>("x").<|>', "StatusCode"),
        ('((Jwt)context.Variables["x"]).Claims.<|>', "GetValueOrDefault"),
    ],
)
def test_members_of_what_an_expression_gives(code: str, member: str) -> None:
    assert member in labels(in_inbound(f"<set-body>@({code})</set-body>"))


def test_members_of_a_local_variable() -> None:
    code = 'Jwt jwt; string t = "a"; if (t.TryParseJwt(out jwt)) {} var other = t.AsJwt(); return other.<|>;'
    assert "Claims" in labels(in_inbound(f"<set-body>@{{ {code} }}</set-body>"))


@pytest.mark.parametrize(
    "code",
    [
        "if (text.TryParseJwt(out Jwt jwt)) { return jwt.<|>; }",
        "if (text.TryParseJwt(out var jwt)) { return jwt.<|>; }",
        "Jwt jwt; if (true) { return jwt.<|>; }",
    ],
)
def test_members_of_what_a_method_gives_out(code: str) -> None:
    assert "Claims" in labels(in_inbound(f"<set-body>@{{ {code} }}</set-body>"))


def test_a_variable_is_not_written_behind_its_string() -> None:
    text = '<set-variable name="user" value="ada" /><set-body>@(context.Variables["user" <|>])</set-body>'
    assert "user" not in labels(in_inbound(text))


def test_members_of_what_is_not_known_are_not_guessed() -> None:
    assert labels(in_inbound("<set-body>@(unknown.<|>)</set-body>")) == []


def test_an_expression_begins_with_context() -> None:
    assert labels(in_inbound("<set-body>@(<|>)</set-body>"))[0] == "context"


@pytest.mark.parametrize(
    "code",
    [
        'context.Variables["<|>"]',
        "context.Variables[&quot;<|>&quot;]",
        'context.Variables.GetValueOrDefault<string>("<|>")',
        'context.Variables.ContainsKey("us<|>er")',
    ],
)
def test_variables_in_scope(code: str) -> None:
    setting = '<set-variable name="user" value="ada" />'
    text = in_inbound(f"{setting}<set-body>@({code})</set-body>")
    assert labels(text) == ["user"]
    quote = "&quot;" if "&quot;" in code else '"'
    assert f"{quote}user{quote}" in accepted(text, "user")


def test_no_variable_in_another_string() -> None:
    text = '<set-variable name="user" value="ada" /><set-body>@("<|>")</set-body>'
    assert labels(in_inbound(text)) == []


@pytest.mark.parametrize("after", ["", "}}"])
def test_named_values(after: str) -> None:
    known = Known(named_values={"api-key": "shown"})
    text = in_inbound(f'<set-header name="x{{{{api<|>{after}"></set-header>')
    [item] = items(text, known)
    assert (item.label, item.sort, item.detail) == ("api-key", Sort.NAMED_VALUE, "shown")
    assert 'name="x{{api-key}}"' in accepted(text, "api-key", known)


@pytest.mark.parametrize(
    ("code", "value"),
    [
        ('context.LastError.Reason == "<|>"', "TokenExpired"),
        ('context.LastError.Reason != "Token<|>"', "TokenExpired"),
        ('context.LastError.Reason.Equals("<|>"', "TokenExpired"),
        ("context.LastError.Reason == &quot;<|>&quot;", "TokenExpired"),
        ('context.LastError?.Source == "<|>"', "validate-jwt"),
        ('context.Request.Method == "<|>"', "POST"),
        ('context.Request.Headers.GetValueOrDefault("<|>", "")', "Authorization"),
        ('context.Request.Headers["<|>"]', "Authorization"),
    ],
)
def test_strings_that_a_member_is_compared_with(code: str, value: str) -> None:
    text = in_inbound(f'<choose><when condition="@({code})"></when></choose>')
    assert value in labels(text)
    quote = "&quot;" if "&quot;" in code else '"'
    assert f"{quote}{value}{quote}" in accepted(text, value)


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("<set-method><|></set-method>", "PATCH"),
        ("<set-method>PA<|></set-method>", "PATCH"),
        ("<set-method><|>", "PATCH"),
        ("<cors><allowed-methods><method><|></method></allowed-methods></cors>", "PATCH"),
        ('<validate-jwt header-name="<|>"></validate-jwt>', "Authorization"),
        ('<validate-jwt><required-claims><claim name="<|>"></claim></required-claims></validate-jwt>', "roles"),
        ('<authentication-managed-identity resource="<|>" />', "https://graph.microsoft.com"),
        ('<set-header name="<|>" />', "Authorization"),
    ],
)
def test_values_that_are_mostly_written(typed: str, value: str) -> None:
    text = in_inbound(typed)
    assert value in labels(text)
    assert typed.replace("PA<|>", "<|>").replace("<|>", value) in accepted(text, value)


def test_local_variables_and_keywords_in_code() -> None:
    code = "var token = context.Request; foreach (var each in token.Headers) { } int later = 1; return <|>;"
    offered = labels(in_inbound(f"<set-body>@{{ {code} }}</set-body>"))
    assert {"context", "return", "token", "each", "later", "null", "new", "if"} <= set(offered)
    assert offered.index("token") < offered.index("Array")
    assert "if" not in labels(in_inbound("<set-body>@(<|>)</set-body>"))


def test_fragments() -> None:
    assert labels(in_inbound('<include-fragment fragment-id="<|>"/>'), Known(fragments=("auth",))) == ["auth"]


def test_policies_of_the_chosen_gateway() -> None:
    text = in_inbound("<<|>")
    assert set(labels(text, Known(Gateway.CONSUMPTION))) < set(labels(text))


@pytest.mark.parametrize(
    "text",
    ["<!-- <|> -->", "<set-body><![CDATA[<<|>]]></set-body>", "<!-- a <<|>", "<!-- </<|>", "<set-body><![CDATA[<<|>"],
)
def test_nothing_in_comments(text: str) -> None:
    assert labels(in_inbound(text)) == []
    assert labels(f"<policies><inbound>{text}") == []


def test_every_policy_and_attribute_has_a_page() -> None:
    for item in items(in_inbound("<<|>")):
        if item.sort is Sort.POLICY:
            assert item.page is not None
            assert (page_of(item.page) or "").startswith(f"`<{item.label}>`")
    for item in items(in_inbound("<validate-jwt <|>/>")):
        assert item.page is not None
        assert f"`{item.label}`" in (page_of(item.page) or "")


def test_a_snippet_is_written_as_the_protocol_says() -> None:
    assert Snippet(("a$", "}", ""), ("x}", "")).tab_stops == r"a\$${1:x\}}\}$0"
    assert Snippet(("v=", ""), (("a,b", "c|d"),)).tab_stops == r"v=${1|a\,b,c\|d|}"


@given(st.text(alphabet="<>/\"'@({}). abcontext-=\n&;", max_size=60), st.integers(0, 60))
def test_nothing_that_is_typed_makes_it_fail(typed: str, at: int) -> None:
    text = in_inbound(typed)
    document = parse(text)
    for item in complete(document, text.index(typed) + min(at, len(typed)), NOTHING):
        assert 0 <= item.span.start <= text.index(typed) + min(at, len(typed)) <= item.span.end <= len(text)
